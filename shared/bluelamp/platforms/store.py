"""Where the platforms' part of the table is: throttles (``THROTTLE#<account>``) and cursors (``CURSOR#<account>``)."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from bluelamp.cloud.dynamodb import Delete, Item, Key, Page, Put, Update
from bluelamp.platforms.contract import Cursor
from bluelamp.platforms.http import Scope, Throttle
from bluelamp.times import Clock, epoch, iso, parse_iso, utc_now

SCHEMA = 1
# No platform's throttle lasts longer, and a nonsensical reset time must not silence an account for years.
LONGEST_STOP = timedelta(hours=24)
_KEPT = timedelta(days=2)


class Table(Protocol):
    """What is needed of the table."""

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Return an item."""

    def query(self, pk: str) -> Page:
        """Return the items of one partition."""

    def write(self, write: Put | Update | Delete) -> Item | None:
        """Carry out one write."""


class ThrottleTable:
    """Throttles that every invocation heeds; see `bluelamp.platforms.http.ThrottleStore`."""

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self._table = table
        self._clock = clock

    def read(self, account_id: str) -> Throttle:
        """Return what holds for the account."""
        item = self._table.get((f"THROTTLE#{account_id}", "THROTTLE")) or {}
        return Throttle(
            all_until=_moment(item.get("all_until")),
            polls_until=_moment(item.get("polls_until")),
            acts_until=_moment(item.get("acts_until")),
            acts_code=str(item.get("acts_code", "")),
        )

    def stop(self, account_id: str, until: datetime, *, scope: Scope, code: str) -> None:
        """Leave the account alone until then, at most for a day."""
        now = self._clock()
        until = min(until, now + LONGEST_STOP)
        changes = {
            f"{scope}_until": iso(until),
            f"{scope}_code": code,
            "schema": SCHEMA,
            "ttl": epoch(now + _KEPT),
        }
        self._table.write(Update((f"THROTTLE#{account_id}", "THROTTLE"), set=changes, add={"rev": 1}))


class CursorTable:
    """Where each stream of each account was left."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, account_id: str) -> dict[str, Cursor]:
        """Return the account's cursors by stream."""
        return {item["sk"]: item["cursor"] for item in self._table.query(f"CURSOR#{account_id}").items}

    def save(self, account_id: str, stream: str, cursor: Cursor) -> None:
        """Keep a stream's cursor."""
        changes = {"cursor": cursor, "schema": SCHEMA}
        self._table.write(Update((f"CURSOR#{account_id}", stream), set=changes, add={"rev": 1}))


def _moment(value: Any) -> datetime | None:
    return parse_iso(value) if isinstance(value, str) else None
