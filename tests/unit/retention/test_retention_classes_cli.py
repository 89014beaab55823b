"""The commands for classes and for keeping a post longer: what they ask of the API, and what they say."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from bluelamp.cli.desk import DeskError

NEW = {"platform": "x", "kind": "post", "days": 30, "basis": "platform_terms", "rev": 0, "changed_by": None}
SET = NEW | {"kind": "reply", "rev": 3, "changed_by": {"id": "a", "name": "Ari"}, "changed_at": "2026-11-22T16:00Z"}
REVIEW = {"post": "p1", "review_at": "2034-01-01T00:00", "account": "x-1", "kind": "post", "basis": "consent"}


class FakeApi:
    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def get(self, path, **query):
        self.asked.append(("GET", path, query))
        return {"classes": [NEW, SET]}

    def put(self, path, body):
        self.asked.append(("PUT", path, body))
        if body["rev"] == 2:
            raise DeskError("PUT answered 409: the class has changed since you looked")
        return SET | body

    def post(self, path, body=None, *, key=None):
        self.asked.append(("POST", path, body))
        return REVIEW | {"held": False}


@pytest.fixture
def asked_as(monkeypatch):
    roles = []
    made = FakeApi()

    def api(_url, _token, _local, role):
        roles.append(role)
        return made

    monkeypatch.setattr(through, "api_of", api)
    return made, roles


def run(*words, code=0):
    result = CliRunner().invoke(main, ["archive", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_classes_are_listed(asked_as):
    lines = run("classes", "list").splitlines()
    assert [line.split()[:4] for line in lines] == [["x", "post", "30", "days"], ["x", "reply", "30", "days"]]
    assert "set by Ari on 2026-11-22" in lines[1]
    assert json.loads(run("classes", "list", "--json")) == {"classes": [NEW, SET]}
    assert asked_as[1] == ["admin", "admin"]


def test_a_class_is_set_at_the_revision_in_force_or_at_the_one_that_was_seen(asked_as):
    api, _ = asked_as
    said = run("classes", "set", "x", "reply", "--days", "90", "--basis", "force_policy")
    assert "90 days  force_policy  rev 3" in said
    wanted = {"days": 90, "basis": "force_policy", "rev": 3}
    assert api.asked == [("GET", "/retention/classes", {}), ("PUT", "/retention/classes/x/reply", wanted)]
    out = run("classes", "set", "x", "reply", "--days", "90", "--basis", "force_policy", "--rev", "2", code=1)
    assert "has changed since you looked" in out
    assert len(api.asked) == 3


@pytest.mark.parametrize(
    "words",
    [("myspace", "post", "--days", "9", "--basis", "consent"), ("x", "poem", "--days", "9", "--basis", "consent"),
     ("x", "post", "--days", "0", "--basis", "consent"), ("x", "post", "--days", "9", "--basis", "whim")],
)  # fmt: skip
def test_a_class_that_is_none_is_not_asked_for(asked_as, words):
    run("classes", "set", *words, code=2)
    assert asked_as[0].asked == []


def test_a_post_is_kept_longer_by_the_supervisor(asked_as):
    api, roles = asked_as
    ask = ("dispose", "keep", "p1", "--reason", "policing_purpose", "--ref", "WP/1")
    assert "p1  due 2034-01-01" in run(*ask, "--until", "2034-01-01")
    body = {"until": "2034-01-01", "reason": "policing_purpose", "ref": "WP/1"}
    assert (api.asked, roles) == ([("POST", "/retention/reviews/p1/keep", body)], ["supervisor"])
    run(*ask, "--until", "soon", code=2)
