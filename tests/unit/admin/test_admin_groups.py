"""The mapping of groups from the command line: shown, and set from the very file that was shown."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from tests.support.groups import COMMS, NORTH

RULES = [
    {"group": NORTH, "label": "Lamp North", "role": "local", "teams": ["north", "east"]},
    {"group": COMMS, "label": None, "role": "comms"},
]
MAPPING = {
    "rules": [RULES[0], RULES[1] | {"teams": []}],
    "rev": 2,
    "sha256": "ab" * 32,
    "changed_by": "admin",
    "confirmed": True,
}


class FakeApi:
    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def get(self, path, **query):
        self.asked.append(("GET", path, query))
        return MAPPING

    def put(self, path, body):
        self.asked.append(("PUT", path, body))
        return MAPPING | {"rev": body["rev"] + 1}


@pytest.fixture
def api(monkeypatch):
    made = FakeApi()
    monkeypatch.setattr(through, "api_of", lambda url, token, local, role: made)
    return made


def run(*words, code=0):
    result = CliRunner().invoke(main, ["groups", *words])
    assert result.exit_code == code, result.output
    return result.output


def test_rules_are_shown_in_their_order(api):
    lines = run("show").splitlines()
    assert [line.split()[-1] for line in lines[:2]] == ["east", "comms"]
    assert [line.split()[1] for line in lines[:2]] == ["Lamp", "-"]
    assert lines[2].startswith("2 rules, revision 2, SHA-256 abab")
    assert len(lines) == 3


def test_a_list_that_nobody_else_set_says_so(api, monkeypatch):
    monkeypatch.setattr(api, "get", lambda _: MAPPING | {"confirmed": False})
    assert run("show").splitlines()[-1].startswith("Not confirmed")


def test_what_was_shown_can_be_set(api, tmp_path):
    file = tmp_path / "groups.json"
    file.write_text(run("show", "--json"), encoding="utf-8")
    assert "revision 3" in run("set", str(file))
    assert api.asked[-1] == ("PUT", "/groups", {"rules": MAPPING["rules"], "rev": 2})


@pytest.mark.parametrize("text", ["", "[]", "{", '{"rules": []}', " " * (256 * 1024 + 1), "\x80"])
def test_a_file_that_is_something_else_is_not_sent(api, tmp_path, text):
    file = tmp_path / "groups.json"
    file.write_bytes(text.encode("latin-1"))
    assert "nothing was sent" in run("set", str(file), code=1)
    assert json.dumps(api.asked) == "[]"
