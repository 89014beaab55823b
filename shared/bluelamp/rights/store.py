"""Rights cases in the table: the cases, what was found for each, who asks, and when each open one is due.

Who asks stands beside the items of a case under a key that no list reads, and goes by itself two years after the end.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, Delete, Equals, Missing, Put
from bluelamp.rights.model import Case, Item, Reminder, Requester
from bluelamp.times import epoch

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item as Stored
    from bluelamp.cloud.dynamodb import Key, Table

SCHEMA = 1
CASES = "RIGHTS"
DUE = "RIGHTSDUE"
REQUESTER = "REQUESTER"
# For a complaint to the Commissioner, or a claim, about how it was answered.
KEPT = timedelta(days=2 * 365)


def _inside(case_id: str) -> str:
    return f"RIGHTS#{case_id}"


def case_key(case_id: str) -> Key:
    """Return the key of a case."""
    return (CASES, case_id)


def item_key(case_id: str, post_id: str) -> Key:
    """Return the key of a post that was found for a case."""
    return (_inside(case_id), f"ITEM#{post_id}")


class RightsStore:
    """Reads cases, items and reminders; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def case(self, case_id: str) -> Case | None:
        """Return a case as it stands now, or None."""
        item = self.table.get(case_key(case_id), consistent=True)
        return Case.model_validate(item) if item else None

    def cases(self, case_ids: list[str]) -> list[Case]:
        """Return those of the cases that exist, in their order; a hundred in one request."""
        found = self.table.batch_get([case_key(one) for one in case_ids], consistent=True)
        return [Case.model_validate(found[key]) for key in map(case_key, case_ids) if key in found]

    def page(self, *, before: str | None, limit: int) -> tuple[list[Case], str | None]:
        """Return cases, newest first, and the id to go on before when there are more."""
        page = self.table.query(CASES, before=before, limit=limit, forward=False)
        found = [Case.model_validate(item) for item in page.items]
        return found, found[-1].id if found and page.next else None

    def reminders(self) -> list[Reminder]:
        """Return when each open case is due."""
        return [Reminder.model_validate(item) for item in self._every(DUE, "")]

    def requester(self, case_id: str) -> Requester | None:
        """Return who asks; None when the words are gone."""
        item = self.table.get((_inside(case_id), REQUESTER))
        return Requester(**{name: item[name] for name in Requester.model_fields}) if item else None

    def item(self, case_id: str, post_id: str) -> Item | None:
        """Return a post that was found for a case, or None."""
        item = self.table.get(item_key(case_id, post_id), consistent=True)
        return Item.model_validate(item) if item else None

    def items(self, case_id: str) -> list[Item]:
        """Return all that was found for a case, oldest first."""
        found = [Item.model_validate(item) for item in self._every(_inside(case_id), "ITEM#")]
        return sorted(found, key=lambda one: (one.event_at, one.post))

    def _every(self, pk: str, prefix: str) -> list[Stored]:
        found: list[Stored] = []
        start: Stored | None = None
        while True:
            page = self.table.query(pk, prefix=prefix, start=start, consistent=True)
            found += page.items
            start = page.next
            if start is None:
                return found

    # writes ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def put(case: Case) -> Put:
        """Return the write of a case at its revision; it fails unless the one before is stored."""
        pk, sk = case_key(case.id)
        item: Stored = {"pk": pk, "sk": sk, "schema": SCHEMA, **case.model_dump(mode="json", exclude_none=True)}
        return Put(item, Absent() if case.rev == 1 else Equals("rev", case.rev - 1))

    @staticmethod
    def put_item(item: Item) -> Put:
        """Return the write of an item at its revision; it fails unless the one before is stored."""
        pk, sk = item_key(item.case, item.post)
        stored: Stored = {"pk": pk, "sk": sk, "schema": SCHEMA, **item.model_dump(mode="json", exclude_none=True)}
        return Put(stored, Absent() if item.rev == 1 else Equals("rev", item.rev - 1))

    @staticmethod
    def put_requester(case_id: str, requester: Requester, *, ended: datetime | None = None) -> Put:
        """Return the write of who asks; once the case has ended, with the time that the words go at."""
        ttl = {"ttl": epoch(ended + KEPT)} if ended else {}
        stored = {"pk": _inside(case_id), "sk": REQUESTER, "schema": SCHEMA, "rev": 1, **requester.model_dump(), **ttl}
        return Put(stored)

    @staticmethod
    def remind(reminder: Reminder) -> Put:
        """Return the write of when a case is due; what was told before is forgotten."""
        stored = reminder.model_dump(mode="json", exclude_none=True)
        return Put({"pk": DUE, "sk": reminder.case, "schema": SCHEMA, **stored})

    @staticmethod
    def told(before: Reminder, mark: int) -> Put:
        """Return the write that notes what was told; it fails when the case moved, or somebody else told it."""
        after = before.model_copy(update={"told": mark}).model_dump(mode="json", exclude_none=True)
        so_far = Missing("told") if before.told is None else Equals("told", before.told)
        return Put({"pk": DUE, "sk": before.case, "schema": SCHEMA, **after}, Equals("rev", before.rev), so_far)

    @staticmethod
    def forget(case_id: str) -> Delete:
        """Return the write that ends the reminders of a case."""
        return Delete((DUE, case_id))
