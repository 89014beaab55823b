"""When an answer is due: hand-computed days, and what holds for every day there is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.posts.model import PersonName
from bluelamp.rights import clock, rules
from bluelamp.rights.errors import StepRefusedError
from bluelamp.rights.model import (
    Case,
    Pause,
    Reminder,
    Span,
)
from bluelamp.roster.holidays import NATIONS, is_holiday

WHO = PersonName(id="a", name="Ada")
DAYS = st.dates(date(2018, 5, 25), date(2099, 12, 31))


def case(received: str, **more) -> Case:
    given_ = {
        "id": "01C0RGHTZZMMMMMMMMMMMMRGH0", "kind": "access", "law": "dpa_part3", "ref": "SAR/2026/1",
        "received_on": received, "runs_from": received, "by": WHO, "handler": WHO, "created_at": "", "changed_at": "",
    }  # fmt: skip
    return Case(**given_ | more)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-09-03", "2026-10-05"),  # the 3rd of October is a Saturday
        ("2027-01-31", "2027-03-01"),  # the last of a shorter month, a Sunday
        ("2028-01-31", "2028-02-29"),  # a leap year
        ("2026-11-25", "2026-12-29"),  # Christmas Day, its Boxing Day at a weekend, and what stands in for that
        ("2027-02-17", "2027-03-17"),  # St Patrick's Day is a holiday of one nation: it moves nothing
        ("2026-12-01", "2027-01-04"),  # New Year's Day, then a weekend
    ],
)
def test_a_month_ends_on_the_day_of_the_same_number(received, due):
    assert clock.due_on(case(received)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-06-01", "2026-06-30"),  # 15 June 2026 is a bank holiday in Scotland alone, and counts for nobody
        ("2026-12-07", "2027-01-08"),  # 25 and 28 December, 1 January, and 4 January in Scotland
        ("2026-09-05", "2026-10-02"),  # received on a Saturday: Monday is the first day
        ("2027-03-01", "2027-04-01"),  # 17 March in Northern Ireland, Good Friday, Easter Monday
    ],
)
def test_twenty_working_days_of_the_united_kingdom(received, due):
    assert clock.due_on(case(received, kind="foi", law="foia")) == date.fromisoformat(due)


def test_two_months_more_are_counted_from_the_beginning():
    assert clock.due_on(case("2026-01-31", extended_on="2026-02-10")) == date(2026, 4, 30)


def test_days_of_clarification_do_not_count_both_ends_included():
    pauses = (Pause(why="clarification", begin="2026-09-10", end="2026-09-12"),)
    assert clock.due_on(case("2026-09-03", pauses=pauses)) == date(2026, 10, 6)


def test_for_erasure_to_ask_what_is_meant_stops_nothing():
    pauses = (Pause(why="clarification", begin="2026-09-10"),)
    waiting = case("2026-09-03", kind="erasure", state="awaiting_clarification", pauses=pauses)
    assert clock.due_on(waiting) == date(2026, 10, 5)
    assert clock.due_on(waiting.model_copy(update={"kind": "access"})) is None


def test_while_identity_is_awaited_no_month_runs():
    assert clock.due(case("2026-09-03", state="awaiting_identity"), date(2026, 12, 1)).waits_for == "identity"


@given(DAYS, st.booleans())
def test_a_month_is_a_month_and_ends_on_a_day_when_somebody_works(day, longer):
    extended = day.isoformat() if longer else None
    due = clock.due_on(case(day.isoformat(), extended_on=extended))
    assert due is not None
    bare = clock.months_later(day, 3 if longer else 1)
    assert bare <= due <= bare + timedelta(days=5)
    assert due.weekday() < 5
    assert not all(is_holiday(nation, due) for nation in NATIONS)
    assert bare.day == day.day or (bare + timedelta(days=1)).day == 1


@given(DAYS)
def test_twenty_working_days_are_twenty(day):
    due = clock.working_days_later(day, 20)
    between = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert sum(map(clock.is_working_day, between)) == 20
    assert clock.is_working_day(due)


@given(DAYS, st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=4))
def test_a_pause_never_brings_the_day_nearer(day, gaps):
    pauses = tuple(
        Pause(why="clarification", begin=(day + timedelta(days=a)).isoformat(),
              end=(day + timedelta(days=a + b)).isoformat())
        for a, b in gaps
    )  # fmt: skip
    plain, paused = clock.due_on(case(day.isoformat())), clock.due_on(case(day.isoformat(), pauses=pauses))
    assert plain <= paused <= plain + timedelta(days=sum(b + 1 for _, b in gaps) + 5)


def test_an_extension_has_to_be_told_within_the_first_period():
    rules.check_extension(case("2026-09-03"), date(2026, 10, 5), "complexity")
    with pytest.raises(StepRefusedError, match="2026-10-05"):
        rules.check_extension(case("2026-09-03"), date(2026, 10, 6), "complexity")
    with pytest.raises(StepRefusedError, match="public interest"):
        rules.check_extension(case("2026-09-03", kind="foi", law="foia"), date(2026, 9, 6), "complexity")


@given(st.integers(-40, 40), st.sampled_from([None, 10, 5, 1, -1]))
def test_each_mark_is_told_once_and_none_after_a_nearer_one(left, told):
    today = date(2026, 11, 22)
    reminder = Reminder(case="c", handler="a", due=(today + timedelta(days=left)).isoformat(), told=told)
    mark = rules.to_tell(reminder, today)
    if mark is None:
        assert left > 10 or (told is not None and told <= rules.mark_of(left))
    else:
        assert told is None or mark < told
        assert rules.to_tell(reminder.model_copy(update={"told": mark}), today) is None


TEXT = st.text(max_size=60)


@given(TEXT, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6))
def test_what_is_marked_is_gone_and_the_rest_stays(text, marks):
    spans = [
        Span(begin=begin, end=min(begin + size, len(text)), ground="third_party")
        for begin, size in marks
        if begin < len(text)
    ]
    hidden = {n for span in spans for n in range(span.begin, span.end)}
    out = rules.redacted(text, spans)
    kept = "".join(char for n, char in enumerate(text) if n not in hidden)
    assert out.replace(rules.BLOCK, "") == kept.replace(rules.BLOCK, "")
    assert out.count(rules.BLOCK) >= len(rules.merged(spans))
    assert len(out) == len(kept) + len(rules.BLOCK) * len(rules.merged(spans))
