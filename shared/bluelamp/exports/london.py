"""Times as people in the United Kingdom read them.

The rule is written out instead of taken from the system's zone files, because a function's image need not have any:
summer time runs from the last Sunday of March to that of October, both at 01:00 UTC (Summer Time Order 2002).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

GMT = timezone(timedelta(0), "GMT")
BST = timezone(timedelta(hours=1), "BST")
_CHANGE_HOUR = 1
_LAST_MONTH = 12


def london(moment: datetime) -> datetime:
    """Return an aware time as the clocks in the United Kingdom show it."""
    at = moment.astimezone(UTC)
    begin, end = (_last_sunday(at.year, month) for month in (3, 10))
    return at.astimezone(BST if begin <= at < end else GMT)


def shown(moment: datetime) -> str:
    """Return a time for a reader: ``22/11/2026 16:29:52.123 GMT``."""
    local = london(moment)
    return f"{local:%d/%m/%Y %H:%M:%S}.{local.microsecond // 1000:03d} {local.tzname()}"


def day_begins(day: str) -> datetime:
    """Return when a day (``2026-11-22``) begins in the United Kingdom, in UTC."""
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    # Both changes are at 01:00 UTC, so that midnight is never in doubt: it is summer there when it is an hour before.
    summer = london(midnight - timedelta(hours=1)).tzinfo is BST
    return midnight - timedelta(hours=1) if summer else midnight


def day_ends(day: str) -> datetime:
    """Return when the next day begins in the United Kingdom, in UTC."""
    return day_begins((date.fromisoformat(day) + timedelta(days=1)).isoformat())


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year + month // _LAST_MONTH, month % _LAST_MONTH + 1, 1, _CHANGE_HOUR, tzinfo=UTC) - timedelta(
        days=1
    )
    return last - timedelta(days=(last.weekday() + 1) % 7)
