"""Bank holidays against what www.gov.uk/bank-holidays and The Gazette list, and what holds in any year."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.roster.holidays import FIRST_YEAR, NATIONS, bank_holidays, easter, is_holiday

# As listed by www.gov.uk/bank-holidays, month and day.
LISTED = {
    ("england_wales", 2022): "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    ("england_wales", 2023): "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    ("england_wales", 2026): "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    ("england_wales", 2020): "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    ("england_wales", 2021): "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    ("england_wales", 2012): "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
    ("england_wales", 2011): "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
    ("scotland", 2022): "01-03 01-04 04-15 05-02 06-02 06-03 08-01 09-19 11-30 12-26 12-27",
    ("scotland", 2023): "01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26",
    ("scotland", 2024): "01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26",
    ("scotland", 2026): "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28",
    ("northern_ireland", 2024): "01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26",
    ("northern_ireland", 2026): "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28",
}


@pytest.mark.parametrize(("nation", "year"), LISTED)
def test_the_days_are_those_that_are_listed(nation, year):
    found = sorted(bank_holidays(nation, year))
    assert " ".join(f"{day:%m-%d}" for day in found) == LISTED[nation, year]


@pytest.mark.parametrize(
    ("nation", "day"),
    [
        ("england_wales", date(1999, 12, 31)),
        ("scotland", date(1995, 5, 8)),
        ("northern_ireland", date(2002, 6, 3)),
        ("england_wales", date(2002, 6, 4)),
        ("scotland", date(2007, 11, 30)),
    ],
)
def test_days_for_once_and_moved_ones(nation, day):
    assert day in bank_holidays(nation, day.year)


def test_st_andrews_day_began_with_the_act():
    assert date(2006, 11, 30) not in bank_holidays("scotland", 2006)


@pytest.mark.parametrize(
    ("year", "day"), [(1981, (4, 19)), (2008, (3, 23)), (2026, (4, 5)), (2038, (4, 25)), (2285, (3, 22))]
)
def test_easter(year, day):
    assert easter(year) == date(year, *day)


def test_christmas_at_a_weekend_is_a_holiday_and_so_is_what_stands_in_for_it():
    assert is_holiday("england_wales", date(2021, 12, 25))
    assert date(2021, 12, 25) not in bank_holidays("england_wales", 2021)
    assert is_holiday("england_wales", date(2021, 12, 27))
    assert not is_holiday("england_wales", date(2021, 12, 29))


def test_years_before_the_rules_are_refused():
    with pytest.raises(ValueError, match="1978"):
        bank_holidays("scotland", FIRST_YEAR - 1)


@given(st.sampled_from(NATIONS), st.integers(FIRST_YEAR, 2400))
def test_no_two_fall_together_and_none_at_a_weekend(nation, year):
    days = bank_holidays(nation, year)
    assert all(day.weekday() < 5 for day in days)
    standing = {"england_wales": 8, "scotland": 8 + (year >= 2007), "northern_ireland": 10}[nation]
    assert len(days) >= standing
    assert easter(year).weekday() == 6
    assert easter(year) - timedelta(days=2) in days
