"""Heartbeats in the table, statements in the log: idempotent, late, restarted, two at once, and the report."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bluelamp.accounts.model import Account
from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.cloud.memory import Faults, MemoryTable
from bluelamp.completeness import rules
from bluelamp.completeness.service import Coverage, Reports, Statements
from bluelamp.completeness.store import MARK, CompletenessStore
from bluelamp.errors import InvalidInputError, NotFoundError
from bluelamp.platforms.contract import AccountRef
from bluelamp.times import parse_iso
from tests.support.world import principal

DAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
PAGE = AccountRef(account_id="facebook-1", platform="facebook", native_id="1")


class Desk:
    """Accounts, heartbeats and statements on a table in memory and a clock that the test moves."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.table = MemoryTable(self.faults)
        self.now = MIDNIGHT - timedelta(hours=1)
        self.wakes = 0
        self.store = CompletenessStore(self.table)
        self.coverage = Coverage(self.store)
        self.accounts = Accounts(AccountStore(self.table), lambda _: None, self.clock)
        self.statements = Statements(self.store, accounts=self.accounts.all, wake=self.wake, clock=self.clock)
        self.reports = Reports(self.store, accounts=self.accounts, wake=self.wake, clock=self.clock)

    def clock(self):
        return self.now

    def wake(self):
        self.wakes += 1

    def add(self, native="1", team="north"):
        return self.accounts.add_account(
            platform="facebook",
            native_id=native,
            name="A page",
            kind="neighbourhood",
            team=team,
            by=Actor.system("test"),
        )

    def suspend(self, native="1"):
        account = self.accounts.get(f"facebook-{native}")
        changed = account.model_copy(update={"status": "suspended", "since": self.now, "rev": account.rev + 1})
        self.table.write(AccountStore(self.table).replace(changed))

    def poll(self, until, step=1, account=PAGE):
        """Let the minutes pass with a poll in each."""
        while self.now < until:
            self.now += timedelta(minutes=step)
            self.coverage.beat(account, self.now)

    def leaves(self, kind="statement"):
        chunks = sorted((sk, i) for (pk, sk), i in self.table.items.items() if pk.startswith("OUTBOX#"))
        found = [json.loads(b) for _, item in chunks for b in Waiting.from_item(item).bodies()]
        return [leaf for leaf in found if leaf["type"] == kind]


@pytest.fixture
def desk():
    made = Desk()
    made.add()
    return made


def test_each_day_is_stated_once_however_often_it_is_asked(desk):
    desk.poll(MIDNIGHT + timedelta(days=1, minutes=20), step=5)
    assert desk.statements.write() == 2  # the eve, on which the account was added, and the day
    for _ in range(3):
        assert desk.statements.write() == 0
        desk.now += timedelta(minutes=41)
    eve, day = desk.leaves()
    assert eve["statement"]["from"] == "2026-11-21T23:05:00.000Z"
    assert day["statement"] == {
        "from": "2026-11-22T00:00:00.000Z",
        "to": "2026-11-23T00:00:00.000Z",
        "status": "complete",
        "gaps": [],
        "streams": ["feed", "messages"],
        "version": 1,
    }
    assert (day["account"], day["actor"]) == ("facebook-1", {"kind": "system", "sub": "tick"})
    assert "dpa62" not in day
    assert desk.wakes == 1


def test_it_looks_once_an_hour_and_not_before_the_day_has_settled(desk):
    desk.poll(MIDNIGHT + timedelta(days=1), step=5)
    desk.now = MIDNIGHT + timedelta(days=1, minutes=14)
    assert desk.statements.write() == 1  # the eve; the day itself is not over for long enough
    assert parse_iso(desk.table.items[MARK]["due"]) == MIDNIGHT + timedelta(days=1, minutes=15)
    asked = []
    desk.faults.before = asked.append
    assert desk.statements.write() == 0
    assert asked == ["get"]
    desk.now += timedelta(minutes=2)
    assert desk.statements.write() == 1


def test_a_gap_that_is_recovered_later_takes_the_earlier_statements_place(desk):
    desk.poll(MIDNIGHT + timedelta(hours=23, minutes=30), step=5)
    desk.now = MIDNIGHT + timedelta(days=1, hours=1)
    desk.statements.write()
    first = desk.leaves()[-1]["statement"]
    assert (first["version"], [gap["state"] for gap in first["gaps"]]) == (1, ["open"])
    desk.now = MIDNIGHT + timedelta(days=1, hours=3)
    desk.coverage.beat(PAGE, desk.now)
    desk.now += timedelta(minutes=30)
    assert desk.statements.write() == 1
    later = desk.leaves()[-1]["statement"]
    assert later["version"] == 2
    assert later["gaps"] == [
        {"from": "2026-11-22T23:30:00.000Z", "to": "2026-11-23T00:00:00.000Z", "state": "recovered"}
    ]


def test_a_lost_place_stays_lost_though_the_poll_that_lost_it_did_not_come_to_its_end(desk):
    desk.poll(MIDNIGHT + timedelta(hours=2), step=5)
    desk.coverage.doubt(PAGE)
    desk.poll(MIDNIGHT + timedelta(days=1, minutes=20), step=5)
    desk.statements.write()
    (gap,) = desk.leaves()[-1]["statement"]["gaps"]
    assert (gap["from"], gap["to"], gap["state"]) == ("2026-11-22T02:00:00.000Z", "2026-11-22T02:05:00.000Z", "lost")


def test_a_doubt_before_the_first_heartbeat_is_none(desk):
    desk.coverage.doubt(PAGE)
    assert not [key for key in desk.table.items if key[0].startswith("COVER#")]


def test_an_account_suspended_on_the_day_is_stated_until_then_and_no_further(desk):
    desk.poll(MIDNIGHT + timedelta(hours=15), step=5)
    desk.now += timedelta(minutes=2)
    desk.suspend()
    desk.now = MIDNIGHT + timedelta(days=4)
    desk.statements.write()
    assert [leaf["statement"]["to"] for leaf in desk.leaves()] == [
        "2026-11-22T00:00:00.000Z",
        "2026-11-22T15:00:00.000Z",
    ]
    assert {leaf["statement"]["status"] for leaf in desk.leaves()} == {"complete"}


def test_an_account_without_any_poll_is_stated_as_open_since_it_was_added(desk):
    desk.now = MIDNIGHT + timedelta(days=2)
    desk.statements.write()
    assert [leaf["statement"]["gaps"][0]["state"] for leaf in desk.leaves()] == ["open", "open"]


def test_an_account_from_before_there_were_statements_begins_with_yesterday(desk):
    account = desk.accounts.get("facebook-1")
    item = desk.table.items["ACCOUNTS", account.id]
    item["since"] = None
    desk.now = MIDNIGHT + timedelta(days=20)
    assert desk.statements.write() == 1
    assert Account.model_validate(item).since is None


def test_an_item_grows_by_gaps_and_not_by_minutes(desk):
    desk.poll(MIDNIGHT + timedelta(hours=10))
    for _ in range(60):
        desk.coverage.doubt(PAGE)
        desk.poll(desk.now + timedelta(minutes=1))
    item = desk.table.items["COVER#facebook-1", "2026-11-22"]
    assert len(item["gaps"]) == 1
    assert item["until"] == "2026-11-22T11:00:00.000Z"


def test_two_polls_at_once_note_what_they_know_and_nothing_twice(desk):
    desk.poll(MIDNIGHT + timedelta(hours=1))
    other = Coverage(desk.store)
    raced = []

    def race(name):
        if name in {"write", "transact"} and not raced:
            raced.append(name)
            other.beat(PAGE, desk.now + timedelta(seconds=30))

    desk.faults.before = race
    desk.coverage.beat(PAGE, desk.now + timedelta(minutes=1))
    assert raced
    item = desk.table.items["COVER#facebook-1", "2026-11-22"]
    assert (item["until"], item["gaps"]) == ("2026-11-22T01:01:00.000Z", [])


def test_a_poll_that_is_always_late_says_so(desk):
    desk.poll(MIDNIGHT + timedelta(hours=1))
    moment = iter(range(1, 100))

    def race(name):
        if name == "write":
            desk.faults.before = None
            desk.coverage.beat(PAGE, desk.now + timedelta(seconds=next(moment)))
            desk.faults.before = race

    desk.faults.before = race
    with pytest.raises(ContentionError, match="quicker"):
        desk.coverage.beat(PAGE, desk.now + timedelta(minutes=5))


def test_many_accounts_go_in_few_transactions_and_one_that_fails_holds_up_no_other(desk):
    for native in range(2, 60):
        desk.add(str(native))
    desk.now = MIDNIGHT + timedelta(hours=1)
    taken = []
    desk.faults.before = lambda name: taken.append(name) if name == "transact" else None
    assert desk.statements.write() == 59
    assert len(taken) == 2
    desk.now += timedelta(days=1)
    # Another run was quicker with one of them.
    store, state = desk.store, desk.store.state

    def quicker(account, day, said, *, before, leaf, at):
        return state(account, day, said, before=before + (account == "facebook-7"), leaf=leaf, at=at)

    desk.faults.before = None
    store.state = quicker
    assert desk.statements.write() == 58


def test_a_run_that_dies_is_repeated(desk):
    desk.now = MIDNIGHT + timedelta(hours=1)

    def die(name):
        if name == "write":  # the mark: the statements are written, that it was done is not
            raise ConnectionError(name)

    desk.faults.before = die
    with pytest.raises(ConnectionError):
        desk.statements.write()
    desk.faults.before = None
    assert desk.statements.write() == 0
    assert len(desk.leaves()) == 1


# the report ------------------------------------------------------------------------------------------------------


def test_the_report_shows_the_last_statement_of_each_day_and_is_recorded(desk):
    desk.poll(MIDNIGHT + timedelta(days=1, minutes=20), step=5)
    desk.statements.write()
    officer = principal("local", teams=("north",))
    found = desk.reports.report(officer, "facebook-1", first=DAY, last=DAY)
    (day,) = found.days
    assert (day.day, day.status, day.version) == ("2026-11-22", "complete", 1)
    assert day.leaf_id == desk.leaves()[-1]["id"]
    assert json.loads(found.model_dump_json())["days"][0]["from"] == "2026-11-22T00:00:00.000Z"
    (leaf,) = desk.leaves("search")
    assert leaf["query"] == {
        "view": "completeness",
        "filters": {"from": "2026-11-22", "to": "2026-11-22"},
        "hits": 1,
    }
    assert (leaf["account"], leaf["actor"]["sub"]) == ("facebook-1", officer.id)
    assert len(desk.reports.report(principal("auditor"), "facebook-1").days) == 2


def test_the_report_is_for_those_who_may_see_the_account(desk):
    with pytest.raises(NotFoundError):
        desk.reports.report(principal("local", teams=("south",)), "facebook-1")
    with pytest.raises(NotFoundError):
        desk.reports.report(principal("auditor"), "facebook-9")
    assert desk.leaves("search") == []


@pytest.mark.parametrize(("first", "last"), [(DAY, DAY - timedelta(days=1)), (DAY - timedelta(days=92), DAY)])
def test_a_stretch_without_end_or_backwards_is_refused(desk, first, last):
    with pytest.raises(InvalidInputError, match="92 days"):
        desk.reports.report(principal("auditor"), "facebook-1", first=first, last=last)


# whatever happens -----------------------------------------------------------------------------------------------


class Life(RuleBasedStateMachine):
    """Polls, losses, stops, restarts and statements in any order, against a plain list of what was proven."""

    def __init__(self):
        super().__init__()
        self.desk = Desk()
        self.desk.add()
        self.last = None
        self.lost = False
        self.proven = []

    @rule(minutes=st.integers(1, 400))
    def time_passes(self, minutes):
        self.desk.now += timedelta(minutes=minutes)

    @rule(times=st.integers(1, 30), step=st.integers(1, 10))
    def polls(self, times, step):
        for _ in range(times):
            self.desk.now += timedelta(minutes=step)
            moment = self.desk.now
            Coverage(self.desk.store).beat(PAGE, moment)
            if self.last and not self.lost and moment - self.last <= rules.LIMIT:
                self.proven.append((self.last, moment))
            self.last, self.lost = moment, False

    @precondition(lambda self: self.last)
    @rule()
    def place_lost(self):
        self.desk.coverage.doubt(PAGE)
        self.lost = True

    @rule()
    def states(self):
        self.desk.statements.write()

    @rule()
    def restarts(self):
        self.desk.statements = Statements(
            self.desk.store, accounts=self.desk.accounts.all, wake=self.desk.wake, clock=self.desk.clock
        )

    @invariant()
    def nothing_is_called_complete_that_is_not(self):
        latest = {}
        for leaf in self.desk.leaves():
            said = SimpleNamespace(**leaf["statement"])
            day = said.to
            assert said.version == latest.get((leaf["account"], said.to[:10], day), 0) + 1 or said.version > 1
            spans = [(parse_iso(gap["from"]), parse_iso(gap["to"])) for gap in said.gaps]
            minute, end = parse_iso(leaf["statement"]["from"]), parse_iso(said.to)
            assert end <= parse_iso(leaf["at"])
            while minute < end:
                inside = any(a <= minute < b for a, b in spans)
                assert inside or any(a <= minute < b for a, b in self.proven), (minute, leaf)
                minute += timedelta(minutes=7)


TestLife = Life.TestCase
TestLife.settings = settings(derandomize=True, deadline=None, max_examples=15, stateful_step_count=25)
