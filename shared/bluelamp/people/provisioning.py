"""Joiners, movers and leavers by the force's own groups, applied when somebody signs in through the force's provider.

Who comes through the provider is what their groups say, at each sign-in: made when they are new, moved when their
groups give another role or other teams, gone when no group gives anything. A suspension is never lifted here. Whoever
signs in by the pool itself, and every force that maps no groups, is left as they are.

Nobody gives themselves anything: for whoever set the mapping that is in force, the newest one that somebody else set
holds. Where there was never another hand, their groups can only take away: they stay as they are, or leave.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from bluelamp.audit.leaf import Actor, Change, Leaf, Obj, Reason, Rule, draft
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, RefusedError
from bluelamp.people.changes import changes_between
from bluelamp.people.groups import GroupMapping, Place, groups_of, placed
from bluelamp.people.model import Person
from bluelamp.people.moving import Covers, ended
from bluelamp.people.rules import principal_of
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.people.store import PeopleStore
    from bluelamp.people.tokens import Claims

ATTEMPTS: Final = 3
MAX_NAME: Final = 100
_ACTOR: Final = Actor.system("sign-in")


class NotPlacedError(RefusedError):
    """The force's provider vouches for somebody whose groups give nothing here, or says nothing usable about them.

    Parameters
    ----------
    reason_code
        ``no_group``, ``no_groups_sent``, ``no_address`` or ``address_taken``.
    person
        Whom we know by this sign-in.
    """

    code = "no_group"

    def __init__(self, message: str, *, reason_code: str, person: Person | None = None) -> None:
        super().__init__(message, reason_code=reason_code)
        self.principal = principal_of(person) if person else None


class Provisioning:
    """Applies the mapping of groups to somebody who signs in.

    Parameters
    ----------
    store
        People, and the mapping.
    provider
        The federated provider whose groups count; empty when there is none.
    covers
        Ends in the roster what somebody who moves stands in for.
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
        provider: str,
        covers: Covers,
        wake: Callable[[], None],
        closing: Callable[[str], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._provider = provider
        self._covers = covers
        self._wake = wake
        self._closing = closing
        self._clock = clock

    def arrive(self, claims: Claims) -> Person | None:
        """Return the person who signs in, as their groups have them now; None for somebody unknown.

        Raises
        ------
        NotPlacedError
            When no group of theirs gives anything here; somebody who was active has left then. And when the provider
            sent no groups at all, or no usable address: that is a matter of its set-up, and changes nobody.
        ConflictError
            When they were changed by somebody else at this very moment, again and again.
        """
        for _ in range(ATTEMPTS):
            person = self._store.person(claims.sub)
            if not self._provider or claims.provider != self._provider:
                return person
            mapping = self._store.groups()
            alone = mapping.changed_by == claims.sub and mapping.others == 0
            if mapping.changed_by == claims.sub and not alone:
                mapping = self._store.groups_at(mapping.others)
            if not mapping.rules:
                return person
            try:
                return self._apply(claims, person, mapping, alone=alone)
            except (ConditionFailedError, ContentionError):
                continue
        raise ConflictError("Somebody changes your access at this very moment. Sign in again.")

    def _apply(self, claims: Claims, person: Person | None, mapping: GroupMapping, *, alone: bool) -> Person:
        if claims.groups is None:
            raise NotPlacedError(
                "The force's sign-in did not say which groups you are in, so nothing was changed and nobody was let "
                "in. Tell your administrator: docs/identity.md says what to set in Entra ID.",
                reason_code="no_groups_sent",
                person=person,
            )
        place = placed(mapping, groups_of(claims.groups))
        if place is None:
            if person is not None and person.active:
                self._leave(person, mapping)
            raise NotPlacedError(
                "You signed in, but none of your groups in the force's directory gives access to Bluelamp. Ask your "
                "administrator, or the service desk for the group.",
                reason_code="no_group",
                person=person,
            )
        if person is None:
            return self._join(claims, place, mapping)
        return person if alone or person.status == "suspended" else self._move(person, claims, place, mapping)

    def _join(self, claims: Claims, place: Place, mapping: GroupMapping) -> Person:
        email = claims.email.strip().lower()
        if not email:
            raise NotPlacedError(
                "The force's sign-in did not give your e-mail address, and Bluelamp needs it. Tell your administrator: "
                "docs/identity.md says what to set in Entra ID.",
                reason_code="no_address",
            )
        # An address proves nobody to be somebody else: a second sign-in with it takes nothing over.
        if self._taken(email, claims.sub):
            raise NotPlacedError(
                "You have access to Bluelamp already, with another sign-in. Use that one, or ask your administrator to "
                "note that it has left; then sign in again.",
                reason_code="address_taken",
            )
        person = Person(
            id=claims.sub, name=_name(claims) or email, email=email, role=place.role, teams=tuple(place.teams)
        )
        return self._save(None, person, mapping)

    def _move(self, person: Person, claims: Claims, place: Place, mapping: GroupMapping) -> Person:
        wanted: dict[str, Any] = {
            "role": place.role,
            "teams": place.teams,
            "status": "active",
            "name": _name(claims) or person.name,
            "email": self._address(person, claims),
        }
        update = {name: value for name, value in wanted.items() if value != getattr(person, name)}
        if not update:
            return person
        moved = person.model_copy(update=update | {"rev": person.rev + 1})
        return self._save(person, moved, mapping)

    def _address(self, person: Person, claims: Claims) -> str:
        """Return the address that the provider says; their own when it says none, or one that is somebody else's."""
        email = claims.email.strip().lower()
        if not email or email == person.email:
            return person.email
        # Files name people by their address: with two of one address a line would reach the wrong one.
        return person.email if self._taken(email, person.id) else email

    def _taken(self, email: str, person_id: str) -> bool:
        others = (one for one in self._store.everybody() if one.id != person_id and one.status != "left")
        return any(one.email.lower() == email for one in others)

    def _leave(self, person: Person, mapping: GroupMapping) -> None:
        gone = person.model_copy(update={"status": "left", "signed_out_at": self._clock(), "rev": person.rev + 1})
        self._save(person, gone, mapping)
        self._closing(person.id)

    def _save(self, old: Person | None, new: Person, mapping: GroupMapping) -> Person:
        new, over = ended(self._store, self._covers, old, new, by=_ACTOR, at=self._clock())
        leaves = [self._leaf(new, change, mapping) for change in changes_between(old, new)]
        chunk = Chunk.of([*leaves, *over.leaves])
        put = self._store.insert(new) if old is None else self._store.replace(new)
        self._store.table.transact([put, chunk.put(), line(ROSTER, chunk), *over.writes])
        self._wake()
        return new

    def _leaf(self, person: Person, change: Change, mapping: GroupMapping) -> Leaf:
        return draft(
            type="config",
            at=self._clock(),
            actor=_ACTOR,
            obj=Obj(kind="person", key=person.id),
            change=change,
            reason=Reason(code="groups"),
            rule=Rule(id="groups", version=str(mapping.rev)),
        )


def _name(claims: Claims) -> str:
    return " ".join(claims.name.split())[:MAX_NAME]
