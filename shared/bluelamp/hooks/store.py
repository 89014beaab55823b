"""Hooks in the table: one partition, a force has a handful."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, Equals, Put
from bluelamp.hooks.model import Hook

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table

SCHEMA = 1
PARTITION = "HOOKS"
PLACES = "HOOKS#PLACES"
# So many, and no more: each of them is written to for each thing that happens.
MOST = 20


class HookStore:
    """Reads hooks; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, hook_id: str) -> Hook | None:
        """Return a hook, or None."""
        item = self.table.get((PARTITION, hook_id), consistent=True)
        return Hook.model_validate(item) if item else None

    def every(self) -> list[Hook]:
        """Return all hooks, in the order in which they were made."""
        page = self.table.query(PARTITION, limit=2 * MOST, consistent=True)
        return [Hook.model_validate(item) for item in page.items]

    @staticmethod
    def saved(old: Hook | None, new: Hook) -> Put:
        """Return the write that puts a hook in the place of another, or that makes it."""
        item = {"pk": PARTITION, "sk": new.id, "schema": SCHEMA, **new.model_dump(mode="json", exclude_none=True)}
        return Put(item, Equals("rev", old.rev) if old else Absent())

    @staticmethod
    def place(n: int) -> Put:
        """Return the write that takes the place behind `n` hooks; it fails for all but the first who take it.

        No hook is ever removed, so whoever counted `n` takes the same place, and no two of them have it.
        """
        return Put({"pk": PLACES, "sk": f"{n:03}", "schema": SCHEMA}, Absent())
