"""`bluelamp rights` through the API: what is listed, and which cases are due."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from bluelamp.cli.rights import left


def case(ref, days, waits=None):
    due = {"on": "2026-12-21", "days_left": days, "waits_for": waits, "rule": ""}
    return {"id": ref, "ref": ref, "kind": "access", "state": "received", "due": due}


class Api:
    """Answers in two pages when all are asked for."""

    def get(self, path, **query):
        assert path == "/rights"
        open_ = [case("SAR/1", 3), case("SAR/2", 20), case("SAR/3", None, "identity"), case("SAR/4", -2)]
        if query.get("which") != "all":
            return {"cases": open_, "next": None}
        return {
            "cases": [case("SAR/5", None)] if "cursor" in query else open_,
            "next": None if "cursor" in query else "c",
        }


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(through, "api_of", lambda *_: Api())
    return lambda *args: CliRunner().invoke(main, ["rights", *args])


def test_due_is_what_has_few_days_left_or_none(run):
    out = run("due", "--days", "10").output
    assert [line.split()[0] for line in out.splitlines()] == ["SAR/1", "SAR/4"]
    assert "overdue by 2 days" in out


def test_all_are_every_page_and_json_is_what_came(run):
    assert len(run("list", "--all").output.splitlines()) == 5
    assert len(json.loads(run("list", "--json").output)["cases"]) == 4


def test_the_time_left_in_words():
    assert left(case("r", 0)["due"]) == "due today, 2026-12-21"
    assert left(case("r", 1)["due"]).endswith("1 day left")
    assert left(case("r", None, "identity")["due"]) == "the clock waits for identity"
