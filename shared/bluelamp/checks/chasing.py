"""What becomes of a check that nobody does: the deputy is told, then the supervisors, and then the day is missed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from bluelamp.audit.leaf import Actor, draft
from bluelamp.audit.leaf import Check as Part
from bluelamp.audit.outbox import Chunk
from bluelamp.checks import rules
from bluelamp.checks.model import Check, Stage
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import TooLargeError
from bluelamp.notices.telling import told
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.checks.store import CheckStore
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.people.model import Person

_ACTOR = Actor.system("tick")
# Up to three writes each: a transaction takes a hundred.
_TOGETHER: Final = 30
# What one run goes through: a function has a minute, and the next one goes on.
MOST: Final = 900


class Chasing:
    """Goes through what is due, once a minute.

    Parameters
    ----------
    store
        Where checks are kept.
    accounts, people
        Every account, and everybody: who answers for what.
    wake, notify
        Wake the sequencer, and whoever delivers notices.
    clock
        The present.
    """

    def __init__(
        self,
        store: CheckStore,
        *,
        accounts: Callable[[], Iterable[Account]],
        people: Callable[[], Iterable[Person]],
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._people = people
        self._wake = wake
        self._notify = notify
        self._clock = clock

    def run(self) -> int:
        """Go through the stage that is due, if one is; return how many accounts were told of or missed.

        One read while nothing is due. A run that is cut off is gone on with: who was told already is passed over.
        """
        now = self._clock()
        due = self._store.next()
        if due is None:
            self._store.set_next(*rules.first_after(now))
            return 0
        day, stage = due
        if now < rules.at(day, stage):
            return 0
        written, whole = self._go_through(day, stage, now)
        if whole:
            self._store.set_next(*rules.following(day, stage))
        if written:
            self._wake()
            self._notify()
        return written

    def _go_through(self, day: date, stage: Stage, now: datetime) -> tuple[int, bool]:
        known = self._store.of_day(day)
        open_ = [
            (account, before)
            for account in self._accounts()
            if rules.wanted(account, day) and _still_open(before := known.get(account.id), stage)
        ]
        supervisors = _supervisors(self._people()) if stage == "supervisor" else {}
        batch = open_[:MOST]
        written = sum(
            self._commit(batch[n : n + _TOGETHER], day, stage, supervisors, now)
            for n in range(0, len(batch), _TOGETHER)
        )
        return written, len(open_) <= MOST

    def _commit(
        self,
        batch: Sequence[tuple[Account, Check | None]],
        day: date,
        stage: Stage,
        supervisors: dict[str, list[str]],
        now: datetime,
    ) -> int:
        """Write a batch in one transaction; where that fails, each by itself."""
        writes: list[Write] = []
        leaves = []
        for account, before in batch:
            state = "missed" if stage == "missed" else "due"
            told_of = (*(before.told if before else ()), stage)
            check = Check(account=account.id, day=day, state=state, at=iso(now), told=told_of)
            writes.append(self._store.put(check, before))
            if stage == "missed":
                part = Part(day=day.isoformat(), result="missed")
                leaves.append(draft(type="attest", at=now, actor=_ACTOR, account=account.id, check=part))
            else:
                whom = _whom(account, stage, supervisors)
                about = {"account": account.id, "day": day.isoformat()}
                writes.append(told("check_missed", to=whom, at=now, about=about))
        try:
            self._store.table.transact([*writes, *([Chunk.of(leaves).put()] if leaves else [])])
        except (ConditionFailedError, ContentionError, TooLargeError) as error:
            if len(batch) == 1 and isinstance(error, ConditionFailedError):
                return 0  # somebody checked it at this moment, or another run was here
            if len(batch) == 1:
                raise  # the stage is not left before it is written: the next minute tries again
            return sum(self._commit([one], day, stage, supervisors, now) for one in batch)
        return len(batch)


def _still_open(before: Check | None, stage: Stage) -> bool:
    return before is None or (before.state != "checked" and stage not in before.told)


def _whom(account: Account, stage: Stage, supervisors: dict[str, list[str]]) -> list[str]:
    """Return who is told: whoever is nearest to the account and can still do something about it."""
    if stage == "deputy":
        named = [one.id for one in (account.deputy, account.lead) if one]
        return [f"person:{one}" for one in named] or [f"team:{account.team}"]
    return [f"person:{one}" for one in supervisors.get(account.team, [])] or ["role:comms"]


def _supervisors(people: Iterable[Person]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for person in people:
        if person.role == "supervisor" and person.active:
            for team in person.teams:
                found.setdefault(team, []).append(person.id)
    return found
