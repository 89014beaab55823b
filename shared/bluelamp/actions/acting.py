"""Calling the platform, once, for an intent that is under lock; and writing down what came of it.

A release message may come twice, late, or after a worker died in the middle. The lease on the action keeps two workers
apart; a call whose answer was lost is read back before anything is tried again, and is never said to have failed; the
outcome is committed with the post in one transaction, and a second outcome for the same intent cannot be.

A hide or delete whose evidence is not kept yet comes here at least twice. The first release has it kept: media that
are still missing, and the context; what is committed with it releases the action again. Of posts that an order names
together the context was kept with the intents. Only when all of that lies under lock is the platform called
(`bluelamp.actions.sealing`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from bluelamp.actions.errors import LaterError, NotSealedError
from bluelamp.actions.model import FINAL, FULFILLED_BY_ABSENCE, SAYS, Action
from bluelamp.actions.outcomes import Outcome, Outcomes
from bluelamp.actions.pacing import Budgets, Pacing
from bluelamp.actions.rules import leased, words_changed
from bluelamp.actions.sealing import Seals
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.platforms.contract import (
    GoneError,
    NotAllowedError,
    PlatformError,
    ReadBack,
    Target,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.platforms.publishing import UnfitError
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.actions.store import ActionStore
    from bluelamp.assets.model import AnswerPicture
    from bluelamp.cloud.sqs import Queue
    from bluelamp.media.keeping import Keeper
    from bluelamp.platforms.contract import Connector
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.platforms.publishing import Asset
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

# Longer than the function's own time limit, so that a lease in force means a worker alive.
LEASE = timedelta(seconds=70)
# How far a platform's clock may be behind ours, when what it shows is compared with when we asked.
CLOCKS_APART = timedelta(minutes=2)
ATTEMPTS = 6
# When what is throttled is given up. What is many at once may be at it for days, at the pace that the platform sets.
PATIENCE = timedelta(hours=24)
BULK_PATIENCE = timedelta(hours=72)


class _Means(NamedTuple):
    connector: Connector
    http: PlatformHttp
    target: Target


class Acting:
    """The use case of the act function.

    Parameters
    ----------
    changer
        Commits posts.
    actions
        Where actions are kept.
    connector
        Gives the connector of a platform.
    http
        Gives the HTTP client of an account, with its token.
    queue, bulk
        The queues of what is single and of what is many at once, for what must wait.
    budgets
        The writing calls of each account.
    keeper
        Keeps the evidence of what is to be taken away.
    attached
        Gives the bytes of the picture that goes with an answer.
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
        queue: Queue,
        bulk: Queue,
        budgets: Budgets,
        keeper: Keeper,
        attached: Callable[[AnswerPicture], tuple[Asset, ...]],
        notify: Callable[[], None],
        systems: bool = True,
    ) -> None:
        self._changer = changer
        self._actions = actions
        self._connector = connector
        self._http = http
        self._attached = attached
        self._outcomes = Outcomes(changer=changer, actions=actions, notify=notify, systems=systems)
        self._pacing = Pacing(
            actions=actions, outcomes=self._outcomes, queue=queue, bulk=bulk, budgets=budgets, clock=changer.clock
        )
        self._seals = Seals(changer=changer, actions=actions, queues={"single": queue, "bulk": bulk}, keeper=keeper)

    def act(self, message: dict[str, Any]) -> Action:
        """Carry out a released action and record the outcome; a repeat finds it done and does nothing.

        Parameters
        ----------
        message
            `post_id`, `action_id`, and `seq` and `year` of the sealed intent.

        Raises
        ------
        SealingError
            When the evidence was kept just now, or is not sealed yet: the action is released again once it is.
        WaitingError
            When the platform is not to be had now, or it is not this one's turn; the action was put back into the
            queue with a delay.
        LaterError
            When another worker is at it; the message is to come back.
        NotSealedError
            When the intent is not in the log.
        """
        action = self._actions.get(message["post_id"], message["action_id"])
        post = self._changer.posts.get(message["post_id"], consistent=True)
        if action is None or post is None:
            raise NotSealedError("a release names an action that does not exist; nothing was called")
        if action.state in FINAL:
            # Whoever finished it may have died before the pages were told.
            self._changer.announce(post)
            return action
        if words_changed(action, post) and not leased(action, self._changer.clock()):
            return self._outcomes.overtake(action)
        self._seals.check(post, action, message)
        message = dict(message)
        self._pacing.check(post, action, message)
        taken = self._take(action)
        stopped = self._changer.stopped(post.account)
        if stopped:
            # Suspended after it was asked for. Of a call before, whose answer was lost, nobody knows.
            outcome = Outcome("unknown" if action.maybe_acted else "failed", error=stopped)
        else:
            outcome = self._attempt(post, taken, message, maybe=action.maybe_acted)
        return self._outcomes.finish(taken, outcome)

    def _take(self, action: Action) -> Action:
        now = self._changer.clock()
        if leased(action, now):
            raise LaterError("another worker is carrying out this action")
        try:
            return self._actions.take(action, lease_until=iso(now + LEASE))
        except ConditionFailedError:
            raise LaterError("another worker took this action, or it was cancelled") from None

    def _attempt(self, post: Post, action: Action, message: dict[str, Any], *, maybe: bool) -> Outcome:
        """Find out what earlier calls did, and call; `maybe` is whether one of them may have acted."""
        try:
            means = self._prepare(post, action, maybe=maybe)
            if maybe:
                known, maybe = self._look(action, means)
                if known is not None:
                    return known
            try:
                return self._call(action, means)
            except TimedOutError:
                maybe = True
                known, _ = self._look(action, means)
                if known is not None:
                    return known
                raise
        except ThrottledError as error:
            seconds, turn = self._pacing.throttled(post.account, action, error.until)
            return self._wait(action, error, message | turn, seconds, maybe=maybe)
        except (TryAgainError, TimedOutError) as error:
            return self._wait(action, error, message, 2**action.attempts, maybe=maybe)
        except (UnfitError, PlatformError) as error:
            # This call did nothing, that is certain; of one before it, whose answer was lost, it is not. A picture that
            # is not there any more, or that the platform does not want after all, was seen by nobody.
            request = error.request_id if isinstance(error, PlatformError) else None
            return Outcome("unknown" if maybe else "failed", error=error.code, request_id=request)

    def _prepare(self, post: Post, action: Action, *, maybe: bool) -> _Means:
        try:
            return _Means(self._connector(post.platform), self._http(post.account), target_of(post))
        except PlatformError:
            raise
        except Exception:
            # Whatever it was, this attempt has sent nothing: the action stays one that can be taken back.
            self._actions.let_go(action, maybe_acted=maybe, deferred_at=action.deferred_at)
            raise

    def _call(self, action: Action, means: _Means) -> Outcome:
        if action.verb == "report":
            raise NotAllowedError("reports go to the platform by its own form; no connector carries them")
        try:
            with_it = self._attached(action.picture) if action.picture else ()
            result = means.connector.act(action.verb, means.target, means.http, text=action.text, assets=with_it)
        except GoneError as error:
            if action.verb in FULFILLED_BY_ABSENCE:
                return Outcome("already", error=error.code, request_id=error.request_id)
            raise
        return Outcome(
            result.status, native_id=result.native_id, request_id=result.request_id, response=result.response
        )

    @staticmethod
    def _look(action: Action, means: _Means) -> tuple[Outcome | None, bool]:
        """Return what a lost call came to, or None when it may be repeated, and whether it may still have acted."""
        seen = look(action, means.connector, means.target, means.http)
        match seen.state:
            case "done":
                return Outcome("done", native_id=seen.native_id), False
            case "gone" if action.verb in FULFILLED_BY_ABSENCE:
                return Outcome("already", error=GoneError.code), False
            case "gone":
                return Outcome("unknown", error=GoneError.code), True
            case "unknown" if action.verb in SAYS:
                # Answering the public twice is worse than asking a person to look.
                return Outcome("unknown", error=TimedOutError.code), True
            case "unknown":
                return None, True
            case _:
                return None, False

    def _wait(
        self, action: Action, error: PlatformError, message: dict[str, Any], seconds: float, *, maybe: bool
    ) -> Outcome:
        """Put the action back into the queue for later, or say that it is given up."""
        throttled = isinstance(error, ThrottledError)
        patience = BULK_PATIENCE if action.lane == "bulk" else PATIENCE
        late = self._changer.clock() - parse_iso(action.at) > patience
        if late or (action.attempts >= ATTEMPTS and not throttled):
            # After a lost answer nobody knows; a person looks at the platform.
            return Outcome("unknown" if maybe else "failed", error=error.code)
        return self._pacing.again(action, message, error.code, seconds, maybe=maybe)


def target_of(post: Post) -> Target:
    """Return how a connector is told which post is meant."""
    return Target(
        account_native=post.account.removeprefix(f"{post.platform}-"),
        native_id=post.native_id,
        kind=post.kind,
        parent_native=post.parent_native,
        thread_native=post.thread_native,
        author_id=post.author.id,
        private=post.private,
    )


def look(action: Action, connector: Connector, target: Target, http: PlatformHttp) -> ReadBack:
    """Return what the platform shows of an action: by reading alone."""
    if action.verb == "report":
        return ReadBack(state="unknown")
    # Not an hour, nor any other time of the platform's: a retry may come a day after the call that was lost.
    since = parse_iso(action.at) - CLOCKS_APART
    return connector.read_back(action.verb, target, http, text=action.text, since=since)
