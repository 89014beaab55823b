"""Whoever could still do a check is told, nobody twice, and a day is missed once; killed at any call, too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.accounts.model import Officer
from bluelamp.audit.leaf import Actor
from bluelamp.checks import chasing as module
from bluelamp.checks.chasing import Chasing
from bluelamp.checks.store import CheckStore
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from tests.unit.checks.test_checks_service import LOCAL, Day

BY = Actor.system("test")


class Night(Day):
    """A page with lead and deputy, one without; a supervisor of ``north`` alone."""

    def __init__(self) -> None:
        super().__init__()
        self.people = People(PeopleStore(self.table), self.clock)
        for who, role, team in (("sue", "supervisor", "north"), ("lee", "local", "north")):
            self.people.add_person(
                person_id=who, name=who.title(), email=f"{who}@x.example", role=role, teams=[team], by=BY
            )
        item = self.table.items["ACCOUNTS", "facebook-1"]
        item["deputy"] = Officer(id="bob", name="Bob").model_dump()
        self.table.items["ACCOUNTS", "facebook-2"]["lead"] = None
        self.notified = 0
        self.chasing = Chasing(
            CheckStore(self.table), accounts=self.accounts.all, people=self.people.everybody,
            wake=lambda: None, notify=self.notify, clock=self.clock,
        )  # fmt: skip
        self.chasing.run()

    def notify(self):
        self.notified += 1

    def at(self, hour, minute=0, day=22):
        self.now = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
        return self.chasing.run()

    def told(self):
        items = [item for (pk, _), item in sorted(self.table.items.items()) if pk == "NOTICES"]
        return [(item["about"]["account"], tuple(item["to"])) for item in items]


@pytest.fixture
def night():
    return Night()


def test_the_deputy_then_the_supervisor_then_it_is_missed(night):
    assert night.at(15, 59) == 0
    assert night.at(16) == 2
    assert night.told() == [
        ("facebook-1", ("person:bob", f"person:{LOCAL.id}")),
        ("facebook-2", ("team:south",)),
    ]
    assert night.at(16, 1) == 0
    assert night.at(18) == 2
    assert night.told()[2:] == [("facebook-1", ("person:sue",)), ("facebook-2", ("role:comms",))]
    assert night.at(0, 0, day=23) == 2
    missed = night.leaves("attest")
    assert [(leaf["account"], leaf["check"]) for leaf in missed] == [
        (account, {"day": "2026-11-22", "result": "missed"}) for account in ("facebook-1", "facebook-2")
    ]
    assert night.at(0, 1, day=23) == 0
    assert (len(night.told()), night.notified) == (4, 3)
    assert [one.state for one in night.checks.month(LOCAL, "facebook-1").days[-2:]] == ["missed", "open"]


def test_what_was_checked_is_not_told(night):
    night.attest()
    assert night.at(16) == 1
    night.now += timedelta(minutes=30)
    night.attest(account="facebook-2", who=LOCAL.model_copy(update={"teams": frozenset({"south"})}))
    assert night.at(18) == 0
    assert night.at(0, 0, day=23) == 0


def test_a_check_after_the_deputy_was_told_says_so(night):
    night.at(16)
    night.now += timedelta(minutes=1)
    night.attest()
    assert night.table.items["CHECKED#facebook-1", "2026-11-22"]["told"] == ["deputy"]


def test_days_without_a_tick_are_made_up_for(night):
    night.now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    runs = [night.chasing.run() for _ in range(10)]
    assert sum(runs) == 2 * 6
    assert len(night.leaves("attest")) == 4
    assert runs[-1] == 0


def test_a_large_force_takes_several_minutes_and_nobody_is_left_out(night, monkeypatch):
    for n in range(3, 50):
        night.accounts.add_account(
            platform="facebook", native_id=str(n), name="P", kind="community", team="north", by=BY
        )
    for (pk, _), item in night.table.items.items():
        if pk == "ACCOUNTS":
            item.pop("since", None)
    monkeypatch.setattr(module, "MOST", 20)
    assert [night.at(16, n) for n in range(4)] == [20, 20, 9, 0]
    assert len({account for account, _ in night.told()}) == 49


class KilledError(Exception):
    """The process ends here."""


def test_killed_at_any_call_nobody_is_told_twice_or_left_out():
    whole = Night()
    calls = []
    whole.faults.before = calls.append
    assert whole.at(16) == 2
    for when in ("before", "after"):
        for n in range(len(calls)):
            night, seen = Night(), []

            def kill(name, seen=seen, n=n):
                seen.append(name)
                if len(seen) == n + 1:
                    raise KilledError

            setattr(night.faults, when, kill)
            with pytest.raises(KilledError):
                night.at(16)
            setattr(night.faults, when, None)
            night.at(16, 1)
            assert sorted(account for account, _ in night.told()) == ["facebook-1", "facebook-2"], (when, n)


def test_who_checks_at_the_very_moment_wins(night):
    night.now = datetime(2026, 11, 22, 16, tzinfo=UTC)

    def quick(name):
        if name.startswith("transact"):
            night.faults.before = None
            night.attest()

    night.faults.before = quick
    assert night.chasing.run() == 1
    assert [account for account, _ in night.told()] == ["facebook-2"]
