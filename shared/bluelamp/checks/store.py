"""Checks in the table: an item an account and day, found by account for a month and by day for the whole force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from bluelamp.checks.model import STAGES, Check, Stage
from bluelamp.cloud.dynamodb import Absent, Equals, Item, Key, Put, Update

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table

SCHEMA = 1
MARK: Key = ("CHECKS", "MARK")


class CheckStore:
    """Reads checks; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, account: str, day: date) -> Check | None:
        """Return what is known of an account's day, or None. One read."""
        item = self.table.get((_pk(account), day.isoformat()), consistent=True)
        return None if item is None else Check.model_validate(item)

    def of_day(self, day: date) -> dict[str, Check]:
        """Return what is known of a day, by account; what was written a moment ago may not be there yet."""
        return {one.account: one for one in self._all(f"CHECKS#{day.isoformat()}", index="g1")}

    def of_days(self, account: str, days: Sequence[date]) -> dict[date, Check]:
        """Return what is known of one account on some days. A read a hundred days."""
        found = self.table.batch_get([(_pk(account), day.isoformat()) for day in days])
        checks = [Check.model_validate(item) for item in found.values()]
        return {one.day: one for one in checks}

    @staticmethod
    def put(check: Check, before: Check | None) -> Put:
        """Return the write of a check; it fails unless `before` is what is stored. It takes the revision after that."""
        item = check.model_copy(update={"rev": before.rev + 1 if before else 1}).model_dump(mode="json")
        day = check.day.isoformat()
        keys = {"pk": _pk(check.account), "sk": day, "g1pk": f"CHECKS#{day}", "g1sk": check.account, "schema": SCHEMA}
        return Put(keys | item, Equals("rev", before.rev) if before else Absent())

    def next(self) -> tuple[date, Stage] | None:
        """Return which stage of which day is gone through next."""
        mark = self.table.get(MARK, consistent=True)
        if mark is None:
            return None
        stage = next(one for one in STAGES if one == mark["stage"])
        return date.fromisoformat(mark["day"]), stage

    def set_next(self, day: date, stage: Stage) -> None:
        """Note which stage of which day is gone through next."""
        self.table.write(Update(MARK, set={"day": day.isoformat(), "stage": stage, "schema": SCHEMA}, add={"rev": 1}))

    def _all(self, pk: str, *, index: str | None = None) -> list[Check]:
        found: list[Check] = []
        start: Item | None = None
        while True:
            page = self.table.query(pk, index=index, start=start)
            found += [Check.model_validate(item) for item in page.items]
            start = page.next
            if start is None:
                return found


def _pk(account: str) -> str:
    return f"CHECKED#{account}"
