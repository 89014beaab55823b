"""Calls in the table: those that wait in one small partition, the others under their account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.calls.model import Call
from bluelamp.cloud.dynamodb import Absent, Delete, Equals, Item, Put

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table, Write

SCHEMA = 1
PARTITION = "CALLS"


class CallStore:
    """Reads calls; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, call_id: str) -> Call | None:
        """Return a call that waits, or None. One read."""
        item = self.table.get((PARTITION, call_id), consistent=True)
        return None if item is None else Call.model_validate(item)

    def waiting(self) -> list[Call]:
        """Return every call that nobody has taken on, the oldest first."""
        found: list[Call] = []
        start: Item | None = None
        while True:
            page = self.table.query(PARTITION, start=start, consistent=True)
            found += [Call.model_validate(item) for item in page.items]
            start = page.next
            if start is None:
                return found

    @staticmethod
    def put(call: Call, before: Call | None) -> Put:
        """Return the write of a call that waits; it fails unless `before` is what is stored."""
        item = {"pk": PARTITION, "sk": call.id, "schema": SCHEMA, **call.model_dump(mode="json")}
        return Put(item, Equals("rev", before.rev) if before else Absent())

    @staticmethod
    def ended(call: Call, before: Call) -> list[Write]:
        """Return the writes that take a call out of those that wait and keep it; they fail unless `before` waits."""
        kept = {"pk": _pk(call.account), "sk": call.id, "schema": SCHEMA, **call.model_dump(mode="json")}
        return [Delete((PARTITION, call.id), Equals("rev", before.rev)), Put(kept, Absent())]


def _pk(account: str) -> str:
    return f"CALLED#{account}"
