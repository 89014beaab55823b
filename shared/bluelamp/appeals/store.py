"""Appeals in the table: one partition, and one for what came in for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.appeals.model import Appeal, Lead
from bluelamp.cloud.dynamodb import Absent, Equals, Put

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Table

SCHEMA = 1
PARTITION = "APPEALS"
LEAD = "LEAD#"
MAX_LEADS = 1_000


class AppealStore:
    """Reads appeals and leads; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, appeal_id: str) -> Appeal | None:
        """Return an appeal, or None."""
        item = self.table.get((PARTITION, appeal_id), consistent=True)
        return Appeal.model_validate(item) if item else None

    def page(self, *, before: str | None, limit: int) -> list[Appeal]:
        """Return appeals, the newest first, from one on."""
        page = self.table.query(PARTITION, before=before, limit=limit, forward=False, consistent=True)
        return [Appeal.model_validate(item) for item in page.items]

    def lead(self, appeal_id: str, post_id: str) -> Lead | None:
        """Return what was made of a post for an appeal, or None."""
        item = self.table.get((f"APPEAL#{appeal_id}", f"{LEAD}{post_id}"), consistent=True)
        return Lead.model_validate(item) if item else None

    def leads(self, appeal_id: str) -> dict[str, Lead]:
        """Return what was made of posts for an appeal, by post; at most a thousand."""
        found: dict[str, Lead] = {}
        start: Item | None = None
        while len(found) < MAX_LEADS:
            page = self.table.query(f"APPEAL#{appeal_id}", prefix=LEAD, start=start, consistent=True)
            found |= {item["post"]: Lead.model_validate(item) for item in page.items}
            start = page.next
            if start is None:
                break
        return found

    @staticmethod
    def saved(old: Appeal | None, new: Appeal) -> Put:
        """Return the write that puts an appeal in the place of another, or that makes it."""
        item = {"pk": PARTITION, "sk": new.id, "schema": SCHEMA, **new.model_dump(mode="json", exclude_none=True)}
        return Put(item, Equals("rev", old.rev) if old else Absent())

    @staticmethod
    def judged(old: Lead | None, new: Lead) -> Put:
        """Return the write of what was made of a post."""
        said = new.model_dump(mode="json", exclude_none=True)
        item = {"pk": f"APPEAL#{new.appeal}", "sk": f"{LEAD}{new.post}", "schema": SCHEMA, **said}
        return Put(item, Equals("rev", old.rev) if old else Absent())
