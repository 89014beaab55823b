"""Jobs over many posts: previewed and frozen, ordered, agreed to by a second person, paused, gone on with, stopped.

Nothing is done to a post here. Once the order, or the agreement to it, is sealed, the worker begins (`working`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bluelamp.audit.leaf import Query
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.incidents import rules
from bluelamp.incidents.model import (
    BulkVerb,
    Frozenpost,
    Incident,
    IncidentClosedError,
    Job,
    JobView,
    Match,
    Preview,
    SecondPersonError,
    SelectionChangedError,
)
from bluelamp.notices.telling import told
from bluelamp.people.rules import two_people
from bluelamp.posts.changing import name_of
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.actions.ordering import Ordering
    from bluelamp.idempotency import Idempotency
    from bluelamp.incidents.commanding import Command
    from bluelamp.incidents.model import JobPart, LeftOut
    from bluelamp.incidents.recording import Recorder
    from bluelamp.incidents.selecting import Selecting
    from bluelamp.incidents.store import IncidentStore
    from bluelamp.people.model import Principal, Verb
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post, Reason

# What was previewed is ordered within this time, and agreed to within this one.
FRESH = timedelta(minutes=15)
PATIENCE = timedelta(hours=2)
EXAMPLES = 8
SHOWN_LEFT_OUT = 100
# Parts go into the table so many at a time.
_TOGETHER = 50
# Of so many parts the outcomes are counted at each look; those before have all ended as a rule.
_COUNTED = 12
_ENDED = frozenset({"done", "failed", "cancelled", "overtaken", "unknown"})
_STEPS: Mapping[str, tuple[str, Verb]] = {
    "start": ("bulk_ordered", "bulk"),
    "agree": ("bulk_agreed", "approve_bulk"),
    "refuse": ("bulk_refused", "approve_bulk"),
    "pause": ("bulk_paused", "bulk"),
    "resume": ("bulk_resumed", "bulk"),
    "stop": ("bulk_stopped", "bulk"),
}


class Bulk:
    """The use cases of the bulk routes.

    Parameters
    ----------
    store, command, recorder
        Keep jobs, say who may order what, and make records.
    selecting
        Finds posts.
    ordering
        Tells the states of actions.
    changer
        Shows posts.
    notify
        Has people told whose agreement is wanted.
    """

    def __init__(
        self,
        *,
        store: IncidentStore,
        command: Command,
        recorder: Recorder,
        selecting: Selecting,
        ordering: Ordering,
        changer: Changer,
        notify: Callable[[], None],
    ) -> None:
        self._store = store
        self._command = command
        self._recorder = recorder
        self._selecting = selecting
        self._ordering = ordering
        self._changer = changer
        self._notify = notify

    def preview(
        self,
        principal: Principal,
        incident_id: str,
        *,
        verb: BulkVerb,
        match: Match | None = None,
        accounts: Sequence[str] = (),
        reason: Reason | None = None,
    ) -> Preview:
        """Find and freeze what a job would be about; nothing is done until it is ordered. Recorded as a search.

        Raises
        ------
        NotFoundError, NotPermittedError, IncidentClosedError
            As `Command.order`; of a closed incident posts are still shown again.
        InvalidInputError
            When accounts are not of the incident, or a hide or delete names no posts and no reason.
        """
        incident = self._command.order(principal, "bulk", incident_id, closed=verb == "unhide")
        if verb != "unhide" and (match is None or reason is None):
            raise InvalidInputError("Say which posts, and why: a code of the reasons that single posts have as well.")
        asked = tuple(dict.fromkeys(accounts)) or incident.scope.accounts
        if not set(asked) <= set(incident.scope.accounts):
            raise InvalidInputError("These accounts are not all of this incident: widen its scope first.")
        policy = self._store.policy()
        found = self._selecting.select(principal, incident, verb, match=match, accounts=asked, policy=policy)
        frozen = [Frozenpost(id=post.id, seen_at=post.seen_at) for post in found.posts]
        now, job_id = self._recorder.now(), new_ulid()
        involved = self._command.accounts({post.account for post in found.posts})
        job = Job(
            id=job_id,
            incident=incident.id,
            verb=verb,
            reason=reason,
            match=match,
            accounts=asked,
            strategy=incident.strategy,
            posts=len(frozen),
            parts=-(-len(frozen) // rules.PART),
            digest=self._recorder.digest(rules.selection(incident.id, verb, frozen)),
            second=rules.needs_second(len(frozen), policy, verb, involved),
            by=name_of(principal),
            actor=principal.actor().model_dump(mode="json", exclude_none=True),
            role=principal.role,
            made_at=iso(now),
            until=iso(now + FRESH),
            excluded=dict(Counter(one.why for one in found.left_out)),
            platforms=dict(Counter(post.platform for post in found.posts)),
            by_account=dict(Counter(post.account for post in found.posts)),
            cut=found.cut,
        )
        self._freeze(job, frozen)
        query = Query(view="bulk_preview", filters={"job": job.id, "verb": verb}, hits=job.posts)
        self._recorder.looked(principal, query, incident=incident.id)
        return self._shown(principal, incident, job, found.posts, found.left_out)

    def step(
        self,
        principal: Principal,
        incident_id: str,
        job_id: str,
        *,
        step: str,
        rev: int,
        digest: str | None = None,
        idem: Idempotency,
    ) -> JobView:
        """Order a previewed job, agree to it or say no, pause it, go on, or stop it.

        Parameters
        ----------
        step
            ``start``, ``agree``, ``refuse``, ``pause``, ``resume`` or ``stop``.
        digest
            Of the frozen selection that was looked at; to order and to agree.

        Raises
        ------
        NotFoundError, NotPermittedError, IncidentClosedError
            As `Command.order`.
        SecondPersonError
            When one agrees to, or refuses, what one ordered oneself.
        SelectionChangedError, ConflictError
            When something else was previewed, or that was too long ago; or the job is not where one thinks.
        """
        name, verb = _STEPS[step]
        incident = self._command.order(principal, verb, incident_id, closed=True)
        old = self._load(incident, job_id)
        self._check(principal, incident, old, step, rev=rev, digest=digest)
        new = self._moved(principal, old, step)
        recorded = self._recorder.job(principal.actor(), new, name, run=new.state in {"running", "stopped"})
        new = new.model_copy(
            update={"head": recorded.leaf.digest} | ({"chunk": recorded.chunk.id} if new.state == "running" else {})
        )
        view = self._view(principal, incident, new)
        writes = [self._store.put_job(new), *recorded.writes, idem.put(view.model_dump(mode="json"))]
        if new.state == "waiting":
            about = {"incident": incident.id}
            writes.append(told("approval_wanted", to=_asked(incident, principal), at=self._recorder.now(), about=about))
        try:
            self._recorder.table.transact(writes)
        except (ConditionFailedError, ContentionError):
            raise ConflictError("Somebody else decided about this job a moment ago. Look at it again.") from None
        self._recorder.woken()
        if new.state == "waiting":
            self._notify()
        return view

    def get(self, principal: Principal, incident_id: str, job_id: str) -> JobView:
        """Return how far a job has come: figures alone, so that it can be asked every second.

        Raises
        ------
        NotFoundError, NotPermittedError
            As `Command.see`, or there is no such job.
        """
        incident = self._command.see(principal, incident_id)
        return self._view(principal, incident, self._load(incident, job_id))

    def views(self, principal: Principal, incident: Incident) -> list[JobView]:
        """Return the jobs of an incident that were ordered, the oldest first."""
        jobs = [job for job in self._store.jobs(incident.id) if job.state != "previewed"]
        return [self._view(principal, incident, job) for job in jobs]

    # inside ----------------------------------------------------------------------------------------------------------

    def _freeze(self, job: Job, posts: Sequence[Frozenpost]) -> None:
        """Keep a selection; the job comes last, so that there is none without all of its posts."""
        puts = [self._store.put_part(job.id, n, part) for n, part in enumerate(rules.parts_of(posts))]
        for start in range(0, len(puts), _TOGETHER):
            self._recorder.table.transact(puts[start : start + _TOGETHER])
        self._recorder.table.write(self._store.put_job(job))

    def _load(self, incident: Incident, job_id: str) -> Job:
        job = self._store.job(incident.id, job_id)
        if job is None:
            raise NotFoundError("There is no job with this id in this incident.")
        return job

    def _check(
        self, principal: Principal, incident: Incident, job: Job, step: str, *, rev: int, digest: str | None
    ) -> None:
        if incident.state == "closed" and step != "stop" and job.verb != "unhide":
            raise IncidentClosedError("This incident is closed. Open a new one.", rev=incident.rev)
        if step not in rules.steps(job, now=iso(self._recorder.now())):
            if job.state in {"previewed", "waiting"}:
                raise SelectionChangedError("Too much time has passed. Preview it again: what is there has changed.")
            raise ConflictError(f"This job is {job.state}: it cannot be put to '{step}' now.", rev=job.rev)
        if job.rev != rev:
            raise ConflictError("Somebody else decided about this job since you looked.", rev=job.rev)
        self._fits(principal, job, step, digest)

    def _fits(self, principal: Principal, job: Job, step: str, digest: str | None) -> None:
        """Refuse what this person may not do to the job, whatever its state."""
        if step in {"start", "agree"} and digest != job.digest:
            raise SelectionChangedError("This is not the selection that you looked at. Preview it again.", rev=job.rev)
        if step == "start" and job.by.id != principal.id:
            raise ConflictError(f"{job.by.name} previewed this. Preview it yourself before you order it.", rev=job.rev)
        if step == "start" and not job.posts:
            raise InvalidInputError("There are no posts in this selection.")
        if step in {"agree", "refuse"}:
            second = two_people(job.by.id, principal.id, "bulk job")
            if not second.allowed:
                raise SecondPersonError(second.for_person, reason_code=second.reason_code)
            if step == "agree":
                self._command.authorised(principal, "approve_bulk", job.by_account)

    def _moved(self, principal: Principal, job: Job, step: str) -> Job:
        now = self._recorder.now()
        update: dict[str, Any] = {"rev": job.rev + 1}
        match step:
            case "start" if job.second:
                update |= {"state": "waiting", "until": iso(now + PATIENCE)}
            case "start":
                update |= {"state": "running", "started_at": iso(now)}
            case "agree":
                update |= {"state": "running", "started_at": iso(now), "agreed_by": name_of(principal)}
            case "refuse":
                update |= {"state": "refused", "ended_at": iso(now), "agreed_by": name_of(principal)}
            case "pause":
                update |= {"state": "paused"}
            case "resume":
                update |= {"state": "running"}
            case _:
                update |= {"state": "stopped", "ended_at": iso(now)}
        return job.model_copy(update=update)

    def _shown(
        self, principal: Principal, incident: Incident, job: Job, posts: Sequence[Post], left: Sequence[LeftOut]
    ) -> Preview:
        return Preview(
            job=self._view(principal, incident, job),
            examples=tuple(self._changer.summary(principal, post) for post in posts[:EXAMPLES]),
            left_out=tuple(left[:SHOWN_LEFT_OUT]),
        )

    def _view(self, principal: Principal, incident: Incident, job: Job) -> JobView:
        can = {
            step
            for step in rules.steps(job, now=iso(self._recorder.now()))
            if self._command.may(principal, _STEPS[step][1], incident.scope.accounts)
            and (step not in {"agree", "refuse"} or job.by.id != principal.id)
            and (step != "start" or job.by.id == principal.id)
        }
        if job.state in {"previewed", "waiting", "refused"}:
            return rules.view_job(job, rules.NOTHING_YET, can=can)
        progress = self._store.progress(job.id)
        outcomes = self._outcomes(job, progress.next)
        if job.state == "done" and not outcomes.get("pending"):
            can -= {"stop"}
        return rules.view_job(job, progress, outcomes=outcomes, can=can)

    def _outcomes(self, job: Job, begun: int) -> dict[str, int]:
        """Count what became of a job's posts; a part whose actions have all ended is counted once and for all."""
        found: Counter[str] = Counter()
        left = _COUNTED
        for part in self._store.parts(job.id)[:begun]:
            counts = part.settled
            if counts is None and left:
                left -= 1
                counts = self._counted(job, part)
            found.update(counts or {"pending": len(part.posts) - len(part.skipped)})
        return {state: n for state, n in sorted(found.items()) if n}

    def _counted(self, job: Job, part: JobPart) -> dict[str, int]:
        pairs = [(one.id, rules.action_id(job.id, one.id, one.seen_at)) for one in part.posts]
        states = Counter("pending" if s in {"pending", "sending"} else s for s in self._ordering.states(pairs).values())
        if states.total() + len(part.skipped) >= len(part.posts) and states.keys() <= _ENDED:
            self._store.settle(job.id, part.number, dict(states))
        return dict(states)


def _asked(incident: Incident, principal: Principal) -> list[str]:
    """Return who is told that a second person is wanted: gold and silver, or else the communications team."""
    commanders = [*incident.roles.gold, *incident.roles.silver]
    return [f"person:{one}" for one in commanders if one != principal.id] or ["role:comms"]
