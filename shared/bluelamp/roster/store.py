"""The roster in the table: what still matters is one query, whatever has ended lies before it.

An entry's sort key begins with its end. So the roster of now is read from now on, and years of ended leave cost
nothing. One item, the head, moves with every change: two people who change the roster at once never both win, even
where they write different entries that contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from bluelamp.cloud.dynamodb import Absent, Delete, Equals, Item, Put
from bluelamp.roster.model import AnyEntry, Dated, Entry, HandOver
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Condition, Key, Table, Write

SCHEMA = 1
PARTITION = "ROSTER"
HEAD: Key = ("ROSTER#HEAD", "HEAD")
# Sorts behind every time.
_OPEN = "open"
_entry: TypeAdapter[AnyEntry] = TypeAdapter(Entry)


def key_of(entry: AnyEntry) -> Key:
    """Return the key of an entry's item."""
    end = iso(entry.end) if isinstance(entry, Dated) and entry.end else _OPEN
    return (PARTITION, f"{end}#{entry.kind}#{entry.id}")


class RosterStore:
    """Reads entries and notes; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def since(self, moment: datetime) -> list[AnyEntry]:
        """Return every entry that had not ended by then."""
        found: list[AnyEntry] = []
        start: Item | None = None
        while True:
            page = self.table.query(PARTITION, after=iso(moment), start=start, consistent=True)
            found += [_entry.validate_python(item) for item in page.items]
            start = page.next
            if start is None:
                return found

    def head(self) -> int:
        """Return how many changes there were."""
        item = self.table.get(HEAD, consistent=True)
        return int(item["rev"]) if item else 0

    @staticmethod
    def moved(head: int) -> Put:
        """Return the write of the next change; it fails when there was another one since `head`."""
        pk, sk = HEAD
        condition: Condition = Equals("rev", head) if head else Absent()
        return Put({"pk": pk, "sk": sk, "schema": SCHEMA, "rev": head + 1}, condition)

    @staticmethod
    def replaced(old: AnyEntry | None, new: AnyEntry | None) -> Sequence[Write]:
        """Return the writes that put one entry in the place of another; each fails unless `old` is what is stored."""
        writes: list[Write] = []
        if old is not None and (new is None or key_of(old) != key_of(new)):
            writes.append(Delete(key_of(old), Equals("rev", old.rev)))
        if new is not None:
            pk, sk = key_of(new)
            item = {"pk": pk, "sk": sk, "schema": SCHEMA, **new.model_dump(mode="json", exclude_none=True)}
            moved = old is None or key_of(old) != key_of(new)
            writes.append(Put(item, Absent() if moved or old is None else Equals("rev", old.rev)))
        return writes

    @staticmethod
    def note(note: HandOver) -> Put:
        """Return the write of a hand-over note."""
        item = note.model_dump(mode="json", exclude_none=True)
        return Put({"pk": _notes(note.account), "sk": note.id, "schema": SCHEMA, "rev": 1, **item}, Absent())

    def notes(self, account: str, limit: int) -> list[HandOver]:
        """Return the newest hand-over notes of an account."""
        page = self.table.query(_notes(account), limit=limit, forward=False)
        return [HandOver.model_validate(item) for item in page.items]


def _notes(account: str) -> str:
    return f"ROSTER#NOTES#{account}"
