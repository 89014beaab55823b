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
from bluelamp.errors import ConflictError
from bluelamp.posts import store

if TYPE_CHECKING:
    from bluelamp.audit.outbox import ReleaseQueue
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.posts.changing import Changer, Entry
    from bluelamp.posts.model import Pointer, Post

Change = tuple["Post", "Post", "Entry"]


@dataclass(frozen=True)
class Brings:
    """What a change brings along: further writes, told where its leaf will be, and a message released by its seal."""

    also: Callable[[Pointer], Sequence[Write]] | None = None
    release: Mapping[str, Any] | None = None
    release_to: ReleaseQueue = "action"


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
        one = _guarded(brings.get(old.id, NOTHING), guard)
        try:
            changer.commit(old, new, entry, also=one.also, release=one.release, release_to=one.release_to)
        except ConflictError:
            overtaken.add(old.id)
    return overtaken


def _guarded(one: Brings, guard: Sequence[Write]) -> Brings:
    def also(pointer: Pointer) -> list[Write]:
        return [*(one.also(pointer) if one.also else ()), *guard]

    return Brings(also, one.release, one.release_to)


def _transactions(
    changer: Changer, changes: Sequence[Change], brings: Mapping[str, Brings], guard: Sequence[Write]
) -> Iterator[_Made]:
    """Yield transactions of as many changes as their writes leave room for."""
    left = list(changes)
    while left:
        made = _make(changer, left, brings, guard)
        taken = len(left)
        while len(made.writes) > MAX_TRANSACTION and taken > 1:
            # By what each weighs on the average; a post that spills its trail or leaves a list weighs more.
            taken = max(1, min(taken - 1, taken * MAX_TRANSACTION // len(made.writes)))
            made = _make(changer, left[:taken], brings, guard)
        yield made
        left = left[taken:]


def _make(changer: Changer, changes: Sequence[Change], brings: Mapping[str, Brings], guard: Sequence[Write]) -> _Made:
    entries, keys = changer.kept([(new, entry) for _, new, entry in changes])
    raised = [(old, new.changed(rev=old.rev + 1), e) for (old, new, _), e in zip(changes, entries, strict=True)]
    leaves = [changer.leaf(new, entry, prev=old.head) for old, new, entry in raised]
    releases = [
        Release(place, dict(one.release), queue=one.release_to)
        for place, (old, _, _) in enumerate(raised)
        if (one := brings.get(old.id, NOTHING)).release is not None
    ]
    chunk = Chunk.of(leaves, releases=releases)
    done: list[Post] = []
    writes: list[Write] = [chunk.put(), *guard, *keys]
    for place, ((old, new, entry), leaf) in enumerate(zip(raised, leaves, strict=True)):
        pointer = changer.pointer(chunk, place, entry)
        post, spilt = store.spill(new.changed(head=leaf.digest, trail=(*new.trail, pointer)))
        done.append(post)
        also = brings.get(old.id, NOTHING).also
        writes += [store.put_changed(post), *spilt, *store.listed(old, post), *(also(pointer) if also else ())]
    return _Made(changes, done, writes)
