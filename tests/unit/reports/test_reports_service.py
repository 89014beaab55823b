"""Who reads which report, what of it, how it is read from the table, and that it is on the record."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.errors import InvalidInputError, NotFoundError, OutOfScopeError, RefusedError
from bluelamp.people.model import Access
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.reports.definitions import DEFINITIONS, KINDS
from bluelamp.reports.store import FigureStore
from tests.support.world import World, principal
from tests.unit.api.kit_reports import reports
from tests.unit.reports.reports_kit import FIGURES, NORTH, NOW, SOUTH

BY = Actor.system("test")
COMMS, AUDITOR, ADMIN = (principal(role) for role in ("comms", "auditor", "admin"))
SUPERVISOR = principal("supervisor", teams=("north",))


class Month(World):
    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        for account_id, team, name in ((NORTH, "north", "=cmd|' /C calc'!A0"), (SOUTH, "south", "South")):
            platform, _, native = account_id.partition("-")
            self.accounts.add_account(
                platform=platform, native_id=native, name=name, kind="community", team=team, by=BY
            )
        self.people = People(PeopleStore(self.table), self.clock)
        for who, team in (("ann", "north"), ("cy", "south")):
            self.people.add_person(
                person_id=who, name=who.title(), email=f"{who}@example.org", role="local", teams=[team], by=BY
            )
        store = FigureStore(self.table)
        for one in FIGURES:
            store.put(one)
        self.reports = reports(self)

    def leaves(self):
        items = [item for (pk, _), item in self.table.items.items() if pk.startswith("OUTBOX#")]
        found = [json.loads(body) for item in items for body in Waiting.from_item(item).bodies()]
        return [leaf for leaf in found if leaf["type"] == "search"]


@pytest.fixture
def month():
    return Month()


def contacts(report):
    return report.figures[0].value


def test_what_was_stored_is_what_was_counted(month):
    store = FigureStore(month.table)
    assert [*store.of_day(date(2026, 11, 2)), *store.of_day(date(2026, 11, 3))] == sorted(
        FIGURES, key=lambda one: (one.day, one.account)
    )


def test_the_force_and_a_team_each_get_theirs(month):
    assert contacts(month.reports.read(COMMS, "volume", month="2026-11")) == 26
    assert contacts(month.reports.read(SUPERVISOR, "volume")) == 18
    assert contacts(month.reports.read(COMMS, "volume", account=SOUTH)) == 8
    # What is published is of the whole force, whoever reads it.
    mine, all_ = (month.reports.read(who, "transparency").tables for who in (SUPERVISOR, COMMS))
    assert mine == all_


@pytest.mark.parametrize("few", [0, 100])
def test_one_by_one_or_a_day_at_once_it_is_the_same(month, monkeypatch, few):
    monkeypatch.setattr("bluelamp.reports.service.FEW", few)
    report = month.reports.read(COMMS, "response-time")
    assert [one.value for one in report.figures] == [9, 1800, 86400]


def test_days_that_were_not_counted_are_told(month):
    month.now = datetime(2026, 11, 6, 9, tzinfo=UTC)
    report = month.reports.read(COMMS, "volume")
    # The 1st to the 5th are over; the 2nd and the 3rd were counted.
    assert (report.days, report.missing) == (2, 3)


def test_another_teams_account_is_not_there(month):
    with pytest.raises(OutOfScopeError):
        month.reports.read(SUPERVISOR, "volume", account=SOUTH)


@pytest.mark.parametrize("name", ["logins", "decisions-by-person"])
def test_figures_on_people_are_for_few(month, name):
    with pytest.raises(RefusedError, match="Asked for: report_people"):
        month.reports.read(COMMS, name)
    for who in (SUPERVISOR, AUDITOR, ADMIN):
        assert month.reports.read(who, name).name == name
    assert not {name} & {one.name for one in month.reports.list_for(COMMS).reports}
    assert {one.name for one in month.reports.list_for(SUPERVISOR).reports} == KINDS.keys()


def test_a_supervisor_sees_the_people_of_the_team(month):
    names = [row[0] for row in month.reports.read(SUPERVISOR, "logins").tables[0].rows]
    assert names == ["Ann"]
    assert [row[0] for row in month.reports.read(ADMIN, "logins").tables[0].rows] == ["Ann", "Cy"]
    assert [row[0] for row in month.reports.read(ADMIN, "logins", account=SOUTH).tables[0].rows] == ["Cy"]


@pytest.mark.parametrize("gives", ["desk", "reading"])
def test_a_lent_account_shows_nobody_of_its_team(month, gives):
    hour, grant = timedelta(hours=1), "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    lent = Access(id=grant, account=SOUTH, gives=gives, begins_at=NOW - hour, ends_at=NOW + hour)
    borrower = SUPERVISOR.model_copy(update={"access": (lent,), "at": NOW})
    for name in ("logins", "decisions-by-person"):
        with pytest.raises(RefusedError):
            month.reports.read(borrower, name, account=SOUTH)
    assert [row[0] for row in month.reports.read(borrower, "logins").tables[0].rows] == ["Ann"]
    mine = month.reports.read(SUPERVISOR, "decisions-by-person", month="2026-11").tables
    assert month.reports.read(borrower, "decisions-by-person", month="2026-11").tables == mine


def test_an_account_that_is_covered_by_itself_shows_nobody_of_its_team(month):
    covering = SUPERVISOR.model_copy(update={"account_ids": frozenset({SOUTH})})
    assert month.reports.read(covering, "logins", account=SOUTH).tables[0].rows == ()


@pytest.mark.parametrize("role", ["local", "control"])
def test_who_reads_no_reports(month, role):
    for ask in (month.reports.list_for, lambda who: month.reports.read(who, "volume")):
        with pytest.raises(RefusedError, match="Asked for: report"):
            ask(principal(role, teams=("north",)))


def test_what_is_asked_wrongly(month):
    with pytest.raises(NotFoundError, match="response-time"):
        month.reports.read(COMMS, "gossip")
    with pytest.raises(InvalidInputError, match="whole force"):
        month.reports.read(COMMS, "transparency", account=NORTH)
    with pytest.raises(InvalidInputError, match="168"):
        month.reports.read(COMMS, "unanswered", over=25)
    assert month.leaves() == []


def test_each_reading_is_on_the_record(month):
    month.reports.read(COMMS, "response-time", month="2026-11", account=NORTH)
    month.reports.csv(SUPERVISOR, "volume")
    first, second = month.leaves()
    assert (first["account"], first["actor"]["sub"]) == (NORTH, COMMS.id)
    assert first["query"]["filters"] == {"report": "response-time", "month": "2026-11", "form": "page"}
    assert (second["query"]["view"], second["query"]["filters"]["form"]) == ("report", "csv")


@pytest.mark.parametrize("name", KINDS)
def test_every_report_has_its_definition_in_the_file(month, name):
    report = month.reports.read(AUDITOR, name)
    text = month.reports.csv(AUDITOR, name)
    assert report.definition == DEFINITIONS[KINDS[name].definition]
    assert text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    said = [line[0] for line in lines if line and line[0].startswith("# ")]
    for part in (report.definition.counted, report.definition.formula, report.definition.leaves_out):
        assert any(line.endswith(f": {part}") for line in said)
    assert ("# AN ESTIMATE: nobody measured it" in said) == KINDS[name].estimate


def test_a_name_that_would_run_as_a_formula_does_not(month):
    cells = [cell for line in csv.reader(io.StringIO(month.reports.csv(COMMS, "volume"))) for cell in line]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-"))]
