"""The head of a year's log: the one item that decides what has been sequenced, and the way to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from bluelamp.audit.tree import Edge
from bluelamp.cloud.dynamodb import Absent, Equals, Item, Key, Put

if TYPE_CHECKING:
    from bluelamp.audit.outbox import Waiting
    from bluelamp.cloud.dynamodb import Table

SCHEMA = 1
# How far back a log is looked for when this year has none yet.
_YEARS_BACK = 20


@dataclass(frozen=True, slots=True)
class Pending:
    """The last commit: all that is needed, with its chunks, to publish it again byte by byte."""

    first: int
    lead: bytes
    tail: bytes
    chunks: tuple[str, ...]
    edge: Edge

    def bodies(self, chunks: Sequence[Waiting]) -> list[bytes]:
        """Return the bodies of the commit's leaves in order."""
        middle = [body for chunk in chunks for body in chunk.bodies()]
        return [self.lead, *middle, self.tail] if self.tail else [self.lead, *middle]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one year's log.

    `size`, `edge` and `sealed_at` are those of the last commit; `checkpoint` (the signed note) and `vkey` those of the
    last published one. `pending` stays after publication, so that a chunk left behind by a kill is known for done.
    """

    year: int
    origin: str
    edge: Edge
    sealed_at: str = ""
    closed: bool = False
    published: bool = True
    checkpoint: str = ""
    vkey: str = ""
    pending: Pending | None = None
    rev: int = 0

    @property
    def size(self) -> int:
        """How many leaves are sequenced."""
        return self.edge.size

    @property
    def root(self) -> bytes:
        """The root over them."""
        return self.edge.root()

    @property
    def published_size(self) -> int:
        """How many leaves are under lock with a signed checkpoint over them."""
        return int(self.checkpoint.split("\n", 2)[1]) if self.checkpoint else 0

    @classmethod
    def fresh(cls, year: int, origin: str) -> Self:
        """Return the head of a log without leaves."""
        return cls(year, origin, Edge())

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Read a head."""
        raw = item["pending"]
        pending = Pending(
            raw["first"], raw["lead"], raw["tail"], tuple(raw["chunks"]), Edge.from_bytes(raw["first"], raw["edge"])
        )
        return cls(
            year=item["year"],
            origin=item["origin"],
            edge=Edge.from_bytes(item["size"], item["edge"]),
            sealed_at=item["sealed_at"],
            closed=item["closed"],
            published=item["published"],
            checkpoint=item["checkpoint"],
            vkey=item["vkey"],
            pending=pending,
            rev=item["rev"],
        )

    def committed(self, pending: Pending, edge: Edge, sealed_at: str, *, closed: bool) -> Self:
        """Return the head after a commit that is not published yet."""
        return replace(
            self, pending=pending, edge=edge, sealed_at=sealed_at, closed=closed, published=False, rev=self.rev + 1
        )

    def put_over(self, old: Head | None) -> Put:
        """Return the compare-and-swap: this head in the place of `old`, if nobody has moved it."""
        item = self._item(self.rev)
        if old is None or old.year != self.year:
            return Put(item, Absent())
        return Put(item, Equals("size", old.size), Equals("root", old.root), Equals(attr="published", value=True))

    def put_in_place_of(self, old: Head | None) -> Put:
        """Return the write of this head over exactly `old`, published or not, as recovery needs it."""
        if old is None:
            return Put(self._item(self.rev), Absent())
        return Put(self._item(old.rev + 1), Equals("rev", old.rev), Equals("root", old.root))

    def _item(self, rev: int) -> Item:
        pk, sk = head_key(self.year)
        pending = self.pending
        return {
            "pk": pk,
            "sk": sk,
            "rev": rev,
            "schema": SCHEMA,
            "year": self.year,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "edge": self.edge.to_bytes(),
            "sealed_at": self.sealed_at,
            "closed": self.closed,
            "published": self.published,
            "checkpoint": self.checkpoint,
            "vkey": self.vkey,
            "pending": {
                "first": pending.first,
                "lead": pending.lead,
                "tail": pending.tail,
                "chunks": list(pending.chunks),
                "edge": pending.edge.to_bytes(),
            }
            if pending
            else None,
        }


def head_key(year: int) -> Key:
    """Return the key of a year's head."""
    return (f"LOG#{year:04d}", "HEAD")


def read_head(table: Table, year: int) -> Head | None:
    """Return the head of a year's log, or None when there is none."""
    item = table.get(head_key(year), consistent=True)
    return Head.from_item(item) if item else None


def latest_head(table: Table, year: int) -> Head | None:
    """Return the head of the youngest log, as it stands; `year` is where to look first.

    The log of the next year counts too: another sequencer's clock may be ahead of ours.
    """
    head = read_head(table, year)
    if head and not head.closed:
        return head
    return next(iter(all_heads(table, year)), None)


def all_heads(table: Table, year: int) -> list[Head]:
    """Return the heads of all logs around a year, the youngest first."""
    around = [head_key(y) for y in range(year + 1, year - _YEARS_BACK, -1)]
    items = table.batch_get(around, consistent=True)
    return [Head.from_item(items[key]) for key in around if key in items]
