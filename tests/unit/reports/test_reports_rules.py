"""Percentiles, months, sums and what is withheld, by hand and by properties."""

from __future__ import annotations

from datetime import UTC, date, datetime
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.bench_path import one_webhook
from bluelamp.errors import InvalidInputError
from bluelamp.reports import making, rules
from bluelamp.reports.model import Assumptions
from bluelamp.reports.rules import FEWER, WITHHELD, BadAssumptionsError, assumptions_of, withheld


@pytest.mark.parametrize(
    ("values", "percent", "wanted"),
    [
        ([], 50, None),
        ([7], 50, 7),
        ([7], 90, 7),
        ([4, 1, 3, 2], 50, 2),  # the 2nd of 4, never 2.5
        ([5, 1, 3, 2, 4], 50, 3),
        (range(1, 11), 90, 9),
        (range(1, 12), 90, 10),  # 9.9, rounded up
        ([10, 10, 10, 99], 90, 99),
    ],
)
def test_percentiles_are_nearest_rank(values, percent, wanted):
    assert rules.percentile(values, percent) == wanted


@given(st.lists(st.integers(0, 10**7), min_size=1), st.integers(1, 100))
def test_so_many_are_at_most_the_percentile_and_it_is_one_of_them(values, percent):
    found = rules.percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= ceil(len(values) * percent / 100)
    assert sum(value < found for value in values) < ceil(len(values) * percent / 100)


@given(st.lists(st.integers(0, 30), max_size=8))
def test_no_small_number_can_be_told_from_what_is_published(numbers):
    shown, total = withheld(numbers)
    for number, cell in zip(numbers, shown, strict=True):
        assert cell in {number, WITHHELD, FEWER}
        assert not (0 < number < rules.SMALL) or cell == FEWER
    gaps = [n for n, cell in zip(numbers, shown, strict=True) if isinstance(cell, str)]
    if isinstance(total, int):
        assert total == sum(numbers)
        assert len(gaps) != 1  # one gap would be the total less the others
        places = [at for at, cell in enumerate(shown) if cell == FEWER]
        for place in places:
            assert len(possible(shown, total, place)) > 1


def possible(shown, total, place):
    """Return what a small number may be, for somebody who has what is published and knows the rule."""
    hidden = total - sum(cell for cell in shown if isinstance(cell, int))
    rest = [cell for at, cell in enumerate(shown) if isinstance(cell, str) and at != place]
    least = sum(1 if cell == FEWER else rules.SMALL for cell in rest)
    most = sum(rules.SMALL - 1 if cell == FEWER else hidden for cell in rest)
    return [n for n in range(1, rules.SMALL) if least <= hidden - n <= most]


def test_two_small_numbers_are_not_told_by_their_sum():
    assert withheld([1, 1, 40]) == ([FEWER, FEWER, WITHHELD], 42)
    assert withheld([4, 4, 9, 40]) == ([FEWER, FEWER, WITHHELD, 40], 57)
    assert withheld([1, 5, 40]) == ([FEWER, WITHHELD, WITHHELD], 46)
    assert withheld([1, 5]) == ([FEWER, WITHHELD], WITHHELD)


def test_a_total_of_small_numbers_alone():
    assert withheld([3]) == ([FEWER], FEWER)
    assert withheld([4, 4]) == ([FEWER, FEWER], WITHHELD)
    assert withheld([0, 0]) == ([0, 0], 0)
    assert withheld([3, 9, 7, 30]) == ([FEWER, 9, WITHHELD, 30], 49)


def test_a_month_as_far_as_it_can_be_counted():
    now = datetime(2026, 11, 4, 0, 29, tzinfo=UTC)
    # The 3rd is over and not settled yet.
    assert rules.days_of("2026-11", now) == [date(2026, 11, 1), date(2026, 11, 2)]
    assert len(rules.days_of("2026-10", now)) == 31
    assert rules.days_of(None, datetime(2026, 11, 1, 9, tzinfo=UTC))[-1] == date(2026, 10, 31)
    assert rules.days_of("2026-11", datetime(2026, 11, 1, 9, tzinfo=UTC)) == []


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "november", "2026-12", "1999-01"])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(InvalidInputError, match="2026-11"):
        rules.days_of(month, datetime(2026, 11, 5, tzinfo=UTC))


def test_hours_and_days_are_those_in_london():
    evening = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert (rules.day_of(evening), rules.hour_of(evening)) == (date(2026, 7, 2), "00")
    assert rules.begins(date(2026, 7, 2)) == datetime(2026, 7, 1, 23, tzinfo=UTC)
    # The day on which the clock goes back has 25 hours.
    assert (rules.ends(date(2026, 10, 25)) - rules.begins(date(2026, 10, 25))).total_seconds() == 25 * 3600


def test_which_days_are_counted_again():
    count = rules.to_count
    assert count(date(2026, 11, 10), date(2026, 11, 10)) == [date(2026, 11, n) for n in (8, 9, 10)]
    whole = count(date(2026, 10, 31), date(2026, 10, 31))
    assert (whole[0], whole[-1], len(whole)) == (date(2026, 10, 1), date(2026, 10, 31), 31)
    assert len(count(date(2026, 1, 1), date(2026, 11, 10))) == rules.MOST_DAYS


def test_what_the_force_assumes():
    assert assumptions_of("") == Assumptions()
    prices = '{"listed": "2026-11-01", "currency": "GBP", "write_units": 0.7, "calls": 0.3}'
    assert assumptions_of(f'{{"minutes_a_contact": 3, "prices": {prices}}}').prices.currency == "GBP"
    for wrong in ("x", "[]", '{"minutes": 1}', '{"prices": {"listed": "soon"}}'):
        with pytest.raises(BadAssumptionsError, match="ReportAssumptions"):
            assumptions_of(wrong)


def test_units_a_contact_are_those_that_the_bench_counts():
    calls, units, _ = one_webhook(10)
    assert pytest.approx(units, abs=0.5) == making.WRITE_UNITS_A_CONTACT, "see benchmarks/bench_path.py"
    assert pytest.approx(calls, abs=0.1) == making.CALLS_A_CONTACT, "see benchmarks/bench_path.py"
