"""The live function's side: tells each open page what changed on the accounts it may see."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from bluelamp.errors import SignatureError
from bluelamp.live.model import Connection, LivePosts
from bluelamp.live.service import ticket_expired
from bluelamp.people.model import Principal
from bluelamp.people.rules import decide, reaches
from bluelamp.posts.model import PostSummary
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cursors import Signer
    from bluelamp.live.store import LiveStore
    from bluelamp.posts.changing import Changer


class Sockets(Protocol):
    """Sends to open WebSockets."""

    def send(self, connection_id: str, data: bytes) -> bool:
        """Send, and return whether the connection is still there."""

    def close(self, connection_id: str) -> None:
        """Close a connection; it may be gone already."""


# Somebody who was suspended, or signed out, hears nothing more after this time at the latest.
RECHECK = timedelta(seconds=20)
# API Gateway takes messages of 128 KB at most.
MAX_BYTES = 100 * 1024
SIDE_BY_SIDE = 16
# The function has ten seconds: pages that cannot be told in this time are left to find the gap themselves.
SEND_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Pushing:
    """The use cases of the live function.

    Parameters
    ----------
    store
        Events and connections.
    changer
        Makes summaries.
    sockets
        Sends to pages.
    tickets
        Opens tickets; its purpose is ``ticket``.
    still
        Returns a principal as they stand now, or None when they may not use the system any more.
    refused
        Counts a page that came without a ticket of ours.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        store: LiveStore,
        changer: Changer,
        sockets: Sockets,
        tickets: Signer,
        still: Callable[[Principal], Principal | None],
        refused: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._still = still
        self._refused = refused
        self._checked: dict[str, tuple[datetime, Principal | None]] = {}
        self._store = store
        self._changer = changer
        self._sockets = sockets
        self._tickets = tickets
        self._clock = clock

    def connect(self, connection_id: str, query: Mapping[str, str]) -> None:
        """Let a page in that holds a ticket.

        Raises
        ------
        SignatureError
            When the ticket is not ours, its minute is over, it was used before, or the sign-in behind it has ended.
        """
        try:
            principal = self._admit(query.get("ticket", ""))
        except SignatureError:
            self._refused()
            raise
        now = self._clock()
        self._store.connect(Connection(id=connection_id, principal=principal, opened_at=iso(now)), now=now)

    def _admit(self, ticket: str) -> Principal:
        value = self._tickets.open(ticket)
        if ticket_expired(value["expires"], self._clock):
            raise SignatureError("This ticket's minute is over; ask for a new one.")
        if not self._store.use_ticket(ticket, expires=parse_iso(value["expires"])):
            raise SignatureError("This ticket was used before; ask for a new one.")
        principal = self._still(Principal.model_validate({"name": "", **value["person"]}))
        if principal is None:
            raise SignatureError("The sign-in behind this ticket has ended; sign in again.")
        return principal

    def disconnect(self, connection_id: str) -> None:
        """Forget a page."""
        self._store.disconnect(connection_id)

    def heard(self, connection_id: str) -> None:
        """Take a page's sign of life: its line is closed when the sign-in behind it has ended meanwhile."""
        connection = self._store.connection(connection_id)
        if connection is None:
            self._sockets.close(connection_id)
        else:
            self._now(connection)

    def tell(self, messages: Sequence[dict[str, Any]]) -> int:
        """Tell every page of the changed posts that it may see, and close those of people who were shut out.

        Parameters
        ----------
        messages
            Bodies of the live queue: `account` and `post_id`, or `person` for somebody whose sign-ins are to be looked
            at again. A repeat tells the pages again, which harms nobody: every summary carries its revision.

        Returns
        -------
        int
            How many messages were sent to pages.
        """
        by_account: dict[str, list[str]] = {}
        for message in (one for one in messages if "person" not in one):
            by_account.setdefault(message["account"], []).append(message["post_id"])
        changed = {account: list(dict.fromkeys(posts)) for account, posts in by_account.items()}
        # Numbers first, pages second: a page that opens in between is not told, and finds the events when it asks.
        numbers = {a: self._store.add_event(a, posts, at=self._clock()) for a, posts in changed.items()}
        connections = self._store.connections()
        again = {message["person"] for message in messages if "person" in message}
        looked_at = (c for c in connections if c.id in self._checked and c.principal.id not in again)
        self._checked = {c.id: self._checked[c.id] for c in looked_at}
        connections = [c for c in connections if c.principal.id not in again or self._now(c) is not None]
        letters: dict[str, list[bytes]] = {}
        for account_id, post_ids in changed.items():
            for connection_id, written in self._write(account_id, numbers[account_id], post_ids, connections).items():
                letters.setdefault(connection_id, []).extend(written)
        return self._deliver(letters)

    def _write(
        self, account_id: str, number: int, post_ids: list[str], connections: list[Connection]
    ) -> dict[str, list[bytes]]:
        """Return what each page is to be told of an account's event."""
        account = self._changer.accounts.find(account_id)
        if account is None:
            return {}
        audience = [
            (connection, principal)
            for connection in connections
            if reaches(connection.principal, account)
            and (principal := self._now(connection)) is not None
            and decide(principal, "see", account, self._clock()).allowed
        ]
        if not audience:
            return {}
        posts = self._changer.posts.get_many(post_ids, consistent=True).values()
        return {
            connection.id: messages(account_id, number, [self._changer.summary(principal, p) for p in posts])
            for connection, principal in audience
        }

    def _deliver(self, letters: Mapping[str, list[bytes]]) -> int:
        """Send to many pages side by side, so that a slow one holds up itself alone."""
        if not letters:
            return 0
        pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="live")
        tasks = {pool.submit(self._send, page, written): page for page, written in letters.items()}
        done, late = wait(tasks, timeout=SEND_SECONDS)
        pool.shutdown(wait=False, cancel_futures=True)
        if late:
            _log.warning("%d of %d pages could not be told in time", len(late), len(tasks))
        for task in done:
            if task.result() < len(letters[tasks[task]]):
                self._store.disconnect(tasks[task])
        return sum(task.result() for task in done)

    def _send(self, connection_id: str, written: list[bytes]) -> int:
        """Send to one page, in order; return how many messages were sent before it was found to be gone."""
        for sent, data in enumerate(written):
            if not self._sockets.send(connection_id, data):
                return sent
        return len(written)

    def _now(self, connection: Connection) -> Principal | None:
        """Return who is at a page as they stand now; a page whose sign-in has ended is closed."""
        now = self._clock()
        known = self._checked.get(connection.id)
        if known is not None and now - known[0] <= RECHECK:
            return known[1]
        principal = self._still(connection.principal)
        self._checked[connection.id] = (now, principal)
        if principal is None:
            self._sockets.close(connection.id)
            self._store.disconnect(connection.id)
        return principal


def messages(account: str, number: int, posts: Sequence[PostSummary]) -> list[bytes]:
    """Return an event as messages that a WebSocket takes: one, or one for each post when that would be too large.

    A post that is too large by itself is not told: an empty message makes the page ask for what changed.
    """
    whole = _message(account, number, posts)
    if len(whole) <= MAX_BYTES:
        return [whole]
    single = [_message(account, number, [post]) for post in posts]
    fitting = [data for data in single if len(data) <= MAX_BYTES]
    if len(fitting) == len(single):
        return single
    return [_message(account, number, []), *fitting]


def _message(account: str, number: int, posts: Sequence[PostSummary]) -> bytes:
    return LivePosts(account=account, seq=number, posts=tuple(posts)).model_dump_json().encode()
