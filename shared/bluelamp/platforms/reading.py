"""Reading what platforms send: exact numbers, forgiving times, and nothing lost.

Ids may be bare 64-bit numbers, so whole numbers stay whole and a fraction stays the text that it was: no float is ever
made. Times come in seconds, milliseconds and three spellings. Every event, understood or not, carries its exact bytes.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bluelamp.platforms.contract import BrokenPayloadError, Event, ParsedBatch, Unrecognised

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds reach this number in the year 5138; milliseconds passed it in 1973.
_MILLISECONDS_FROM = 100_000_000_000
_MAX_ID = 512
_SURROGATES = re.compile("[\ud800-\udfff]")


class OddError(Exception):
    """An entry that no rule covers; the text says why. It never leaves the connectors."""


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_float=str, parse_constant=_no_constant)


def load(raw: bytes) -> tuple[str, dict[str, Any]]:
    """Return the body as text and as an object.

    Raises
    ------
    BrokenPayloadError
        When it is no UTF-8, no JSON or no object.
    """
    try:
        text = raw.decode("utf-8-sig")
        body = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise BrokenPayloadError(f"a body of {len(raw)} bytes is no JSON: it is kept as it came") from error
    if not isinstance(body, dict):
        raise BrokenPayloadError("the body is JSON, but no object: it is kept as it came")
    return text, body


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """Return `value` when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Return text as it may be stored: half surrogate pairs, which no UTF-8 can hold, become U+FFFD."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else _SURROGATES.sub("\ufffd", value)


def words_of(value: Any) -> str | None:
    """Return text, or None when there is none."""
    return text_of(value) or None


def ident(value: Any) -> str | None:
    """Return an id as text, from text or a whole number, or None when it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str) and 0 < len(value) <= _MAX_ID and not _SURROGATES.search(value):
        return value
    return None


def moment(value: Any) -> datetime | None:
    """Return a time from epoch seconds or milliseconds (as number or digits), ISO 8601 or X's old spelling."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        return _spelled(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = int(value)
        unit = "milliseconds" if number >= _MILLISECONDS_FROM else "seconds"
        return _EPOCH + timedelta(**{unit: number}) if number > 0 else None
    except (ValueError, OverflowError):
        return None


def _spelled(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, _old_spelling):
        try:
            when = read(value)
            return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _old_spelling(value: str) -> datetime:
    return datetime.strptime(value, "%a %b %d %H:%M:%S %z %Y")


def latest(*times: datetime | None, otherwise: datetime) -> datetime:
    """Return the latest of the known times, or `otherwise` when none is known."""
    return max((time for time in times if time is not None), default=otherwise)


def _bytes(source: str) -> bytes:
    """Return the bytes that a piece of the body was: it was decoded from UTF-8, so this is exact."""
    return source.encode()


class Batch:
    """Collects what a body holds; an odd piece is kept and never costs the others."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._unrecognised: list[Unrecognised] = []
        self._ignored = 0

    def take(
        self, read: Callable[[], Iterable[Event]], source: Callable[[], str], *, exact: Callable[[], str] | None = None
    ) -> None:
        """Add the events that `read` finds; keep `source` when it raises `OddError`. No events means known noise.

        `exact` gives what the platform said of this post alone, where that is not `source`.
        """
        try:
            events = list(read())
        except (OddError, ValueError) as error:
            self.keep(source(), str(error))
            return
        if events:
            raw = _bytes((exact or source)())
            self._events.extend(event.model_copy(update={"raw": raw}) for event in events)
        else:
            self._ignored += 1

    def keep(self, source: str, why: str) -> None:
        """Keep a piece that no rule covers."""
        self._unrecognised.append(Unrecognised(raw=_bytes(source), why=text_of(why)[:200]))

    def done(self) -> ParsedBatch:
        """Return what was collected."""
        return ParsedBatch(events=tuple(self._events), unrecognised=tuple(self._unrecognised), ignored=self._ignored)
