"""Refusals of people whom nobody knows: counted by the minute when they happen, and one leaf a minute and source here.

So a stranger cannot write seven-year records at will, and yet no wave of wrong signatures goes unrecorded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Tally, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, Delete, Equals, Update
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Table

MARK = ("COUNTS", "MARK")
MINUTE = timedelta(minutes=1)
# A counter may still be written for this long after its minute.
SETTLE = timedelta(seconds=30)
# After a long stop this many minutes are caught up with in one run.
CATCH_UP = 240


class Tallies:
    """Turns counters into leaves.

    Parameters
    ----------
    table
        The deployment's table.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(self, table: Table, *, wake: Callable[[], None], clock: Clock = utc_now) -> None:
        self._table = table
        self._wake = wake
        self._clock = clock

    def write(self) -> int:
        """Write the leaves of all minutes that are over; return how many. A repeat finds the counters gone."""
        # The last minute that is over, and was over for as long as a counter may lag.
        last = (self._clock() - SETTLE - MINUTE).replace(second=0, microsecond=0)
        mark = self._table.get(MARK, consistent=True)
        minute = parse_iso(mark["minute"]) + MINUTE if mark else last - 10 * MINUTE
        written = minutes = 0
        done: datetime | None = None
        while minute <= last and minutes < CATCH_UP:
            counters = self._table.query(f"COUNT#{iso(minute)}", consistent=True).items
            made = sum(self._counter(counter, minute) for counter in counters)
            written += made
            if made < len(counters):
                break  # one was counted up meanwhile, or another run was here: this minute is looked at again
            done = minute
            minute += MINUTE
            minutes += 1
        if done is not None:
            self._table.write(Update(MARK, set={"minute": iso(done), "schema": 1}, add={"rev": 1}))
        if written:
            self._wake()
        return written

    def _counter(self, counter: Item, minute: datetime) -> int:
        leaf = draft(
            type="refused",
            at=self._clock(),
            actor=Actor.anonymous(),
            tally=Tally(source=counter["sk"], minute=iso(minute), n=counter["n"]),
        )
        key = (counter["pk"], counter["sk"])
        try:
            self._table.transact([Delete(key, Equals("n", counter["n"])), Chunk.of([leaf]).put()])
        except ConditionFailedError:
            return 0
        return 1
