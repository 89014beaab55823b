"""The API over the real use cases, on a cloud in memory: what is recorded here a deployment records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from bluelamp.cloud.dynamodb import Write
from bluelamp.cloud.memory import MemoryTable
from bluelamp.cursors import Cursors
from bluelamp.posts.model import Case
from bluelamp.posts.store import put_new
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.trail.service import Trail
from tests.unit.api import kit_appeals, kit_desk, kit_incidents, kit_reports, kit_rights
from tests.unit.api.kit import POSTS, SECRET, Clock, World, post_of
from tests.unit.retention.retention_kit import Office


class _Office(Office):
    """The services, on the clock of the API."""

    def __init__(self, clock: Clock) -> None:
        self._clock_of_api = clock
        super().__init__()

    @property
    def now(self) -> datetime:
        return self._clock_of_api.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self._clock_of_api.now = moment

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


class Whole(World):
    """One deployment in memory, with the real services behind every route and a post on each account."""

    def __init__(self) -> None:
        clock = Clock()
        self.office = _Office(clock)
        super().__init__(clock=clock, table=self.office.table)
        self.posts, self.actions, self.live = self.office.posts, self.office.actions, self.office.live
        self.approving = self.office.approving
        self.endings, self.under_way = self.office.endings, self.office.under_way
        kit_desk.equip(self, changer=self.office.changer)
        self.retention, self.holds, self.disposals = self.office.retention, self.office.holds, self.office.disposals
        self.report_files = kit_reports.files(self)
        self.trail = Trail(
            table=self.table,
            evidence=self.office.evidence,
            accounts=self.accounts,
            people=self.people,
            changer=self.office.changer,
            cursors=Cursors(SECRET),
            pseudonyms=Pseudonyms(b"p" * 32),
            wake=lambda: None,
            clock=clock,
        )
        self.digests._changer = self.calls._changer = self.office.changer
        self.leads = kit_appeals.leads(self, self.office.changer)
        kit_rights.genuine(self, self.office)
        kit_incidents.genuine(self, self.office)
        for number, post_id in enumerate(POSTS):
            case = Case(state="open", grade=5 + number, risk="medium")
            self.table.write(put_new(post_of(post_id).changed(native_id=str(number), case=case)))

    def settle(self) -> None:
        """Seal what waits, and let the platform and the records office do what it releases."""
        for _ in range(4):
            self.office.work()
            self.office.act_all()
        self.office.seal()


@contextmanager
def watched(table: MemoryTable) -> Iterator[list[Sequence[Write]]]:
    """Give the writes that reach a table meanwhile, those of one transaction together."""
    batches: list[Sequence[Write]] = []
    write, transact = table.write, table.transact

    def one(single: Any) -> Any:
        batches.append([single])
        return write(single)

    def many(writes: Sequence[Write], **how: Any) -> None:
        batches.append(list(writes))
        transact(writes, **how)

    table.write, table.transact = one, many  # type: ignore[method-assign]
    try:
        yield batches
    finally:
        table.write, table.transact = write, transact  # type: ignore[method-assign]
