"""Writes to the register of accounts, each with its leaf in one transaction; lines of a file a few dozen at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bluelamp.accounts import rules
from bluelamp.accounts.model import Account, AccountStatus, Officer
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor, Change, Leaf, Reason, draft
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError, Put
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.people.model import Principal
from bluelamp.people.service import People
from bluelamp.times import Clock, utc_now

# Lines of a file in one transaction: few enough that one which fails is soon found by writing each by itself. With the
# people who come to lead, deputise or cease to, they are to stay below the hundred writes of a transaction.
TOGETHER = 40
PEOPLE_TOGETHER = 55
# How often a change is tried again because somebody whom it concerns signed in, or was changed, at that moment.
ROUNDS = 5


class Leaves(Protocol):
    """Gives the writes that disconnect an account, with their record: `bluelamp.connections.leaving`."""

    def __call__(self, account: str, actor: Actor, at: datetime) -> Sequence[Put]:
        """Return them; raise `ConflictError` when somebody is at its connection at this moment."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes the register: for the record, and by name for the next who looks."""

    actor: Actor
    officer: Officer | None = None

    @classmethod
    def of(cls, principal: Principal) -> Author:
        """Return the person of a request."""
        return cls(principal.actor(), Officer(id=principal.id, name=principal.name))


@dataclass(frozen=True, slots=True)
class Step:
    """One account as it is to be written; `old` is None for a new one, and `reason` a code of why, where given."""

    old: Account | None
    new: Account
    reason: str | None = None


class Registrar:
    """Writes accounts.

    Parameters
    ----------
    store
        Where they are kept.
    people
        Whoever leads or deputises reaches the account from then on, and whoever ceases to does not.
    clock
        The present.
    leaving
        Gives the writes that disconnect an account which is archived; None where no account is ever connected.
    """

    def __init__(
        self, store: AccountStore, people: People, clock: Clock = utc_now, leaving: Leaves | None = None
    ) -> None:
        self._store = store
        self._people = people
        self._leaving = leaving
        self.clock = clock

    def stepped(self, old: Account, wanted: Mapping[str, Any], author: Author) -> Step:
        """Return the step that changes an account; its `new` is `old` itself when nothing differs."""
        return Step(old, rules.changed(old, wanted, by=author.officer, at=self.clock()))

    def write(self, step: Step, author: Author, also: Sequence[Put] = ()) -> None:
        """Write one account with its leaf, and what belongs to it.

        Raises
        ------
        ConflictError
            When somebody else changed or registered it meanwhile; it tells what is there now. When it is archived
            while somebody is connecting it or renewing its token.
        """
        put, leaf = self._parts(step, author)
        for _ in range(ROUNDS):
            chunk = Chunk.of([leaf])
            try:
                self._store.table.transact(
                    [
                        *(put, chunk.put(), line(ROSTER, chunk)),
                        *also,
                        *self._left(step, author),
                        *self._people.answering(*_duties([step])),
                    ]
                )
            except ConditionFailedError as error:
                if 0 in error.failures:
                    break  # else its connection was changed at that moment: it is read again
            except ContentionError:
                continue  # somebody signs in at this moment: their item has moved on
            else:
                return
        raise self._overtaken(step)

    def write_many(self, steps: Sequence[Step], author: Author) -> dict[str, BluelampError]:
        """Write accounts, each whole or not at all; return why not, by id, for those that were not written."""
        failed: dict[str, BluelampError] = {}
        for group in _groups([step for step in steps if not _archives(step)]):
            failed |= self._write_group(group, author)
        return failed | self._write_each([step for step in steps if _archives(step)], author)

    def _write_group(self, steps: Sequence[Step], author: Author) -> dict[str, BluelampError]:
        parts = [self._parts(step, author) for step in steps]
        try:
            chunk = Chunk.of([leaf for _, leaf in parts])
            duties = self._people.answering(*_duties(steps))
            self._store.table.transact([*(put for put, _ in parts), chunk.put(), line(ROSTER, chunk), *duties])
        except (ConditionFailedError, ContentionError):
            return self._write_each(steps, author)
        return {}

    def _write_each(self, steps: Sequence[Step], author: Author) -> dict[str, BluelampError]:
        failed: dict[str, BluelampError] = {}
        for step in steps:
            try:
                self.write(step, author)
            except ConflictError as error:
                failed[step.new.id] = error
        return failed

    def _left(self, step: Step, author: Author) -> Sequence[Put]:
        if self._leaving is None or not _archives(step):
            return ()
        return self._leaving(step.new.id, author.actor, self.clock())

    def _parts(self, step: Step, author: Author) -> tuple[Put, Leaf]:
        old, new = step.old, step.new
        put = self._store.insert(new) if old is None else self._store.replace(new)
        names = () if old is None else rules.differing(old, _wanted(new))
        change = None
        if old is None or old.status != new.status:
            change = Change(field="status", from_=old.status if old else None, to=new.status)
        leaf = draft(
            type="config",
            at=self.clock(),
            actor=author.actor,
            account=new.id,
            change=change,
            reason=Reason(code=step.reason) if step.reason else None,
            registration=rules.registration(new, names),
        )
        return put, leaf

    def _overtaken(self, step: Step) -> ConflictError:
        now = self._store.get(step.new.id, consistent=True)
        if now is None:
            return ConflictError(f"{step.new.id} is not there any more; nothing was written.")
        return rules.overtaken(now, _wanted(step.new))

    def set_status(self, old: Account, status: AccountStatus, author: Author) -> Step:
        """Return the step that gives an account another status.

        Raises
        ------
        ConflictError
            When it has it already.
        """
        rules.require_status(old, status)
        return self.stepped(old, {"status": status}, author)


def _archives(step: Step) -> bool:
    return step.old is not None and step.new.status == "archived" != step.old.status


def _wanted(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in rules.FIELDS}


def _duties(steps: Sequence[Step]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return which accounts people gain, and which they lose, by the id of the person."""
    gained: dict[str, set[str]] = {}
    lost: dict[str, set[str]] = {}
    for step in steps:
        before = step.old.answers if step.old else frozenset()
        for person in step.new.answers - before:
            gained.setdefault(person, set()).add(step.new.id)
        for person in before - step.new.answers:
            lost.setdefault(person, set()).add(step.new.id)
    return gained, lost


def _groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    group: list[Step] = []
    people: set[str] = set()
    for step in steps:
        concerned = step.new.answers ^ (step.old.answers if step.old else frozenset())
        if group and (len(group) == TOGETHER or len(people | concerned) > PEOPLE_TOGETHER):
            yield group
            group, people = [], set()
        group.append(step)
        people |= concerned
    if group:
        yield group
