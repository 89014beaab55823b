"""Bank holidays of the nations of the United Kingdom, by rule, with the days that were proclaimed as data.

Why not the package `holidays`: it brings the countries of the world and their languages (4.9 MB in 1,119 files) into
every function that asks who answers, for what Parliament wrote on one page. What it knows better, newly proclaimed
days, reaches us by a release of it as late as by a line in `MOVED` or `EXTRA`; a force puts in what is proclaimed
tomorrow as a closed day of its own (`model.Office.closed`). The rules were compared with it, nation by nation
(docs/decisions/0072-bank-holidays.md).

Rules: Banking and Financial Dealings Act 1971, schedule 1; St Andrew's Day Bank Holiday (Scotland) Act 2007; and the
royal proclamations of each year, which made New Year's Day (1974) and the first Monday of May (1978) standing custom.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

Nation = Literal["england_wales", "scotland", "northern_ireland"]
NATIONS: Final[tuple[Nation, ...]] = ("england_wales", "scotland", "northern_ireland")
FIRST_YEAR: Final = 1978
_ST_ANDREW: Final = 2007
_MONDAY, _SATURDAY = 0, 5

# A standing holiday that was moved: for 50 and 75 years of VE Day (1995, 2020) and for jubilees (2002, 2012, 2022).
# Source: royal proclamations in The Gazette; the later ones are listed at www.gov.uk/bank-holidays.
MOVED: Final = {
    date(1995, 5, 1): date(1995, 5, 8),
    date(2002, 5, 27): date(2002, 6, 4),
    date(2012, 5, 28): date(2012, 6, 4),
    date(2020, 5, 4): date(2020, 5, 8),
    date(2022, 5, 30): date(2022, 6, 2),
}
# Days for once. All nations: weddings 1981 and 2011, the millennium, jubilees 2002, 2012 and 2022, the state funeral
# 2022, the coronation 2023 (royal proclamations in The Gazette; www.gov.uk/bank-holidays). Scotland alone: the first
# match of its men's team in the World Cup of 2026 (www.gov.uk/bank-holidays#scotland).
_ALL = (
    date(1981, 7, 29),
    date(1999, 12, 31),
    date(2002, 6, 3),
    date(2011, 4, 29),
    date(2012, 6, 5),
    date(2022, 6, 3),
    date(2022, 9, 19),
    date(2023, 5, 8),
)
EXTRA: Final[dict[Nation, frozenset[date]]] = {
    "england_wales": frozenset(_ALL),
    "scotland": frozenset({*_ALL, date(2026, 6, 15)}),
    "northern_ireland": frozenset(_ALL),
}


@lru_cache(maxsize=256)
def bank_holidays(nation: Nation, year: int) -> frozenset[date]:
    """Return the bank holidays of a year, those that stand in for one at a weekend in its stead.

    Raises
    ------
    ValueError
        Before `FIRST_YEAR`, when the rules were others.
    """
    if year < FIRST_YEAR:
        raise ValueError(f"the bank holidays of {year} are not known: the rules begin with {FIRST_YEAR}")
    moving = {MOVED.get(day, day) for day in _moving(nation, year)}
    extra = {day for day in EXTRA[nation] if day.year == year}
    return frozenset(moving | _in_stead(_fixed(nation, year)) | extra)


def is_holiday(nation: Nation, day: date) -> bool:
    """Return whether a day is a bank holiday, or itself what one stands in for: Christmas Day on a Saturday is both."""
    return day in bank_holidays(nation, day.year) or day in _fixed(nation, day.year)


def holidays_between(nation: Nation, first: date, last: date) -> list[date]:
    """Return every day from the first to the last that is a holiday, as `is_holiday` has it, in order."""
    years = range(first.year, last.year + 1)
    found = {day for year in years for day in (*bank_holidays(nation, year), *_fixed(nation, year))}
    return sorted(day for day in found if first <= day <= last)


def easter(year: int) -> date:
    """Return Easter Sunday, by the anonymous Gregorian rule (Nature, 20 April 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), (i, k) = divmod(b, 4), divmod(c, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, rest = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, rest + 1)


def _moving(nation: Nation, year: int) -> list[date]:
    sunday = easter(year)
    found = [sunday - timedelta(days=2), _monday(year, 5), _last_monday(year, 5)]
    if nation == "scotland":
        return [*found, _monday(year, 8)]
    return [*found, sunday + timedelta(days=1), _last_monday(year, 8)]


def _fixed(nation: Nation, year: int) -> tuple[date, ...]:
    days = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    if nation == "scotland":
        days.append(date(year, 1, 2))
        if year >= _ST_ANDREW:
            days.append(date(year, 11, 30))
    if nation == "northern_ireland":
        days += [date(year, 3, 17), date(year, 7, 12)]
    return tuple(sorted(days))


def _in_stead(days: Iterable[date]) -> set[date]:
    """Return fixed days, those at a weekend put on the next weekday that is free: so 25 and 26 December never clash."""
    found = {day for day in days if day.weekday() < _SATURDAY}
    for day in days:
        if day.weekday() >= _SATURDAY:
            instead = day
            while instead.weekday() >= _SATURDAY or instead in found:
                instead += timedelta(days=1)
            found.add(instead)
    return found


def _monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - _MONDAY) % 7)
