"""The nightly counting, and telling people on the first of a month that its reports are ready. Woken by the tick.

One read a minute while nothing is due. A run takes so many accounts as fit into its time and leaves a mark; the next
one goes on behind it, and two at once write the same. A fresh deployment has no mark: the first run leaves that of
today, and the first night counts.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError, Item
from bluelamp.notices.telling import told
from bluelamp.reports import rules
from bluelamp.reports.tallying import count_days
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.reports.store import FigureStore

# What a run may take of the minute that the tick has.
SECONDS: Final = timedelta(seconds=15)
WHOM: Final = ("role:supervisor", "role:comms")


class Counting:
    """Counts the days of every account once they are over.

    Parameters
    ----------
    store
        Posts, figures and the mark.
    accounts
        Every account.
    notify
        Wakes whoever delivers notices.
    clock
        The present.
    """

    def __init__(
        self,
        store: FigureStore,
        *,
        accounts: Callable[[], Iterable[Account]],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._notify = notify
        self._clock = clock

    def run(self) -> int:
        """Count what is due; return how many accounts were counted."""
        last = rules.last_settled(self._clock())
        mark = self._store.mark()
        if mark is None:
            return self._begin(last + timedelta(days=1))
        first = date.fromisoformat(mark["next"])
        until = _until(mark, first, last)
        if first > until:
            return 0
        days = rules.to_count(first, until)
        behind = str(mark.get("account", ""))
        done, reached = self._count(days, behind)
        try:
            self._move(mark, until, reached)
        except (ConditionFailedError, ContentionError):
            return 0  # another run does the same at this moment
        return done

    def _begin(self, today: date) -> int:
        """Leave the first mark and count nothing: the first tick after a deployment is not to hold up who signs in.

        The first night counts the days before it again, as every night does, and the month's end the month.
        """
        with suppress(ConditionFailedError, ContentionError):  # another run did the same at this moment
            self._store.table.write(self._store.marked(None, next=today.isoformat()))
        return 0

    def _count(self, days: list[date], behind: str) -> tuple[int, str | None]:
        """Count account by account; return how many, and the last one when there are more."""
        began, done = self._clock(), 0
        for account in sorted(self._accounts(), key=lambda one: one.id):
            if account.id <= behind:
                continue
            self._account(account.id, days)
            done += 1
            if self._clock() - began > SECONDS:
                return done, account.id
        return done, None

    def _account(self, account: str, days: list[date]) -> None:
        before = self._store.one(account, days[0] - timedelta(days=1))
        posts = self._store.posts(account, rules.begins(days[0]))
        for figures in count_days(account, days, posts, before):
            self._store.put(figures)

    def _move(self, mark: Item, until: date, reached: str | None) -> None:
        if reached is not None:
            self._store.table.write(self._store.marked(mark, until=until.isoformat(), account=reached))
            return
        following = until + timedelta(days=1)
        month = f"{until:%Y-%m}"
        over = following.day == 1 and mark.get("told", "") < month
        kept = {key: value for key, value in mark.items() if key not in {"until", "account"}}
        moved = self._store.marked(kept, next=following.isoformat(), told=month if over else None)
        if not over:
            self._store.table.write(moved)
            return
        notice = told("report_ready", to=WHOM, at=self._clock(), about={"month": month})
        self._store.table.transact([moved, notice])
        self._notify()


def _until(mark: Item, first: date, last: date) -> date:
    """Return the last day of the round: one that was begun is ended first, and each month's end is one of its own."""
    if "until" in mark:
        return date.fromisoformat(mark["until"])
    return min(last, first.replace(day=monthrange(first.year, first.month)[1]))
