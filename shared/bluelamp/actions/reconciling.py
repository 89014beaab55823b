"""Finding out what came of actions that ended as unknown, and telling people of those that are stuck.

Once a minute the schedule looks which are due, and puts a message for each into the action queue: the function that
reads it has the accounts' tokens, the schedule has none. An unknown action is read back, by reading alone, after a
minute and then less and less often, for a day. What is seen settles it by a second outcome; after that a person may.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bluelamp.actions.acting import look, target_of
from bluelamp.actions.model import FULFILLED_BY_ABSENCE, Action
from bluelamp.actions.outcomes import Outcome, Outcomes
from bluelamp.actions.rules import LOOKS, look_due, stuck
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message
from bluelamp.notices.telling import told
from bluelamp.platforms.contract import GoneError, PlatformError, TimedOutError
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.sqs import Queue
    from bluelamp.platforms.contract import Connector
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.posts.changing import Changer
    from bluelamp.times import Clock

# So many are looked at in a minute: reading back uses the account's calls, and people at work need those more.
MOST = 25
_LATEST = LOOKS[-1] + timedelta(hours=1)


class Unsettled:
    """What the schedule does: finds the actions that somebody should look at.

    Parameters
    ----------
    actions
        Where actions are kept.
    queue
        The action queue.
    clock
        The time.
    """

    def __init__(self, *, actions: ActionStore, queue: Queue, clock: Clock) -> None:
        self._actions = actions
        self._queue = queue
        self._clock = clock

    def run(self) -> int:
        """Have those looked at that are due; return how many. A repeat finds them looked at already."""
        now = self._clock()
        unknown = self._actions.under_way("unknown", since=iso(now - _LATEST))
        due = [one for one in unknown if look_due(one, now)]
        due += [one for one in self._actions.under_way("open") if stuck(one, now) and not one.told]
        messages = [Message({"look": True, "post_id": one.post_id, "action_id": one.id}) for one in due[:MOST]]
        if messages:
            self._queue.send(messages)
        return len(messages)


class Reconciling:
    """What the act function does with such a message.

    Parameters
    ----------
    changer
        Commits posts.
    actions
        Where actions are kept.
    connector, http
        Give the connector of a platform, and the HTTP client of an account.
    notify, systems
        Has people told, and whether the deployment may tell systems of the force.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        actions: ActionStore,
        connector: Callable[[str], Connector],
        http: Callable[[str], PlatformHttp],
        notify: Callable[[], None],
        systems: bool = True,
    ) -> None:
        self._changer = changer
        self._actions = actions
        self._connector = connector
        self._http = http
        self._notify = notify
        self._outcomes = Outcomes(changer=changer, actions=actions, notify=notify, systems=systems)

    def look(self, message: dict[str, Any]) -> Action | None:
        """Look at an action: read an unknown one back, tell of a stuck one. Return what is known now, if it is there.

        A message that comes twice, or late, finds nothing to do.

        Raises
        ------
        LaterError
            When others kept changing the post; the message is to come back.
        """
        action = self._actions.get(message["post_id"], message["action_id"])
        if action is None:
            return None
        now = self._changer.clock()
        if look_due(action, now):
            return self._read_back(action)
        if stuck(action, now) and not action.told and action.lane == "single":
            self._tell(action)
        return action

    def _read_back(self, action: Action) -> Action:
        post = self._changer.posts.get(action.post_id, consistent=True)
        if post is None:
            return action
        try:
            seen = look(action, self._connector(post.platform), target_of(post), self._http(post.account))
        except PlatformError:
            return self._still_unknown(action)
        match seen.state:
            case "done":
                return self._outcomes.settle(action, Outcome("done", native_id=seen.native_id))
            case "gone" if action.verb in FULFILLED_BY_ABSENCE:
                return self._outcomes.settle(action, Outcome("already", error=GoneError.code))
            case "not_done" if action.looks > 0:
                # Platforms show what was written a moment late: once it is not there proves nothing.
                return self._outcomes.settle(action, Outcome("failed", error=TimedOutError.code))
            case _:
                return self._still_unknown(action)

    def _still_unknown(self, action: Action) -> Action:
        # Settled by a person, or looked at by another worker, in the meantime: that stands.
        with suppress(ConditionFailedError):
            self._actions.looked(action, iso(self._changer.clock()))
        return action

    def _tell(self, action: Action) -> None:
        """Tell whoever asked, once, that it is not done yet."""
        post = self._changer.posts.get(action.post_id)
        if post is None:
            return
        heard = action.model_copy(update={"told": True, "rev": action.rev + 1})
        notice = told(
            "action_unfinished",
            to=[f"person:{action.by.id}"],
            at=self._changer.clock(),
            about={"account": post.account, "post": post.id},
        )
        try:
            self._actions.table.transact([self._actions.replace(heard), notice])
        except (ConditionFailedError, ContentionError):
            return  # it moved on: if it is stuck still, the next minute finds it
        self._notify()
