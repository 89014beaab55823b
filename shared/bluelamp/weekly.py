"""A pattern that repeats by the week, by the clock on the wall in the United Kingdom, and the instants that it means.

On one Sunday in March the wall has no 01:30, on one in October it has two. A pattern is not refused for that as a
single time is: every year has both. A time that the wall leaves out means the moment at which the clock goes forward,
one that it has twice means the first. So later on the wall is never earlier in truth, and shifts that follow each other
on the wall do so every night of the year, without a gap and without an overlap.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from bluelamp.models import Model

LONDON: Final = ZoneInfo("Europe/London")
# Two years and a day: so much is looked through when another shift is held against it.
LONGEST: Final = timedelta(days=732)
_DAY: Final = timedelta(days=1)

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Span = tuple[datetime, datetime]


class Weekly(Model):
    """On which days of the week (0 is Monday) something begins, and from when until when on the wall.

    An end that is not after the beginning is on the next day; the same time is a day and a night. `first` and `last`
    are days on which it may begin; on those of `skip` it does not.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    days: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1, max_length=7)]
    starts: Clock
    ends: Clock
    first: date
    last: date
    skip: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if list(self.days) != sorted(set(self.days)):
            raise ValueError("the days of the week are named once each, Monday first")
        if self.last < self.first:
            raise ValueError("its last day is not before its first")
        if self.last - self.first > LONGEST:
            raise ValueError("it lasts two years at most; put it in anew for the time after that")
        return self

    def on(self, day: date) -> Span | None:
        """Return from when until when it lasts that begins on a day; None when nothing does.

        Something that lies whole within the hour that the clock leaves out does not happen.
        """
        if day.weekday() not in self.days or not self.first <= day <= self.last or day in self.skip:
            return None
        begin = _instant(day, self.starts)
        end = _instant(day if self.ends > self.starts else day + _DAY, self.ends)
        return (begin, end) if begin < end else None

    def now(self, at: datetime) -> Span | None:
        """Return from when until when it lasts that is going on at an instant; None when nothing is."""
        today = at.astimezone(LONDON).date()
        found = (self.on(day) for day in (today, today - _DAY))
        return next((one for one in found if one and one[0] <= at < one[1]), None)

    def hull(self) -> Span | None:
        """Return when the first of it begins and the last of it ends; None when it never happens."""
        length = (self.last - self.first).days
        first = next((one for n in range(length + 1) if (one := self.on(self.first + n * _DAY))), None)
        last = next((one for n in range(length + 1) if (one := self.on(self.last - n * _DAY))), None)
        return (first[0], last[1]) if first and last else None

    def spans(self, begin: datetime | None = None, end: datetime | None = None) -> Iterator[Span]:
        """Yield from when until when each of it lasts, in order; only those that meet the time between, when given."""
        day = self.first if begin is None else max(self.first, begin.astimezone(LONDON).date() - _DAY)
        stop = self.last if end is None else min(self.last, end.astimezone(LONDON).date())
        while day <= stop:
            one = self.on(day)
            if one and (begin is None or begin < one[1]) and (end is None or one[0] < end):
                yield one
            day += _DAY


def _instant(day: date, clock: str) -> datetime:
    moment = datetime.combine(day, time.fromisoformat(clock))
    early = moment.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    late = moment.replace(tzinfo=LONDON, fold=1).astimezone(UTC)
    return early if early <= late else _forward(moment)


def _forward(moment: datetime) -> datetime:
    """Return the instant at which the clock goes forward, for a time within the hour that it leaves out."""
    minute = moment
    # No clock of this country was ever put forward by more than two hours.
    while minute.replace(tzinfo=LONDON, fold=0).utcoffset() != minute.replace(tzinfo=LONDON, fold=1).utcoffset():
        minute -= timedelta(minutes=1)
    return (minute + timedelta(minutes=1)).replace(tzinfo=LONDON, fold=0).astimezone(UTC)
