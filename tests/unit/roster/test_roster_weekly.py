"""Shifts that repeat: the instants that a pattern on the wall means, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bluelamp.errors import ConflictError
from bluelamp.people.model import DutyShift
from bluelamp.roster.errors import OverlapError
from bluelamp.roster.holidays import NATIONS, holidays_between, is_holiday
from bluelamp.roster.model import MOST_SKIPPED, Absence, Repeats, Shift
from bluelamp.roster.past import responsible_then
from bluelamp.weekly import LONDON, Weekly
from tests.support.world import idem
from tests.unit.roster.roster_kit import ADMIN, NORTH, Duty

EVERY_DAY = tuple(range(7))
MARCH, OCTOBER = date(2026, 3, 29), date(2026, 10, 25)
clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
# Within three days of a change of the clock, where all that is difficult is.
days = st.builds(lambda day, n: day + timedelta(days=n), st.sampled_from([MARCH, OCTOBER]), st.integers(-3, 3))
patterns = st.builds(
    lambda days, starts, ends, first, n: Weekly(
        days=tuple(sorted(days)), starts=starts, ends=ends, first=first, last=first + timedelta(days=n)
    ),
    st.sets(st.integers(0, 6), min_size=1), clocks, clocks, days, st.integers(0, 20),
)  # fmt: skip


def daily(starts: str, ends: str, first: date, last: date | None = None, **more) -> Weekly:
    return Weekly(days=EVERY_DAY, starts=starts, ends=ends, first=first, last=last or first, **more)


@pytest.mark.parametrize(
    ("starts", "ends", "day", "hours"),
    [
        ("22:00", "06:00", MARCH - timedelta(days=1), 7),
        ("22:00", "06:00", OCTOBER - timedelta(days=1), 9),
        ("22:00", "06:00", MARCH, 8),
        ("09:00", "09:00", MARCH - timedelta(days=1), 23),
        ("01:30", "03:00", MARCH, 1),  # 01:30 is not there: from the moment at which the clock goes forward
        ("00:00", "01:30", MARCH, 1),
        ("01:30", "03:00", OCTOBER, 2.5),  # the first 01:30 of two
        ("00:00", "01:30", OCTOBER, 1.5),
    ],
)
def test_a_night_is_as_long_as_it_is(starts, ends, day, hours):
    begin, end = daily(starts, ends, day).on(day)
    assert (end - begin).total_seconds() / 3600 == hours


def test_what_lies_whole_in_the_hour_that_is_left_out_does_not_happen():
    assert daily("01:00", "01:59", MARCH).on(MARCH) is None
    assert daily("01:00", "01:59", MARCH).hull() is None
    assert len(list(daily("01:00", "01:59", MARCH, MARCH + timedelta(days=7)).spans())) == 7


@given(st.lists(clocks, min_size=2, max_size=6, unique=True), days)
def test_shifts_that_follow_each_other_on_the_wall_leave_no_gap_and_no_overlap(times, first):
    """So a control room whose three shifts fill the day is there every minute of the year, and never twice."""
    times = sorted(times)
    last = first + timedelta(days=5)
    shifts = [daily(one, two, first, last) for one, two in zip(times, [*times[1:], times[0]], strict=True)]
    spans = sorted(span for shift in shifts for span in shift.spans())
    assert all(one[1] == two[0] for one, two in pairwise(spans))


@given(patterns, days, st.integers(0, 1439))
def test_at_any_minute_it_goes_on_just_when_one_of_its_spans_does(pattern, day, minute):
    at = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
    spans = list(pattern.spans())
    assert pattern.now(at) == next((one for one in spans if one[0] <= at < one[1]), None)
    later = at + timedelta(hours=30)
    assert list(pattern.spans(at, later)) == [one for one in spans if at < one[1] and one[0] < later]
    assert pattern.hull() == ((spans[0][0], spans[-1][1]) if spans else None)


@given(patterns)
def test_each_begins_by_the_clock_on_the_wall_on_one_of_its_days(pattern):
    for begin, end in pattern.spans():
        wall = begin.astimezone(LONDON)
        assert wall.weekday() in pattern.days
        left_out = wall.date() == MARCH and pattern.starts.startswith("01")
        assert f"{wall:%H:%M}" == ("02:00" if left_out else pattern.starts)
        assert begin < end <= begin + timedelta(hours=25)


@given(patterns, days, st.integers(0, 1439))
def test_duty_on_the_record_is_what_the_roster_says(pattern, day, minute):
    """Both are asked apart: the person's item when the principal is made, the roster's entry for who answers."""
    assume(pattern.hull())
    at = datetime.combine(day, time(), UTC) + timedelta(minutes=minute)
    shift = Shift.repeating(Repeats(**pattern.model_dump()), id="s", who="person:ann", scope="force")
    kept = DutyShift(id="s", duty="shift", begins_at=shift.begin, ends_at=shift.end, weekly=shift.weekly.pattern)
    assert (kept.begun(at) is not None) == shift.at(at)
    assert DutyShift.model_validate_json(kept.model_dump_json()) == kept


@settings(max_examples=60)
@given(patterns, patterns)
def test_two_that_repeat_meet_just_when_any_of_them_do(one, two):
    shifts = []
    for n, pattern in enumerate((one, two)):
        assume(pattern.hull())
        shifts.append(Shift.repeating(Repeats(**pattern.model_dump()), id=str(n), who="person:ann", scope="force"))
    meet = any(a[0] < b[1] and b[0] < a[1] for a in one.spans() for b in two.spans())
    assert shifts[0].meets(shifts[1]) == shifts[1].meets(shifts[0]) == meet


@pytest.mark.parametrize("nation", NATIONS)
def test_it_begins_on_no_bank_holiday_of_the_nation(nation):
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    weekly = Repeats(days=(0, 4), starts="09:00", ends="17:00", first=first, last=last, nation=nation)
    begun = {span[0].astimezone(LONDON).date() for span in weekly.pattern.spans()}
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert begun == {day for day in every if day.weekday() in {0, 4} and not is_holiday(nation, day)}
    assert holidays_between(nation, first, last) == [day for day in every if is_holiday(nation, day)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": ()}, {"days": (1, 0)}, {"days": (1, 1)}, {"days": (7,)}, {"starts": "24:00"}, {"ends": "9:00"},
        {"last": date(2025, 12, 31)}, {"last": date(2029, 1, 1)},
        {"skip": tuple(date(2026, 1, 1) + timedelta(days=n) for n in range(MOST_SKIPPED + 1))},
    ],
)  # fmt: skip
def test_a_pattern_that_makes_no_sense_is_refused(wrong):
    good = {"days": (0,), "starts": "09:00", "ends": "17:00", "first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    Repeats(**good)
    with pytest.raises(ValidationError):
        Repeats(**good | wrong)


def test_one_that_never_happens_is_refused():
    monday = date(2026, 11, 23)
    weekly = Repeats(days=(1,), starts="09:00", ends="17:00", first=monday, last=monday)
    with pytest.raises(ValueError, match="none of its days"):
        Shift.repeating(weekly, id="s", who="person:ann", scope="force")


def test_who_answers_follows_the_pattern_in_the_table_and_in_the_record():
    duty = Duty()
    shift = duty.put(duty.weekly("person:eve", "force", 0, 200, duty="on_call")).entry
    account = duty.accounts.get(NORTH)

    def asked(at: datetime) -> tuple[str, str]:
        found = duty.answering.answer(account, at).answer
        return found.who, found.capacity

    spring = [datetime(2027, 3, 27, 23, tzinfo=UTC), datetime(2027, 3, 28, 4, 59, tzinfo=UTC)]
    minutes = [duty.in_days(0), duty.in_days(0.4), duty.in_days(1.1), *spring, spring[1] + timedelta(minutes=1)]
    said = [asked(minute) for minute in minutes]
    lead = ("person:ann", "lead")
    on_call = ("person:eve", "on_call")
    assert said == [lead, on_call, lead, on_call, on_call, lead]
    duty.pass_time(days=140)
    duty.seal()
    assert [asked(minute) for minute in minutes] == said
    records = duty.log()
    assert [responsible_then(records, NORTH, minute).known.who for minute in minutes] == [who for who, _ in said]
    # Changed today, it counts for the nights that are over as well; then it never was.
    duty.put(shift.model_copy(update={"who": "person:cat"}), rev=1)
    duty.rosters.withdraw(ADMIN, "shift", shift.id, rev=2, idem=idem())
    duty.seal()
    found = responsible_then(duty.log(), NORTH, spring[0])
    assert (found.recorded.who, found.known.who) == ("person:eve", "person:ann")


def test_a_week_of_leave_is_no_reason_against_the_shifts_of_a_year_and_another_shift_is():
    duty = Duty()
    duty.put(duty.absence("eve", 7, 14))
    duty.put(duty.weekly("person:eve", "team:north", 0, 300))
    swap = duty.shift("person:cat", "team:north", 1.4, 1.6)  # the night of Monday, which is one of its days
    with pytest.raises(OverlapError):
        duty.put(swap)
    duty.put(duty.shift("person:cat", "team:north", 2.4, 2.6))  # that of Tuesday is free
    with pytest.raises(OverlapError):
        duty.put(duty.weekly("person:cat", "team:north", 2, 30, starts="05:00", ends="07:00"))
    duty.put(duty.weekly("person:cat", "team:north", 2, 30, starts="06:00", ends="07:00"))


def test_a_night_that_is_left_out_can_be_somebody_elses():
    duty = Duty()
    monday = duty.in_days(1).date()
    duty.put(duty.weekly("person:eve", "team:north", 0, 300, skip=(monday,)))
    duty.put(duty.shift("person:cat", "team:north", 1.4, 1.6))
    assert duty.who(at=duty.in_days(1.5)) == "person:cat"


def test_two_who_change_it_at_once_lose_nothing():
    duty = Duty()
    shift = duty.put(duty.weekly("person:eve", "team:north", 0, 300)).entry
    duty.put(shift.model_copy(update={"duty": "control"}), rev=1)
    with pytest.raises(ConflictError):
        duty.put(shift.model_copy(update={"duty": "comms"}), rev=1)
    assert duty.people.get("eve").shifts[0].duty == "control"


def test_an_absence_that_never_ends_meets_a_single_shift_alone():
    duty = Duty()
    away = duty.put(duty.absence("eve", 0, None)).entry
    assert isinstance(away, Absence)
    with pytest.raises(OverlapError):
        duty.put(duty.shift("person:eve"))
