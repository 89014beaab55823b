"""Publications in the table: one item, and one for each copy beside it; lists of what is due, waits or is to be seen.

A list's sort key begins with a time, so the minute's work is one query up to now. Every write of a publication or copy
fails unless the revision before it is what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bluelamp.cloud.dynamodb import Absent, Delete, Equals, Exists, Put
from bluelamp.publishing.model import Copy, Pause, Publication
from bluelamp.publishing.rules import LONDON
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Table

SCHEMA = 1
ALL, DUE, LOOK, STOPPED, PAUSES = (
    "PUBLICATIONS",
    "PUBLICATIONS#DUE",
    "PUBLICATIONS#LOOK",
    "PUBLICATIONS#STOPPED",
    "PUBLICATIONS#PAUSES",
)
# Sorts behind everything that begins with a time up to the one before it.
_LAST = "~"


def publication_key(publication_id: str) -> Key:
    """Return the key of a publication."""
    return (f"PUBLICATION#{publication_id}", "PUBLICATION")


def copy_key(publication_id: str, copy_id: str) -> Key:
    """Return the key of a copy."""
    return (f"PUBLICATION#{publication_id}", f"COPY#{copy_id}")


def _dated_key(publication_id: str, moment: str) -> Key:
    """Return the key of a line of the calendar, whose months begin by the clock on the wall."""
    return (f"{ALL}#{parse_iso(moment).astimezone(LONDON):%Y-%m}", f"{moment}#{publication_id}")


def _put(key: Key, body: dict[str, Any], rev: int) -> Put:
    item = {"pk": key[0], "sk": key[1], "schema": SCHEMA, **body, "rev": rev}
    return Put(item, Absent() if rev == 1 else Equals("rev", rev - 1))


class PublicationStore:
    """Reads publications, copies and pauses; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, publication_id: str) -> Publication | None:
        """Return a publication, or None."""
        item = self.table.get(publication_key(publication_id), consistent=True)
        return Publication.model_validate(item) if item else None

    def copy(self, publication_id: str, copy_id: str) -> Copy | None:
        """Return a copy, or None."""
        item = self.table.get(copy_key(publication_id, copy_id), consistent=True)
        return Copy.model_validate(item) if item else None

    def copies(self, publication_id: str) -> list[Copy]:
        """Return all copies of a publication, the oldest first."""
        items = self._all(f"PUBLICATION#{publication_id}", prefix="COPY#")
        return [Copy.model_validate(item) for item in items]

    def many(self, ids: list[str]) -> list[Publication]:
        """Return those publications that exist, in this order."""
        found = self.table.batch_get([publication_key(one) for one in ids], consistent=True)
        return [Publication.model_validate(found[key]) for one in ids if (key := publication_key(one)) in found]

    def newest(self, *, before: str | None, limit: int) -> tuple[list[Publication], str | None]:
        """Return publications, newest first, and the id to go on before, when there may be more."""
        page = self.table.query(ALL, before=before, limit=limit, forward=False)
        ids = [item["sk"] for item in page.items]
        return self.many(ids), ids[-1] if ids and page.next else None

    def month(self, month: str) -> list[Publication]:
        """Return what goes, or went, out in a month, by its time."""
        ids = [item["id"] for item in self._all(f"{ALL}#{month}")]
        return self.many(list(dict.fromkeys(ids)))

    def pauses(self) -> list[Pause]:
        """Return the pauses that are in force."""
        return [pause for item in self._all(PAUSES) if not (pause := Pause.model_validate(item)).ended_at]

    def pause(self, pause_id: str) -> Pause | None:
        """Return a pause, or None."""
        item = self.table.get((PAUSES, pause_id), consistent=True)
        return Pause.model_validate(item) if item else None

    def up_to(self, listed: str, moment: str) -> list[Item]:
        """Return the lines of a list whose time has come."""
        found: list[Item] = []
        start: Item | None = None
        while True:
            page = self.table.query(listed, before=f"{moment}{_LAST}", start=start, consistent=True)
            found += page.items
            start = page.next
            if start is None:
                return found

    def stopped(self) -> list[tuple[str, str]]:
        """Return the publication and id of each copy that a pause stopped."""
        return [(item["publication"], item["copy"]) for item in self._all(STOPPED)]

    def _all(self, pk: str, *, prefix: str = "") -> Iterator[Item]:
        start: Item | None = None
        while True:
            page = self.table.query(pk, prefix=prefix, start=start, consistent=True)
            yield from page.items
            start = page.next
            if start is None:
                return

    # writes ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def put(publication: Publication) -> Put:
        """Return the write of a publication at its next revision."""
        body = publication.model_dump(mode="json", exclude_none=True)
        return _put(publication_key(publication.id), body, publication.rev)

    @staticmethod
    def put_copy(copy: Copy) -> Put:
        """Return the write of a copy at its next revision."""
        return _put(copy_key(copy.publication, copy.id), copy.model_dump(mode="json", exclude_none=True), copy.rev)

    @staticmethod
    def put_pause(pause: Pause) -> Put:
        """Return the write of a pause at its next revision."""
        return _put((PAUSES, pause.id), pause.model_dump(mode="json", exclude_none=True), pause.rev)

    @staticmethod
    def listed(publication_id: str) -> Put:
        """Return the write that puts a new publication on the list of all."""
        return Put({"pk": ALL, "sk": publication_id, "schema": SCHEMA, "rev": 1}, Absent())

    @staticmethod
    def dated(publication_id: str, moment: str) -> Put:
        """Return the write that puts a publication into the calendar; a repeat changes nothing."""
        pk, sk = _dated_key(publication_id, moment)
        return Put({"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, "id": publication_id})

    @staticmethod
    def undated(publication_id: str, moment: str) -> Delete:
        """Return the write that takes it out of the calendar."""
        return Delete(_dated_key(publication_id, moment))

    @staticmethod
    def due(publication_id: str, moment: str) -> Put:
        """Return the write that has a publication sent at a time."""
        sk = f"{moment}#{publication_id}"
        return Put({"pk": DUE, "sk": sk, "schema": SCHEMA, "rev": 1, "id": publication_id, "at": moment}, Absent())

    @staticmethod
    def not_due(publication_id: str, moment: str) -> Delete:
        """Return the write that takes that back; it fails when somebody else did."""
        return Delete((DUE, f"{moment}#{publication_id}"), Exists())

    @staticmethod
    def look(copy: Copy, moment: str) -> Put:
        """Return the write that has a copy looked at on its platform at a time."""
        body = {"publication": copy.publication, "copy": copy.id}
        return Put({"pk": LOOK, "sk": f"{moment}#{copy.id}", "schema": SCHEMA, "rev": 1, **body})

    @staticmethod
    def looked(line: Item) -> Delete:
        """Return the write that takes a line off that list."""
        return Delete((LOOK, line["sk"]))

    @staticmethod
    def stop(copy: Copy) -> Put:
        """Return the write that remembers a copy that a pause stopped."""
        body = {"publication": copy.publication, "copy": copy.id}
        return Put({"pk": STOPPED, "sk": copy.id, "schema": SCHEMA, "rev": 1, **body})

    @staticmethod
    def go(copy_id: str) -> Delete:
        """Return the write that forgets it again; it fails when somebody else did."""
        return Delete((STOPPED, copy_id), Exists())
