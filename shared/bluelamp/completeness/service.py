"""Heartbeats written down, days stated in the log, and the report of what was stated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Leaf, Query, Statement, StatementGap, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.completeness import rules
from bluelamp.completeness.model import CompletenessReport, Said
from bluelamp.errors import InvalidInputError, TooLargeError
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts
    from bluelamp.completeness.store import CompletenessStore
    from bluelamp.people.model import Principal
    from bluelamp.platforms.contract import AccountRef

_ROUNDS = 4
# A day is stated when its last poll, and the one after it, must have come; then once an hour, for what came late.
SETTLE = rules.LIMIT + timedelta(minutes=5)
AGAIN = timedelta(hours=1)
_TOGETHER = 40
MAX_DAYS = 92
_ACTOR = Actor.system("tick")


class Coverage:
    """What the polls have read, without a break or with one; see `bluelamp.platforms.polling.Heartbeats`.

    Parameters
    ----------
    store
        Where it is kept.
    """

    def __init__(self, store: CompletenessStore) -> None:
        self._store = store

    def beat(self, account: AccountRef, at: datetime) -> None:
        """Note that a poll which began at `at` read all there was since the one before.

        Raises
        ------
        ContentionError
            When other polls of the same account were quicker each time; they have noted as much.
        """
        for _ in range(_ROUNDS):
            last = self._store.last(account.account_id)
            found = rules.pieces(
                last.cover.until if last else None,
                at,
                platform=account.platform,
                lost=last.lost if last else False,
            )
            if not found:
                return
            try:
                self._store.extend(account.account_id, last, found)
            except (ConditionFailedError, ContentionError):
                continue
            return
        raise ContentionError(f"other polls of {account.account_id} were quicker each time")

    def read_until(self, account: str) -> tuple[datetime | None, bool]:
        """Return up to when an account was read, and whether that reading is known not to join up with the next."""
        last = self._store.last(account)
        return (last.cover.until, last.lost) if last else (None, False)

    def doubt(self, account: AccountRef) -> None:
        """Note that a poll could not go on where the one before ended."""
        last = self._store.last(account.account_id)
        if last is not None:
            self._store.doubt(account.account_id, last)


@dataclass(frozen=True, slots=True)
class _Due:
    account: Account
    day: date
    said: Said
    before: int


class Statements:
    """States in the log how complete each account's days are.

    Parameters
    ----------
    store
        Where covers and statements are kept.
    accounts
        Gives every account.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        store: CompletenessStore,
        *,
        accounts: Callable[[], Sequence[Account]],
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._wake = wake
        self._clock = clock

    def write(self) -> int:
        """State the days that are over and not stated yet, or of which more is known by now; return how many.

        Asked each minute, it looks once an hour. A repeat finds everything stated.
        """
        now = self._clock()
        due = self._store.due()
        if due is not None and now < due:
            return 0
        wanted = [one for account in self._accounts() for one in self._of(account, now)]
        written = sum(self._state(wanted[n : n + _TOGETHER], now) for n in range(0, len(wanted), _TOGETHER))
        self._store.set_due(_next(now))
        if written:
            self._wake()
        return written

    def _of(self, account: Account, now: datetime) -> list[_Due]:
        newest = (now - SETTLE).date() - timedelta(days=1)
        oldest = newest - rules.LOOK_BACK + timedelta(days=1)
        covers = self._store.covers(account.id, oldest)
        stated = self._store.stated(account.id, oldest)
        active = account.status == "active"
        # Since when a suspended account had been active is not kept, nor of one from before that was: then its days are
        # stated from the first that something is known of.
        known = min(covers.keys() | stated.keys(), default=newest if active else date.max)
        begins = oldest if active and account.since else known
        found = []
        for day in (begins + timedelta(days=n) for n in range((newest - begins).days + 1)):
            before, cover = stated.get(day), covers.get(day)
            if before is not None and all(gap.state != "open" for gap in before.said.gaps):
                continue  # nothing that comes later changes it
            on_duty = rules.duty(day, since=account.since, active=active)
            if on_duty and cover and day == known and not active:
                on_duty = (max(on_duty[0], cover.begin), on_duty[1])
            said = rules.said(on_duty, cover, ended=not active)
            if said is not None and (before is None or before.said != said):
                found.append(_Due(account, day, said, before.version if before else 0))
        return found

    def _state(self, wanted: Sequence[_Due], now: datetime) -> int:
        """Write statements, all in one transaction; where that fails, each by itself."""
        leaves = [_leaf(one, now) for one in wanted]
        writes = [
            self._store.state(one.account.id, one.day, one.said, before=one.before, leaf=leaf.id, at=now)
            for one, leaf in zip(wanted, leaves, strict=True)
        ]
        try:
            self._store.table.transact([*writes, Chunk.of(leaves).put()])
        except (ConditionFailedError, ContentionError, TooLargeError):
            if len(wanted) == 1:
                return 0  # another run was here
            return sum(self._state([one], now) for one in wanted)
        return len(wanted)


class Reports:
    """What was stated, for those who may see the account; that they asked is recorded.

    Parameters
    ----------
    store
        Where statements are kept.
    accounts
        Knows who may see which.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self, store: CompletenessStore, *, accounts: Accounts, wake: Callable[[], None], clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._wake = wake
        self._clock = clock

    def report(
        self, principal: Principal, account: str, *, first: date | None = None, last: date | None = None
    ) -> CompletenessReport:
        """Return the statements on an account's days.

        Parameters
        ----------
        first, last
            The first and the last day; left out: the last 30 days.

        Raises
        ------
        NotFoundError
            When there is no such account, or it is out of the person's reach.
        InvalidInputError
            When the stretch is longer than `MAX_DAYS`, or runs backwards.
        """
        found = self._accounts.get_for(principal, account)
        last = last or self._clock().date()
        first = first or last - timedelta(days=29)
        if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
            raise InvalidInputError(f"ask for 1 to {MAX_DAYS} days, the first of them before the last")
        days = self._store.views(found.id, first, last)
        query = Query(view="completeness", filters={"from": first.isoformat(), "to": last.isoformat()}, hits=len(days))
        leaf = draft(type="search", at=self._clock(), actor=principal.actor(), account=found.id, query=query)
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
        return CompletenessReport(account=found.id, streams=rules.STREAMS.get(found.platform, ()), days=tuple(days))


def _leaf(due: _Due, now: datetime) -> Leaf:
    said = due.said
    statement = Statement(
        begin=iso(said.begin),
        end=iso(said.end),
        status=said.status,
        gaps=tuple(StatementGap(begin=iso(gap.begin), end=iso(gap.end), state=gap.state) for gap in said.gaps),
        streams=rules.STREAMS.get(due.account.platform, ()),
        version=due.before + 1,
    )
    return draft(type="statement", at=now, actor=_ACTOR, account=due.account.id, statement=statement)


def _next(now: datetime) -> datetime:
    """Return the next time to look: `SETTLE` after a full hour."""
    hour = now.replace(minute=0, second=0, microsecond=0) + SETTLE
    return hour if hour > now else hour + AGAIN
