"""Reminders: who has not acknowledged the guide, and whose training runs out. Once a day, each at most once.

Woken each minute; nothing is read before eight in the morning, and after a day is done one item says so. A person's
mark and their notice are one transaction: whoever dies between two people goes on with the second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.exports.london import london
from bluelamp.guide import rules
from bluelamp.notices.telling import told
from bluelamp.times import Clock, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.guide.store import GuideStore
    from bluelamp.notices.model import NoticeKind
    from bluelamp.people.model import Gate, Person
    from bluelamp.people.service import People

MORNING: Final = 8
# So many are reminded in one go; the rest a minute later.
AT_ONCE: Final = 200
# A mark outlives the reminder that it stands for: a guide's steps are a week apart, a training's last day is known.
KEEP: Final = timedelta(days=60)
MAX_SUPERVISORS: Final = 20
Due = tuple["Person", "NoticeKind", str, dict[str, str]]


class Reminders:
    """Tells people, and their supervisors, what they lack.

    Parameters
    ----------
    store
        The guide's versions, and the marks.
    people
        Everybody, and what is asked of them.
    notify
        Wakes whoever delivers notices.
    clock
        The present.
    """

    def __init__(
        self, *, store: GuideStore, people: People, notify: Callable[[], None], clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._people = people
        self._notify = notify
        self._clock = clock
        self._done: date | None = None

    def run(self) -> int:
        """Remind whoever is due, and return how many notices that made."""
        now = self._clock()
        local = london(now)
        day = local.date()
        if local.hour < MORNING or self._done == day:
            return 0
        if self._store.marked(f"DAY/{day}"):
            self._done = day
            return 0
        sent = self._remind(now, day)
        if sent:
            self._notify()
        if sent < AT_ONCE:
            with suppress(ConditionFailedError):  # another one of us was done first
                self._store.table.write(self._store.mark(f"DAY/{day}", until=now + KEEP, now=now))
            self._done = day
        return sent

    def _remind(self, now: datetime, day: date) -> int:
        everybody = self._people.everybody()
        sent = 0
        for person, kind, mark, about in self._due(everybody, day):
            if sent >= AT_ONCE:
                break
            supervisors = rules.supervisors_of(person, everybody)[:MAX_SUPERVISORS]
            to = [f"person:{one}" for one in (person.id, *supervisors)]
            notice = told(kind, to=to, at=now, about=about | {"person": person.id})
            with suppress(ConditionFailedError):  # reminded of this before
                self._store.table.transact([self._store.mark(mark, until=now + KEEP, now=now), notice])
                sent += 1
        return sent

    def _due(self, everybody: list[Person], day: date) -> Iterator[Due]:
        gate = self._people.gate()
        due = gate.due_on(day)
        guide = self._store.version(due.version) if due else None
        # Who was told of it later than it holds has their days from then on.
        since = max(guide.day, london(parse_iso(guide.published_at)).date()) if guide else day
        step = rules.guide_step(since, day) if guide else 0
        for person in (one for one in everybody if one.active):
            if due and step and not gate.has(person.guide_version, due):
                mark = f"{due.version}#{step}#{person.id}"
                yield person, "guide_reminder", mark, {"guide": due.version}
            yield from _running_out(person, gate, day)


def _running_out(person: Person, gate: Gate, day: date) -> Iterator[Due]:
    for course in gate.courses:
        until = person.trained_until.get(course)
        if until is not None and (step := rules.training_step(until, day)):
            mark = f"{course}#{until}#{step}#{person.id}"
            yield person, "training_expiring", mark, {"course": course, "day": until.isoformat()}
