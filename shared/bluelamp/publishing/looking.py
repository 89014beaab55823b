"""Looking at copies on their platform: whether the public sees what is said to be out, or gone; and for the unknown.

A copy that ended as unknown is looked for as unknown actions are: after a minute, then less and less often, for a day.
What is found is out, with its number. Not to find it proves nothing in public, so only a person says that it failed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bluelamp.accounts.finder import ref_of
from bluelamp.actions.rules import LOOKS
from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import PlatformError
from bluelamp.platforms.publishing import UnfitError
from bluelamp.publishing.errors import LaterError, NotReadyError
from bluelamp.publishing.releasing import LOOK_AFTER
from bluelamp.publishing.rules import ending
from bluelamp.publishing.unwanted import carried_out
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.cloud.dynamodb import Put
    from bluelamp.cloud.sqs import Queue
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.model import Copy
    from bluelamp.publishing.releasing import Releasing
    from bluelamp.publishing.store import PublicationStore

_log = logging.getLogger(__name__)
MAX_DELAY = 600
# How often a copy is looked at afterwards while its platform cannot be asked.
SHOWN = 3
CLOCKS_APART = timedelta(minutes=2)


class Looking:
    """What the publish function does with a message that asks it to look.

    Parameters
    ----------
    books, fitting
        Commits; gives publishers.
    http
        Gives the HTTP client of an account, with its token.
    releasing
        Has people told.
    queue
        The queue of this function, for what must wait.
    """

    def __init__(
        self,
        *,
        books: Books,
        fitting: Fitting,
        http: Callable[[str], PlatformHttp],
        releasing: Releasing,
        queue: Queue,
    ) -> None:
        self._books = books
        self._fitting = fitting
        self._http = http
        self._releasing = releasing
        self._queue = queue

    def look_at(self, copy: Copy, message: dict[str, Any]) -> Copy:
        """Look whether the public sees what the platform said is out, or still sees what it said is gone.

        Raises
        ------
        LaterError
            When somebody else changed the copy meanwhile; the message is to come back.
        """
        if copy.state == "unknown" and copy.job.verb == "publish":
            return self._read_back(copy)
        if copy.native_id is None or copy.state not in {"out", "down", "missing"}:
            return copy
        account = ref_of(self._books.account(copy.account))
        publisher = self._fitting.publisher(copy.platform)
        try:
            state = publisher.show(copy.native_id, account, self._http(copy.account)).state
        except PlatformError as error:
            _log.warning("%s could not be looked at on its platform (%s)", copy.id, error.code)
            state = "unknown"
        if state == "unknown":
            looks = int(message.get("looks", 0)) + 1
            if looks < SHOWN:
                self._queue.send([Message(dict(message, looks=looks), delay_seconds=MAX_DELAY)])
            return copy
        return self._seen(copy, there=state == "there")

    def _read_back(self, copy: Copy) -> Copy:
        """Look for a copy that nobody knows of: out when it is there, otherwise to be looked for again, for a day."""
        books, now = self._books, self._books.clock()
        native_id = self._found(copy)
        if native_id is None:
            new = copy.model_copy(update={"looks": copy.looks + 1, "rev": copy.rev + 1})
            try:
                books.store.table.transact([books.store.put_copy(new), *next_look(books.store, new, now)])
            except (ConditionFailedError, ContentionError):
                raise LaterError("somebody changed this copy meanwhile") from None
            return new
        said, leaf = books.outcome(copy, "done")
        known, gone = carried_out(books, ending(said, "done", error=None, native_id=native_id, now=iso(now)))
        writes = [] if gone else [books.store.put_copy(known), books.store.look(known, iso(now + LOOK_AFTER))]
        try:
            done = books.commit([leaf], writes, intended=gone)
        except ConflictError:
            raise LaterError("somebody changed this copy meanwhile") from None
        return done[0] if done else known

    def _found(self, copy: Copy) -> str | None:
        """Return the number of what the platform shows of this copy, if it shows it and it is no other copy's."""
        account = ref_of(self._books.account(copy.account))
        since = parse_iso(copy.called_at or copy.job.at) - CLOCKS_APART
        try:
            outgoing = self._fitting.outgoing(copy)
            publisher, http = self._fitting.publisher(copy.platform), self._http(copy.account)
            seen = publisher.find(outgoing, account, http, copy.progress, since=since)
        except (PlatformError, UnfitError, NotReadyError) as error:
            _log.warning("%s could not be looked for on its platform (%s)", copy.id, error.code)
            return None
        others = {one.native_id for one in self._books.store.copies(copy.publication) if one.id != copy.id}
        # What comes again says the same each time: the next one is not this one.
        return seen.native_id if seen.state == "done" and seen.native_id not in others else None

    def _seen(self, copy: Copy, *, there: bool) -> Copy:
        now, store = iso(self._books.clock()), self._books.store
        wrong = there == (copy.state == "down")
        step = "seen" if not wrong else "still_there" if there else "missing"
        update: dict[str, Any] = {"checked_at": now}
        if copy.state != "down":
            update |= {"state": "out" if there else "missing", "error": None if there else "missing"}
        else:
            update |= {"error": "still_there" if there else None}
        new, leaf = self._books.copied(copy.model_copy(update=update), Actor.system("publish"), step)
        tell = [self._releasing.telling(copy.job.by.id, copy.publication)] if wrong else []
        try:
            self._books.commit([leaf], [store.put_copy(new), *tell])
        except ConflictError:
            raise LaterError("another worker has this copy now") from None
        return new


def next_look(store: PublicationStore, copy: Copy, now: datetime) -> list[Put]:
    """Return the write that has an unknown copy looked for again; none once a day is over."""
    if copy.looks >= len(LOOKS):
        return []
    before = LOOKS[copy.looks - 1] if copy.looks else timedelta()
    return [store.look(copy, iso(now + LOOKS[copy.looks] - before))]
