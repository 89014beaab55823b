"""Calling the platform, once, for an intent that is under lock; and writing down what came of it.

A release message may come twice, late, or after a worker died in the middle. The lease on the action keeps two workers
apart; a call whose answer was lost is read back before anything is tried again; the outcome is committed with the post
in one transaction, and a second outcome for the same intent cannot be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from bluelamp.actions.model import AFTERWARDS, FINAL, Action
from bluelamp.audit.leaf import Actor, Op
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.platforms.contract import (
    GoneError,
    PlatformError,
    Target,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.posts import rules
from bluelamp.posts.changing import Changer, Entry
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.sqs import Queue
    from bluelamp.platforms.contract import ActResult, Connector, ReadBack
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.posts.model import Post

# Longer than the function's own time limit, so that a lease in force means a worker alive.
LEASE = timedelta(seconds=70)
# An intent whose outcome is not known within 15 minutes fails the archive's verification, so the log hears of every
# wait in good time: delays stay below that, and a longer wait is recorded as deferred.
MAX_DELAY = 600
SAY_SO = timedelta(minutes=4)
ATTEMPTS = 6
PATIENCE = timedelta(hours=24)
COMMIT_ROUNDS = 8

Result = Literal["done", "already", "failed", "unknown"]


class NotSealedError(BluelampError):
    """A release came for an intent that the log does not hold: the platform is not called."""

    code = "not_sealed"


class LaterError(BluelampError):
    """The action cannot be finished now; the message is to come back."""

    code = "later"


@dataclass(frozen=True)
class _Outcome:
    result: Result
    error: str | None = None
    native_id: str | None = None
    request_id: str | None = None
    response: bytes = b""


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
    """

    def __init__(
        self,
        *,
        changer: Changer,
        actions: ActionStore,
        connector: Callable[[str], Connector],
        http: Callable[[str], PlatformHttp],
        queue: Queue,
    ) -> None:
        self._changer = changer
        self._actions = actions
        self._connector = connector
        self._http = http
        self._queue = queue

    def act(self, message: dict[str, Any]) -> Action:
        """Carry out a released action and record the outcome; a repeat finds it done and does nothing.

        Parameters
        ----------
        message
            `post_id`, `action_id`, and `seq` and `year` of the sealed intent.

        Raises
        ------
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
            return action
        self._check_seal(action, message)
        taken = self._take(action)
        outcome = self._attempt(post, taken, message)
        return self._finish(taken, outcome)

    def _check_seal(self, action: Action, message: dict[str, Any]) -> None:
        place = self._changer.posts.sequences([action.chunk]).get(action.chunk)
        if place is None or place["year"] != message.get("year") or place["first_seq"] > message.get("seq", -1):
            raise NotSealedError("the intent of this action is not in the sealed log; the platform was not called")

    def _take(self, action: Action) -> Action:
        now = self._changer.clock()
        if action.state == "sending" and action.lease_until and parse_iso(action.lease_until) > now:
            raise LaterError("another worker is carrying out this action")
        try:
            return self._actions.take(action, lease_until=iso(now + LEASE))
        except ConditionFailedError:
            raise LaterError("another worker took this action, or it was cancelled") from None

    def _attempt(self, post: Post, action: Action, message: dict[str, Any]) -> _Outcome:
        try:
            if action.attempts > 1:
                known = self._look(post, action)
                if known is not None:
                    return known
            return self._call(post, action)
        except ThrottledError as error:
            seconds = int((error.until - self._changer.clock()).total_seconds()) + 1
            return self._wait(action, error, message, seconds)
        except (TryAgainError, TimedOutError) as error:
            return self._wait(action, error, message, 2**action.attempts)
        except PlatformError as error:
            return _Outcome("failed", error=error.code, request_id=error.request_id)

    def _call(self, post: Post, action: Action) -> _Outcome:
        connector, http, target = self._means(post)
        try:
            result: ActResult = connector.act(action.verb, target, http, text=action.text)
        except GoneError as error:
            if action.verb == "delete":
                return _Outcome("already", request_id=error.request_id)
            raise
        except TimedOutError:
            known = self._look(post, action)
            if known is not None:
                return known
            raise
        return _Outcome(
            result.status, native_id=result.native_id, request_id=result.request_id, response=result.response
        )

    def _look(self, post: Post, action: Action) -> _Outcome | None:
        """Return what a lost call came to, or None when it did nothing (or repeating it is harmless)."""
        connector, http, target = self._means(post)
        seen: ReadBack = connector.read_back(action.verb, target, http, text=action.text)
        match seen.state:
            case "done":
                return _Outcome("done", native_id=seen.native_id)
            case "gone":
                return _Outcome("already") if action.verb == "delete" else _Outcome("failed", error=GoneError.code)
            case "unknown" if action.verb == "reply":
                # Answering the public twice is worse than asking a person to look.
                return _Outcome("unknown", error=TimedOutError.code)
            case _:
                return None

    def _means(self, post: Post) -> tuple[Connector, PlatformHttp, Target]:
        target = Target(
            account_native=post.account.removeprefix(f"{post.platform}-"),
            native_id=post.native_id,
            kind=post.kind,
            parent_native=post.parent_native,
            thread_native=post.thread_native,
            author_id=post.author.id,
            private=post.private,
        )
        return self._connector(post.platform), self._http(post.account), target

    def _wait(self, action: Action, error: PlatformError, message: dict[str, Any], seconds: int) -> _Outcome:
        """Put the action back into the queue for later, or say that it is given up."""
        throttled = isinstance(error, ThrottledError)
        waited = self._changer.clock() - parse_iso(action.at)
        if waited > PATIENCE or (action.attempts >= ATTEMPTS and not throttled):
            # After a lost answer nobody knows; a person looks at the platform.
            lost = isinstance(error, TimedOutError)
            return _Outcome("unknown" if lost else "failed", error=error.code)
        self._actions.let_go(action)
        if waited + timedelta(seconds=seconds) > SAY_SO:
            self._defer(action, error)
        self._queue.send([Message(dict(message), delay_seconds=max(1, min(seconds, MAX_DELAY)))])
        raise WaitingError(f"the platform did not take it ({error.code}); queued again in {seconds} s") from error

    def _defer(self, action: Action, error: PlatformError) -> None:
        """Record that the action is still to come: an intent without an outcome would look like a lost one."""
        entry = Entry(
            type="outcome",
            actor=Actor.system("act"),
            op=Op(intent=action.intent, result="deferred", error=error.code),
            correlation=action.id,
            detail={"verb": action.verb, "result": "deferred"},
        )
        post = self._changer.posts.get(action.post_id, consistent=True)
        if post is not None:
            self._changer.commit(post, post, entry)

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
                    _after(post, action, now, succeeded=succeeded),
                    entry,
                    also=lambda _: [self._actions.replace(final)],
                )
            except ConflictError:
                continue
            return final
        raise LaterError("others kept changing the post; the outcome is written at the next attempt")


class WaitingError(LaterError):
    """The action was put back into the queue with a delay; this message is done with."""

    code = "waiting"


def _after(post: Post, action: Action, now: str, *, succeeded: bool) -> Post:
    """Return the post once the action has ended; a removal by its author in the meantime stands."""
    gone = post.state in {"removed", "deleted"} and action.verb != "delete"
    if succeeded:
        state = post.state if gone else AFTERWARDS[action.verb]
        # Shown again, the post is undecided again: somebody has to look at it with fresh eyes.
        case = rules.reopened(post.case) if action.verb == "unhide" and not gone else post.case
        return post.changed(state=state, pending=None, updated_at=now, case=case)
    case = post.case if gone or action.verb == "unhide" else rules.reopened(post.case)
    return post.changed(state=post.state if gone else action.before, pending=None, updated_at=now, case=case)
