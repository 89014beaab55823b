"""Somebody checks an account's day, looks at the day's list, or reads the report of a month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from bluelamp.audit.leaf import Check as Part
from bluelamp.audit.leaf import Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.checks import rules
from bluelamp.checks.model import Check, CheckMonth, CheckView, Today
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cursors import CursorError
from bluelamp.errors import ConflictError, InvalidInputError
from bluelamp.people.rules import authorise, require
from bluelamp.posts.model import PersonName
from bluelamp.posts.rules import looked_at
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.checks.store import CheckStore
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal

_ROUNDS: Final = 4


class NotLookedError(InvalidInputError):
    """Somebody wants to say that an account was looked at, and did not look."""

    code: ClassVar[str] = "not_looked"


class Checks:
    """The use cases of the check routes.

    Parameters
    ----------
    store
        Where checks are kept.
    accounts
        Knows who may see which.
    cursors
        Opens the proof of having looked that the queue of an account hands out.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        store: CheckStore,
        *,
        accounts: Accounts,
        cursors: Cursors,
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._cursors = cursors
        self._wake = wake
        self._clock = clock

    def attest(self, principal: Principal, account_id: str, *, looked: str, idem: Idempotency) -> CheckView:
        """Say that an account was looked at today. Who comes second is told who was first, and nothing is written.

        Parameters
        ----------
        looked
            What the open queue of the account gave out when it was read (`QueuePage.looked`).

        Raises
        ------
        NotFoundError, NotPermittedError
            When the account is out of reach, or the role checks no accounts.
        NotLookedError
            When the queue was not read by this person within half an hour.
        ConflictError
            When the account is not active.
        """
        account = self._accounts.get(account_id)
        authorise(principal, "check", account)
        now = self._clock()
        day = rules.day_of(now)
        if account.status != "active":
            raise ConflictError(f"{account.id} is {account.status}: no check is wanted there.", rev=account.rev)
        self._require_looked(principal, account.id, looked, now)
        for _ in range(_ROUNDS):
            before = self._store.get(account.id, day)
            if before is not None and before.state == "checked":
                return rules.view(account.id, day, before, now)
            check = Check(
                account=account.id,
                day=day,
                state="checked",
                at=iso(now),
                by=PersonName(id=principal.id, name=principal.name),
                capacity=rules.capacity(account, principal.id),
                told=before.told if before else (),
            )
            part = Part(day=day.isoformat(), result="checked", capacity=check.capacity)
            leaf = draft(type="attest", at=now, actor=principal.actor(), account=account.id, check=part)
            answer = rules.view(account.id, day, check, now)
            writes = [self._store.put(check, before), Chunk.of([leaf]).put(), idem.put(answer.model_dump(mode="json"))]
            try:
                self._store.table.transact(writes)
            except (ConditionFailedError, ContentionError):
                continue
            self._wake()
            return answer
        raise ConflictError("Others check this account at this very moment. Look again.")

    def today(self, principal: Principal) -> Today:
        """Return today's check of every active account within reach.

        Raises
        ------
        NotPermittedError
            When the role does not see checks.
        """
        require(principal, "checks")
        now = self._clock()
        day = rules.day_of(now)
        known = self._store.of_day(day)
        reached = [one for one in self._accounts.reached_by(principal) if rules.wanted(one, day) or one.id in known]
        views = tuple(rules.view(one.id, day, known.get(one.id), now) for one in reached)
        self._read(principal, Query(view="checks", filters={"day": day.isoformat()}, hits=len(views)))
        return Today(day=day, checks=views)

    def month(self, principal: Principal, account_id: str, month: str | None = None) -> CheckMonth:
        """Return the days of one account in a month.

        Raises
        ------
        NotFoundError, NotPermittedError
            When the account is out of reach, or the role does not see checks.
        InvalidInputError
            When it is no month, or one that has not begun.
        """
        account = self._accounts.get(account_id)
        authorise(principal, "checks", account)
        now = self._clock()
        month = month or f"{rules.day_of(now):%Y-%m}"
        days = rules.days_of(month, now)
        report = rules.month_of(account.id, month, self._store.of_days(account.id, days), now)
        query = Query(view="checks", filters={"month": month}, hits=len(report.days))
        self._read(principal, query, account.id)
        return report

    def _require_looked(self, principal: Principal, account: str, looked: str, now: datetime) -> None:
        refusal = NotLookedError(
            "Open the account's queue first, then say that you looked: that has to be within half an hour."
        )
        try:
            place = self._cursors.open(principal.id, looked_at(account), looked)
        except CursorError:
            raise refusal from None
        if not now - rules.LOOKED <= parse_iso(place["at"]) <= now:
            raise refusal

    def _read(self, principal: Principal, query: Query, account: str | None = None) -> None:
        leaf = draft(type="search", at=self._clock(), actor=principal.actor(), account=account, query=query)
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
