"""What somebody wants taken down while nobody knows whether it is out: the wish is kept, and carried out afterwards.

A public call that is being made cannot be called back. So the copy remembers who wants it gone and why. If it did not
go out it never will; if it did, its taking down gets an intent in the very transaction that says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bluelamp.audit.leaf import Actor
from bluelamp.publishing.model import WITHDRAWN, Copy, Unwanted
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.posts.model import PersonName
    from bluelamp.publishing.books import Books, Intended
    from bluelamp.publishing.model import DownReason


class CalledOff(NamedTuple):
    """Copies that will not go out any more, by id, with their records and writes."""

    copies: dict[str, Copy]
    leaves: list[Leaf]
    writes: list[Write]


def called_off(books: Books, waiting: Sequence[Copy], actor: Actor) -> CalledOff:
    """Return what ends copies that are still to come: they wait, are uploaded, or were stopped by a pause."""
    store, found = books.store, CalledOff({}, [], [])
    listed = {copy_id for _, copy_id in store.stopped()}
    for copy in waiting:
        last = copy.model_copy(update={"state": "failed", "error": WITHDRAWN, "lease_until": ""})
        # The intent of one that a pause stopped has its outcome: what is new is that it does not go on.
        if copy.state == "stopped":
            found.copies[copy.id], leaf = books.copied(last, actor, "withdrawn")
        else:
            found.copies[copy.id], leaf = books.outcome(last, "cancelled", error=WITHDRAWN)
        found.leaves.append(leaf)
        found.writes.append(store.put_copy(found.copies[copy.id]))
        if copy.id in listed:
            found.writes.append(store.go(copy.id))
    return found


def wished(books: Books, copy: Copy, actor: Actor, by: PersonName, reason: DownReason) -> tuple[Copy, Leaf]:
    """Return a copy whose fate is not known, with the wish that it be gone, and the record of that wish."""
    wish = Unwanted(by=by, at=iso(books.clock()), reason=reason)
    return books.copied(copy.model_copy(update={"unwanted": wish}), actor, "withdrawn", why=reason)


def caught_up(books: Books, copy: Copy) -> Copy | None:
    """Return a worker's copy with the wish that was written since, if nothing else was; None when it has lost it."""
    now = books.store.copy(copy.publication, copy.id)
    if now is None or copy.unwanted or not now.unwanted or now.rev != copy.rev + 1:
        return None
    return copy.model_copy(update={"unwanted": now.unwanted, "rev": now.rev, "step": now.step, "head": now.head})


def carried_out(books: Books, ended: Copy) -> tuple[Copy, Intended | None]:
    """Return a copy whose fate has just become known as the wish leaves it; with it, the intent to take it down.

    Parameters
    ----------
    ended
        The copy after its outcome, not written yet. Without a wish it comes back as it is.
    """
    wish = ended.unwanted
    if wish is None:
        return ended, None
    if ended.state in {"failed", "stopped"}:
        return ended.model_copy(update={"state": "failed", "error": WITHDRAWN, "unwanted": None}), None
    if ended.state not in {"out", "missing"} or ended.native_id is None:
        return ended, None
    job = ended.job.model_copy(update={"text": None, "back": ended.state})
    # Outcome and intent are two records and one write of the copy.
    once = ended.model_copy(update={"unwanted": None, "job": job, "rev": ended.rev - 1})
    intended = books.intend([once], "take_down", Actor.system("publish"), wish.by, why=wish.reason)
    return intended.copies[0], intended
