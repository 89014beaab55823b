"""Reminders: in the morning, once for each step, to the person and the supervisors, whoever dies between two."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bluelamp.cloud.memory import MemoryTable
from bluelamp.guide import reminding
from bluelamp.guide.model import Training
from tests.unit.guide.guide_kit import BY, Small


@pytest.fixture
def small():
    made = Small()
    sha = made.publish()
    for name in ("sam", "ada", "otto"):
        made.acknowledge(name, "2026.1", sha)
    made.notices()
    return made


def sent(small):
    return [(n["kind"], n["to"], n["about"]) for n in small.notices()]


GUIDE = ("guide_reminder", ["person:lena", "person:sam"], {"guide": "2026.1", "person": "lena"})


def test_the_steps_of_a_month(small):
    told = []
    for day in range(30):
        number, found = small.reminders().run(), sent(small)
        assert number == len(found)
        told += [(day, one) for one in found]
        small.pass_days(1)
    assert told == [(day, GUIDE) for day in (3, 7, 14, 21, 28)]


def test_nothing_before_eight_by_the_clock_on_the_wall():
    summer = Small(datetime(2026, 7, 1, 6, 59, tzinfo=UTC))
    summer.publish(day=date(2026, 6, 1))
    summer.now += timedelta(days=4)
    summer.notices()
    assert summer.reminders().run() == 0
    summer.now += timedelta(minutes=1)
    assert summer.reminders().run() == 4


def test_twice_in_a_morning_is_once(small):
    small.pass_days(3)
    one, other = small.reminders(), small.reminders()
    assert (one.run(), one.run(), other.run(), small.reminders().run()) == (1, 0, 0, 0)
    assert (len(sent(small)), small.woken) == (1, 2)  # publishing woke, too


def test_a_morning_without_us_is_made_up_for(small):
    small.pass_days(5)
    assert small.reminders().run() == 1
    small.pass_days(1)
    assert small.reminders().run() == 0
    assert len(sent(small)) == 1


def test_whoever_dies_between_two_people_is_gone_on_from(small, monkeypatch):
    for name in ("otto", "sam"):  # both lack it again
        small.people.change_person(name, rev=small.people.get(name).rev, by=BY, guide_version=None)
    small.pass_days(3)
    transact, left = MemoryTable.transact, [2]

    def failing(self, writes, **how):
        if not left[0]:
            raise OSError("gone")
        left[0] -= 1
        transact(self, writes, **how)

    monkeypatch.setattr(MemoryTable, "transact", failing)
    with pytest.raises(OSError, match="gone"):
        small.reminders().run()
    monkeypatch.undo()
    assert small.reminders().run() == 1
    assert sorted(about["person"] for _, _, about in sent(small)) == ["lena", "otto", "sam"]


def test_many_are_told_over_some_minutes(small, monkeypatch):
    monkeypatch.setattr(reminding, "AT_ONCE", 1)
    small.people.change_person("otto", rev=small.people.get("otto").rev, by=BY, guide_version=None)
    small.pass_days(3)
    running = small.reminders()
    assert [running.run() for _ in range(4)] == [1, 1, 0, 0]
    assert len(sent(small)) == 2


def test_who_acknowledged_or_was_suspended_is_left_alone(small):
    small.people.suspend("lena", rev=small.people.get("lena").rev, by=BY)
    small.pass_days(3)
    assert small.reminders().run() == 0


def test_training_that_runs_out(small):
    small.guides.ask_for(["law"], BY)
    until = small.now.date() + timedelta(days=32)
    took = Training(course="law", on=small.now.date(), until=until)
    small.trainings.enter(small.as_("ada"), "otto", took, idem=small.idem())
    told = []
    for day in range(40):
        small.reminders().run()
        told += [(day, kind, to, about) for kind, to, about in sent(small) if kind == "training_expiring"]
        small.pass_days(1)
    about = {"course": "law", "day": until.isoformat(), "person": "otto"}
    assert told == [(2, "training_expiring", ["person:otto"], about), (25, "training_expiring", ["person:otto"], about)]


def test_without_a_guide_nobody_is_reminded():
    empty = Small()
    empty.pass_days(9)
    assert (empty.reminders().run(), empty.notices()) == (0, [])
