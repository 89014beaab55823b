"""The README tells of everything there is to call, to set and to break."""

import re
from pathlib import Path

from sandbox.app import create_app
from sandbox.faults import KINDS
from sandbox.world import DEFAULT_SETTINGS

README = (Path(__file__).parents[3] / "sandbox" / "README.md").read_text()


def test_every_fault_and_setting_is_described():
    assert [name for name in (*sorted(KINDS), *DEFAULT_SETTINGS) if f"`{name}`" not in README] == []


def test_every_control_call_is_described(sandbox):
    calls = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/_control")).replace("{key}", "{id}"))
        for rule in create_app(sandbox.world).url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/_control")
    }
    described = {tuple(found.groups()) for found in re.finditer(r"`(GET|POST|PATCH|DELETE) (/[^\s`?]*)", README)}
    assert sorted(calls - described) == []
