"""The clock on the wall in the United Kingdom, and what its two changes a year do to what people write down.

People write "02:00 to 10:00". On one Sunday in March there is no 01:30, on one in October there are two. Such a time is
refused with the times that may be meant; one that says its distance from UTC is taken as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bluelamp.roster.errors import WallTimeError
from bluelamp.times import iso
from bluelamp.weekly import LONDON

FIRST_YEAR, LAST_YEAR = 2000, 2199


def instant(text: str) -> datetime:
    """Read a time: with its distance from UTC as it is, else by the clock on the wall.

    Raises
    ------
    WallTimeError
        When it is no time of whole minutes, or one that the clock on the wall does not have, or has twice.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WallTimeError(f"{text[:40]!r} is no time. Write it as 2026-03-29T14:00.") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise WallTimeError(f"A roster has times from {FIRST_YEAR} to {LAST_YEAR}; this one is of {moment.year}.")
    if moment.second or moment.microsecond:
        raise WallTimeError("Times of the roster are whole minutes. Write it as 2026-03-29T14:00.")
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return from_wall(moment)


def from_wall(moment: datetime) -> datetime:
    """Return the instant of a time on the wall; raises as `instant`."""
    early = moment.replace(tzinfo=LONDON, fold=0).astimezone(UTC)
    late = moment.replace(tzinfo=LONDON, fold=1).astimezone(UTC)
    if early == late:
        return early
    said = f"{moment:%H:%M} on {moment:%-d %B %Y}"
    if early < late:
        raise WallTimeError(
            f"There is {said} twice: the clock goes back then. "
            f"Write {_offset(early)} for the first, or {_offset(late)} for the second."
        )
    raise WallTimeError(
        f"There is no {said}: the clock goes forward then. Write {_offset(moment.replace(tzinfo=UTC))} if you mean "
        f"{on_wall(moment.replace(tzinfo=UTC)):%H:%M} by the new time."
    )


def on_wall(moment: datetime) -> datetime:
    """Return an instant by the clock on the wall, without a zone."""
    return moment.astimezone(LONDON).replace(tzinfo=None, fold=0)


def minute_of(moment: datetime) -> datetime:
    """Return the beginning of the minute."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _offset(moment: datetime) -> str:
    return iso(moment)[:16] + "Z"
