"""Days of the wall clock, stages in their order, and what a month says; every minute of a year is tried."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.accounts.model import Account, Officer
from bluelamp.checks import rules
from bluelamp.checks.model import STAGES, Check
from bluelamp.errors import InvalidInputError

ACCOUNT = Account(
    id="x-1", platform="x", native_id="1", name="A", kind="community", team="north",
    lead=Officer(id="ann", name="Ann"), deputy=Officer(id="bob", name="Bob"),
)  # fmt: skip
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 7 * 366 * 1440).map(lambda minutes: BEGIN + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("stage", "winter", "summer"),
    [
        ("deputy", "2026-01-10T16:00", "2026-07-10T15:00"),
        ("supervisor", "2026-01-10T18:00", "2026-07-10T17:00"),
        ("missed", "2026-01-11T00:00", "2026-07-10T23:00"),
    ],
)
def test_hours_are_those_on_the_wall(stage, winter, summer):
    assert rules.at(date(2026, 1, 10), stage) == datetime.fromisoformat(winter).replace(tzinfo=UTC)
    assert rules.at(date(2026, 7, 10), stage) == datetime.fromisoformat(summer).replace(tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_day_on_which_the_clock_changes_ends_where_the_next_begins(day):
    ends = rules.at(day, "missed")
    assert rules.day_of(ends - timedelta(seconds=1)) == day
    assert rules.day_of(ends) == day + timedelta(days=1)


@given(MOMENTS)
def test_stages_follow_each_other_in_time_and_none_is_left_out(moment):
    day, stage = rules.first_after(moment)
    assert rules.at(day, stage) > moment
    seen = [(day, stage)]
    for _ in range(6):
        seen.append(rules.following(*seen[-1]))
    times = [rules.at(*one) for one in seen]
    assert times == sorted(set(times))
    assert [stage for _, stage in seen[:3]] == [STAGES[(STAGES.index(stage) + n) % 3] for n in range(3)]


def test_who_checks_counts_as_what_the_account_says():
    assert [rules.capacity(ACCOUNT, who) for who in ("ann", "bob", "cat")] == ["lead", "deputy", "other"]


def test_an_account_is_not_asked_for_what_was_before_it():
    day = date(2026, 1, 10)
    late = ACCOUNT.model_copy(update={"since": rules.at(day, "deputy")})
    assert rules.wanted(ACCOUNT, day)
    assert not rules.wanted(late, day)
    assert rules.wanted(late, day + timedelta(days=1))
    assert not rules.wanted(ACCOUNT.model_copy(update={"status": "suspended"}), day)


def test_a_month_by_hand():
    now = datetime(2026, 11, 5, 16, 30, tzinfo=UTC)
    known = {
        date(2026, 11, 1): Check(account="x-1", day=date(2026, 11, 1), state="checked", at="2026-11-01T09:00:00.000Z"),
        date(2026, 11, 3): Check(account="x-1", day=date(2026, 11, 3), state="missed", at="2026-11-04T00:00:10.000Z"),
    }
    month = rules.month_of("x-1", "2026-11", known, now)
    # The 1st was checked, nothing is known of the 2nd and the 4th, the 3rd was missed, today is past four o'clock.
    assert [one.state for one in month.days] == ["checked", "none", "missed", "none", "due"]
    assert (month.checked, month.missed) == (1, 1)
    assert rules.month_of("x-1", "2026-10", {}, now).days[-1].day == date(2026, 10, 31)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "november", "", "2026-12", "1999-01"])
def test_what_is_no_month_or_has_not_begun_is_refused(month):
    with pytest.raises(InvalidInputError, match=r"2026-11"):
        rules.days_of(month, datetime(2026, 11, 5, tzinfo=UTC))
