"""Who belongs to the force: joining, changing, suspending and leaving, each with its record."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bluelamp.audit.leaf import Actor, Change, Obj, draft
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, Put
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people import duty
from bluelamp.people.model import DutyShift, Gate, Person, PersonStatus, Role, StandIn
from bluelamp.people.store import PeopleStore
from bluelamp.times import Clock, utc_now


class People:
    """The people of the force.

    Parameters
    ----------
    store
        Where they are kept.
    clock
        The present.
    """

    def __init__(self, store: PeopleStore, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock

    def get(self, person_id: str) -> Person:
        """Return a person.

        Raises
        ------
        NotFoundError
            When there is none with this id.
        """
        person = self._store.person(person_id)
        if person is None:
            raise NotFoundError(f"there is no person {person_id}")
        return person

    def names(self, person_ids: Iterable[str]) -> dict[str, str]:
        """Return the names of the people that there are among these ids, by id."""
        return self._store.names(person_ids)

    def among(self, person_ids: Iterable[str]) -> dict[str, Person]:
        """Return the people that there are among these ids, by id."""
        return self._store.among(person_ids)

    def gone(self, person_ids: Iterable[str]) -> frozenset[str]:
        """Return which of these cannot use the system any more: suspended, or left."""
        return frozenset(person.id for person in self.among(person_ids).values() if not person.active)

    def everybody(self) -> list[Person]:
        """Return all people, by name."""
        return list(self._store.everybody())

    def by_address(self) -> dict[str, Person]:
        """Return all people by their address, as `PeopleStore.by_address`."""
        return self._store.by_address()

    def gate(self) -> Gate:
        """Return what the force asks of whoever acts."""
        return self._store.gate()

    def gate_changed(self, old: Gate, **changes: Any) -> tuple[Gate, Put]:
        """Return the gate as it becomes and its write, which belongs in the transaction of the record."""
        gate = old.model_copy(update=changes | {"rev": old.rev + 1})
        return gate, self._store.put_gate(gate)

    def changed(self, old: Person, **changes: Any) -> Put:
        """Return the write of a changed person, which belongs in the transaction of the record of what changed."""
        return self._store.replace(old.model_copy(update=changes | {"rev": old.rev + 1}))

    def answering(self, gained: Mapping[str, Collection[str]], lost: Mapping[str, Collection[str]]) -> list[Put]:
        """Return the writes by which people come to answer for accounts, or cease to; `duty.answering` tells more."""
        return duty.answering(self._store, gained, lost)

    def standing(self, entry: str, *, before: str | None, after: str | None, new: StandIn | None) -> list[Put]:
        """Return the writes by which an entry of the roster takes effect; `duty.standing` tells more."""
        return duty.standing(self._store, entry, before=before, after=after, new=new, now=self._clock())

    def on_shift(self, entry: str, *, before: str | None, after: str | None, new: DutyShift | None) -> list[Put]:
        """Return the writes by which a shift stands with whoever has it; `duty.on_shift` tells more."""
        return duty.on_shift(self._store, entry, before=before, after=after, new=new, now=self._clock())

    def given_by(self, person_id: str) -> frozenset[str]:
        """Return the accounts that whoever stands in for somebody may come to reach by it."""
        return duty.given_by(self._store, person_id)

    def add_person(
        self,
        *,
        person_id: str,
        name: str,
        email: str,
        role: Role,
        by: Actor,
        teams: Sequence[str] = (),
        covers: Sequence[str] = (),
    ) -> Person:
        """Add somebody, or return them unchanged when they are there already.

        Parameters
        ----------
        person_id
            The subject that the identity provider knows them by.
        teams
            Whose accounts they reach, where the role does not reach all.
        covers
            Single accounts that they reach beside those.
        by
            Who adds them, for the record.
        """
        person = Person(id=person_id, name=name, email=email, role=role, teams=tuple(teams), covers=tuple(covers))
        leaf = self._leaf(person, by, Change(field="role", to=role))
        try:
            self._store.table.transact([self._store.insert(person), leaf.put(), line(ROSTER, leaf)])
        except ConditionFailedError:
            return self.get(person_id)
        return person

    def change_person(self, person_id: str, *, rev: int, by: Actor, **changes: Any) -> Person:
        """Change name, email, role, teams or covers.

        Raises
        ------
        NotFoundError
            When there is no such person.
        ConflictError
            When somebody else changed them since revision `rev`.
        """
        old = self._at(person_id, rev)
        person = Person.model_validate(old.model_dump() | changes | {"rev": rev + 1})
        change = Change(field="role", from_=old.role, to=person.role) if old.role != person.role else None
        self._save(person, by, change)
        return person

    def suspend(self, person_id: str, *, rev: int, by: Actor) -> Person:
        """Shut somebody out at once: the next request of any of their sessions or tokens is refused."""
        return self._set_status(person_id, "suspended", rev, by)

    def reinstate(self, person_id: str, *, rev: int, by: Actor) -> Person:
        """Let somebody in again; they sign in anew."""
        return self._set_status(person_id, "active", rev, by)

    def leave(self, person_id: str, *, rev: int, by: Actor) -> Person:
        """Note that somebody left the force. What they did keeps their name."""
        return self._set_status(person_id, "left", rev, by)

    def sign_out(self, person_id: str, *, rev: int, by: Actor) -> Person:
        """End all sign-ins of somebody; who is active may sign in anew."""
        old = self._at(person_id, rev)
        person = old.model_copy(update={"signed_out_at": self._clock(), "rev": rev + 1})
        self._save(person, by, Change(field="sign_ins", to="ended"))
        return person

    def _set_status(self, person_id: str, status: PersonStatus, rev: int, by: Actor) -> Person:
        old = self._at(person_id, rev)
        changes: dict[str, Any] = {"status": status, "rev": rev + 1}
        if status != "active":
            # The status alone shuts them out; without this an old cookie would work again after reinstatement.
            changes["signed_out_at"] = self._clock()
        person = old.model_copy(update=changes)
        self._save(person, by, Change(field="status", from_=old.status, to=status))
        return person

    def _at(self, person_id: str, rev: int) -> Person:
        person = self.get(person_id)
        if person.rev != rev:
            raise ConflictError("Somebody else changed this person meanwhile. Look again.", rev=person.rev)
        return person

    def _save(self, person: Person, by: Actor, change: Change | None) -> None:
        leaf = self._leaf(person, by, change)
        try:
            self._store.table.transact([self._store.replace(person), leaf.put(), line(ROSTER, leaf)])
        except ConditionFailedError as error:
            raise ConflictError("Somebody else changed this person meanwhile. Look again.") from error

    def _leaf(self, person: Person, by: Actor, change: Change | None) -> Chunk:
        obj = Obj(kind="person", key=person.id)
        return Chunk.of([draft(type="config", at=self._clock(), actor=by, obj=obj, change=change)])
