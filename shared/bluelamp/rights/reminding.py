"""Tells those who work a case that it is due: ten, five and one day before, and when it is overdue; each once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Obj, Rights, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.exports.london import london
from bluelamp.notices.telling import told
from bluelamp.rights import rules
from bluelamp.rights.model import Reminder
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.audit.wake import Wake
    from bluelamp.rights.store import RightsStore

# From this mark on everybody hears who works cases, not the one who has this one alone.
_ALL_FROM = 1
_ACTOR = Actor.system("tick")
_log = logging.getLogger(__name__)


class Reminding:
    """The use case of the tick function.

    Parameters
    ----------
    store
        Where it stands when each open case is due.
    wake
        Wakes the sequencer.
    notify
        Wakes whoever delivers notices.
    clock
        The time.
    """

    def __init__(self, store: RightsStore, *, wake: Wake, notify: Callable[[], None], clock: Clock = utc_now) -> None:
        self._store = store
        self._wake = wake
        self._notify = notify
        self._clock = clock

    def run(self) -> int:
        """Tell what is due now; return how many cases people were told of. A repeat tells nothing twice."""
        today = london(self._clock()).date()
        number = sum(self._tell(one, mark) for one in self._store.reminders() if (mark := rules.to_tell(one, today)))
        if number:
            self._wake()
            self._notify()
        return number

    def _tell(self, reminder: Reminder, mark: int) -> bool:
        now = self._clock()
        word = "overdue" if mark == rules.OVERDUE else f"days_{mark}"
        leaf = draft(
            type="rights",
            at=now,
            actor=_ACTOR,
            case=reminder.case,
            obj=Obj(kind="rights", key=reminder.case),
            rights=Rights(step="remind", due=reminder.due, mark=word),
            correlation=reminder.case,
        )
        to = [f"person:{reminder.handler}", *(["role:auditor"] if mark <= _ALL_FROM else [])]
        notice = told("case_due", to=to, at=now, about={"case": reminder.case, "mark": word}, urgent=mark <= _ALL_FROM)
        try:
            self._store.table.transact([self._store.told(reminder, mark), Chunk.of([leaf]).put(), notice])
        except (ConditionFailedError, ContentionError):
            _log.info("the case moved, or somebody else told of it")
            return False
        return True
