"""Whose turn it is: what is many at once keeps to the account's budget, and answers in a thread to their order.

What must wait goes back into its queue with a delay. The log hears of every wait in good time, because an intent whose
outcome is not known within 15 minutes fails the archive's verification.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from bluelamp.actions.errors import WaitingError
from bluelamp.actions.model import FINAL, Action
from bluelamp.actions.rules import lost, wait_due
from bluelamp.actions.wording import IN_ORDER, PACED
from bluelamp.cloud.sqs import Message
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.actions.model import Lane
    from bluelamp.actions.outcomes import Outcomes
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.sqs import Queue
    from bluelamp.posts.model import Post
    from bluelamp.times import Clock

MAX_DELAY = 600
SAY_SO = timedelta(minutes=4)
SAY_AGAIN = timedelta(minutes=10)
# An answer that lives is heard of every ten minutes at the least; behind one that is silent for longer nobody waits.
SILENCE = timedelta(minutes=20)
LONGEST_IN_ORDER = 60


class Budgets(Protocol):
    """How many writing calls an account has; `bluelamp.platforms.store.BudgetTable`."""

    def single(self, account_id: str) -> None:
        """Note a call of a single action."""

    def turn(self, account_id: str, *, earliest: datetime | None = None) -> tuple[datetime, bool]:
        """Return when the next of many may call, and whether that turn is given."""


class Pacing:
    """Lets an action pass when it is its turn, and has the others come again.

    Parameters
    ----------
    actions
        Where actions are kept.
    outcomes
        Records that an action waits.
    queue, bulk
        The queues of the two lanes.
    budgets
        The writing calls of each account.
    clock
        The time.
    """

    def __init__(
        self,
        *,
        actions: ActionStore,
        outcomes: Outcomes,
        queue: Queue,
        bulk: Queue,
        budgets: Budgets,
        clock: Clock,
    ) -> None:
        self._actions = actions
        self._outcomes = outcomes
        self._queues: dict[Lane, Queue] = {"single": queue, "bulk": bulk}
        self._budgets = budgets
        self._clock = clock

    def check(self, post: Post, action: Action, message: dict[str, Any]) -> None:
        """Return when the platform may be called for this action; a single one is never kept waiting for others' calls.

        Raises
        ------
        WaitingError
            When it is not its turn; it was put back into its queue.
        """
        if action.verb == "reply":
            self._in_order(post, action, message)
        if action.lane == "single":
            self._budgets.single(post.account)
            return
        given = message.pop("turn", None)
        if given is None:
            moment, mine = self._budgets.turn(post.account)
            given = iso(moment) if mine else None
        else:
            moment, mine = parse_iso(given), True
        seconds = (moment - self._clock()).total_seconds()
        if mine and seconds < 1:
            return
        kept = {"turn": given} if mine else {}
        self.again(action, dict(message, **kept), PACED, seconds, maybe=action.maybe_acted)

    def throttled(self, account: str, action: Action, until: datetime) -> tuple[float, dict[str, Any]]:
        """Return how long an action waits for a platform to listen again, and what its message then says.

        The many come one after the other, after whatever is single.
        """
        if action.lane == "single":
            return int((until - self._clock()).total_seconds()) + 1, {}
        moment, mine = self._budgets.turn(account, earliest=until)
        return (moment - self._clock()).total_seconds(), {"turn": iso(moment)} if mine else {}

    def again(self, action: Action, message: dict[str, Any], code: str, seconds: float, *, maybe: bool) -> NoReturn:
        """Put an action back into its queue, and have the log hear of it when that is due.

        Raises
        ------
        WaitingError
            Always: the message is done with.
        """
        now = self._clock()
        delay = max(1, min(math.ceil(seconds), MAX_DELAY))
        deferred_at = action.deferred_at
        if wait_due(action, now, timedelta(seconds=delay), first=SAY_SO, again=SAY_AGAIN) and self._outcomes.defer(
            action, code
        ):
            deferred_at = iso(now)
        if action.lease_until or deferred_at != action.deferred_at:
            self._actions.let_go(action, maybe_acted=maybe, deferred_at=deferred_at)
        self._queues[action.lane].send([Message(dict(message), delay_seconds=delay)])
        raise WaitingError(f"not now ({code}); queued again in {delay} s")

    def _in_order(self, post: Post, action: Action, message: dict[str, Any]) -> None:
        """Have an answer wait for those that were asked for before it in the same thread."""
        now = self._clock()
        for one in self._actions.before_in(action, post.thread):
            if one.state in FINAL or lost(one, now, SILENCE):
                continue
            behind = message.get("behind", 0) + 1
            seconds = min(2**behind, LONGEST_IN_ORDER)
            self.again(action, dict(message, behind=behind), IN_ORDER, seconds, maybe=action.maybe_acted)
