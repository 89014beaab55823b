"""Time as the platforms write it: milliseconds inside, each platform's own notation at the edge."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], int]

SECOND = 1000
HOUR = 3600 * SECOND


def system_clock() -> int:
    """Return the present as Unix milliseconds."""
    return time.time_ns() // 1_000_000


def graph_time(ms: int) -> str:
    """Write Graph API time: seconds, offset without a colon."""
    return datetime.fromtimestamp(ms // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def x_time(ms: int) -> str:
    """Write X API v2 time: milliseconds and ``Z``."""
    moment = datetime.fromtimestamp(ms // SECOND, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % SECOND:03d}Z"


def legacy_x_time(ms: int) -> str:
    """Write the time of X's version 1.1 objects, as in ``Sun Nov 22 16:29:52 +0000 2026``."""
    return datetime.fromtimestamp(ms // SECOND, UTC).strftime("%a %b %d %H:%M:%S +0000 %Y")


def parse_time(text: str) -> int:
    """Read epoch seconds or ISO 8601 into Unix milliseconds.

    Raises
    ------
    ValueError
        When it is neither.
    """
    if re.fullmatch(r"\d{1,12}", text):
        return int(text) * SECOND
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * SECOND)
