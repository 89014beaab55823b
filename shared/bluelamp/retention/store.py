"""Retention in the table: a partition each for classes, holds and disposals, and one for the fates of each disposal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from bluelamp.cloud.dynamodb import Absent, Equals, Exists, Missing, Put, Update
from bluelamp.retention.model import Disposal, Fate, Hold, RetentionClass

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Table
    from bluelamp.posts.model import Kind

SCHEMA = 1
CLASSES = "RETENTION"
HOLDS = "HOLDS"
DISPOSALS = "DISPOSALS"

Stored = RetentionClass | Hold | Disposal | Fate
T = TypeVar("T", Hold, Disposal)


def _fates(disposal_id: str) -> str:
    return f"DISPOSAL#{disposal_id}"


def key_of(thing: Stored) -> Key:
    """Return the key of an item."""
    match thing:
        case RetentionClass():
            return (CLASSES, f"{thing.platform}#{thing.kind}")
        case Hold():
            return (HOLDS, thing.id)
        case Disposal():
            return (DISPOSALS, thing.id)
        case Fate():
            return (_fates(thing.disposal), thing.post)


class RetentionStore:
    """Reads classes, holds, disposals and fates; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    @staticmethod
    def put(thing: Stored) -> Put:
        """Return the write of something at its revision: it fails unless the revision before is the stored one."""
        pk, sk = key_of(thing)
        item: Item = {"pk": pk, "sk": sk, "schema": SCHEMA, **thing.model_dump(mode="json", exclude_none=True)}
        return Put(item, Absent() if thing.rev == 1 else Equals("rev", thing.rev - 1))

    def classes(self) -> dict[tuple[str, Kind], RetentionClass]:
        """Return the classes that were set, by platform and kind."""
        page = self.table.query(CLASSES, consistent=True)
        found = [RetentionClass.model_validate(item) for item in page.items]
        return {(one.platform, one.kind): one for one in found}

    def hold(self, hold_id: str) -> Hold | None:
        """Return a hold as it stands now, or None."""
        item = self.table.get((HOLDS, hold_id), consistent=True)
        return Hold.model_validate(item) if item else None

    def disposal(self, disposal_id: str) -> Disposal | None:
        """Return a disposal as it stands now, or None."""
        item = self.table.get((DISPOSALS, disposal_id), consistent=True)
        return Disposal.model_validate(item) if item else None

    @staticmethod
    def mark(hold: Hold) -> Update:
        """Return the write that counts one post more, or one less; it fails when the hold was released meanwhile."""
        conditions = (Exists(), Missing("lifted_at")) if hold.active else (Exists(),)
        return Update(key_of(hold), add={"marked": 1 if hold.active else -1, "rev": 1}, conditions=conditions)

    @staticmethod
    def settled(hold: Hold, *, packs: int) -> Update:
        """Return the write that ends the marking; it fails when it was ended before, or goes the other way by now."""
        before, after = ("placing", "held") if hold.active else ("lifting", "released")
        changes = {"state": after} | ({"packs": packs} if hold.active else {})
        return Update(key_of(hold), set=changes, add={"rev": 1}, conditions=(Equals("state", before),))

    def holds(self, *, before: str | None, limit: int) -> tuple[list[Hold], str | None]:
        """Return holds, newest first, and the id to go on before when there are more."""
        return self._page(HOLDS, Hold, before, limit)

    def disposals(self, *, before: str | None, limit: int) -> tuple[list[Disposal], str | None]:
        """Return disposals, newest first, and the id to go on before when there are more."""
        return self._page(DISPOSALS, Disposal, before, limit)

    def _page(self, partition: str, kind: type[T], before: str | None, limit: int) -> tuple[list[T], str | None]:
        page = self.table.query(partition, before=before, limit=limit, forward=False)
        found = [kind.model_validate(item) for item in page.items]
        return found, found[-1].id if found and page.next else None

    def fate(self, disposal_id: str, post_id: str) -> Fate | None:
        """Return what becomes of a post, or None when nobody has begun with it."""
        item = self.table.get((_fates(disposal_id), post_id), consistent=True)
        return Fate.model_validate(item) if item else None

    def fates(self, disposal_id: str) -> list[Fate]:
        """Return what becomes of the posts of a disposal, as far as it is known."""
        found: list[Fate] = []
        start: Item | None = None
        while True:
            page = self.table.query(_fates(disposal_id), start=start, consistent=True)
            found += [Fate.model_validate(item) for item in page.items]
            start = page.next
            if start is None:
                return found
