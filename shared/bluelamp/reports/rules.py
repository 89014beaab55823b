"""Pure rules of reports: days and months of the clock in London, percentiles, sums, and small numbers withheld."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from bluelamp.errors import BluelampError, InvalidInputError
from bluelamp.reports.definitions import SMALL
from bluelamp.reports.model import Assumptions, Cell, DayFigures

LONDON = ZoneInfo("Europe/London")
# A day is counted once it has been over for so long: what was under way at midnight has come to its end.
SETTLED = timedelta(minutes=30)
# Each night so many days are counted, the last of them yesterday; after the end of a month, the month.
AGAIN = 3
MOST_DAYS = 35
FEWER = f"fewer than {SMALL}"
WITHHELD = "withheld"
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


class BadAssumptionsError(BluelampError):
    """What the force set for its estimates cannot be read."""

    code = "bad_assumptions"


def assumptions_of(text: str) -> Assumptions:
    """Read what the force assumes for its estimates: JSON, as docs/reports.md has it; nothing is the defaults.

    Raises
    ------
    BadAssumptionsError
        When it is something else.
    """
    try:
        return Assumptions.model_validate_json(text or "{}")
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, wrong["loc"])) or "it"
        raise BadAssumptionsError(
            f"The template parameter ReportAssumptions is wrong at {where}: {wrong['msg']}. See docs/reports.md."
        ) from None


def day_of(moment: datetime) -> date:
    """Return the day that it is in London."""
    return moment.astimezone(LONDON).date()


def begins(day: date) -> datetime:
    """Return when a day begins in London, in UTC."""
    return datetime.combine(day, time(0), LONDON).astimezone(UTC)


def ends(day: date) -> datetime:
    """Return when the next day begins in London, in UTC."""
    return begins(day + timedelta(days=1))


def hour_of(moment: datetime) -> str:
    """Return the hour on the clock in London, ``00`` to ``23``."""
    return f"{moment.astimezone(LONDON).hour:02d}"


def last_settled(now: datetime) -> date:
    """Return the last day that can be counted."""
    return day_of(now - SETTLED) - timedelta(days=1)


def days_of(month: str | None, now: datetime) -> list[date]:
    """Return the days of a month, that of yesterday when none is named, as far as they can be counted by now.

    Raises
    ------
    InvalidInputError
        When it is no month, or one that has not begun.
    """
    last = last_settled(now)
    wanted = month or f"{last:%Y-%m}"
    if not _MONTH.fullmatch(wanted) or wanted > f"{day_of(now):%Y-%m}":
        raise InvalidInputError("A month is given like 2026-11, and not one that has not begun.")
    year, number = int(wanted[:4]), int(wanted[5:])
    return [
        day for n in range(1, monthrange(year, number)[1] + 1) if (day := date(year, number, n)) <= last
    ]  # on the first of a month there is none


def to_count(next_day: date, last: date) -> list[date]:
    """Return the days to be counted when `next_day` is the first that never was, and `last` the last that can be.

    The last days are counted again, and after the end of a month the whole of it.
    """
    first = min(next_day, last) - timedelta(days=AGAIN - 1)
    if (last + timedelta(days=1)).day == 1:
        first = min(first, last.replace(day=1))
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def percentile(values: Iterable[int], percent: int) -> int | None:
    """Return the nearest-rank percentile: of n values in order the one at place n * percent / 100, rounded up.

    Examples
    --------
    >>> percentile([30, 10, 20, 40], 50), percentile([30, 10, 20, 40], 90), percentile([], 50)
    (20, 40, None)
    """
    ordered = sorted(values)
    return ordered[ceil(len(ordered) * percent / 100) - 1] if ordered else None


def summed(days: Iterable[DayFigures], part: str, *places: int) -> Counter[tuple[str, ...]]:
    """Add up one part of many days by the named places of its keys.

    Examples
    --------
    >>> day = DayFigures(account="x-1", day=date(2026, 11, 1), decided={"hidden|high": 2, "hidden|low": 1})
    >>> summed([day], "decided", 0)
    Counter({('hidden',): 3})
    """
    found: Counter[tuple[str, ...]] = Counter()
    for day in days:
        counts: Mapping[str, int] = getattr(day, part)
        for key, n in counts.items():
            parts = key.split("|")
            found[tuple(parts[place] for place in places)] += n
    return found


def withheld(numbers: Sequence[int]) -> tuple[list[Cell], Cell]:
    """Return a column and its total as they may be published: small numbers cannot be told from what stands around.

    What is hidden adds up to a known sum, the total less the rest. As long as that sum leaves a small number one value
    alone, the next smallest goes too; when there is none left, the total does.

    Examples
    --------
    >>> withheld([12, 3, 40, 0])
    (['withheld', 'fewer than 5', 40, 0], 55)
    >>> withheld([1, 1, 40])  # 42 less 40 would tell that both are 1
    (['fewer than 5', 'fewer than 5', 'withheld'], 42)
    """
    shown: list[Cell] = [FEWER if 0 < n < SMALL else n for n in numbers]
    small = [n for n in numbers if 0 < n < SMALL]
    others = sorted((n, at) for at, n in enumerate(numbers) if n >= SMALL)
    total = sum(numbers)
    if small and not others:
        return shown, WITHHELD if total >= SMALL else FEWER
    gone: list[int] = []
    while small and _told(small, gone):
        if not others:
            return shown, WITHHELD
        n, at = others.pop(0)
        gone.append(n)
        shown[at] = WITHHELD
    return shown, total


def _told(small: Sequence[int], gone: Sequence[int]) -> bool:
    """Return whether the sum of what is hidden leaves the small numbers one value: each its least, or each its most."""
    hidden = sum(small) + sum(gone)
    if hidden == len(small) + SMALL * len(gone):
        return True
    return not gone and (len(small) == 1 or hidden == (SMALL - 1) * len(small))
