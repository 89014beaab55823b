"""Letting out what is due: each account's copy is made with its intent, in the transaction that takes it off the list.

So it is released once, whoever else does the same at the same moment, and wherever a worker dies.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor
from bluelamp.cloud.sqs import Message, QueueError
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.notices.telling import told
from bluelamp.publishing.books import Intended, new_copy
from bluelamp.publishing.rules import OVERDUE, following, overdue, paused, stamp
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Put, Write
    from bluelamp.cloud.sqs import Queue
    from bluelamp.posts.model import PersonName
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.model import Copy, Pause, Publication

# When a copy is first looked at on its platform after it said that it is out.
LOOK_AFTER = timedelta(minutes=10)
_log = logging.getLogger(__name__)


class Released:
    """What letting a publication out writes."""

    def __init__(self, publication: Publication, leaves: list[Leaf], writes: list[Write], intended: Intended) -> None:
        self.publication = publication
        self.leaves = leaves
        self.writes = writes
        self.intended = intended


class Releasing:
    """Lets publications out: at once for a person, at their time for the tick.

    Parameters
    ----------
    books
        Commits.
    queue
        The queue of the publish function, asked for when a copy is to be looked at.
    """

    def __init__(self, *, books: Books, queue: Callable[[], Queue]) -> None:
        self._books = books
        self._queue = queue

    def released(self, publication: Publication, actor: Actor, by: PersonName, *, step: str = "released") -> Released:
        """Return what lets a publication out now. `publication` is as stored, or as a decision has just left it."""
        books, now = self._books, self._books.clock()
        run = publication.run + 1
        after = following(publication.fields.schedule, run - publication.begun)
        update = {"state": "scheduled" if after else "running", "run": run, "due": stamp(after), "held_why": None}
        out = publication.model_copy(update=update)
        new, leaf, keys = books.step(out, actor, step, words=True)
        blank = [new_copy(new, books.account(one), by) for one in new.fields.accounts]
        intended = books.intend(blank, "publish", actor, by)
        writes: list[Write] = [books.store.put(new), *keys, books.store.dated(new.id, publication.due or iso(now))]
        if new.due:
            writes += [books.store.due(new.id, new.due), books.store.dated(new.id, new.due)]
        return Released(new, [leaf], writes, intended)

    def run(self) -> int:
        """Let out what is due, hold what is too late, send again what a pause stopped, have copies looked at.

        Returns
        -------
        int
            How many publications and copies were sent on their way.
        """
        pauses = self._books.store.pauses()
        return self._due(pauses) + self._go_on(pauses) + self._look()

    def _due(self, pauses: Sequence[Pause]) -> int:
        books, done = self._books, 0
        for line in books.store.up_to("PUBLICATIONS#DUE", iso(books.clock())):
            publication = books.store.get(line["id"])
            if publication is None or publication.due != line["at"] or publication.state != "scheduled":
                continue  # somebody is changing it at this moment
            accounts = publication.fields.accounts
            still = not publication.despite and all(paused(pauses, one) for one in accounts)
            try:
                if overdue(publication, books.clock()):
                    self._hold(publication)
                elif not still:
                    self._let_out(publication)
                    done += 1
            except ConflictError:
                continue  # somebody was quicker, with this or another decision
            except BluelampError:
                # What is wrong with one stops none behind it; it is tried again, until it is overdue and held.
                _log.exception("publication %s could not be let out", publication.id)
        return done

    def _let_out(self, publication: Publication) -> None:
        released = self.released(publication, Actor.system("tick"), publication.by)
        off = self._books.store.not_due(publication.id, publication.due or "")
        self._books.commit(released.leaves, [off, *released.writes], intended=released.intended)

    def _hold(self, publication: Publication) -> None:
        store = self._books.store
        held = publication.model_copy(update={"state": "held", "held_why": "overdue"})
        new, leaf, _ = self._books.step(held, Actor.system("tick"), "held", why="overdue")
        off = store.not_due(publication.id, publication.due or "")
        self._books.commit([leaf], [store.put(new), off, self.telling(publication.by.id, publication.id)])

    def _go_on(self, pauses: Sequence[Pause]) -> int:
        """Send again what a pause stopped before it was sent; what is too late by now waits for a person."""
        books, done = self._books, 0
        for publication_id, copy_id in books.store.stopped():
            copy = books.store.copy(publication_id, copy_id)
            # One that is stopped no longer was taken in hand at this moment, and with that off the list.
            if copy is None or copy.state != "stopped" or paused(pauses, copy.account):
                continue
            late = books.clock() - parse_iso(copy.job.at) > OVERDUE
            try:
                if late:
                    self._too_late(copy)
                else:
                    again = books.intend([copy], "publish", Actor.system("tick"), copy.job.by)
                    books.commit([], [books.store.go(copy_id)], intended=again)
                    done += 1
            except ConflictError:
                continue
        return done

    def _too_late(self, copy: Copy) -> None:
        books = self._books
        said, leaf = books.copied(copy.model_copy(update={"error": "overdue"}), Actor.system("tick"), "held")
        tell = self.telling(copy.job.by.id, copy.publication)
        books.commit([leaf], [books.store.put_copy(said), books.store.go(copy.id), tell])

    def _look(self) -> int:
        """Have the publish function look at what came out a while ago."""
        store, done = self._books.store, 0
        for line in store.up_to("PUBLICATIONS#LOOK", iso(self._books.clock())):
            try:
                self.look(line["publication"], line["copy"])
            except QueueError:
                break  # with the next tick
            # First the message, then the line: to look twice does no harm.
            store.table.write(store.looked(line))
            done += 1
        return done

    def look(self, publication_id: str, copy_id: str) -> None:
        """Have a copy looked at on its platform, now."""
        body = {"publication_id": publication_id, "copy_id": copy_id, "look": True}
        self._queue().send([Message(body)])

    def telling(self, person: str, publication_id: str) -> Put:
        """Return the write by which somebody is told that a publication needs them."""
        about = {"publication": publication_id}
        return told("publication_stuck", to=[f"person:{person}"], at=self._books.clock(), about=about)
