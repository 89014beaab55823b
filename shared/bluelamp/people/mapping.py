"""What the force's groups give, read and set by an administrator. Each revision is kept; the log has its hash.

Nobody changes their own access by it: for whoever set a revision the newest one that somebody else set holds
(`people/provisioning.py`). Another administrator who sets the same list again confirms it, and then it holds for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from bluelamp.audit.leaf import Change, Obj, Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.models import Model
from bluelamp.people.groups import GroupMapping, GroupRule
from bluelamp.people.rules import require
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.store import PeopleStore


class MappingView(Model):
    """What groups give, in order: the first group that somebody is in gives the role. `sha256` stands in the record.

    `confirmed`: somebody else had set the same list before. Until then it does not hold for `changed_by`.
    """

    model_config = ConfigDict(frozen=True)

    rules: tuple[GroupRule, ...]
    rev: int
    sha256: str
    changed_at: datetime | None
    changed_by: str | None
    confirmed: bool


class GroupMappings:
    """The use cases of the routes of the mapping.

    Parameters
    ----------
    store
        Where it is kept.
    wake
        Has the outbox sealed now.
    clock
        The present.
    """

    def __init__(self, store: PeopleStore, *, wake: Callable[[], None], clock: Clock = utc_now) -> None:
        self._store = store
        self._wake = wake
        self._clock = clock

    def show(self, principal: Principal) -> MappingView:
        """Return what groups give now. Recorded as a search.

        Raises
        ------
        NotPermittedError
            When the role does not manage people.
        """
        require(principal, "people")
        found = self._store.groups()
        query = Query(view="groups", hits=len(found.rules))
        self._store.table.write(
            Chunk.of([draft(type="search", at=self._clock(), actor=principal.actor(), query=query)]).put()
        )
        return _view(found)

    def put(self, principal: Principal, rules: Sequence[GroupRule], *, rev: int, idem: Idempotency) -> MappingView:
        """Set what groups give; it holds for each sign-in from now on, and changes nobody who is signed in.

        It does not hold for whoever sets it, until somebody else sets it too.

        Raises
        ------
        NotPermittedError
            When the role does not manage people.
        InvalidInputError
            When a group stands there twice for one role.
        ConflictError
            When another revision than `rev` is in force.
        """
        require(principal, "people")
        seen: set[tuple[str, str]] = set()
        for rule in rules:
            key = (rule.group, rule.role)
            if key in seen:
                raise InvalidInputError(
                    f"The group {rule.group} is there twice as {rule.role}: put its teams together."
                )
            seen.add(key)
        old = self._store.groups()
        if old.rev != rev:
            raise _overtaken(old)
        now = self._clock()
        new = _following(old, tuple(rules), now, principal.id)
        leaf = draft(
            type="config",
            at=now,
            actor=principal.actor(),
            obj=Obj(kind="groups", key="groups", rev=new.rev, prev=old.head or None),
            change=Change(field="groups", from_=f"sha256:{old.digest}" if old.rev else None, to=f"sha256:{new.digest}"),
        )
        new = new.model_copy(update={"head": leaf.digest})
        view = _view(new)
        kept = idem.put(view.model_dump(mode="json"))
        try:
            self._store.table.transact([self._store.put_groups(new), Chunk.of([leaf]).put(), kept])
        except (ConditionFailedError, ContentionError):
            raise _overtaken(self._store.groups()) from None
        self._wake()
        return view


def _following(old: GroupMapping, rules: tuple[GroupRule, ...], now: datetime, by: str) -> GroupMapping:
    """Return the revision after `old`, and whose word it stands on."""
    new = GroupMapping(rules=rules, rev=old.rev + 1, changed_at=now, changed_by=by)
    if old.changed_by == by:
        return new.model_copy(update={"others": old.others, "confirmed": old.confirmed and new.digest == old.digest})
    return new.model_copy(update={"others": old.rev, "confirmed": old.rev > 0 and new.digest == old.digest})


def _overtaken(found: GroupMapping) -> ConflictError:
    return ConflictError("Somebody else changed what groups give meanwhile. Look again.", rev=found.rev)


def _view(found: GroupMapping) -> MappingView:
    return MappingView(
        rules=found.rules,
        rev=found.rev,
        sha256=found.digest,
        changed_at=found.changed_at,
        changed_by=found.changed_by,
        confirmed=found.confirmed,
    )
