"""`bluelamp permissions` and docs/permissions.md print the table that decides, so that neither can go stale."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main
from bluelamp.cli.permissions import markdown
from bluelamp.people.matrix import ROLES, rows
from bluelamp.people.model import Person
from bluelamp.people.rules import decide, principal_of
from tests.contract.infra_template import ROOT


class Page:
    """An account whose policy names every role for a verb, or none for any."""

    def __init__(self, policy: str = "") -> None:
        self.id, self.team, self.status, self.allowed = "facebook-1", "north", "active", {policy: ROLES}


def printed(*words: str) -> str:
    done = CliRunner().invoke(main, ["permissions", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_page_is_what_the_command_prints() -> None:
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert page == printed("--markdown") == markdown(), "bluelamp permissions --markdown > docs/permissions.md"


@pytest.mark.parametrize("role", ROLES)
def test_what_is_printed_is_what_is_decided(role: str) -> None:
    told = json.loads(printed("--json", "--role", role))["permissions"]
    assert told == [{"role": r.role, "verb": r.verb, "when": r.when} for r in rows() if r.role == role]
    person = principal_of(Person(id="p", name="P", email="p@x", role=role, teams=("north",)))
    for one in told:
        assert decide(person, one["verb"], Page(one["verb"])).allowed
        assert decide(person, one["verb"], Page()).allowed == (one["when"] not in {"policy", "unless"})


def test_the_table_has_a_line_for_each_verb() -> None:
    lines = printed().splitlines()
    assert lines[0].split() == list(ROLES)
    delete = next(line.split() for line in lines if line.startswith("delete"))
    assert delete == ["delete", "unless", "policy", "policy", "-", "-", "-"]
    assert "where the account's policy says so" in next(
        line for line in printed("--role", "local").splitlines() if line.startswith("delete")
    )
