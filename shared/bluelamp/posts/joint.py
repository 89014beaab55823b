"""Many posts changed in few transactions: as many together as fit, each by itself where somebody was quicker.

What one change brings along (an action, a release) stays with it whichever way it is committed, and a guard that does
not hold any more (a job that was paused) lets nothing through either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.audit.outbox import Chunk, Release
from bluelamp.cloud.dynamodb import MAX_TRANSACTION, ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, TooLargeError
from bluelamp.posts import store
from bluelamp.posts.model import Pointer

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.audit.outbox import ReleaseQueue
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.posts.changing import Changer, Entry
    from bluelamp.posts.model import Post

Change = tuple["Post", "Post", "Entry"]


@dataclass(frozen=True)
class Brings:
    """What a change brings along: further writes, told where its leaf will be, and a message released by its seal.

    `beside` gives a second leaf of the same chunk, told the first, and `also` is told where that one will be. Where
    somebody was quicker and a change is committed by itself, it goes without.
    """

    also: Callable[[Pointer, Pointer | None], Sequence[Write]] | None = None
    release: Mapping[str, Any] | None = None
    release_to: ReleaseQueue = "action"
    beside: Callable[[Leaf], Leaf] | None = None


NOTHING = Brings()


@dataclass(frozen=True)
class _Made:
    """One transaction, ready to be sent: which changes it makes, the posts as it leaves them, its writes."""

    changes: Sequence[Change]
    posts: Sequence[Post]
    writes: Sequence[Write]


def commit_many(
    changer: Changer, changes: Sequence[Change], *, brings: Mapping[str, Brings], guard: Sequence[Write]
) -> set[str]:
    """See `Changer.commit_many`."""
    overtaken: set[str] = set()
    for made in _transactions(changer, changes, brings, guard):
        try:
            changer.posts.table.transact(made.writes)
        except (ConditionFailedError, ContentionError):
            overtaken |= _each(changer, made.changes, brings, guard)
        else:
            changer.announce(*made.posts)
    return overtaken


def _each(
    changer: Changer, changes: Sequence[Change], brings: Mapping[str, Brings], guard: Sequence[Write]
) -> set[str]:
    overtaken: set[str] = set()
    for old, new, entry in changes:
        one = brings.get(old.id, NOTHING)
        try:
            changer.commit(old, new, entry, also=_guarded(one, guard), release=one.release, release_to=one.release_to)
        except ConflictError:
            overtaken.add(old.id)
    return overtaken


def _guarded(one: Brings, guard: Sequence[Write]) -> Callable[[Pointer], list[Write]]:
    def also(pointer: Pointer) -> list[Write]:
        return [*(one.also(pointer, None) if one.also else ()), *guard]

    return also


def _transactions(
    changer: Changer, changes: Sequence[Change], brings: Mapping[str, Brings], guard: Sequence[Write]
) -> Iterator[_Made]:
    """Yield transactions of as many changes as their writes leave room for."""
    left = list(changes)
    while left:
        made = _made(changer, left, brings, guard)
        while len(made.writes) > MAX_TRANSACTION and len(made.changes) > 1:
            # By what each weighs on the average; a post that spills its trail or leaves a list weighs more.
            taken = len(made.changes)
            taken = max(1, min(taken - 1, taken * MAX_TRANSACTION // len(made.writes)))
            made = _made(changer, left[:taken], brings, guard)
        yield made
        left = left[len(made.changes) :]


def _made(changer: Changer, changes: Sequence[Change], brings: Mapping[str, Brings], guard: Sequence[Write]) -> _Made:
    """Make a transaction of the changes, of the first half of them when their leaves are too much for one chunk."""
    try:
        return _make(changer, changes, brings, guard)
    except TooLargeError:
        if len(changes) == 1:
            raise
        return _made(changer, changes[: len(changes) // 2], brings, guard)


def _make(changer: Changer, changes: Sequence[Change], brings: Mapping[str, Brings], guard: Sequence[Write]) -> _Made:
    entries, keys = changer.kept([(new, entry) for _, new, entry in changes])
    raised = [(old, new.changed(rev=old.rev + 1), e) for (old, new, _), e in zip(changes, entries, strict=True)]
    leaves = [changer.leaf(new, entry, prev=old.head) for old, new, entry in raised]
    releases = [
        Release(place, dict(one.release), queue=one.release_to)
        for place, (old, _, _) in enumerate(raised)
        if (one := brings.get(old.id, NOTHING)).release is not None
    ]
    second: dict[str, int] = {}
    besides: list[Leaf] = []
    for (old, _, _), leaf in zip(raised, leaves, strict=True):
        beside = brings.get(old.id, NOTHING).beside
        if beside is not None:
            second[old.id] = len(leaves) + len(besides)
            besides.append(beside(leaf))
    chunk = Chunk.of([*leaves, *besides], releases=releases)
    done: list[Post] = []
    writes: list[Write] = [chunk.put(), *guard, *keys]
    for place, ((old, new, entry), leaf) in enumerate(zip(raised, leaves, strict=True)):
        pointer = changer.pointer(chunk, place, entry)
        post, spilt = store.spill(new.changed(head=leaf.digest, trail=(*new.trail, pointer)))
        done.append(post)
        also = brings.get(old.id, NOTHING).also
        where = Pointer(**chunk.pointer(second[old.id])) if old.id in second else None
        brought = also(pointer, where) if also else ()
        writes += [store.put_changed(post), *spilt, *store.listed(old, post), *brought]
    return _Made(changes, done, writes)
