"""Browser sessions: an opaque cookie on one side, a hash of it on the other, and an end that comes by itself.

The cookie is ``<person>.<random>``. The person's id in it lets one read find both the person and the session;
the random part, 256 bits, is what proves anything, and only its SHA-256 is stored.
"""

import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from bluelamp.audit.leaf import draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.errors import NotSignedInError
from bluelamp.people.duty import covered
from bluelamp.people.model import Gate, Person, Principal, Session
from bluelamp.people.rules import principal_of
from bluelamp.people.store import PeopleStore, session_id
from bluelamp.people.tokens import Claims
from bluelamp.times import Clock, iso, utc_now

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
EXTEND_AFTER = timedelta(minutes=5)
_COOKIE = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})")

# The last token of a sign-in ends then: the provider renews them for 12 hours, each lives one (infra/identity.yaml).
LAST_TOKEN = timedelta(hours=13)
# A browser's session is stored under the SHA-256 of its cookie's random part.
_STORED = re.compile(r"[0-9a-f]{64}")


class Sessions:
    """Opens, loads and ends browser sessions, and knows the person behind a token.

    Parameters
    ----------
    store
        People and sessions.
    wake
        Has the outbox sealed now.
    clock
        The present.
    """

    def __init__(self, store: PeopleStore, *, wake: Callable[[], None], clock: Clock = utc_now) -> None:
        self._store = store
        self._wake = wake
        self._clock = clock

    def _principal(
        self,
        person: Person,
        session: Session | None = None,
        *,
        at: datetime,
        gate: Gate | None = None,
        session_id: str = "",
    ) -> Principal:
        """Return who somebody is in this request; one more read for whoever stands in for others just now."""
        duty = covered(self._store, person, at)
        return principal_of(person, session, session_id=session_id, at=at, covered=duty, gate=gate)

    def create(self, person: Person) -> tuple[str, Principal]:
        """Open a session with its `login` leaf, and return its cookie and the principal it stands for.

        Raises
        ------
        NotSignedInError
            When the person was suspended at this very moment.
        """
        now = self._clock()
        random = secrets.token_urlsafe(32)
        session = Session(
            id=session_id(random),
            person_id=person.id,
            created_at=now,
            extended_at=now,
            expires_at=now + IDLE,
            ends_at=now + LONGEST,
        )
        principal = self._principal(person, session, at=now)
        chunk = Chunk.of([draft(type="login", at=now, actor=principal.actor())])
        opened = self._store.open_session(session)
        try:
            self._store.table.transact([opened, self._store.signed_in(person.id, iso(now)), chunk.put()])
        except ConditionFailedError:
            raise _ended() from None
        self._wake()
        return f"{person.id}.{random}", principal

    def load(self, cookie: str) -> Principal:
        """Return the principal that a cookie stands for; using a session moves its end.

        One read; a write as well when the session was last extended more than five minutes ago.

        Raises
        ------
        NotSignedInError
            When the cookie is not ours, the session has ended or run out, or the person may not
            use the system any more. The message does not tell these apart.
        """
        person_id, random = _parts(cookie)
        person, session, gate = self._store.person_and_session(person_id, session_id(random))
        now = self._clock()
        if person is None or session is None or not person.active:
            raise _ended()
        if now >= min(session.expires_at, session.ends_at) or _signed_out(person, session.created_at):
            raise _ended()
        if now - session.extended_at >= EXTEND_AFTER:
            session = session.model_copy(update={"extended_at": now, "expires_at": min(now + IDLE, session.ends_at)})
            try:
                self._store.table.write(self._store.extend_session(session))
            except ConditionFailedError:
                raise _ended() from None
        return self._principal(person, session, at=now, gate=gate)

    def of_token(self, claims: Claims) -> Principal:
        """Return the principal that a verified token stands for.

        Raises
        ------
        NotSignedInError
            When the person is unknown, not active, or was signed out after this sign-in: here, or everywhere.
        """
        person, seen, gate = self._store.person_and_token(claims.sub, claims.sign_in)
        if person is None or not person.active or _signed_out(person, claims.signed_in_at) or (seen and seen.ended):
            raise _ended()
        principal = self._principal(person, session_id=claims.sign_in, at=self._clock(), gate=gate)
        principal = principal.model_copy(update={"expires_at": claims.expires_at})
        if seen is None:
            self._first_seen(principal, claims)
        return principal

    def _first_seen(self, principal: Principal, claims: Claims) -> None:
        """Write the `login` leaf of a sign-in heard of by its first token: the provider tells us in no other way."""
        now = self._clock()
        mark = self._store.token_sign_in(principal.id, claims.sign_in, at=now, until=now + LAST_TOKEN)
        with suppress(ConditionFailedError):  # another request of the same sign-in was first
            self._store.table.transact([mark, Chunk.of([draft(type="login", at=now, actor=principal.actor())]).put()])
            self._wake()

    def still(self, principal: Principal) -> Principal | None:
        """Return the principal as they stand now, or None when their sign-in has ended; for lines that stay open."""
        now = self._clock()
        if _by_token(principal):
            return self._still_by_token(principal, now)
        person, session, gate = self._store.person_and_session(principal.id, principal.session_id)
        if person is None or not person.active or session is None:
            return None
        alive = now < min(session.expires_at, session.ends_at) and not _signed_out(person, session.created_at)
        return self._principal(person, session, at=now, gate=gate) if alive else None

    def _still_by_token(self, principal: Principal, now: datetime) -> Principal | None:
        person, seen, gate = self._store.person_and_token(principal.id, principal.session_id)
        lasts = principal.expires_at is not None and now < principal.expires_at
        if person is None or not person.active or not lasts:
            return None
        # Signed out everywhere after it was first seen: a line that this sign-in opened is open no longer.
        if seen and (seen.ended or _signed_out(person, seen.at)):
            return None
        return self._principal(person, session_id=principal.session_id, at=now, gate=gate).model_copy(
            update={"expires_at": principal.expires_at}
        )

    def end(self, principal: Principal) -> None:
        """End the sign-in of this request, with its `logout` leaf; ending it twice is as good as once.

        With a session every page of that browser is signed out; with a token every token of the same sign-in is.
        """
        now = self._clock()
        chunk = Chunk.of([draft(type="logout", at=now, actor=principal.actor())])
        closed = (
            self._store.end_token_sign_in(principal.id, principal.session_id, at=now)
            if _by_token(principal)
            else self._store.close_session(principal.id, principal.session_id)
        )
        with suppress(ConditionFailedError):  # ended by a twin of this request, which wrote the leaf
            self._store.table.transact([closed, chunk.put()])
            self._wake()


def _by_token(principal: Principal) -> bool:
    return not _STORED.fullmatch(principal.session_id)


def _signed_out(person: Person, signed_in_at: datetime) -> bool:
    return person.signed_out_at is not None and signed_in_at <= person.signed_out_at


def _parts(cookie: str) -> tuple[str, str]:
    match = _COOKIE.fullmatch(cookie)
    if match is None:
        raise _ended()
    return match[1], match[2]


def _ended() -> NotSignedInError:
    return NotSignedInError("You are not signed in, or your session has ended. Sign in again.")
