"""`bluelamp who`: before and after leave, sickness and night, from a deployment and from a pulled archive, offline."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from bluelamp.audit.leaf import Actor
from bluelamp.cli import main
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.roster.model import Hours
from bluelamp.roster.past import Book
from tests.unit.roster.roster_kit import NORTH, Duty
from tests.unit.roster.test_roster_past import registered

PAGE = ("account", "add", "--platform", "facebook", "--native-id", "1", "--name", "Ashcombe", "--team", "north")


@pytest.fixture
def pulled(tmp_path):
    """A pulled archive: leads registered, office hours put in, and an illness that was recorded a day late."""
    duty = Duty()
    duty.put(duty.office(hours=tuple(Hours(day=day, opens="08:00", closes="18:00") for day in range(7))))
    nights = {"days": tuple(range(7)), "starts": "01:30", "ends": "05:00", "nation": "england_wales"}
    duty.put(duty.weekly("person:eve", "force", 0, 200, duty="on_call", **nights))
    duty.pass_time(days=2)
    duty.put(duty.absence("ann", -1.5, 4, reason="sickness"))
    duty.seal()
    for name, body in duty.evidence.objects.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return tmp_path


def who(*words):
    done = CliRunner().invoke(main, ["who", NORTH, *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_from_a_pulled_archive(pulled, monkeypatch):
    # As the register writes it with each account.
    book = Book.answers
    monkeypatch.setattr(
        Book, "answers", lambda self, *given: (self.take(registered("2026-11-22T11:00:00.000Z")), book(self, *given))[1]
    )
    archive = ("--archive", str(pulled))
    late = json.loads(who("--at", "2026-11-23T12:00", *archive, "--json"))
    assert (late["answer"]["who"], late["recorded"]["who"], late["sealed"]) == ("person:bob", "person:ann", True)
    assert late["answer"]["why"] == ["lead_absent"]
    before = who("--at", "2026-11-22T15:00", *archive)
    assert "person:ann as lead\n  else team:control (for 5 min)" in before
    assert "As it was recorded" not in before
    assert "As it was recorded at that minute:\n  person:ann as lead" in who("--at", "2026-11-24T09:00Z", *archive)
    assert "team:control as control (office closed)" in who("--at", "2026-11-23T23:00", *archive)
    assert "team:control as control (bank holiday)" in who("--at", "2026-12-25T12:00", *archive)


def test_a_shift_that_repeats_is_found_in_a_pulled_archive_on_the_night_the_clock_goes_forward(pulled):
    """28 March 2027: there is no 01:30, so the shift begins when the clock goes forward, at 01:00 UTC."""
    asked = ("2027-03-28T00:59Z", "2027-03-28T01:00Z", "2027-03-28T03:59Z", "2027-03-28T04:00Z", "2027-03-29T02:00Z")
    said = [json.loads(who("--at", at, "--archive", str(pulled), "--json"))["answer"] for at in asked]
    control, on_call = ("team:control", "control"), ("person:eve", "on_call")
    # The last of these is a night of Easter Monday.
    assert [(one["who"], one["capacity"]) for one in said] == [control, on_call, on_call, control, control]


def test_what_is_no_archive_and_what_is_no_time(tmp_path):
    done = CliRunner().invoke(main, ["who", NORTH, "--archive", str(tmp_path)])
    assert done.exit_code == 1
    assert "holds no records of an archive" in done.output
    done = CliRunner().invoke(main, ["who", NORTH, "--at", "2026-03-29T01:30"])
    assert done.exit_code == 1
    assert "There is no 01:30 on 29 March 2026" in done.output


def test_from_a_deployment_with_its_record(deployment):
    by = Actor.system("test")
    people = People(PeopleStore(deployment.table))
    people.add_person(person_id="ann", name="Ann Marsh", email="ann@w.example", role="local", teams=["north"], by=by)
    assert deployment.run(*PAGE, "--lead", "ann@w.example").exit_code == 0
    done = deployment.run("who", NORTH)
    assert "Ann Marsh (person:ann) as lead (hours unset)" in done.output
    leaf = deployment.leaves()[-1]
    assert (leaf["type"], leaf["account"], leaf["query"]["view"], leaf["actor"]["role"]) == (
        "search", NORTH, "responsible", "operator",
    )  # fmt: skip
    missing = deployment.run("who", "facebook-9")
    assert missing.exit_code == 1
    assert "there is no account facebook-9" in missing.output
