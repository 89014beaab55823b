"""`bluelamp hook` over the real service: made, changed, tried, given another secret, and told in words."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from bluelamp.cli.hook import delivery_line
from bluelamp.hooks.model import HookDelivery
from tests.unit.api.kit_client import Client
from tests.unit.api.kit_hooks import HOOK, NEW

KINDS = ("--kind", "flagged", "--kind", "case_opened")


@pytest.fixture
def run(monkeypatch, whole):
    monkeypatch.setattr(through, "api_of", lambda url, token, local, role: Client(whole, role))

    def run(*arguments, code=0):
        done = CliRunner().invoke(main, ["hook", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_hooks_are_listed(run):
    assert f"{HOOK}  rev 1  on   'CAD'  {NEW['url']}  flagged" in run("list")
    assert json.loads(run("list", "--json"))["hooks"][0]["id"] == HOOK


def test_a_hook_is_made_and_its_secret_shown_once(run):
    said = run("make", NEW["name"], NEW["url"], *KINDS)
    assert "'Command and control'" in said
    assert "Its secret, shown this once: whsec_" in said
    assert "whsec_" not in run("list")


def test_what_is_not_named_stays_as_it_is(run):
    assert "rev 2  off  'CAD'" in run("change", HOOK, "--off")
    said = run("change", HOOK, "--name", "Control room", "--on", *KINDS)
    assert f"rev 3  on   'Control room'  {NEW['url']}  flagged, case_opened" in said


def test_a_change_of_nothing_or_of_no_hook_is_refused(run):
    assert "say what is to change" in run("change", HOOK, code=2)
    assert "There is no hook 01X" in run("change", "01X", "--off", code=1)


def test_a_change_names_the_revision_that_was_seen(run):
    run("change", HOOK, "--off")
    assert "answered 409" in run("change", HOOK, "--on", "--rev", "1", code=1)
    assert "answered 409" in run("rotate", HOOK, "--rev", "1", code=1)


def test_another_secret_and_a_test(run):
    assert "rev 2" in (said := run("rotate", HOOK))
    assert "whsec_" in said
    assert "A test is on its way" in run("test", HOOK)
    assert run("deliveries", HOOK) == "Nothing was sent to it yet.\n"
    assert run("redrive", HOOK) == "Sent again: 0\n"


def test_an_address_that_is_not_listed_is_refused_in_a_sentence(run):
    said = run("make", "Elsewhere", "https://elsewhere.example/in", *KINDS, code=1)
    assert said.startswith("Error: POST /api/hooks answered 4")
    assert "HookHosts" in said


def test_only_who_administers_hooks_sees_them(run):
    assert "answered 403" in run("list", "--as", "comms", code=1)


def test_what_became_of_a_message_is_one_line():
    one = HookDelivery(
        id="01M", kind="flagged", about={"post": "p1"}, state="failed", code="http_404", attempts=2,
        at="2026-11-22T16:00:00.000Z",
    )  # fmt: skip
    said = delivery_line(one.model_dump(mode="json"))
    assert said == "01M  2026-11-22T16:00:00.000Z  flagged  failed (http_404)  2 attempts  post=p1"
