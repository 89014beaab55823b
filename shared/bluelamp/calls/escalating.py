"""Asks the next in line when nobody answered in time, and ends calls whose post was closed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Change, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.calls import rules
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.notices.telling import told
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bluelamp.calls.model import Call
    from bluelamp.calls.store import CallStore
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.posts.model import Post

_ACTOR = Actor.system("tick")


class Escalating:
    """Goes through the calls that wait, once a minute.

    Parameters
    ----------
    store
        Where calls are kept.
    posts
        Gives posts by their ids.
    wake, notify
        Wake the sequencer, and whoever delivers notices.
    clock
        The present.
    """

    def __init__(
        self,
        store: CallStore,
        *,
        posts: Callable[[Iterable[str]], Mapping[str, Post]],
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._posts = posts
        self._wake = wake
        self._notify = notify
        self._clock = clock

    def run(self) -> int:
        """Ask the next in line of each call that is due; return how many were asked.

        One query while nothing waits. Each step is a transaction of its own, conditional on the one before: a run that
        is cut off, or two at once, ask nobody twice.
        """
        now = self._clock()
        due = [call for call in self._store.waiting() if rules.due(call, now)]
        if not due:
            return 0
        posts = self._posts({call.post for call in due})
        asked = sum(self._go_on(call, posts.get(call.post), now) for call in due)
        self._wake()
        self._notify()
        return asked

    def _go_on(self, call: Call, post: Post | None, now: datetime) -> bool:
        over = post is None or post.case.state == "closed"
        writes = self._closed(call, now) if over else self._asked(call, now)
        try:
            self._store.table.transact(writes)
        except ConditionFailedError:
            return False  # somebody took it on at this moment, or another run was here
        return not over

    def _asked(self, call: Call, now: datetime) -> list[Write]:
        new = rules.escalated(call, now)
        who = new.line[new.step].who
        about = {"post": call.post, "account": call.account, "call": call.id}
        return [
            self._store.put(new, call),
            told("escalated", to=[who], at=now, about=about, urgent=True),
            self._leaf(call, Change(field="escalate", to=who), now),
        ]

    def _closed(self, call: Call, now: datetime) -> list[Write]:
        new = call.model_copy(update={"state": "closed", "ended_at": iso(now), "rev": call.rev + 1})
        return [*self._store.ended(new, call), self._leaf(call, Change(field="call_closed"), now)]

    @staticmethod
    def _leaf(call: Call, change: Change, now: datetime) -> Write:
        leaf = draft(type="flag", at=now, actor=_ACTOR, account=call.account, change=change, correlation=call.id)
        return Chunk.of([leaf]).put()
