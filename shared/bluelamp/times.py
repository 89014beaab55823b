"""Times: UTC with milliseconds inside, Europe/London only where a person reads them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present as an aware UTC datetime, cut to milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """Return `moment` as ``2026-11-22T16:29:52.123Z``; such strings sort as the times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_iso(text: str) -> datetime:
    """Read what `iso` wrote, and any other RFC 3339 time with a zone.

    Raises
    ------
    ValueError
        When `text` is no time or has no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def epoch(moment: datetime) -> int:
    """Return whole seconds since 1970, as DynamoDB's time to live wants them."""
    return int(moment.timestamp())
