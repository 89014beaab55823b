"""Which revisions of an object count, when the table was restored to an earlier point in between.

A restored table goes on from a revision that it had before; what the log holds behind that revision was done all the
same, stays in the log, and is followed by nothing. A `restore` record says from where on this may be so
(docs/decisions/0050-recovery.md). Nothing else lets an object go back: without one, or outside the part that it names,
a second revision of the same number is a failure like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bluelamp.audit.ledger import Row

# A row of the story's ledger: year, sequence, sealed, then revision, whether it names one before, that one, itself.
_REV, _NAMES, _BEFORE, _SELF = 3, 4, 5, 6


@dataclass(frozen=True, slots=True)
class Restored:
    """A `restore` record: where it stands, and from which record of which log on the table may have forgotten."""

    year: int
    seq: int
    of: int
    first: int

    def covers(self, row: Row) -> bool:
        """Return whether a record lies in the part that the table may have forgotten."""
        return (self.of, self.first) <= (row[0], row[1]) < (self.year, self.seq)

    def precedes(self, row: Row) -> bool:
        """Return whether a record was sealed after the restore."""
        return (row[0], row[1]) > (self.year, self.seq)


def living(rows: Sequence[Row], restores: Sequence[Restored]) -> list[Row]:
    """Return the revisions of one object without those that a restore left behind.

    Parameters
    ----------
    rows
        All its revisions, in the order of the log.
    restores
        The restores, in the order of the log.
    """
    left = list(rows)
    for restore in restores:
        forgotten = [row for row in left if restore.covers(row)]
        later = {row[_REV] for row in left if restore.precedes(row)}
        # Where the object was changed anew under a number that the forgotten part has too, it went back behind it.
        again = min((row[_REV] for row in forgotten if row[_REV] in later), default=None)
        if again is not None:
            left = [row for row in left if not (restore.covers(row) and row[_REV] >= again)]
        # What follows from a revision that was lost with the table, before it was sealed, hangs in the air.
        while lost := _hanging(left, restore):
            left = [row for row in left if row not in lost]
    return left


def _hanging(rows: Sequence[Row], restore: Restored) -> list[Row]:
    known = {(row[_REV], row[_SELF]) for row in rows}
    lowest = min((row[_REV] for row in rows), default=0)
    return [
        row
        for row in rows
        if restore.covers(row) and row[_REV] > lowest and not (row[_NAMES] and (row[_REV] - 1, row[_BEFORE]) in known)
    ]
