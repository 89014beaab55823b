"""Carrying out a job: part by part, each post with an intent of its own, resumed wherever a worker died.

A part's posts are read and judged by the rules once more: what has changed since the preview, or must not be touched,
is skipped and said to be. Each transaction has the job's state as its condition, so nothing is set going after a pause.
The sealer releases the first parts while the later ones are still written.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from bluelamp.actions.ordering import Order, Ordering, Wanted
from bluelamp.audit.leaf import Actor, Rule
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import BluelampError, ConflictError
from bluelamp.incidents import rules
from bluelamp.incidents.model import Frozenpost, Incident, Job, JobPart, Progress
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.sqs import Queue
    from bluelamp.incidents.model import BulkPolicy
    from bluelamp.incidents.recording import Recorder
    from bluelamp.incidents.selecting import Selecting
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post

# The function runs for longer than this; then it wakes itself, which AWS stops near 16 rounds: enough for any job.
SECONDS = 40.0
ROUNDS = 4
_ACTOR = Actor.system("incident")

Went = Literal["nothing", "on", "done"]


class NotSealedYetError(BluelampError):
    """The order of a job is not under lock yet: nothing is done, and the message is to come again."""

    code = "not_sealed"


class Working:
    """The use case of the incident function.

    Parameters
    ----------
    store, recorder
        Keep jobs, and make their records.
    selecting
        Tells why a post is left alone.
    ordering
        Sets actions going.
    changer
        Reads posts.
    queue
        The queue that wakes this again, when time is up.
    timer
        The seconds since some moment.
    """

    def __init__(
        self,
        *,
        store: IncidentStore,
        recorder: Recorder,
        selecting: Selecting,
        ordering: Ordering,
        changer: Changer,
        queue: Queue,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._selecting = selecting
        self._ordering = ordering
        self._changer = changer
        self._queue = queue
        self._timer = timer

    def run(self, message: dict[str, Any]) -> Went:
        """Carry a job on, until it is done, somebody pauses or stops it, or the time is up.

        Parameters
        ----------
        message
            `incident` and `job`; or `awake` alone, which has this function started before somebody waits for it.

        Raises
        ------
        NotSealedYetError
            When the order is not under lock.
        ConflictError
            When others kept changing the same posts, or another worker has the job in hand.
        """
        until = self._timer() + SECONDS
        job, incident = self._found(message)
        if job is not None and job.state == "stopped":
            return self._taken_back(job)
        if job is None or incident is None or job.state != "running":
            return "nothing"
        if job.chunk not in self._changer.posts.sealed([job.chunk], consistent=True):
            raise NotSealedYetError("the order of this job is not in the sealed log; nothing was done")
        progress = self._store.progress(job.id)
        if progress.next == 0 and not self._untouched(job):
            return self._end(job, "stopped", Progress(skipped={"selection_changed": job.posts}))
        policy = self._store.policy()
        while progress.next < job.parts:
            if self._timer() > until:
                self._queue.send([Message({"v": 1, "incident": job.incident, "job": job.id})])
                return "on"
            part = self._store.part(job.id, progress.next)
            skipped = self._part(incident, job, part, policy) if part else None
            if part is None or skipped is None:
                return "nothing"
            progress = self._advanced(job, part, progress, skipped)
        return self._end(job, "done", progress)

    def _found(self, message: dict[str, Any]) -> tuple[Job | None, Incident | None]:
        if message.get("awake"):
            return None, None
        return self._store.job(message["incident"], message["job"]), self._store.get(message["incident"])

    def _taken_back(self, job: Job) -> Went:
        """Take back what was ordered and is not sent yet; a repeat finds the rest."""
        for part in self._store.parts(job.id):
            pairs = [(one.id, rules.action_id(job.id, one.id, one.seen_at)) for one in part.posts]
            for _ in range(ROUNDS):
                if not self._ordering.take_back(pairs, by=job.by):
                    break
            else:
                raise ConflictError("others kept changing posts of a job that was stopped; the message comes again")
        return "done"

    def _untouched(self, job: Job) -> bool:
        """Tell whether the parts in the table are those that the order was given for, and its record is bound to."""
        posts = [post for part in self._store.parts(job.id) for post in part.posts]
        return self._recorder.digest(rules.selection(job.incident, job.verb, posts)) == job.digest

    def _part(self, incident: Incident, job: Job, part: JobPart, policy: BulkPolicy) -> dict[str, str] | None:
        """Set a part's actions going; return why some posts were skipped, or None when the job runs no longer."""
        actions = {one.id: rules.action_id(job.id, one.id, one.seen_at) for one in part.posts}
        order = _order(job)
        left = set(actions)
        skipped: dict[str, str] = {}
        for _ in range(ROUNDS):
            known = self._ordering.states([(post, actions[post]) for post in sorted(left)])
            left -= known.keys()
            if not left:
                return skipped
            found = self._changer.posts.get_many(sorted(left), consistent=True)
            for one in part.posts:
                if one.id in left and (why := self._why(incident, job, found.get(one.id), one, policy)):
                    skipped[one.id] = why
                    left.discard(one.id)
            wanted = [Wanted(found[one.id], actions[one.id]) for one in part.posts if one.id in left]
            left = self._ordering.order(order, wanted, guard=[self._store.running(job)]) if wanted else set()
            if not left:
                return skipped
            now = self._store.job(job.incident, job.id)
            if now is None or now.state != "running":
                return None
        return skipped | dict.fromkeys(left, "overtaken")

    def _why(
        self, incident: Incident, job: Job, post: Post | None, frozen: Frozenpost, policy: BulkPolicy
    ) -> str | None:
        if post is None:
            return "missing"
        if post.seen_at != frozen.seen_at:
            return "changed"  # other words than those that somebody decided on
        return self._selecting.why(incident, post, job.verb, policy)

    def _advanced(self, job: Job, part: JobPart, progress: Progress, skipped: dict[str, str]) -> Progress:
        if skipped:
            self._store.skip(job.id, part.number, skipped)
        new = Progress(
            next=part.number + 1,
            intended=progress.intended + len(part.posts) - len(skipped),
            skipped=dict(Counter(progress.skipped) + Counter(skipped.values())),
            rev=progress.rev + 1,
        )
        try:
            self._store.advance(job.id, new)
        except ConditionFailedError:
            raise ConflictError("another worker has this job in hand; the message comes again") from None
        return new

    def _end(self, job: Job, state: Literal["done", "stopped"], progress: Progress) -> Went:
        """Record what the job came to; what its actions come to stands in their own outcomes."""
        ended = {"state": state, "ended_at": iso(self._recorder.now()), "rev": job.rev + 1}
        new = job.model_copy(update=ended)
        tally = {"intended": progress.intended} | {f"skipped_{why}": n for why, n in progress.skipped.items()}
        recorded = self._recorder.job(_ACTOR, new, f"bulk_{state}", tally=tally, run=False)
        new = new.model_copy(update={"head": recorded.leaf.digest})
        try:
            self._recorder.table.transact([self._store.put_job(new), *recorded.writes])
        except (ConditionFailedError, ContentionError):
            raise ConflictError("somebody decided about this job as it ended; the message comes again") from None
        self._recorder.woken()
        return "done"


def _order(job: Job) -> Order:
    return Order(
        verb=job.verb,
        incident=job.incident,
        actor=Actor.model_validate(job.actor),
        by=job.by,
        rule=Rule(id="incident.bulk", version=job.id),
        reason=job.reason,
    )
