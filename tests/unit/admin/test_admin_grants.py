"""Access for a time from the command line: what is asked of the API, and what is said."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from bluelamp.cli.desk import DeskError

GRANT = {
    "id": "01G", "state": "in_force", "person": "p-1", "account": "x-1", "gives": "desk", "ref": "WP/1",
    "begins_at": "2026-11-22T16:00:00Z", "ends_at": "2026-11-23T16:00:00Z",
}  # fmt: skip
ENDED = GRANT | {"id": "01F", "state": "ended"}
GIVE = ("give", "--person", "p-1", "--account", "x-1", "--gives", "desk", "--reason", "cover", "--ref", "WP/1")


class FakeApi:
    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.fails = False

    def get(self, path, **query):
        self.asked.append(("GET", path, query))
        return {"grants": [ENDED if query else GRANT], "next": None if query else "more"}

    def post(self, path, body=None, *, key=None):
        self.asked.append(("POST", path, body))
        if self.fails:
            raise DeskError("POST answered 403: nobody gives access to himself")
        return GRANT

    def delete(self, path, **query):
        self.asked.append(("DELETE", path, query))
        return GRANT | {"state": "withdrawn"}


@pytest.fixture
def api(monkeypatch):
    made = FakeApi()
    monkeypatch.setattr(through, "api_of", lambda url, token, local, role: made)
    return made


def run(*words, code=0):
    result = CliRunner().invoke(main, ["grant", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_all_pages_are_listed_or_what_is_in_force(api):
    assert [line.split()[:2] for line in run("list").splitlines()] == [["01G", "in_force"], ["01F", "ended"]]
    assert api.asked == [("GET", "/grants", {}), ("GET", "/grants", {"cursor": "more"})]
    assert [one["id"] for one in json.loads(run("list", "--in-force", "--json"))["grants"]] == ["01G"]


def test_it_is_given_with_times_in_utc(api):
    assert "2026-11-22T16:00Z to 2026-11-23T16:00Z" in run(*GIVE, "--until", "2026-11-23T16:00Z")
    run(*GIVE, "--from", "2026-11-22T16:00:30Z", "--until", "2026-11-23T16:00Z")
    (_, path, first), (_, _, second) = api.asked
    assert (path, first["until"], "from" in first) == ("/grants", "2026-11-23T16:00:00.000Z", False)
    assert second["from"] == "2026-11-22T16:00:30.000Z"
    assert {first[name] for name in ("person", "account", "gives", "reason", "ref")} == {
        "p-1", "x-1", "desk", "cover", "WP/1",
    }  # fmt: skip


def test_it_is_withdrawn_with_a_reason(api):
    assert "withdrawn" in run("withdraw", "01G", "--reason", "misuse")
    assert api.asked == [("DELETE", "/grants/01G", {"reason": "misuse"})]


def test_a_refusal_is_one_line(api):
    api.fails = True
    assert run(*GIVE, "--until", "2026-11-23T16:00Z", code=1).startswith("Error: POST answered 403")
    run(*GIVE, "--until", "tomorrow", code=2)
