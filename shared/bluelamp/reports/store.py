"""Figures in the table: an item an account and day, all of a day together: the force's month is a query a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, Equals, Item, Key, Put, Update
from bluelamp.posts.history import all_pointers
from bluelamp.posts.model import Post, parse_stored
from bluelamp.reports.model import DayFigures, FileJob
from bluelamp.reports.tallying import Seen
from bluelamp.times import epoch, iso, parse_iso

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.cloud.dynamodb import Table

SCHEMA = 1
FILES = "REPORTS"
# As long as the bucket keeps what is fetched from it.
KEPT = timedelta(days=7)
MARK: Key = ("FIGURES", "MARK")
# What the history of a post begins with; one that begins otherwise has an older part beside it.
_FIRST = frozenset({"ingest", "removed", "state"})


class FigureStore:
    """Reads and writes figures, and reads the posts that they are counted from.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    # figures ---------------------------------------------------------------------------------------------------------

    def of_day(self, day: date) -> list[DayFigures]:
        """Return what was counted of a day, by account. One query."""
        return [DayFigures.model_validate(item) for item in self._every(_pk(day))]

    def of(self, accounts: Iterable[str], days: Iterable[date]) -> list[DayFigures]:
        """Return what was counted of some accounts on some days, by day. A read a hundred."""
        listed = list(accounts)
        found = self.table.batch_get([(_pk(day), account) for day in days for account in listed])
        return sorted((DayFigures.model_validate(i) for i in found.values()), key=lambda one: (one.day, one.account))

    def one(self, account: str, day: date) -> DayFigures | None:
        """Return what was counted of one account's day, or None."""
        item = self.table.get((_pk(day), account))
        return None if item is None else DayFigures.model_validate(item)

    def put(self, figures: DayFigures) -> None:
        """Write what was counted, in the place of what was counted before."""
        item = figures.model_dump(mode="json", exclude_defaults=True)
        self.table.write(Put({**item, "pk": _pk(figures.day), "sk": figures.account, "schema": SCHEMA}))

    # how far ---------------------------------------------------------------------------------------------------------

    def mark(self) -> Item | None:
        """Return how far the counting is: `next` day, `until` and `account` of the round under way, `told` month."""
        return self.table.get(MARK, consistent=True)

    @staticmethod
    def marked(old: Item | None, **changes: str | None) -> Put:
        """Return the write that moves the mark on; it fails when another run moved it."""
        kept = {key: value for key, value in {**(old or {}), **changes}.items() if value is not None}
        pk, sk = MARK
        rev = old["rev"] if old else 0
        return Put(
            {**kept, "pk": pk, "sk": sk, "schema": SCHEMA, "rev": rev + 1}, Equals("rev", rev) if old else Absent()
        )

    # posts -----------------------------------------------------------------------------------------------------------

    def posts(self, account: str, since: datetime) -> Iterator[Seen]:
        """Yield the posts of an account that are open, or changed since then, with their histories. Two queries."""
        for view, bound in (("open", None), ("done", iso(since))):
            for item in self._every(f"A#{account}#{view}", index="g1", after=bound):
                yield self._seen(parse_stored(item))

    def _seen(self, post: Post) -> Seen:
        if not post.trail or post.trail[0].type in _FIRST:
            return Seen(post, post.trail)
        older = list(self._every(f"POST#{post.id}", prefix="TRAIL#"))
        return Seen(post, sorted(all_pointers(post, older), key=lambda line: (line.at, line.leaf)))

    def _every(
        self, pk: str, *, index: str | None = None, after: str | None = None, prefix: str = ""
    ) -> Iterator[Item]:
        start: Item | None = None
        while True:
            page = self.table.query(pk, index=index, after=after, prefix=prefix, start=start)
            yield from page.items
            start = page.next
            if start is None:
                return


class FileStore:
    """Reads and writes requests for reports as PDF.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, file_id: str) -> FileJob | None:
        """Return a request as it stands now, or None."""
        item = self.table.get((FILES, file_id), consistent=True)
        return FileJob.model_validate(item) if item else None

    @staticmethod
    def insert(job: FileJob) -> Put:
        """Return the write of a new request."""
        ends = epoch(parse_iso(job.created_at) + KEPT)
        return Put({**job.model_dump(), "pk": FILES, "sk": job.id, "schema": SCHEMA, "rev": 1, "ttl": ends}, Absent())

    @staticmethod
    def ended(job: FileJob, state: str) -> Update:
        """Return the write that ends a request; it fails when that was done."""
        return Update((FILES, job.id), set={"state": state}, add={"rev": 1}, conditions=(Equals("state", "queued"),))


def _pk(day: date) -> str:
    return f"FIGURES#{day.isoformat()}"
