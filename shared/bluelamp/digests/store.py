"""Which morning was told last: one item, that moves forward only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, Equals, Put

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Key, Table

SCHEMA = 1
MARK: Key = ("DIGESTS", "MARK")


class DigestStore:
    """Reads and moves the mark.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def last(self) -> tuple[str, int]:
        """Return the morning that was told last and the revision of that; ``("", 0)`` before the first."""
        mark = self.table.get(MARK, consistent=True)
        return (mark["day"], int(mark["rev"])) if mark else ("", 0)

    @staticmethod
    def tell(day: str, rev: int) -> Put:
        """Return the write that notes a morning as told; it fails unless `rev` is what is stored."""
        pk, sk = MARK
        item = {"pk": pk, "sk": sk, "schema": SCHEMA, "rev": rev + 1, "day": day}
        return Put(item, Equals("rev", rev) if rev else Absent())
