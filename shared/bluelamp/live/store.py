"""Live events and open pages in the table.

Each account has its own sequence: a common one would be a hot item, and would show gaps to whoever sees few accounts.
Events say which posts changed, not what they say; they are kept for a day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Delete, Put, Update
from bluelamp.live.model import Connection
from bluelamp.times import epoch, iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table

SCHEMA = 1
KEEP_EVENTS = timedelta(hours=24)
# API Gateway closes a WebSocket after two hours at the latest.
KEEP_CONNECTION = timedelta(hours=2, minutes=5)
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
        found = self.table.batch_get([(f"LIVE#{a}", HEAD) for a in accounts])
        return {pk.removeprefix("LIVE#"): int(item["n"]) for (pk, _), item in found.items()}

    def events_after(self, account: str, number: int, *, limit: int) -> list[str] | None:
        """Return the posts that changed after event `number`, or None when there were more than `limit` events."""
        # The head's key sorts behind every number: it is the one item that is no event.
        page = self.table.query(f"LIVE#{account}", after=f"{number:012d}", limit=limit + 1)
        events = [i for i in page.items if i["sk"] != HEAD]
        if len(events) > limit:
            return None
        return [post for event in events for post in event["posts"]]

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

    def connections(self) -> list[Connection]:
        """Return every open page."""
        found: list[Connection] = []
        page = self.table.query(CONNECTIONS)
        while True:
            found.extend(Connection.model_validate_json(i["connection"]) for i in page.items)
            if page.next is None:
                return found
            page = self.table.query(CONNECTIONS, start=page.next)
