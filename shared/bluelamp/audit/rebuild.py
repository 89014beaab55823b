"""What recovery writes, made of what the archive holds: heads, chunks of an unsigned commit, and the log's own story.

Pure functions; `bluelamp.audit.recover` decides when, and writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluelamp.audit.head import Head, Pending
from bluelamp.audit.leaf import Actor, Leaf, Obj, Op, Reason, Restore, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.audit.story import RESTORED

if TYPE_CHECKING:
    from bluelamp.audit.survey import Commit, Signed
    from bluelamp.cloud.dynamodb import Item

_ACTOR = Actor.system("recover")
_GROUP = 400
_RAW_CHUNK = 60 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where the archive has a chunk: the bundle, and the chunk's first record."""

    year: int
    start: int
    end: int
    first: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk of an unsigned commit, as it is to stand in the outbox."""

    place: Place
    item: Item


def heads(last: Mapping[int, Commit], tail: Commit | None, chunks: tuple[str, ...], origin: str) -> Iterator[Head]:
    """Yield the head of each log that was read, oldest first.

    Parameters
    ----------
    last
        The last signed commit of each year.
    tail, chunks
        The commit behind it that has no checkpoint yet, and the chunks that hold its records.
    origin
        ``<domain>/bluelamp/<force>``, for a log without any signed commit.
    """
    for year in sorted({*last, *([tail.year] if tail else [])}):
        commit = last.get(year)
        signed = commit.signed if commit else None
        head = _published(commit, signed) if commit and signed else Head.fresh(year, f"{origin}/{year}")
        yield _unsigned(head, tail, chunks) if tail and tail.year == year else head


def tail_chunks(commit: Commit, places: Mapping[str, Place], waiting: Mapping[str, Item]) -> dict[str, Piece]:
    """Return the chunks of a commit without a checkpoint, in order: those of the outbox, and for the rest new ones.

    With them in its head the sequencer puts the commit once more, byte by byte, and its checkpoint behind it.
    """
    bodies = commit.bodies[: len(commit.bodies) - commit.closes]
    mine = {chunk: p for chunk, p in places.items() if (p.year, p.start) == (commit.year, commit.start)}
    starts = {place.first - commit.start: chunk for chunk, place in mine.items()}
    found: dict[str, Piece] = {}
    begin = 1
    while begin < len(bodies):
        place = Place(commit.year, commit.start, commit.end, commit.start + begin)
        if begin in starts:
            chunk = starts[begin]
            found[chunk] = Piece(place, waiting[chunk])
        else:
            until = min((s for s in starts if s > begin), default=len(bodies))
            made = Chunk.of(list(_leaves(_fitting(bodies[begin:until]))))
            chunk = made.id
            found[chunk] = Piece(place, made.put().item)
        begin += found[chunk].item["n"]
    return found


def story(said: Restore, lost: Iterable[Mapping[str, Any]], *, at: datetime, reference: str | None) -> list[Chunk]:
    """Return the chunks that tell the log what happened; the next commit begins with them.

    Parameters
    ----------
    said
        The restore itself.
    lost
        The intents that nobody can finish any more, as they stand in the archive.
    reference
        Number of the incident or change.
    """
    reason = Reason(code="table_restored", ref=reference)
    leaves = [draft(type="restore", at=at, actor=_ACTOR, reason=reason, restore=said)]
    leaves += [
        draft(
            type="outcome",
            at=at,
            actor=_ACTOR,
            account=intent.get("account"),
            obj=_named(intent["obj"]),
            op=Op(intent=intent["id"], result="unknown", error=RESTORED),
            correlation=intent.get("correlation"),
        )
        for intent in lost
    ]
    return [Chunk.of(leaves[n : n + _GROUP]).ahead(n // _GROUP) for n in range(0, len(leaves), _GROUP)]


def _published(commit: Commit, signed: Signed) -> Head:
    """Return the head of a log that ends with this commit."""
    tail = commit.bodies[-1] if commit.closes else b""
    return Head(
        year=commit.year,
        origin=signed.checkpoint.origin,
        edge=commit.edge,
        sealed_at=commit.sealed_at,
        closed=commit.closes,
        published=True,
        checkpoint=signed.note,
        vkey=str(signed.key),
        pending=Pending(commit.start, commit.bodies[0], tail, (), commit.before),
    )


def _unsigned(head: Head, commit: Commit, chunks: Sequence[str]) -> Head:
    """Return the head with a commit behind it that is still to be published."""
    tail = commit.bodies[-1] if commit.closes else b""
    pending = Pending(commit.start, commit.bodies[0], tail, tuple(chunks), commit.before)
    return head.committed(pending, commit.edge, commit.sealed_at, closed=commit.closes)


def _fitting(bodies: Sequence[bytes]) -> Sequence[bytes]:
    """Return as many of the bodies as make one chunk, one at the least."""
    size = 0
    for taken, body in enumerate(bodies):
        size += len(body) + 2
        if taken and size > _RAW_CHUNK:
            return bodies[:taken]
    return bodies


def _leaves(bodies: Iterable[bytes]) -> Iterator[Leaf]:
    for body in bodies:
        record = json.loads(body)
        yield Leaf(record["id"], record["type"], record["at"], body)


def _named(obj: dict[str, Any]) -> Obj:
    """Return an object as a record names it that changes nothing of it."""
    return Obj.model_validate({name: value for name, value in obj.items() if name in {"kind", "key", "hmac_key"}})
