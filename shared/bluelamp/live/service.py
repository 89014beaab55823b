"""The page's side of live: a ticket to connect with, and what changed while the line was down."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Query
from bluelamp.cursors import CursorError, Signer
from bluelamp.live.model import Changes, Ticket
from bluelamp.people.rules import require
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bluelamp.accounts.service import Accounts
    from bluelamp.cursors import Cursors
    from bluelamp.live.store import LiveStore
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer

TICKET_LIFE = timedelta(seconds=60)
# What a ticket says of its person: enough to load them anew. It travels in an address, so nothing says who that is.
TICKET_FIELDS = frozenset({"id", "role", "session_id", "expires_at"})
# More missed events of an account or changed posts than this, and reading the list anew is cheaper than catching up.
MAX_EVENTS = 100
# A vector of more accounts than this does not fit into a cursor: such a page reads its list anew.
MAX_ACCOUNTS = 80
QUERY = {"list": "changes"}


class Live:
    """The use cases of the live routes.

    Parameters
    ----------
    store
        Events and connections.
    changer
        Makes summaries, and records what was read.
    accounts
        The accounts within a person's reach.
    cursors
        Makes and opens cursors.
    tickets
        Signs tickets; its purpose is ``ticket``.
    url
        The address of the WebSocket.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        store: LiveStore,
        changer: Changer,
        accounts: Accounts,
        cursors: Cursors,
        tickets: Signer,
        url: str,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._changer = changer
        self._accounts = accounts
        self._cursors = cursors
        self._tickets = tickets
        self._url = url
        self._clock = clock

    def ticket(self, principal: Principal) -> Ticket:
        """Return a ticket for one connection, good once and for a minute. Recorded as a search: posts will be read.

        Raises
        ------
        RefusedError
            When the role sees no posts.
        """
        require(principal, "see")
        expires = iso(self._clock() + TICKET_LIFE)
        person = principal.model_dump(mode="json", include=set(TICKET_FIELDS))
        signed = self._tickets.sign({"expires": expires, "nonce": secrets.token_urlsafe(16), "person": person})
        self._changer.searched(principal, Query(view="live"), account=None)
        return Ticket(
            ticket=signed, url=self._url, expires_at=expires, cursor=self._cursor(principal, self._heads(principal))
        )

    def changes(self, principal: Principal, since: str | None) -> Changes:
        """Return the posts that changed since a cursor, as they stand now.

        Raises
        ------
        RefusedError
            When the role sees no posts.
        """
        require(principal, "see")
        heads = self._heads(principal)
        cursor = self._cursor(principal, heads)
        if since is None:
            return Changes(posts=(), cursor=cursor, reset=True)
        try:
            place = self._cursors.open(principal.id, QUERY, since)
        except CursorError:
            return Changes(posts=(), cursor=cursor, reset=True)
        missed = None if place.get("too_many") else self._missed(heads, place)
        if missed is None:
            return Changes(posts=(), cursor=cursor, reset=True)
        posts = self._changer.posts.get_many(missed, consistent=True)
        if posts:
            self._changer.searched(principal, Query(view="changes", hits=len(posts)), account=None)
        return Changes(
            posts=tuple(self._changer.summary(principal, p) for p in posts.values()), cursor=cursor, reset=False
        )

    def _missed(self, heads: Mapping[str, int], place: Mapping[str, int]) -> list[str] | None:
        """Return the posts that changed between a cursor's place and `heads`; None when they are too many to tell."""
        wanted: dict[str, None] = {}
        for account, head in heads.items():
            known = int(place.get(account, 0))
            if head == known:
                continue
            near = 0 < head - known <= MAX_EVENTS
            posts = self._store.events(account, after=known, upto=head) if near else None
            if posts is None:
                return None
            wanted |= dict.fromkeys(posts)
            if len(wanted) > MAX_EVENTS:
                return None
        return list(wanted)

    def _heads(self, principal: Principal) -> dict[str, int]:
        return self._store.heads([a.id for a in self._accounts.reached_by(principal)])

    def _cursor(self, principal: Principal, heads: dict[str, int]) -> str:
        place = heads if len(heads) <= MAX_ACCOUNTS else {"too_many": 1}
        return self._cursors.seal(principal.id, QUERY, place)


def ticket_expired(expires: str, clock: Clock = utc_now) -> bool:
    """Return whether a ticket's time is over."""
    return parse_iso(expires) < clock()
