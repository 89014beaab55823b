"""Calling the platform, once, for an intent that is under lock; and writing down what came of it.

A release may come twice, late, or after a worker died in the middle. The lease on the copy keeps two workers apart, and
whoever lost it can write nothing more. To upload is repeated as often as need be; before the one call that the public
sees, the copy says so, and from then on nobody calls again without having looked and found nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from bluelamp.accounts.finder import ref_of
from bluelamp.accounts.rules import stopped
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import (
    GoneError,
    NotAllowedError,
    PlatformError,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.platforms.publishing import UnfitError, UploadLostError
from bluelamp.publishing.errors import LaterError, NotReadyError, NotSealedError, WaitingError
from bluelamp.publishing.looking import CLOCKS_APART, MAX_DELAY, Looking, next_look
from bluelamp.publishing.model import SETTLED, WITHDRAWN, Copy, CopyState, Result
from bluelamp.publishing.releasing import LOOK_AFTER
from bluelamp.publishing.rules import ending, leased, paused
from bluelamp.publishing.unwanted import carried_out, caught_up
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.cloud.sqs import Queue
    from bluelamp.platforms.contract import AccountRef, ActResult
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.platforms.publishing import Outgoing, Publisher
    from bluelamp.publishing.books import Books
    from bluelamp.publishing.fitting import Fitting
    from bluelamp.publishing.releasing import Releasing

# Longer than the function's own time limit, so that a lease in force means a worker alive.
LEASE = timedelta(seconds=330)
# How long one worker uploads before it hands on to the next.
UPLOAD_SECONDS = 200
# What is public may take the platform a moment to show: nothing is taken for absent before that.
SETTLE = timedelta(seconds=60)
# How the code ends with which a platform refuses words that the account has said just now.
DUPLICATE = "/duplicate"
# An intent whose outcome is not known within 15 minutes fails the verification, so the log hears of each wait before.
SAY_SO = timedelta(minutes=8)
ATTEMPTS = 12
PATIENCE = timedelta(hours=24)

Sealed = Callable[[str, dict[str, Any]], bool]


@dataclass(frozen=True)
class _Outcome:
    result: Result
    error: str | None = None
    native_id: str | None = None
    request_id: str | None = None
    response: bytes = b""


class _Means(NamedTuple):
    publisher: Publisher
    http: PlatformHttp
    account: AccountRef
    outgoing: Outgoing


class _HandOnError(Exception):
    """The upload goes on in the next worker."""


class Sending:
    """The use case of the publish function.

    Parameters
    ----------
    books
        Loads and commits.
    fitting
        Gives publishers and what they take.
    http
        Gives the HTTP client of an account, with its token.
    sealed
        Tells whether a chunk is under lock, given the message that was released.
    releasing
        Has people told.
    queue
        The queue of this function, for what must wait.
    monotonic
        Counts seconds.
    """

    def __init__(
        self,
        *,
        books: Books,
        fitting: Fitting,
        http: Callable[[str], PlatformHttp],
        sealed: Sealed,
        releasing: Releasing,
        queue: Queue,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._books = books
        self._fitting = fitting
        self._http = http
        self._sealed = sealed
        self._releasing = releasing
        self._queue = queue
        self._monotonic = monotonic
        self._looking = Looking(books=books, fitting=fitting, http=http, releasing=releasing, queue=queue)

    def publish(self, message: dict[str, Any]) -> Copy:
        """Carry out a released intent and record the outcome; a repeat finds it done and does nothing.

        Parameters
        ----------
        message
            `publication_id`, `copy_id`, `intent`, and `seq` and `year` of the sealed intent; or `look` in their place.

        Raises
        ------
        WaitingError
            When the platform is not to be had now; the copy was put back into the queue with a delay.
        LaterError
            When another worker is at it; the message is to come back.
        NotSealedError
            When there is no such copy, or the intent is not in the log.
        """
        copy = self._books.store.copy(message["publication_id"], message["copy_id"])
        if copy is None:
            raise NotSealedError("a release names a copy that does not exist; nothing was called")
        if message.get("look"):
            return self._looking.look_at(copy, message)
        if copy.job.intent != message["intent"] or copy.state in SETTLED:
            return copy
        if not self._sealed(copy.job.chunk, message):
            raise NotSealedError("the intent of this copy is not in the sealed log; the platform was not called")
        if leased(copy, self._books.clock()):
            raise LaterError("another worker is at this copy")
        until = iso(self._books.clock() + LEASE)
        state: CopyState = "preparing" if copy.state == "waiting" else copy.state
        taken = self._saved(copy, state=state, lease_until=until, attempts=copy.attempts + 1)
        return self._attempt(taken, message)

    # one attempt -----------------------------------------------------------------------------------------------------

    def _attempt(self, copy: Copy, message: dict[str, Any]) -> Copy:
        run = _Run(copy)
        try:
            outcome = self._outcome(run)
        except _HandOnError:
            return self._wait(run.copy, "uploading", message, 1)
        except ThrottledError as error:
            seconds = int((error.until - self._books.clock()).total_seconds()) + 1
            return self._wait(run.copy, error.code, message, seconds, throttled=True)
        except UploadLostError as error:
            # The platform has dropped what was uploaded, and published nothing: from the beginning.
            run.copy = self._saved(run.copy, progress={}, maybe_done=False, state="preparing")
            return self._wait(run.copy, error.code, message, 2**run.copy.attempts)
        except (TryAgainError, TimedOutError) as error:
            return self._wait(run.copy, error.code, message, 2**run.copy.attempts)
        except (PlatformError, UnfitError, NotReadyError) as error:
            # This call did nothing, that is certain; of one before it, whose answer was lost, it is not.
            maybe = run.copy.maybe_done and not run.called
            outcome = _Outcome(
                "unknown" if maybe else "failed", error.code, request_id=getattr(error, "request_id", None)
            )
        return self._finish(run.copy, outcome)

    def _outcome(self, run: _Run) -> _Outcome:
        copy = run.copy
        if not copy.maybe_done and (why := self._stands_still(copy)):
            return why
        means = self._means(copy)
        if copy.job.verb != "publish":
            return self._change(run, means)
        if copy.maybe_done:
            known = self._found(run, means)
            if known is not None:
                return known
            if why := self._stands_still(run.copy):
                return why
        self._prepare(run, means)
        if why := self._stands_still(run.copy):
            return why
        return self._call(run, means)

    def _call(self, run: _Run, means: _Means) -> _Outcome:
        """Make it public: the one call that is never made twice while nobody knows what came of it."""
        now = iso(self._books.clock())
        run.copy = self._saved(run.copy, state="publishing", maybe_done=True, called_at=now)
        run.called = True
        try:
            done = means.publisher.publish(means.outgoing, means.account, means.http, run.copy.progress)
        except (ThrottledError, TryAgainError, UploadLostError):
            # The platform has said no, so this call did nothing.
            run.copy = self._saved(run.copy, maybe_done=False, state="preparing")
            raise
        except NotAllowedError as error:
            if (error.platform_code or "").endswith(DUPLICATE) and (ours := self._ours(run, means)) is not None:
                return ours
            raise
        return _done(done)

    def _stands_still(self, copy: Copy) -> _Outcome | None:
        """Return why nothing new may be sent: nobody wants it any more, account suspended, or publishing paused."""
        if copy.unwanted and copy.job.verb == "publish":
            return _Outcome("cancelled", WITHDRAWN)
        code = stopped(self._books.account(copy.account))
        if code:
            return _Outcome("failed", code)
        if copy.job.verb == "publish" and not copy.despite and paused(self._books.store.pauses(), copy.account):
            return _Outcome("cancelled", "paused")
        return None

    def _means(self, copy: Copy) -> _Means:
        account = self._books.account(copy.account)
        publisher = self._fitting.publisher(copy.platform)
        return _Means(publisher, self._http(copy.account), ref_of(account), self._fitting.outgoing(copy))

    def _found(self, run: _Run, means: _Means) -> _Outcome | None:
        """Return what a lost call came to; None when it is certain that nothing came of it."""
        called = parse_iso(run.copy.called_at)
        seen = means.publisher.find(
            means.outgoing, means.account, means.http, run.copy.progress, since=called - CLOCKS_APART
        )
        if seen.state == "done":
            return _Outcome("done", native_id=seen.native_id)
        if seen.state != "not_done":
            # To say something twice in public is worse than to ask a person to look.
            return _Outcome("unknown", TimedOutError.code)
        if self._books.clock() - called < SETTLE:
            raise TimedOutError("nothing is to be seen of it yet")
        run.copy = self._saved(run.copy, maybe_done=False, state="preparing")
        return None

    def _ours(self, run: _Run, means: _Means) -> _Outcome | None:
        """Return what an earlier call came to after all, when the platform says that these words are out already."""
        since = parse_iso(run.copy.job.at) - CLOCKS_APART
        seen = means.publisher.find(means.outgoing, means.account, means.http, run.copy.progress, since=since)
        return _Outcome("already", native_id=seen.native_id) if seen.state == "done" else None

    def _prepare(self, run: _Run, means: _Means) -> None:
        until = self._monotonic() + UPLOAD_SECONDS
        steps = means.publisher.prepare(means.outgoing, means.account, means.http, run.copy.progress)
        for progress in steps:
            run.copy = self._saved(run.copy, progress=dict(progress))
            if self._monotonic() > until:
                raise _HandOnError

    def _change(self, run: _Run, means: _Means) -> _Outcome:
        """Edit or take down: either may be repeated without harm, so a lost answer is asked for again."""
        native, text = run.copy.native_id or "", run.copy.job.text or ""
        if not run.copy.maybe_done:
            run.copy = self._saved(run.copy, maybe_done=True, called_at=iso(self._books.clock()))
            run.called = True
        if run.copy.job.verb == "edit":
            return _done(means.publisher.edit(native, text, means.account, means.http))
        try:
            return _done(means.publisher.take_down(native, means.account, means.http))
        except GoneError as error:
            return _Outcome("already", request_id=error.request_id)

    # writing down ----------------------------------------------------------------------------------------------------

    def _saved(self, copy: Copy, **update: Any) -> Copy:
        """Write how far it has come; who has lost the copy to another worker stops here.

        Only what was marked as perhaps public can have been wished gone since, so a call that follows knows of it.
        """
        new = copy.model_copy(update={**update, "rev": copy.rev + 1})
        try:
            self._books.store.table.write(self._books.store.put_copy(new))
        except ConditionFailedError:
            if (mine := caught_up(self._books, copy)) is not None:
                return self._saved(mine, **update)
            raise LaterError("another worker has this copy now") from None
        return new

    def _wait(self, copy: Copy, code: str, message: dict[str, Any], seconds: int, *, throttled: bool = False) -> Copy:
        """Put the copy back into the queue for later, or say that it is given up."""
        now = self._books.clock()
        spent = copy.attempts >= ATTEMPTS and not throttled and code != "uploading"
        if spent or now - parse_iso(copy.job.at) > PATIENCE:
            # After a lost answer nobody knows; a person looks at the platform.
            return self._finish(copy, _Outcome("unknown" if copy.maybe_done else "failed", code))
        delay = max(1, min(seconds, MAX_DELAY))
        # An upload that gets on is no failed attempt, and to be told to wait is none either.
        attempts = 0 if code == "uploading" else copy.attempts - throttled
        waiting = copy.model_copy(update={"lease_until": "", "attempts": attempts})
        if now + timedelta(seconds=delay) > parse_iso(copy.deferred_at or copy.job.at) + SAY_SO:
            new, leaf = self._books.outcome(waiting, "deferred", error=code)
            put = self._books.store.put_copy(new.model_copy(update={"deferred_at": iso(now)}))
            self._commit(leaf, [put])
        else:
            self._saved(waiting)
        self._queue.send([Message(dict(message), delay_seconds=delay)])
        raise WaitingError(f"{copy.id} waits ({code}); queued again in {delay} s")

    def _finish(self, copy: Copy, outcome: _Outcome) -> Copy:
        now, store = self._books.clock(), self._books.store
        new, leaf = self._books.outcome(
            copy,
            outcome.result,
            error=outcome.error,
            platform_request_id=outcome.request_id,
            response_sha256=hashlib.sha256(outcome.response).hexdigest() if outcome.response else None,
        )
        ended = ending(new, outcome.result, error=outcome.error, native_id=outcome.native_id, now=iso(now))
        ended, gone = carried_out(self._books, ended)
        writes: list[Write] = [] if gone else [store.put_copy(ended)]
        if not gone and outcome.result in {"done", "already"}:
            writes.append(store.look(ended, iso(now + LOOK_AFTER)))
        elif ended.state == "stopped":
            writes.append(store.stop(ended))
        elif not gone and ended.error != WITHDRAWN:
            writes.append(self._releasing.telling(copy.job.by.id, copy.publication))
        if ended.state == "unknown" and ended.job.verb == "publish":
            writes += next_look(store, ended, now)
        try:
            done = self._books.commit([leaf], writes, intended=gone)
        except ConflictError:
            if (mine := caught_up(self._books, copy)) is not None:
                return self._finish(mine, outcome)
            raise LaterError("another worker has this copy now") from None
        return done[0] if done else ended

    def _commit(self, leaf: Any, writes: list[Write]) -> None:
        try:
            self._books.commit([leaf], writes)
        except ConflictError:
            raise LaterError("another worker has this copy now") from None


class _Run:
    """A copy as this worker has last written it, and whether this worker called the platform in public."""

    def __init__(self, copy: Copy) -> None:
        self.copy = copy
        self.called = False


def _done(result: ActResult) -> _Outcome:
    return _Outcome(result.status, None, result.native_id, result.request_id, result.response)
