"""After a restore of the table to an earlier point the archive is ahead: the head is rebuilt from it, never forked.

The archive decides. What it holds stays where it is; the head only ever moves forward, in one compare-and-swap, and
only when what the table knew is the beginning of what is under lock. Records that are in the archive and come up again
in the outbox are not written a second time. The log itself says what happened: the next commit begins with a `restore`
record (docs/decisions/0050-recovery.md), and behind it objects may go on from the revision that the table went back to.

It may be killed at any call and run again, beside a running sequencer too: until the head is moved nothing counts, and
what comes before only says of chunks where the archive already has them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bluelamp.audit import rebuild
from bluelamp.audit.head import Head, head_key, latest_head, read_head
from bluelamp.audit.leaf import Restore
from bluelamp.audit.outbox import SCHEMA, SHARDS, Waiting, outbox_key, outbox_pk, sequence_key
from bluelamp.audit.prove import BrokenArchiveError
from bluelamp.audit.rebuild import Place
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError, Delete, Equals, Put
from bluelamp.errors import BluelampError
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.survey import Commit, Survey
    from bluelamp.cloud.dynamodb import Item, Table, Write

# A restored table may hold a part only of the transactions of its last moments (DynamoDB's developer guide, on
# transactions and backups): so far behind its last commit its word is not taken.
MARGIN = timedelta(minutes=1)
_ATTEMPTS = 5


class RecoveryError(BluelampError):
    """Nothing was changed, because table and archive do not fit together; a person has to look."""

    code = "recovery_refused"


class NotTheBeginningError(RecoveryError):
    """The log that the table knows is not the beginning of the one under lock: tampering, or another deployment."""

    code = "not_the_beginning"


class ArchiveBehindError(RecoveryError):
    """The table knows of published records that the archive does not hold: its tail is missing."""

    code = "archive_behind"


class TornChunkError(RecoveryError):
    """A chunk of the outbox is in the archive in part, or with other bytes."""

    code = "torn_chunk"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found, and (unless it was a dry run) done.

    Attributes
    ----------
    needed
        False when the table is not behind the archive; then nothing else was looked for.
    known, size
        How many records the table knew of its last log, and how many the archive holds of the youngest.
    year
        Which log is the youngest.
    placed, waiting
        Chunks of the outbox that the archive holds already; those that are still to be sealed.
    forgotten
        What the archive holds and the table has forgotten, by type of record.
    accounts
        The same, by account.
    intents
        Intents in the part read that have no outcome there; what became of them is recorded as unknown, until the
        action itself, should the table still have it, says more.
    outcomes
        What came of intents, by id, as far as the table may not know it.
    sealed_at
        When the last record was sealed that the table knew; empty when it knew none.
    unsigned
        Whether the last commit had no checkpoint yet; the next run of the sequencer puts it.
    """

    needed: bool
    year: int = 0
    known: int = 0
    size: int = 0
    placed: int = 0
    waiting: int = 0
    forgotten: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    intents: tuple[str, ...] = ()
    outcomes: dict[str, str] = field(default_factory=dict)
    sealed_at: str = ""
    unsigned: bool = False


class Recovery:
    """Rebuilds the head from the archive.

    Parameters
    ----------
    table
        The restored table.
    survey
        Reads and proves the archive.
    clock
        The present.
    """

    def __init__(self, table: Table, survey: Survey, clock: Clock = utc_now) -> None:
        self._table = table
        self._survey = survey
        self._clock = clock

    def run(self, *, dry_run: bool = False, reference: str | None = None) -> Recovered:
        """Bring the table up to the archive; a repeat finds nothing to do.

        Parameters
        ----------
        dry_run
            Only say what would be done.
        reference
            Number of the incident or change, for the record.

        Raises
        ------
        RecoveryError
            When table and archive do not fit together.
        BrokenArchiveError
            When the archive itself is not whole.
        """
        for _ in range(_ATTEMPTS):
            look = _Look(self._table, self._survey, self._clock)
            report = look.report()
            if not report.needed or dry_run:
                return report
            try:
                look.write(reference)
            except (ConditionFailedError, ContentionError):
                continue  # a sequencer moved the head meanwhile
            return report
        raise RecoveryError("a sequencer keeps moving the head; stop the seal function, then run this again")


class _Look:
    """One look at table and archive, and the writes that follow from it."""

    def __init__(self, table: Table, survey: Survey, clock: Clock) -> None:
        self._table = table
        self._survey = survey
        self._clock = clock
        self._chunks: dict[str, Item] = {}
        self._index: dict[str, str] = {}
        self._places: dict[str, Place] = {}
        self._last: dict[int, Commit] = {}
        self._tail: Commit | None = None
        self._forgotten: Counter[str] = Counter()
        self._accounts: Counter[str] = Counter()
        self._intents: dict[str, dict[str, Any]] = {}
        self._outcomes: dict[str, str] = {}
        self._year = self._known = self._first = 0
        self._years = survey.years(clock().year)
        youngest = latest_head(table, clock().year)
        wanted = {*self._years, *([youngest.year] if youngest else [])}
        self._heads = {year: found for year in sorted(wanted) if (found := read_head(table, year))}
        self._opened, self._base = self._anchored()
        self._needed = self._read()

    # what is there ---------------------------------------------------------------------------------------------------

    def _anchored(self) -> tuple[Head | None, Head | None]:
        """Return a head that opens a log whose first commit nobody has published, and the youngest head beside it."""
        youngest_first = list(reversed(self._heads.values()))
        if not youngest_first:
            return None, None
        head, *older = youngest_first
        pending = None if head.published else head.pending
        if pending is None or pending.first or self._survey.root_at(head.year, head.size) == head.root:
            return None, head
        return head, older[0] if older else None

    def _read(self) -> bool:
        """Read the archive from a little before the point that the table knows; return whether it is ahead."""
        self._year = self._base.year if self._base else next(iter(self._years), 0)
        if self._base:
            self._locate(self._base)
        self._read_outbox()
        for year in [y for y in self._years if y >= self._year]:
            for commit in self._survey.commits(year, self._first if year == self._year else 0):
                self._take(commit)
        return not self._level()

    def _locate(self, head: Head) -> None:
        """Find out how far the table's log is the archive's, and from where on the archive is to be read."""
        pending = None if head.published else head.pending
        if pending is not None and self._survey.root_at(head.year, head.size) != head.root:
            self._known, root = pending.first, pending.edge.root()
        else:
            self._known, root = head.size, head.root
        if not self._known:
            return
        signed = self._survey.root_at(head.year, self._known)
        first = self._survey.first_since(head.year, self._known, MARGIN)
        if signed is None or first is None:
            self._misfit(head)
        if signed != root or first is None:
            raise NotTheBeginningError(
                f"the {self._known} records of {head.origin} that the table knows are not those under lock: this is "
                "another deployment's archive, or one of the two was changed from outside; nothing was written"
            )
        self._first = min(first, head.pending.first) if head.pending else first

    def _misfit(self, head: Head) -> None:
        last = self._survey.signed_size(head.year)
        if last < self._known:
            raise ArchiveBehindError(
                f"the table knows {self._known} published records of {head.origin}, the archive holds {last}: its tail "
                "is missing. Treat it as tampering; nothing was written"
            )

    def _level(self) -> bool:
        """Return whether the sequencer can go on from the table's heads as they stand."""
        base, opened, tail = self._base, self._opened, self._tail
        before = [y for y in self._years if opened is None or y < opened.year]
        known = (base.year, self._known) if base else (0, 0)
        if known != ((before[-1], self._end(before[-1])) if before else (0, 0)):
            return False
        if opened and ((base and not base.closed) or any(y >= opened.year for y in self._last)):
            return False
        writer = opened or base
        if tail is None or writer is None:
            return True
        start = 0 if opened else self._known
        return not writer.published and (tail.year, tail.start, tail.edge.root()) == (writer.year, start, writer.root)

    def _end(self, year: int) -> int:
        return self._last[year].end if year in self._last else 0

    def _read_outbox(self) -> None:
        for shard in range(SHARDS):
            start: Item | None = None
            while True:
                page = self._table.query(outbox_pk(shard), start=start, consistent=True)
                for item in page.items:
                    self._chunks[item["sk"]] = item
                    for body in Waiting.from_item(item).bodies():
                        self._index[json.loads(body)["id"]] = item["sk"]
                start = page.next
                if start is None:
                    break

    def _take(self, commit: Commit) -> None:
        """Note of one commit what the table has waiting, and what it has forgotten."""
        if self._tail is not None:
            raise BrokenArchiveError(
                f"the last commit of {self._tail.year} has no checkpoint, and there is a log of {commit.year}"
            )
        if commit.signed is None:
            self._tail = commit
        else:
            self._last[commit.year] = commit
        known = commit.year == self._year and commit.end <= self._known
        number = 0
        while number < len(commit.bodies):
            record = json.loads(commit.bodies[number])
            chunk = self._index.get(record["id"])
            if chunk is not None:
                number += self._place(chunk, commit, number)
                continue
            self._note(record, known=known)
            number += 1

    def _place(self, chunk: str, commit: Commit, number: int) -> int:
        """Note where the archive has a chunk that waits in the table; return how many records it has."""
        mine = Waiting.from_item(self._chunks[chunk]).bodies()
        if list(commit.bodies[number : number + len(mine)]) != mine:
            raise TornChunkError(
                f"the chunk {chunk} of the outbox begins at record {commit.start + number} of {commit.year} and goes "
                "on otherwise there: it was changed from outside; nothing was written"
            )
        self._places[chunk] = Place(commit.year, commit.start, commit.end, commit.start + number)
        for body in mine:
            self._note(json.loads(body), known=True)
        return len(mine)

    def _note(self, record: dict[str, Any], *, known: bool) -> None:
        kind = record["type"]
        if kind == "intent":
            self._intents[record["id"]] = record
        elif kind == "outcome" and record["op"]["result"] != "deferred":
            self._outcomes[record["op"]["intent"]] = record["op"]["result"]
        if known or kind in {"commit", "close"}:
            return
        self._forgotten[kind] += 1
        if "account" in record:
            self._accounts[record["account"]] += 1

    def report(self) -> Recovered:
        """Return what was found."""
        year = max((*self._last, self._tail.year if self._tail else 0, self._year))
        ends = [c.end for c in (self._last.get(year), self._tail) if c and c.year == year]
        return Recovered(
            needed=self._needed,
            year=year,
            known=self._known,
            size=max(ends, default=0),
            placed=len(self._places),
            waiting=len(self._chunks) - len(self._places),
            forgotten=dict(self._forgotten),
            accounts=dict(self._accounts),
            intents=tuple(i for i in self._intents if i not in self._outcomes),
            outcomes=self._outcomes,
            sealed_at=self._base.sealed_at if self._base else "",
            unsigned=self._tail is not None,
        )

    # what is written -------------------------------------------------------------------------------------------------

    def write(self, reference: str | None) -> None:
        """Say of chunks where they are, move the head, then tidy up."""
        kept = self._settle()
        tail = rebuild.tail_chunks(self._tail, self._places, self._chunks) if self._tail else {}
        self._sequence(self._places | {chunk: piece.place for chunk, piece in tail.items()}, tail)
        report = self.report()
        said = Restore(
            year=self._year, known=self._known, first=self._first, chunks=report.placed, intents=len(report.intents)
        )
        lost = [self._intents[intent] for intent in report.intents]
        story = rebuild.story(said, lost, at=self._clock(), reference=reference)
        heads = list(rebuild.heads(self._last, self._tail, tuple(tail), self._survey.origin))
        moves: list[Write] = [head.put_in_place_of(self._heads.get(head.year)) for head in heads]
        if self._opened and self._opened.year not in {head.year for head in heads}:
            moves.append(Delete(head_key(self._opened.year), Equals("rev", self._opened.rev)))
        pieces = [Put(piece.item) for piece in tail.values()]
        self._table.transact([*moves, *pieces, *(chunk.put() for chunk in story)])
        for chunk in sorted((self._places.keys() | kept) - tail.keys()):
            self._table.write(Delete(outbox_key(chunk)))

    def _settle(self) -> set[str]:
        """Judge the chunks that were not met in the part read: those that lie before it, and false places.

        A place is false when a sequencer counted on from the restored head: nothing of that was published.
        """
        left = [chunk for chunk in self._chunks if chunk not in self._places]
        found = self._table.batch_get([sequence_key(chunk) for chunk in left], consistent=True)
        kept: set[str] = set()
        for chunk in left:
            item = found.get(sequence_key(chunk))
            if item is None:
                continue
            there = self._survey.bodies_at(item["year"], item["start"], item["end"])
            begin = item["first_seq"] - item["start"]
            if there[begin : begin + item["n"]] == Waiting.from_item(self._chunks[chunk]).bodies():
                kept.add(chunk)
            else:
                self._table.write(Delete(sequence_key(chunk), Equals("first_seq", item["first_seq"])))
        return kept

    def _sequence(self, places: Mapping[str, Place], tail: Mapping[str, rebuild.Piece]) -> None:
        for chunk, place in places.items():
            pk, sk = sequence_key(chunk)
            n = tail[chunk].item["n"] if chunk in tail else self._chunks[chunk]["n"]
            self._table.write(
                Put(
                    {
                        "pk": pk, "sk": sk, "rev": 1, "schema": SCHEMA, "year": place.year,
                        "first_seq": place.first, "n": n, "start": place.start, "end": place.end,
                    }
                )
            )  # fmt: skip
