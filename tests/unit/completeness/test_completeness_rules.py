"""What may be said of a day, held against a plain count of minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.completeness import rules
from bluelamp.completeness.model import Cover, Gap, Said
from bluelamp.platforms.registry import connector
from bluelamp.times import iso

DAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
NEXT = MIDNIGHT + timedelta(days=1)
steady = settings(derandomize=True, deadline=None, max_examples=60)


def at(text: str) -> datetime:
    hours, minutes = text.split(":")
    return MIDNIGHT + timedelta(hours=int(hours), minutes=int(minutes))


def beats(*moments, platform="facebook", lost=()):
    """Return the covers, by day, after heartbeats at these moments; `lost` are those that had lost their place."""
    covers: dict[date, Cover] = {}
    last = None
    for moment in moments:
        for piece in rules.pieces(last, moment, platform=platform, lost=moment in lost):
            covers[piece.day] = rules.grown(covers.get(piece.day), piece)
        last = max(last, moment) if last else moment
    return covers


def every(minutes, begin, end):
    step = timedelta(minutes=minutes)
    return [begin + n * step for n in range(int((end - begin) / step) + 1)]


def said(covers, *, since=None, active=True, day=DAY):
    return rules.said(rules.duty(day, since=since, active=active), covers.get(day), ended=not active)


EVE = MIDNIGHT - timedelta(minutes=1)


def test_a_day_with_a_heartbeat_each_minute_is_complete():
    found = said(beats(*every(1, EVE, NEXT)))
    assert (found.begin, found.end, found.gaps, found.status) == (MIDNIGHT, NEXT, (), "complete")


def test_ten_minutes_are_polling_and_eleven_a_gap_that_the_next_poll_recovers():
    assert said(beats(*every(10, EVE, NEXT + timedelta(minutes=9)))).status == "complete"
    covers = beats(*every(1, EVE, at("02:10")), *every(1, at("02:45"), NEXT))
    assert said(covers).gaps == (Gap(at("02:10"), at("02:45"), "recovered"),)


def test_a_lost_place_is_lost_however_short_it_was():
    found = said(beats(*every(1, EVE, NEXT), lost=[at("10:00")]))
    assert found.gaps == (Gap(at("09:59"), at("10:00"), "lost"),)


def test_a_gap_over_midnight_belongs_to_both_days():
    covers = beats(*every(1, EVE, at("23:40")), NEXT + timedelta(hours=3))
    assert said(covers).gaps[-1] == Gap(at("23:40"), NEXT, "recovered")
    day = DAY + timedelta(days=1)
    assert covers[day].gaps == (Gap(NEXT, NEXT + timedelta(hours=3), "recovered"),)


def test_what_no_poll_has_reached_since_is_open():
    assert said(beats(*every(1, EVE, at("23:40")))).gaps == (Gap(at("23:40"), NEXT, "open"),)
    assert said({}).gaps == (Gap(MIDNIGHT, NEXT, "open"),)


@pytest.mark.parametrize(
    ("platform", "days", "state"), [("x", 6, "recovered"), ("x", 7, "lost"), ("facebook", 7, "recovered")]
)
def test_a_platform_gives_back_what_it_still_has(platform, days, state):
    covers = beats(EVE, EVE + timedelta(days=days), platform=platform)
    assert said(covers).gaps == (Gap(MIDNIGHT, NEXT, state),)


def test_nothing_further_back_than_a_fortnight_is_recovered_nor_looked_at():
    covers = beats(MIDNIGHT, MIDNIGHT + timedelta(days=20))
    assert min(day for day in covers if day != DAY) == DAY + timedelta(days=6)
    assert {gap.state for cover in covers.values() for gap in cover.gaps} == {"lost"}


def test_an_account_that_was_added_on_the_day_begins_with_its_first_heartbeat():
    added = at("09:00")
    found = said(beats(*every(1, at("09:02"), NEXT)), since=added)
    assert (found.begin, found.status) == (at("09:02"), "complete")
    late = said(beats(*every(1, at("09:30"), NEXT)), since=added)
    assert (late.begin, late.gaps) == (added, (Gap(added, at("09:30"), "lost"),))
    assert said({}, since=added).gaps == (Gap(added, NEXT, "open"),)
    assert said({}, since=NEXT) is None


def test_an_account_that_was_suspended_on_the_day_ends_with_its_last_heartbeat():
    covers = beats(*every(1, EVE, at("15:00")))
    found = said(covers, since=at("15:03"), active=False)
    assert (found.end, found.status) == (at("15:00"), "complete")
    late = said(covers, since=at("16:00"), active=False)
    assert late.gaps == (Gap(at("15:00"), at("16:00"), "lost"),)
    assert said({}, since=MIDNIGHT - timedelta(days=3), active=False) is None
    assert said({}, since=None, active=False) is None


def test_an_account_that_came_back_on_the_day_has_a_gap_for_the_time_between():
    covers = beats(*every(1, EVE, at("08:00")), *every(1, at("12:01"), NEXT))
    found = said(covers, since=at("12:00"))
    assert found == Said(MIDNIGHT, NEXT, (Gap(at("08:00"), at("12:01"), "recovered"),))


def test_heartbeats_that_come_late_or_twice_prove_nothing_new():
    once = beats(*every(1, EVE, NEXT))
    assert (
        beats(*[m for moment in every(1, EVE, NEXT) for m in (moment, moment, moment - timedelta(minutes=3))]) == once
    )


def test_the_first_day_of_an_older_account_is_not_called_complete_before_its_first_heartbeat():
    found = said(beats(*every(1, at("00:01"), NEXT)), since=MIDNIGHT - timedelta(days=9))
    assert found.gaps == (Gap(MIDNIGHT, at("00:01"), "lost"),)


def test_many_gaps_are_told_as_fewer_and_never_smaller():
    gaps = tuple(
        Gap(MIDNIGHT + timedelta(minutes=2 * n), MIDNIGHT + timedelta(minutes=2 * n + 1), "lost" if n % 7 else "open")
        for n in range(700)
    )
    left = rules.bounded(gaps)
    assert len(left) == rules.MAX_GAPS
    for gap in gaps:
        (over,) = [one for one in left if one.begin <= gap.begin and gap.end <= one.end]
        assert over.state in {"lost", gap.state}


def test_every_platform_that_is_polled_has_its_streams():
    assert [connector(platform).name for platform in rules.STREAMS] == list(rules.STREAMS)


@steady
@given(
    st.lists(st.tuples(st.integers(1, 700), st.booleans()), max_size=60),
    st.integers(-200, 1500),
    st.integers(-100, 1600),
    st.booleans(),
    st.sampled_from(["facebook", "x"]),
)
def test_a_minute_is_never_called_complete_unless_a_heartbeat_proves_it(steps, first, since, active, platform):
    """The model: which minutes lie between two heartbeats no more than ten minutes apart and joined up."""
    moments, lost, moment = [], [], MIDNIGHT + timedelta(minutes=first)
    moments.append(moment)
    for step, broken in steps:
        moment += timedelta(minutes=step if broken else step % 12 + 1)
        moments.append(moment)
        if broken and step % 3 == 0:
            lost.append(moment)
    covers = beats(*moments, platform=platform, lost=lost)
    proven = set()
    for before, after in pairwise(moments):
        if after - before <= rules.LIMIT and after not in lost:
            proven |= {before + timedelta(minutes=n) for n in range(int((after - before).total_seconds() // 60))}
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)):
        found = said(covers, since=MIDNIGHT + timedelta(minutes=since), active=active, day=day)
        if found is None:
            continue
        assert rules.bounds(day)[0] <= found.begin < found.end <= rules.bounds(day)[1]
        minute = found.begin
        while minute < found.end:
            in_gap = any(gap.begin <= minute < gap.end for gap in found.gaps)
            assert in_gap or minute in proven, (iso(minute), found)
            minute += timedelta(minutes=3)
        for gap in found.gaps:
            assert found.begin <= gap.begin < gap.end <= found.end
        assert list(found.gaps) == sorted(found.gaps, key=lambda gap: gap.begin)
