"""The live function's side: tells each open page what changed on the accounts it may see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from bluelamp.errors import SignatureError
from bluelamp.live.model import Connection, LivePosts
from bluelamp.live.service import ticket_expired
from bluelamp.people.model import Principal
from bluelamp.people.rules import permitted, reaches
from bluelamp.times import Clock, iso, utc_now

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
            When the ticket is not ours, or its minute is over.
        """
        try:
            value = self._tickets.open(query.get("ticket", ""))
        except SignatureError:
            self._refused()
            raise
        if ticket_expired(value["expires"], self._clock):
            self._refused()
            raise SignatureError("This ticket's minute is over; ask for a new one.")
        now = self._clock()
        principal = Principal.model_validate(value["principal"])
        self._store.connect(Connection(id=connection_id, principal=principal, opened_at=iso(now)), now=now)

    def disconnect(self, connection_id: str) -> None:
        """Forget a page."""
        self._store.disconnect(connection_id)

    def tell(self, messages: Sequence[dict[str, Any]]) -> int:
        """Tell every page of the changed posts that it may see.

        Parameters
        ----------
        messages
            Bodies of the live queue: `account` and `post_id`. A repeat tells the pages again, which harms nobody:
            every summary carries its revision.

        Returns
        -------
        int
            How many messages were sent to pages.
        """
        by_account: dict[str, list[str]] = {}
        for message in messages:
            by_account.setdefault(message["account"], []).append(message["post_id"])
        connections = self._store.connections()
        return sum(self._tell_account(a, list(dict.fromkeys(p)), connections) for a, p in by_account.items())

    def _tell_account(self, account_id: str, post_ids: list[str], connections: list[Connection]) -> int:
        number = self._store.add_event(account_id, post_ids, at=self._clock())
        account = self._changer.accounts.find(account_id)
        if account is None:
            return 0
        audience = [
            (connection, principal)
            for connection in connections
            if reaches(connection.principal, account)
            and (principal := self._now(connection)) is not None
            and reaches(principal, account)
            and permitted(principal, "see")
        ]
        if not audience:
            return 0
        posts = self._changer.posts.get_many(post_ids, consistent=True)
        sent = 0
        for connection, principal in audience:
            event = LivePosts(
                account=account_id,
                seq=number,
                posts=tuple(self._changer.summary(principal, p) for p in posts.values()),
            )
            if self._sockets.send(connection.id, event.model_dump_json().encode()):
                sent += 1
            else:
                self._store.disconnect(connection.id)
        return sent

    def _now(self, connection: Connection) -> Principal | None:
        """Return who is at a page as they stand now; a page whose sign-in has ended is closed."""
        now = self._clock()
        known = self._checked.get(connection.id)
        if known is None or now - known[0] > RECHECK:
            known = (now, self._still(connection.principal))
            self._checked[connection.id] = known
        if known[1] is None:
            self._sockets.close(connection.id)
            self._store.disconnect(connection.id)
            del self._checked[connection.id]
        return known[1]
