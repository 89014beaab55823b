"""Looking at copies on their platform: whether the public sees what is said to be out, or gone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bluelamp.accounts.finder import ref_of
from bluelamp.audit.leaf import Actor
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import PlatformError
from bluelamp.publishing.errors import LaterError
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.sqs import Queue
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.model import Copy
    from bluelamp.publishing.releasing import Releasing

_log = logging.getLogger(__name__)
MAX_DELAY = 600
# How often a copy is looked at afterwards while its platform cannot be asked.
LOOKS = 3


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
            if looks < LOOKS:
                self._queue.send([Message(dict(message, looks=looks), delay_seconds=MAX_DELAY)])
            return copy
        return self._seen(copy, there=state == "there")

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
