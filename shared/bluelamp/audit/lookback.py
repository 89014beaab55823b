"""Looking back through the sealed log from its end: the newest records first, and no more than a request can pay for.

What is asked for may lie a day or six years back, so every look has a budget. When it is used up the look ends where it
is and says how far it came; the next one goes on from there. Nothing is proven on the way: who needs that asks for the
proof of a record (`prove`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from bluelamp.audit import layout
from bluelamp.audit.outbox import SHARDS, outbox_pk
from bluelamp.audit.prove import BrokenArchiveError, LogReader, published
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.audit.head import Head
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.s3 import Bucket

_READERS = 8
# Commits are named in stretches of so many records, and fetched so many at a time: first a few, as most looks end soon.
_STRETCH = 2_000
_FIRST, _MOST = 8, 64
# Of each shard of the outbox so many chunks are counted at the most.
_CHUNKS = 100

Bundle = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the log: in front of record `seq` of `year`."""

    year: int
    seq: int


@dataclass(frozen=True, slots=True)
class Reached:
    """The oldest record that was looked at, and when it was sealed."""

    year: int
    seq: int
    sealed_at: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found."""

    year: int
    seq: int
    sealed_at: str
    record: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Budget:
    """What one look may cost: objects, their bytes, and seconds. It is asked for between fetches, never within one."""

    objects: int = 600
    size: int = 32 * 1024 * 1024
    seconds: float = 6.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: a test of a record, and texts that stand in the bytes of every record that passes it.

    The texts save the reading of most records; `says` makes one of a field.
    """

    test: Callable[[Mapping[str, Any]], bool]
    texts: tuple[bytes, ...] = ()

    def find(self, body: bytes) -> dict[str, Any] | None:
        """Return a record that is wanted, or None."""
        if not all(text in body for text in self.texts):
            return None
        record: dict[str, Any] = json.loads(body)
        return record if self.test(record) else None


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found, newest first, and how far it came; `next` is where another goes on, None at the end."""

    hits: tuple[Hit, ...]
    reached: Reached | None
    next: Place | None


def says(name: str, value: str) -> bytes:
    """Return how a leaf's bytes say that the field `name` is `value`: they have one spelling (RFC 8785)."""
    return f"{json.dumps(name)}:{json.dumps(value)}".encode()


def look_back(
    bucket: Bucket,
    heads: Sequence[Head],
    wanted: Wanted,
    *,
    before: Place | None = None,
    since: str | None = None,
    limit: int = 50,
    budget: Budget | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Look:
    """Look for records from a place on backwards.

    Parameters
    ----------
    bucket
        The evidence bucket.
    heads
        The heads of all logs, the youngest first.
    wanted
        What is looked for.
    before
        Where to begin; None is the end of the log.
    since
        What was sealed before that moment is not looked at.
    limit
        How many are enough.
    budget, clock
        What the look may cost; seconds by this clock.

    Raises
    ------
    BrokenArchiveError
        When the archive does not hold what it must.
    """
    purse = _Purse(budget or Budget(), clock)
    hits: list[Hit] = []
    reached: Reached | None = None
    for year, seq, body, sealed_at in _records(bucket, heads, before, purse):
        if since is not None and sealed_at < since:
            return Look(tuple(hits), reached, None)
        reached = Reached(year, seq, sealed_at)
        record = _read(wanted, body, reached)
        if record is not None:
            hits.append(Hit(year, seq, sealed_at, record))
            if len(hits) == limit:
                break
    if reached is None:
        return Look((), None, None)
    first = (reached.year, reached.seq) == (heads[-1].year, 0)
    return Look(tuple(hits), reached, None if first else Place(reached.year, reached.seq))


def place_after(bucket: Bucket, heads: Sequence[Head], moment: str) -> Place | None:
    """Return the place behind the last commit that was sealed at `moment` or before; None when there is none."""
    behind = iso(parse_iso(moment) + timedelta(milliseconds=1))
    for head in heads:
        seq = LogReader(bucket, head.year).first_sealed_since(behind, _size(head))
        if seq:
            return Place(head.year, seq)
    return None


def count_waiting(table: Table, head: Head | None) -> tuple[int, bool]:
    """Return how many records wait in the outbox to be sealed, and whether there are more than were counted."""
    done = set(head.pending.chunks) if head and head.pending and head.published else set()
    records, more = 0, False
    for shard in range(SHARDS):
        page = table.query(outbox_pk(shard), limit=_CHUNKS)
        records += sum(item["n"] for item in page.items if item["sk"] not in done)
        more = more or page.next is not None
    return records, more


class _Purse:
    """What is left of a budget."""

    def __init__(self, budget: Budget, clock: Callable[[], float]) -> None:
        self._objects, self._size = budget.objects, budget.size
        self._until = clock() + budget.seconds
        self._clock = clock

    def pay(self, bundles: Sequence[Sequence[bytes]]) -> None:
        self._objects -= len(bundles)
        self._size -= sum(len(body) for bodies in bundles for body in bodies)

    @property
    def empty(self) -> bool:
        return self._objects <= 0 or self._size <= 0 or self._clock() >= self._until


def _records(
    bucket: Bucket, heads: Sequence[Head], before: Place | None, purse: _Purse
) -> Iterator[tuple[int, int, bytes, str]]:
    """Yield the records in front of a place, newest first, until the logs begin or the purse is empty."""
    for head in heads:
        if before is not None and head.year > before.year:
            continue
        end = _size(head)
        if before is not None and head.year == before.year:
            end = min(end, before.seq)
        for bundle, bodies in _commits(bucket, head.year, end, purse):
            sealed_at = _sealed_at(head.year, bundle, bodies)
            for seq in range(min(bundle[1], end) - 1, bundle[0] - 1, -1):
                yield head.year, seq, bodies[seq - bundle[0]], sealed_at
        if purse.empty:
            return


def _commits(bucket: Bucket, year: int, end: int, purse: _Purse) -> Iterator[tuple[Bundle, list[bytes]]]:
    """Yield the commits that hold records in front of `end`, newest first, several fetched at a time."""
    names = _names(bucket, year, end)
    together = _FIRST
    with ThreadPoolExecutor(_READERS) as readers:
        while some := list(islice(names, together)):
            # A reader for each fetch: what it remembers is let go with it.
            fetched = list(readers.map(lambda bundle: LogReader(bucket, year).leaves(bundle), some))
            purse.pay(fetched)
            yield from zip(some, fetched, strict=True)
            if purse.empty:
                return
            together = min(2 * together, _MOST)


def _names(bucket: Bucket, year: int, end: int) -> Iterator[Bundle]:
    """Yield the bundles that hold records in front of `end`, newest first."""
    reader = LogReader(bucket, year)
    while end > 0:
        found = reader.bundles(max(0, end - _STRETCH), end)
        if not found or found[-1][1] < end or any(a[1] != b[0] for a, b in pairwise(found)):
            raise BrokenArchiveError(f"a bundle of {year} in front of leaf {end} is missing")
        yield from reversed(found)
        end = found[0][0]


def _size(head: Head) -> int:
    signed = published(head)
    return signed.size if signed else 0


def _sealed_at(year: int, bundle: Bundle, bodies: Sequence[bytes]) -> str:
    try:
        said = json.loads(bodies[0])["seal"]["sealed_at"]
        parse_iso(said)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        name = layout.entries_key(year, *bundle)
        raise BrokenArchiveError(f"{name} does not begin with a commit that says when it was sealed") from error
    return str(said)


def _read(wanted: Wanted, body: bytes, place: Reached) -> dict[str, Any] | None:
    try:
        record = wanted.find(body)
        readable = record is None or _whole(record)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BrokenArchiveError(f"record {place.seq} of {place.year} cannot be read") from error
    if not readable:
        raise BrokenArchiveError(f"record {place.seq} of {place.year} lacks what every record says")
    return record


def _whole(record: Mapping[str, Any]) -> bool:
    """Tell whether a record says what each says, so that it can be shown."""
    actor = record.get("actor")
    account, sub = record.get("account"), (actor or {}).get("sub")
    texts = (record.get("id"), record.get("at"), record.get("type"), account or "", sub or "")
    return all(isinstance(text, str) for text in texts)
