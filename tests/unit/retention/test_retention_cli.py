"""The commands: which address they ask, with what, and what they say."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from bluelamp.cli.desk import DeskError

HOLD = {"id": "01H", "state": "held", "posts": ["p1"], "missed": [], "reason": "proceedings", "ref": "WP/1"}
DISPOSAL = {
    "id": "01D",
    "state": "proposed",
    "posts": 1,
    "reason": "court_order",
    "ref": "WP/1",
    "fates": [{"post": "p1", "state": "skipped", "why": "held"}],
}
REVIEW = {"post": "p1", "review_at": "2033-01-01", "account": "x-1", "kind": "post", "basis": "consent", "held": True}
CERTIFICATE = {
    "statement": "The keys to 1 contents of 1 posts were destroyed.",
    "proposed": {"by": {"name": "Ari"}, "role": "admin"},
    "approved": {"by": {"name": "Sam"}, "role": "supervisor"},
    "posts": [
        {"post": "p1", "state": "destroyed", "why": None, "contents": [{}], "left": [{}]},
        {"post": "p2", "state": "skipped", "why": "held", "contents": [], "left": []},
    ],
    "done": {"check": "bluelamp archive prove 01L"},
}
ANSWERS = {
    "/holds": {"holds": [HOLD], "next": None},
    "/disposals": {"disposals": [DISPOSAL], "next": None},
    "/disposals/01D": DISPOSAL,
    "/disposals/01D/certificate": CERTIFICATE,
}


class FakeApi:
    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def get(self, path, **query):
        self.asked.append(("GET", path, query))
        if path == "/retention/reviews":
            return {"reviews": [REVIEW], "next": None if "cursor" in query else "more"}
        return ANSWERS[path]

    def post(self, path, body=None, *, key=None):
        self.asked.append(("POST", path, body))
        if path.endswith("/refuse"):
            raise DeskError("POST answered 409: decided already")
        return HOLD if path.startswith("/holds") else DISPOSAL


@pytest.fixture
def api(monkeypatch):
    made = FakeApi()
    monkeypatch.setattr(through, "api_of", lambda url, token, local, role: made)
    return made


def run(*words, code=0):
    result = CliRunner().invoke(main, ["archive", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_holds(api):
    place = ("hold", "place", "--reason", "proceedings", "--ref", "WP/1")
    assert "01H  held" in run(*place, "--post", "p1", "--post", "p2")
    assert api.asked[-1] == ("POST", "/holds", {"posts": ["p1", "p2"], "reason": "proceedings", "ref": "WP/1"})
    run(*place, "--thread", "t1")
    assert api.asked[-1][2] == {"thread": "t1", "reason": "proceedings", "ref": "WP/1"}
    assert "name posts" in run(*place, code=2)
    assert "name posts" in run(*place, "--post", "p1", "--thread", "t1", code=2)
    assert "01H" in run("hold", "list")
    run("hold", "release", "01H", "--reason", "not_needed")
    assert api.asked[-1] == ("POST", "/holds/01H/release", {"reason": "not_needed"})


def test_disposals(api, tmp_path):
    out = run("dispose", "propose", "--post", "p1", "--reason", "court_order", "--ref", "WP/1")
    assert "p1  skipped: held" in out
    assert api.asked[-1][2] == {"posts": ["p1"], "reason": "court_order", "ref": "WP/1"}
    run("dispose", "approve", "01D")
    assert api.asked[-1][:2] == ("POST", "/disposals/01D/approve")
    assert "decided already" in run("dispose", "refuse", "01D", "--reason", "still_needed", code=1)
    assert "01D" in run("dispose", "list")
    assert json.loads(run("dispose", "show", "01D", "--json")) == DISPOSAL
    file = tmp_path / "certificate.json"
    told = run("dispose", "certificate", "01D", "--out", str(file))
    assert "1 contexts of other posts" in told
    assert "bluelamp archive prove 01L" in told
    assert json.loads(file.read_text()) == CERTIFICATE


def test_reviews_are_read_to_the_end(api):
    assert run("dispose", "reviews", "--account", "x-1").count("p1  due 2033-01-01") == 2
    assert [query for _, _, query in api.asked] == [{"account": "x-1"}, {"account": "x-1", "cursor": "more"}]


def test_where_it_goes(tmp_path):
    assert "BLUELAMP_TOKEN" in run("hold", "list", "--url", "https://desk.example", code=2)
    assert "make run" in run("hold", "list", "--local", str(tmp_path / "none.json"), code=1)
