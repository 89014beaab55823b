"""`bluelamp incident`: thin over the API, and nothing is ordered that was not asked for."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bluelamp.cli import incident, through

JOB = {
    "id": "J", "incident": "I", "verb": "hide", "posts": 30, "state": "waiting", "outcomes": {},
    "excluded": {"held": 2},
    "skipped": {}, "rev": 0, "digest": "d" * 64,
}  # fmt: skip
KEY = "a" * 64
POLICY = {
    "bound": 25, "rev": 3,
    "exempt": [
        {"platform": "x", "handle": "@Echo", "author_key": None, "label": "The Echo"},
        {"platform": "facebook", "handle": None, "author_key": KEY, "label": ""},
    ],
}  # fmt: skip


class FakeApi:
    """Notes what is asked."""

    def __init__(self) -> None:
        self.calls = []

    def get(self, path, **query):
        self.calls.append(("GET", path, query))
        if path == "/incident-policy":
            return POLICY
        return JOB if "/jobs/" in path else {"incident": {"id": "I", "state": "open", "code": "OAKLEAF", "rev": 4}}

    def post(self, path, body=None):
        self.calls.append(("POST", path, body))
        if path.endswith("/jobs"):
            return {"job": JOB}
        return JOB if "/steps" in path else {"id": "I", "state": "closed", "code": "OAKLEAF"}

    def put(self, path, body):
        self.calls.append(("PUT", path, body))
        return {**body, "rev": body["rev"] + 1}


@pytest.fixture
def api(monkeypatch):
    fake = FakeApi()
    monkeypatch.setattr(through, "api_of", lambda *_: fake)
    return fake


def run(*arguments):
    done = CliRunner().invoke(incident.incident, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def test_a_preview_orders_nothing_and_says_what_is_left_alone(api):
    said = run("bulk", "I", "hide", "--word", "idiot")
    assert "left alone, held: 2" in said
    assert [call[1] for call in api.calls] == ["/incidents/I/jobs"]


def test_an_order_is_for_the_selection_that_was_previewed(api):
    said = run("bulk", "I", "hide", "--word", "idiot", "--order")
    assert "waits for a second person" in said
    assert api.calls[1] == ("POST", "/incidents/I/jobs/J/steps", {"step": "start", "rev": 0, "digest": "d" * 64})


def test_closing_names_the_revision_that_was_read(api):
    assert "OAKLEAF" in run("close", "I")
    assert api.calls[1] == ("POST", "/incidents/I/close", {"rev": 4})


def test_the_policy_is_shown_an_author_a_line(api):
    said = run("policy", "show").splitlines()
    assert said == ["above 25 posts a second person agrees", "x  @Echo  The Echo", f"facebook  {KEY}"]


def test_what_of_the_policy_is_not_named_stays(api):
    assert "above 40 posts" in run("policy", "set", "--bound", "40")
    kept = [
        {"platform": "x", "handle": "@Echo", "label": "The Echo"},
        {"platform": "facebook", "author_key": KEY, "label": ""},
    ]
    assert api.calls[1] == ("PUT", "/incident-policy", {"bound": 40, "exempt": kept, "rev": 3})


def test_authors_are_put_on_the_list_and_taken_off_it(api):
    other = "b" * 64
    run("policy", "set", "--touch", "x", "echo", "--touch", "facebook", KEY, "--exempt", "x", "@Mail", "--exempt",
        "facebook", other, "--label", "Press")  # fmt: skip
    listed = [
        {"platform": "x", "handle": "Mail", "label": "Press"},
        {"platform": "facebook", "author_key": other, "label": "Press"},
    ]
    assert api.calls[1][2] == {"bound": 25, "exempt": listed, "rev": 3}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "say what to set"),
        (("--bound", "0"), "not in the range"),
        (("--touch", "x", "mail"), "is not on the list"),
        (("--touch", "facebook", "echo"), "is not on the list"),
        (("--touch", "x", "@"), "is not on the list"),
        (("--exempt", "x", "ECHO"), "is on the list already"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_not_sent(api, arguments, why):
    done = CliRunner().invoke(incident.incident, ["policy", "set", *arguments])
    assert done.exit_code != 0
    assert why in done.output
    assert not [call for call in api.calls if call[0] == "PUT"]
