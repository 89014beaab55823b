"""`bluelamp publication` and `bluelamp appeal` against the real routes: what they send is taken, and told in words."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.cli import main, through
from tests.unit.api import kit_appeals
from tests.unit.api.kit_client import Client
from tests.unit.api.kit_press import DRAFTED, HELD, LOST, OUT, PROPOSED, STILL


@pytest.fixture
def run(monkeypatch, world):
    monkeypatch.setattr(through, "api_of", lambda url, token, local, role: Client(world, role))

    def run(*arguments, code=0):
        done = CliRunner().invoke(main, list(arguments))
        assert done.exit_code == code, done.output
        return done.output

    return run


def test_a_publication_from_draft_to_schedule_and_back(run):
    words = ("publication", "draft", "The bridge is open.", "--account", "facebook-1", "--at", "2026-12-01T09:30")
    made = json.loads(run(*words, "--every", "week", "--times", "3", "--json"))
    assert made["fields"]["schedule"] == {
        "at": "2026-12-01T09:30", "fold": None, "again": {"every": "week", "times": 3},
    }  # fmt: skip
    assert "scheduled" in run("publication", "submit", made["id"])
    assert "The bridge is open." in run("publication", "list")
    assert "withdrawn" in run("publication", "withdraw", made["id"])


def test_recurrence_takes_both_of_its_options(run):
    said = run("publication", "draft", "x", "--account", "facebook-1", "--every", "day", code=2)
    assert "--every and --times belong together" in said


def test_what_was_seen_on_the_platform_has_to_be_said(run):
    assert "--happened or --did-not-happen" in run("publication", "settle", LOST, LOST, code=2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", OUT), "facebook-1  publish out  n1"),
        (("send", HELD), "publish waiting"),
        (("take-down", OUT, "--reason", "closed"), "take_down changing"),
        (("take-down", OUT, "--reason", "closed", "--account", "facebook-1"), "take_down changing"),
        (("verify", OUT), "publish out"),
        (("settle", LOST, LOST, "--happened", "--number", "123_4"), "publish out  123_4"),
        (("settle", LOST, LOST, "--did-not-happen"), "publish failed: not_there"),
        (("pauses",), "facebook-2  other"),
        (("resume", STILL), "ended by"),
        (("pause", "--reason", "incident"), "the whole force  incident"),
        (("pause", "--reason", "incident", "--account", "facebook-1"), "facebook-1  incident"),
    ],
)
def test_what_is_done_is_told(run, arguments, said):
    assert said in run("publication", *arguments)


def test_a_refusal_is_told_in_a_sentence(run):
    # The supervisor's word is not the one that this account's policy asks for.
    assert run("publication", "approve", PROPOSED, code=1).startswith("Error: ")
    assert run("publication", "reject", PROPOSED, "--reason", "wording", code=1).startswith("Error: ")
    assert run("publication", "send", DRAFTED, code=1).startswith("Error: ")


def test_an_appeal_is_made_proposed_and_given_back(run):
    new = ("appeal", "open", "Wanted", "--publication", "01C0PVB9MMMMMMMMMMMMMMMMMM", "--kind", "wanted")
    made = run(*new, "--basis", "task", "--ref", "WP/1", "--reason", "Enquiries.", "--review-on", "2026-12-20")
    assert "draft    wanted   WP/1  Wanted" in made
    assert "proposed" in run("appeal", "propose", kit_appeals.IDS["draft"])
    assert "draft" in run("appeal", "reject", kit_appeals.IDS["draft"], "--reason", "wording")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list",), "closed"),
        (("show", kit_appeals.IDS["approved"]), "approved"),
        (("approve", kit_appeals.IDS["proposed"]), "approved"),
        (("keep", kit_appeals.IDS["approved"], "--review-on", "2026-12-21"), "approved"),
        (("leads", kit_appeals.IDS["approved"]), ""),
        (("close", kit_appeals.IDS["approved"], "none", "--since", "2026-11-22T12:00:00+0000"), "closed"),
        (("clear", kit_appeals.IDS["closed"]), "closed"),
    ],
)
def test_what_is_done_with_an_appeal_is_told(run, arguments, said):
    assert said in run("appeal", *arguments)


def test_a_lead_is_judged_at_the_revision_that_is_there(run):
    # The posts of this world are not in its table: the office says that they have changed.
    approved = kit_appeals.IDS["approved"]
    for arguments in (("judge", approved, "pown", "speculation"), ("pass-on", approved, "pown", "WP/77")):
        assert run("appeal", *arguments, code=1).startswith("Error: ")
