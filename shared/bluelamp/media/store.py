"""Marks of media in the table: items beside their post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, Equals, Put
from bluelamp.media.model import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.cloud.dynamodb import Item, Table, Write

SCHEMA = 1


class MarkStore:
    """Reads marks, and makes their writes.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, post_id: str) -> dict[str, Mark]:
        """Return what is known of a post's media, by key, as of this moment."""
        marks: dict[str, Mark] = {}
        start: Item | None = None
        while True:
            page = self._table.query(f"POST#{post_id}", prefix="MEDIA#", start=start, consistent=True)
            marks |= {item["key"]: Mark.model_validate(item) for item in page.items}
            start = page.next
            if start is None:
                return marks

    @staticmethod
    def put(post_id: str, mark: Mark) -> Put:
        """Return the write of a mark; it fails when another is there that is not the one before it."""
        item: Item = {
            "pk": f"POST#{post_id}",
            "sk": f"MEDIA#{mark.key}",
            "schema": SCHEMA,
            **mark.model_dump(exclude_none=True),
        }
        return Put(item, Absent() if mark.rev == 1 else Equals("rev", mark.rev - 1))

    def transact(self, writes: Sequence[Write]) -> None:
        """Write all or nothing. Raises as `Table.transact` does."""
        self._table.transact(writes)
