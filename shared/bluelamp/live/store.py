"""Live events and open pages in the table.

Each account has its own sequence: a common one would be a hot item, and would show gaps to whoever sees few accounts.
Events say which posts changed, not what they say; they are kept for a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, Delete, Put, Update
from bluelamp.live.model import Connection
from bluelamp.times import epoch, iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table

SCHEMA = 1
KEEP_EVENTS = timedelta(hours=24)
# API Gateway closes a WebSocket after two hours at the latest.
KEEP_CONNECTION = timedelta(hours=2, minutes=5)
# A used ticket is remembered until it would be refused for its age, and a little longer for clocks that differ.
KEEP_TICKET = timedelta(minutes=5)
CONNECTIONS = "CONNECTIONS"
HEAD = "HEAD"


class LiveStore:
    """Reads and writes live events and connections.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def add_event(self, account: str, post_ids: Sequence[str], *, at: datetime) -> int:
        """Keep an event of an account; return its number, one more than the one before."""
        head = self.table.write(Update((f"LIVE#{account}", HEAD), add={"n": 1}, set={"schema": SCHEMA}))
        number = int(head["n"]) if head else 0
        self.table.write(
            Put(
                {
                    "pk": f"LIVE#{account}",
                    "sk": f"{number:012d}",
                    "schema": SCHEMA,
                    "rev": 1,
                    "posts": list(post_ids),
                    "at": iso(at),
                    "ttl": epoch(at + KEEP_EVENTS),
                }
            )
        )
        return number

    def heads(self, accounts: Iterable[str]) -> dict[str, int]:
        """Return the last number of each account that has had events; one request for a hundred accounts."""
        found = self.table.batch_get([(f"LIVE#{a}", HEAD) for a in accounts], consistent=True)
        return {pk.removeprefix("LIVE#"): int(item["n"]) for (pk, _), item in found.items()}

    def events(self, account: str, *, after: int, upto: int) -> list[str] | None:
        """Return the posts of the events after `after`, `upto` included, or None when one of the events is missing.

        The number is given before the event is written, and events do not last: either leaves a hole.
        """
        wanted = upto - after
        page = self.table.query(f"LIVE#{account}", after=f"{after:012d}", limit=wanted, consistent=True)
        # The head's key sorts behind every number: it is the one item that is no event.
        found = [i for i in page.items if i["sk"] <= f"{upto:012d}"]
        if len(found) < wanted:
            return None
        return [post for event in found for post in event["posts"]]

    def use_ticket(self, ticket: str, *, expires: datetime) -> bool:
        """Remember that a ticket was used; return False when it was used before."""
        used = Put(
            {
                "pk": f"TICKET#{hashlib.sha256(ticket.encode()).hexdigest()}",
                "sk": "TICKET",
                "schema": SCHEMA,
                "rev": 1,
                "ttl": epoch(expires + KEEP_TICKET),
            },
            Absent(),
        )
        try:
            self.table.write(used)
        except ConditionFailedError:
            return False
        return True

    def connect(self, connection: Connection, *, now: datetime) -> None:
        """Remember an open page."""
        self.table.write(
            Put(
                {
                    "pk": CONNECTIONS,
                    "sk": connection.id,
                    "schema": SCHEMA,
                    "rev": 1,
                    "connection": connection.model_dump_json(),
                    "ttl": epoch(now + KEEP_CONNECTION),
                }
            )
        )

    def disconnect(self, connection_id: str) -> None:
        """Forget a page; it may be forgotten already."""
        self.table.write(Delete((CONNECTIONS, connection_id)))

    def connection(self, connection_id: str) -> Connection | None:
        """Return an open page, or None when it is forgotten."""
        found = self.table.batch_get([(CONNECTIONS, connection_id)], consistent=True)
        item = next(iter(found.values()), None)
        return None if item is None else Connection.model_validate_json(item["connection"])

    def connections(self) -> list[Connection]:
        """Return every open page, those that were opened this moment included."""
        found: list[Connection] = []
        page = self.table.query(CONNECTIONS, consistent=True)
        while True:
            found.extend(Connection.model_validate_json(i["connection"]) for i in page.items)
            if page.next is None:
                return found
            page = self.table.query(CONNECTIONS, start=page.next, consistent=True)
