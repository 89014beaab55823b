"""Calling the platform, once, for an intent that is under lock; and writing down what came of it.

A release message may come twice, late, or after a worker died in the middle. The lease on the action keeps two workers
apart; a call whose answer was lost is read back before anything is tried again, and is never said to have failed; the
outcome is committed with the post in one transaction, and a second outcome for the same intent cannot be.

A hide or delete comes here at least twice. The first release has the evidence kept: media that are still missing, and
the context; what is committed with it releases the action again. Only when all of that lies under lock is the platform
called (`bluelamp.actions.sealing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from bluelamp.actions.errors import LaterError, NotSealedError, WaitingError
from bluelamp.actions.model import FINAL, Action
from bluelamp.actions.rules import afterwards, leased, wait_due
from bluelamp.actions.sealing import Seals
from bluelamp.audit.leaf import Actor, Op
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import (
    GoneError,
    PlatformError,
    Target,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.posts.changing import Changer, Entry
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.sqs import Queue
    from bluelamp.media.keeping import Keeper
    from bluelamp.platforms.contract import Connector
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.posts.model import Post

# Longer than the function's own time limit, so that a lease in force means a worker alive.
LEASE = timedelta(seconds=70)
# An intent whose outcome is not known within 15 minutes fails the archive's verification, so the log hears of every
# wait in good time: delays stay below that, and a longer wait is recorded as deferred.
MAX_DELAY = 600
SAY_SO = timedelta(minutes=4)
SAY_AGAIN = timedelta(minutes=10)
# How far a platform's clock may be behind ours, when what it shows is compared with when we asked.
CLOCKS_APART = timedelta(minutes=2)
ATTEMPTS = 6
PATIENCE = timedelta(hours=24)
COMMIT_ROUNDS = 8

Result = Literal["done", "already", "failed", "unknown"]


@dataclass(frozen=True)
class _Outcome:
    result: Result
    error: str | None = None
    native_id: str | None = None
    request_id: str | None = None
    response: bytes = b""


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
    queue
        The action queue, for what must wait until a platform listens again.
    keeper
        Keeps the evidence of what is to be taken away.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        actions: ActionStore,
        connector: Callable[[str], Connector],
        http: Callable[[str], PlatformHttp],
        queue: Queue,
        keeper: Keeper,
    ) -> None:
        self._changer = changer
        self._actions = actions
        self._connector = connector
        self._http = http
        self._queue = queue
        self._seals = Seals(changer=changer, actions=actions, queue=queue, keeper=keeper)

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
            When the platform is not to be had now; the action was put back into the queue with a delay.
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
        self._seals.check(post, action, message)
        taken = self._take(action)
        stopped = self._changer.stopped(post.account)
        if stopped:
            # Suspended after it was asked for. Of a call before, whose answer was lost, nobody knows.
            outcome = _Outcome("unknown" if action.maybe_acted else "failed", error=stopped)
        else:
            outcome = self._attempt(post, taken, message, maybe=action.maybe_acted)
        return self._finish(taken, outcome)

    def _take(self, action: Action) -> Action:
        now = self._changer.clock()
        if leased(action, now):
            raise LaterError("another worker is carrying out this action")
        try:
            return self._actions.take(action, lease_until=iso(now + LEASE))
        except ConditionFailedError:
            raise LaterError("another worker took this action, or it was cancelled") from None

    def _attempt(self, post: Post, action: Action, message: dict[str, Any], *, maybe: bool) -> _Outcome:
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
            seconds = int((error.until - self._changer.clock()).total_seconds()) + 1
            return self._wait(action, error, message, seconds, maybe=maybe)
        except (TryAgainError, TimedOutError) as error:
            return self._wait(action, error, message, 2**action.attempts, maybe=maybe)
        except PlatformError as error:
            # This call did nothing, that is certain; of one before it, whose answer was lost, it is not.
            return _Outcome("unknown" if maybe else "failed", error=error.code, request_id=error.request_id)

    def _prepare(self, post: Post, action: Action, *, maybe: bool) -> _Means:
        target = Target(
            account_native=post.account.removeprefix(f"{post.platform}-"),
            native_id=post.native_id,
            kind=post.kind,
            parent_native=post.parent_native,
            thread_native=post.thread_native,
            author_id=post.author.id,
            private=post.private,
        )
        try:
            return _Means(self._connector(post.platform), self._http(post.account), target)
        except PlatformError:
            raise
        except Exception:
            # Whatever it was, this attempt has sent nothing: the action stays one that can be taken back.
            self._actions.let_go(action, maybe_acted=maybe, deferred_at=action.deferred_at)
            raise

    @staticmethod
    def _call(action: Action, means: _Means) -> _Outcome:
        try:
            result = means.connector.act(action.verb, means.target, means.http, text=action.text)
        except GoneError as error:
            if action.verb == "delete":
                return _Outcome("already", request_id=error.request_id)
            raise
        return _Outcome(
            result.status, native_id=result.native_id, request_id=result.request_id, response=result.response
        )

    @staticmethod
    def _look(action: Action, means: _Means) -> tuple[_Outcome | None, bool]:
        """Return what a lost call came to, or None when it may be repeated, and whether it may still have acted."""
        # Not an hour, nor any other time of the platform's: a retry may come a day after the call that was lost.
        since = parse_iso(action.at) - CLOCKS_APART
        seen = means.connector.read_back(action.verb, means.target, means.http, text=action.text, since=since)
        match seen.state:
            case "done":
                return _Outcome("done", native_id=seen.native_id), False
            case "gone" if action.verb == "delete":
                return _Outcome("already"), False
            case "gone":
                return _Outcome("unknown", error=GoneError.code), True
            case "unknown" if action.verb == "reply":
                # Answering the public twice is worse than asking a person to look.
                return _Outcome("unknown", error=TimedOutError.code), True
            case "unknown":
                return None, True
            case _:
                return None, False

    def _wait(
        self, action: Action, error: PlatformError, message: dict[str, Any], seconds: int, *, maybe: bool
    ) -> _Outcome:
        """Put the action back into the queue for later, or say that it is given up."""
        now = self._changer.clock()
        throttled = isinstance(error, ThrottledError)
        if now - parse_iso(action.at) > PATIENCE or (action.attempts >= ATTEMPTS and not throttled):
            # After a lost answer nobody knows; a person looks at the platform.
            return _Outcome("unknown" if maybe else "failed", error=error.code)
        delay = max(1, min(seconds, MAX_DELAY))
        deferred_at = action.deferred_at
        if wait_due(action, now, timedelta(seconds=delay), first=SAY_SO, again=SAY_AGAIN) and self._defer(
            action, error
        ):
            deferred_at = iso(now)
        self._actions.let_go(action, maybe_acted=maybe, deferred_at=deferred_at)
        self._queue.send([Message(dict(message), delay_seconds=delay)])
        raise WaitingError(f"the platform did not take it ({error.code}); queued again in {delay} s") from error

    def _defer(self, action: Action, error: PlatformError) -> bool:
        """Record that the action is still to come: an intent without an outcome would look like a lost one.

        Returns
        -------
        bool
            False when others kept changing the post: the next attempt says so, and must come all the same.
        """
        entry = Entry(
            type="outcome",
            actor=Actor.system("act"),
            op=Op(intent=action.intent, result="deferred", error=error.code),
            correlation=action.id,
            detail={"verb": action.verb, "result": "deferred"},
        )
        for _ in range(COMMIT_ROUNDS):
            post = self._changer.posts.get(action.post_id, consistent=True)
            if post is None:
                return False
            try:
                self._changer.commit(post, post, entry)
            except ConflictError:
                continue
            return True
        return False

    def _finish(self, action: Action, outcome: _Outcome) -> Action:
        """Commit the outcome; whatever else changed the post meanwhile stays."""
        now = iso(self._changer.clock())
        succeeded = outcome.result in {"done", "already"}
        final = action.model_copy(
            update={
                "state": "done" if succeeded else outcome.result,
                "done_at": now,
                "error": outcome.error,
                "native_id": outcome.native_id,
                "lease_until": "",
                "maybe_acted": outcome.result == "unknown",
                "rev": action.rev + 1,
            }
        )
        entry = Entry(
            type="outcome",
            actor=Actor.system("act"),
            op=Op(
                intent=action.intent,
                result=outcome.result,
                error=outcome.error,
                platform_request_id=outcome.request_id,
                response_sha256=hashlib.sha256(outcome.response).hexdigest() if outcome.response else None,
            ),
            correlation=action.id,
            detail={"verb": action.verb, "result": outcome.result},
        )
        for _ in range(COMMIT_ROUNDS):
            post = self._changer.posts.get(action.post_id, consistent=True)
            if post is None:
                raise NotSealedError("the post of this action has vanished from the table; see the recovery runbook")
            try:
                self._changer.commit(
                    post,
                    afterwards(post, action, now, succeeded=succeeded),
                    entry,
                    also=lambda _: [self._actions.replace(final)],
                )
            except ConflictError:
                continue
            return final
        raise LaterError("others kept changing the post; the outcome is written at the next attempt")
