"""Saved replies in the table: one partition of those that stand, and an item for each version of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, Equals, Put
from bluelamp.replies.model import SavedReply

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Table

SCHEMA = 1
PARTITION = "REPLIES"


class ReplyStore:
    """Reads saved replies; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, reply_id: str) -> SavedReply | None:
        """Return a saved reply as it stands, or None."""
        item = self.table.get((PARTITION, reply_id), consistent=True)
        return SavedReply.model_validate(item) if item else None

    def every(self) -> list[SavedReply]:
        """Return all saved replies: a force has some hundreds."""
        found: list[SavedReply] = []
        start: Item | None = None
        while True:
            page = self.table.query(PARTITION, start=start)
            found += [SavedReply.model_validate(item) for item in page.items]
            start = page.next
            if start is None:
                return found


def saved(old: SavedReply | None, new: SavedReply) -> list[Put]:
    """Return the writes that put a saved reply in the place of another, and keep the version when it is a new one."""
    said = new.model_dump(mode="json", exclude_none=True)
    item = {"pk": PARTITION, "sk": new.id, "schema": SCHEMA, **said}
    writes = [Put(item, Equals("rev", old.rev) if old else Absent())]
    if old is None or old.version != new.version:
        kept = {"pk": f"REPLIES#{new.id}", "sk": f"{new.version:06d}", "schema": SCHEMA, **said, "rev": 1}
        writes.append(Put(kept, Absent()))
    return writes
