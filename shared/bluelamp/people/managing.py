"""Shutting somebody out, letting them in again, and the open sign-ins of a person, with the remote end of them.

Every request reads the person with the session, and a line that stays open is asked within seconds, so what is written
here holds from the next request on. Who is shut out is also signed out: an old cookie does not come back with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Change, Obj, Query, Reason, draft
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.access import OneselfError, PersonView, SignInList, SignInView, SuspendReason
from bluelamp.people.rules import require
from bluelamp.people.sessions import LAST_TOKEN
from bluelamp.people.store import token_id
from bluelamp.times import Clock, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Person, Principal
    from bluelamp.people.store import PeopleStore


class Managing:
    """The use cases of the routes that shut out, let in and sign out.

    Parameters
    ----------
    store
        People and their sign-ins.
    wake
        Has the outbox sealed now.
    closing
        Closes the open pages of somebody whose sign-ins have ended.
    clock
        The present.
    """

    def __init__(
        self,
        store: PeopleStore,
        *,
        wake: Callable[[], None],
        closing: Callable[[str], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._wake = wake
        self._closing = closing
        self._clock = clock

    def suspend(
        self, principal: Principal, person_id: str, *, reason: SuspendReason, ref: str | None, idem: Idempotency
    ) -> PersonView:
        """Shut somebody out: the next request of any of their sign-ins is refused.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role does not manage people, or there is no such person.
        OneselfError
            When it is the one who asks: the force would be left without.
        ConflictError
            When they are not active, or were changed meanwhile.
        """
        old = self._load(principal, person_id)
        if person_id == principal.id:
            raise OneselfError(
                "Refused because nobody suspends himself; ask another administrator.", reason_code="oneself"
            )
        if not old.active:
            raise ConflictError(f"This person is {old.status} already.", rev=old.rev)
        changes = {"status": "suspended", "signed_out_at": self._clock()}
        change = Change(field="status", from_=old.status, to="suspended")
        return self._save(principal, old, changes, change, idem=idem, reason=Reason(code=reason, ref=ref))

    def resume(self, principal: Principal, person_id: str, *, idem: Idempotency) -> PersonView:
        """Let somebody in again; they sign in anew. Raises as `suspend`."""
        old = self._load(principal, person_id)
        if old.status != "suspended":
            raise ConflictError(f"This person is {old.status}, and not suspended.", rev=old.rev)
        change = Change(field="status", from_=old.status, to="active")
        return self._save(principal, old, {"status": "active"}, change, idem=idem)

    def end_all(self, principal: Principal, person_id: str, *, idem: Idempotency) -> PersonView:
        """Sign somebody out everywhere; anybody may do so with his own sign-ins, this one included.

        Raises
        ------
        NotPermittedError, NotFoundError
            When it is somebody else and the role does not manage people, or there is no such person.
        ConflictError
            When they were changed meanwhile.
        """
        old = self._load(principal, person_id, own=True)
        change = Change(field="sign_ins", to="ended")
        return self._save(principal, old, {"signed_out_at": self._clock()}, change, idem=idem)

    def mine(self, principal: Principal) -> SignInList:
        """Return one's own open sign-ins, newest first. They are one's own, and nothing is recorded."""
        return self._open(principal, self._load(principal, principal.id, own=True))

    def of_person(self, principal: Principal, person_id: str) -> SignInList:
        """Return the open sign-ins of somebody, newest first. Recorded as a search.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the role does not manage people, or there is no such person.
        """
        person = self._load(principal, person_id)
        found = self._open(principal, person)
        query = Query(view="sign_ins", hits=len(found.sessions))
        obj = Obj(kind="person", key=person.id)
        leaf = draft(type="search", at=self._clock(), actor=principal.actor(), obj=obj, query=query)
        self._store.table.write(Chunk.of([leaf]).put())
        return found

    def _load(self, principal: Principal, person_id: str, *, own: bool = False) -> Person:
        if not (own and person_id == principal.id):
            require(principal, "people")
        person = self._store.person(person_id)
        if person is None:
            raise NotFoundError("There is no person with this id.")
        return person

    def _save(
        self,
        principal: Principal,
        old: Person,
        changes: dict[str, Any],
        change: Change,
        *,
        idem: Idempotency,
        reason: Reason | None = None,
    ) -> PersonView:
        person = old.model_copy(update=changes | {"rev": old.rev + 1})
        view = PersonView(id=person.id, status=person.status, signed_out_at=person.signed_out_at, rev=person.rev)
        leaf = draft(
            type="config",
            at=self._clock(),
            actor=principal.actor(),
            obj=Obj(kind="person", key=person.id),
            change=change,
            reason=reason,
        )
        chunk = Chunk.of([leaf])
        kept = idem.put(view.model_dump(mode="json"))
        try:
            self._store.table.transact([self._store.replace(person), chunk.put(), line(ROSTER, chunk), kept])
        except (ConditionFailedError, ContentionError):
            raise ConflictError("Somebody else changed this person meanwhile. Send it again.") from None
        self._wake()
        if "signed_out_at" in changes:
            self._closing(person.id)
        return view

    def _open(self, principal: Principal, person: Person) -> SignInList:
        now = self._clock()
        this = {principal.session_id, token_id(principal.session_id)}
        found = [_sign_in(item, this) for item in self._store.sign_ins(person.id) if "ended_at" not in item]
        out = person.signed_out_at
        shown = [one for one in found if person.active and now < one.until and (out is None or out < one.since)]
        return SignInList(sessions=tuple(sorted(shown, key=lambda one: one.since, reverse=True)))


def _sign_in(item: Item, this: set[str]) -> SignInView:
    name = item["sk"].partition("#")[2]
    if item["sk"].startswith("TOKEN#"):
        since: datetime = parse_iso(item["at"])
        return SignInView(id=name, kind="token", since=since, until=since + LAST_TOKEN, this=name in this)
    until = min(parse_iso(item["expires_at"]), parse_iso(item["ends_at"]))
    return SignInView(id=name, kind="browser", since=parse_iso(item["created_at"]), until=until, this=name in this)
