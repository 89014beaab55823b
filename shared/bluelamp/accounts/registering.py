"""Writes to the register of accounts, each with its leaf in one transaction; lines of a file a few dozen at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bluelamp.accounts import rules
from bluelamp.accounts.model import Account, AccountStatus, Officer
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor, Change, Leaf, draft
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError, Put
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.people.model import Principal
from bluelamp.times import Clock, utc_now

# Lines of a file in one transaction: few enough that one which fails is soon found by writing each by itself.
TOGETHER = 40


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
    """One account as it is to be written; `old` is None for a new one."""

    old: Account | None
    new: Account


class Registrar:
    """Writes accounts.

    Parameters
    ----------
    store
        Where they are kept.
    clock
        The present.
    """

    def __init__(self, store: AccountStore, clock: Clock = utc_now) -> None:
        self._store = store
        self.clock = clock

    def stepped(self, old: Account, wanted: Mapping[str, Any], author: Author) -> Step:
        """Return the step that changes an account; its `new` is `old` itself when nothing differs."""
        return Step(old, rules.changed(old, wanted, by=author.officer, at=self.clock()))

    def write(self, step: Step, author: Author, also: Sequence[Put] = ()) -> None:
        """Write one account with its leaf, and what belongs to it.

        Raises
        ------
        ConflictError
            When somebody else changed or registered it meanwhile; it tells what is there now.
        """
        put, leaf = self._parts(step, author)
        try:
            chunk = Chunk.of([leaf])
            self._store.table.transact([put, chunk.put(), line(ROSTER, chunk), *also])
        except (ConditionFailedError, ContentionError):
            raise self._overtaken(step) from None

    def write_many(self, steps: Sequence[Step], author: Author) -> dict[str, BluelampError]:
        """Write accounts, each whole or not at all; return why not, by id, for those that were not written."""
        failed: dict[str, BluelampError] = {}
        for start in range(0, len(steps), TOGETHER):
            failed |= self._write_group(steps[start : start + TOGETHER], author)
        return failed

    def _write_group(self, steps: Sequence[Step], author: Author) -> dict[str, BluelampError]:
        parts = [self._parts(step, author) for step in steps]
        try:
            chunk = Chunk.of([leaf for _, leaf in parts])
            self._store.table.transact([*(put for put, _ in parts), chunk.put(), line(ROSTER, chunk)])
        except (ConditionFailedError, ContentionError):
            failed: dict[str, BluelampError] = {}
            for step in steps:
                try:
                    self.write(step, author)
                except ConflictError as error:
                    failed[step.new.id] = error
            return failed
        return {}

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


def _wanted(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in rules.FIELDS}
