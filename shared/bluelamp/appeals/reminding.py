"""Whoever made or approved an appeal is told when it is to be looked at again: on the day, and each week after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bluelamp.appeals import rules
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.notices.telling import told
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.appeals.model import Appeal
    from bluelamp.appeals.store import AppealStore

LONDON = ZoneInfo("Europe/London")
# How many appeals are read at a time. All are looked at: an old one may be public still.
TOGETHER = 500
# When in the day: whoever is told can do something about it.
HOUR = 9
AGAIN = timedelta(days=7)


class Reminding:
    """What the schedule does for appeals, each minute within one hour of the morning, and in none otherwise.

    Parameters
    ----------
    store
        Where appeals are kept.
    notify
        Has people told.
    clock
        The present.
    """

    def __init__(self, store: AppealStore, *, notify: Callable[[], None], clock: Clock = utc_now) -> None:
        self._store = store
        self._notify = notify
        self._clock = clock

    def run(self) -> int:
        """Tell of what is due and was not told of; return of how many."""
        now = self._clock()
        local = now.astimezone(LONDON)
        if local.hour != HOUR:
            return 0
        today = local.date()
        count = 0
        for appeal in self._every():
            if rules.due(appeal, today) and _silent(appeal, today):
                count += self._tell(appeal, today)
        if count:
            self._notify()
        return count

    def _every(self) -> Iterator[Appeal]:
        before = None
        while found := self._store.page(before=before, limit=TOGETHER):
            yield from found
            before = found[-1].id

    def _tell(self, appeal: Appeal, today: date) -> int:
        new = appeal.model_copy(update={"reminded_on": today.isoformat()})
        people = {one.id for one in (appeal.by, appeal.approved_by) if one}
        to = sorted(f"person:{one}" for one in people)
        notice = told("appeal_due", to=to, at=self._clock(), about={"appeal": appeal.id})
        try:
            self._store.table.transact([self._store.saved(appeal, new), notice])
        except (ConditionFailedError, ContentionError):
            return 0  # somebody is changing it at this moment; the next minute looks again
        return 1


def _silent(appeal: Appeal, today: date) -> bool:
    return appeal.reminded_on is None or today >= date.fromisoformat(appeal.reminded_on) + AGAIN
