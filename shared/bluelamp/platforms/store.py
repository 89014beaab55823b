"""Where the platforms' part of the table is: throttles (``THROTTLE#<account>``) and cursors (``CURSOR#<account>``)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, Delete, Equals, Item, Key, Page, Put, Update
from bluelamp.platforms.budgets import CAREFUL, Rate
from bluelamp.platforms.contract import Cursor
from bluelamp.platforms.http import Scope, Throttle
from bluelamp.times import Clock, epoch, iso, parse_iso, utc_now

SCHEMA = 1
# No platform's throttle lasts longer, and a nonsensical reset time must not silence an account for years.
LONGEST_STOP = timedelta(hours=24)
_KEPT = timedelta(days=2)
# Writers of one account's budget are few: the workers of the many. Who loses this often asks again soon.
_BUDGET_ROUNDS = 5
_CONTENDED = timedelta(seconds=2)
_NOTED_EACH = timedelta(minutes=1)


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


class BudgetTable:
    """What is left of each account's writing calls (``THROTTLE#<account>``, beside the throttle).

    Parameters
    ----------
    table
        The deployment's table.
    rates
        What each platform takes; others are treated with care.
    """

    def __init__(self, table: Table, rates: Mapping[str, Rate], clock: Clock = utc_now) -> None:
        self._table = table
        self._rates = rates
        self._clock = clock

    def single(self, account_id: str) -> None:
        """Note a call of a single action, which asks nobody."""
        changes = {"schema": SCHEMA, "ttl": epoch(self._clock() + _KEPT)}
        self._table.write(Update(_budget_key(account_id), set=changes, add={"singles": 1, "rev": 1}))

    def turn(self, account_id: str, *, earliest: datetime | None = None) -> tuple[datetime, bool]:
        """Return when the next of many may call, and whether that turn is given; else it is when to ask again.

        A turn that is given and not used is lost: that costs time and never a call too many.
        """
        rate = self._rates.get(account_id.partition("-")[0], CAREFUL)
        for _ in range(_BUDGET_ROUNDS):
            now = self._clock()
            item = self._table.get(_budget_key(account_id), consistent=True)
            turn = rate.turn(
                free_at_ms=int(item.get("free_at", 0)) if item else 0,
                singles=int(item.get("singles", 0)) if item else 0,
                now_ms=_milliseconds(now),
                earliest_ms=_milliseconds(earliest) if earliest else 0,
            )
            changes = {"free_at": turn.free_at_ms, "singles": 0, "schema": SCHEMA, "ttl": epoch(now + _KEPT)}
            held = Equals("rev", item["rev"]) if item else Absent()
            try:
                self._table.write(Update(_budget_key(account_id), set=changes, add={"rev": 1}, conditions=(held,)))
            except ConditionFailedError:
                continue
            return now + timedelta(milliseconds=turn.at_ms - _milliseconds(now)), turn.given
        return self._clock() + _CONTENDED, False


def _budget_key(account_id: str) -> Key:
    return (f"THROTTLE#{account_id}", "BUDGET")


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


class Heard(NamedTuple):
    """When an account's platform last sent something, and when and why it last refused the token."""

    webhook_at: datetime | None = None
    refused_at: datetime | None = None
    refused_by: str | None = None


class HeardTable:
    """What is known of each account's line to its platform, for whoever looks whether it is well.

    A busy page sends a hundred webhooks a minute; that something came is noted once in a minute, by each worker.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._noted: dict[str, datetime] = {}

    def webhook(self, account_id: str, at: str) -> None:
        """Note that something came by webhook."""
        moment = parse_iso(at)
        last = self._noted.get(account_id)
        if last is not None and moment - last < _NOTED_EACH:
            return
        item = {"pk": f"HEARD#{account_id}", "sk": "WEBHOOK", "schema": SCHEMA, "rev": 1, "at": at}
        self._table.write(Put(item))
        self._noted[account_id] = moment

    def refused(self, account_id: str, at: datetime, code: str) -> None:
        """Note that the platform refused the account's token."""
        changes = {"at": iso(at), "code": code, "schema": SCHEMA}
        self._table.write(Update((f"THROTTLE#{account_id}", "REFUSED"), set=changes, add={"rev": 1}))

    def read(self, account_id: str) -> Heard:
        """Return what is known of an account."""
        webhook = self._table.get((f"HEARD#{account_id}", "WEBHOOK")) or {}
        refused = self._table.get((f"THROTTLE#{account_id}", "REFUSED")) or {}
        return Heard(_moment(webhook.get("at")), _moment(refused.get("at")), refused.get("code"))


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
