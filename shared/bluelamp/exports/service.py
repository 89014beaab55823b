"""What an auditor does with exports: ask for one, see how far it is, fetch it.

Asking is all that happens here: the request and its record are one transaction, and the bag is made by the export
function (`building`). A link works for whoever has it; each one that is made is recorded.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Leaf, Obj, Op, Query, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.sqs import Message, QueueError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.exports import rules
from bluelamp.exports.london import shown
from bluelamp.exports.model import ExportJob, ExportPage, ExportView, Link, Purpose, Scope
from bluelamp.ids import new_ulid
from bluelamp.people.rules import authorise, require
from bluelamp.posts.changing import name_of
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.files import Files
    from bluelamp.cloud.sqs import Queue
    from bluelamp.cursors import Cursors
    from bluelamp.exports.store import ExportStore
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.pseudonyms import Pseudonyms

MAX_PAGE = 100
_QUERY = {"list": "exports"}
_log = logging.getLogger(__name__)


class NotReadyError(ConflictError):
    """The bag of an export is not there: not yet, or no longer."""

    code = "export_not_ready"


class Exports:
    """The use cases of the export routes.

    Parameters
    ----------
    store
        Where exports are kept.
    accounts
        The accounts of the force.
    files
        Where the bags are.
    queue
        The export queue.
    cursors
        Makes and opens cursors.
    pseudonyms
        Makes the keyed digest of what was asked for.
    wake
        Wakes the sequencer.
    clock
        The time.
    """

    def __init__(
        self,
        *,
        store: ExportStore,
        accounts: Accounts,
        files: Files,
        queue: Queue,
        cursors: Cursors,
        pseudonyms: Pseudonyms,
        wake: Wake,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._files = files
        self._queue = queue
        self._cursors = cursors
        self._pseudonyms = pseudonyms
        self._wake = wake
        self._clock = clock

    def create(
        self, principal: Principal, *, scope: Scope, purpose: Purpose, ref: str, idem: Idempotency
    ) -> ExportView:
        """Ask for an export. The record says by whom, why and of how much, never which words were searched for.

        Raises
        ------
        NotFoundError, RefusedError
            When the person may not export, or there is no such account.
        """
        require(principal, "export")
        account = getattr(scope, "account", None)
        if account is not None:
            authorise(principal, "export", self._accounts.get(account))
        now, export_id = self._clock(), new_ulid()
        asked = json.dumps(scope.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        leaf = draft(
            type="export",
            at=now,
            actor=principal.actor(),
            account=account,
            author_key=getattr(scope, "author", None),
            obj=Obj(kind="export", key=export_id),
            reason=LeafReason(code=purpose, ref=ref),
            op=Op(verb="request"),
            query=rules.query_of(scope, self._pseudonyms.content("export", asked.encode())),
            correlation=export_id,
        )
        chunk = Chunk.of([leaf])
        job = ExportJob(
            id=export_id,
            scope=scope,
            purpose=purpose,
            ref=ref,
            by=name_of(principal),
            role=principal.role,
            created_at=iso(now),
            sent_at=iso(now),
            leaf=leaf.id,
            chunk=chunk.id,
        )
        view = rules.view_of(job, now)
        answer = view.model_dump(mode="json")
        self._store.table.transact([self._store.insert(job), chunk.put(), idem.put(answer)])
        self._tell(job)
        return view

    def list_for(self, principal: Principal, *, cursor: str | None = None, limit: int = 50) -> ExportPage:
        """Return a page of the exports, newest first. Recorded as a search.

        Raises
        ------
        RefusedError, CursorError
            When the person may not export, or the cursor is not theirs.
        """
        require(principal, "export")
        before = self._cursors.open(principal.id, _QUERY, cursor)["before"] if cursor else None
        jobs, more = self._store.page(before=before, limit=max(1, min(limit, MAX_PAGE)))
        now = self._clock()
        leaf = draft(type="search", at=now, actor=principal.actor(), query=Query(view="exports", hits=len(jobs)))
        self._record(leaf)
        return ExportPage(
            exports=tuple(rules.view_of(job, now) for job in jobs),
            next=self._cursors.seal(principal.id, _QUERY, {"before": more}) if more else None,
        )

    def get(self, principal: Principal, export_id: str) -> ExportView:
        """Return an export as it stands. Looking at somebody else's is recorded as a view, waiting for one's own not.

        Raises
        ------
        NotFoundError, RefusedError
            When there is none, or the person may not export.
        """
        job = self._load(principal, export_id)
        now = self._clock()
        if rules.forsaken(job, now):
            # Its message was lost, or the worker that had it. To ask again does no harm.
            job = self._send_again(job)
        if job.by.id != principal.id:
            leaf = draft(
                type="view",
                at=now,
                actor=principal.actor(),
                obj=Obj(kind="export", key=job.id),
                correlation=job.id,
            )
            self._record(leaf)
        return rules.view_of(job, now)

    def link(self, principal: Principal, export_id: str) -> Link:
        """Make a link to the bag that works for ten minutes. Recorded as a disclosure.

        Raises
        ------
        NotFoundError, RefusedError
            As `get`.
        NotReadyError
            When the bag is not there: not yet, no longer, or it could not be made.
        """
        job = self._load(principal, export_id)
        now = self._clock()
        state = rules.state_of(job, now)
        if state != "done" or job.sha256 is None or job.size is None:
            raise NotReadyError(_why_not(job, state))
        leaf = draft(
            type="export",
            at=now,
            actor=principal.actor(),
            obj=Obj(kind="export", key=job.id, digest=job.sha256),
            reason=LeafReason(code=job.purpose, ref=job.ref),
            op=Op(verb="link"),
            correlation=job.id,
        )
        try:
            self._store.table.transact([self._store.link_made(job), Chunk.of([leaf]).put()])
        except ConditionFailedError:
            raise NotReadyError("This export has changed just now. Ask for the link again.") from None
        self._wake()
        name = f"{rules.bag_name(job.id)}.zip"
        url = self._files.link(rules.bag_key(job.id), seconds=int(rules.LINK.total_seconds()), name=name)
        return Link(url=url, expires_at=iso(now + rules.LINK), name=name, sha256=job.sha256, size=job.size)

    def _load(self, principal: Principal, export_id: str) -> ExportJob:
        require(principal, "export")
        job = self._store.get(export_id)
        if job is None:
            raise NotFoundError("There is no export with this id.")
        return job

    def _send_again(self, job: ExportJob) -> ExportJob:
        now = iso(self._clock())
        try:
            self._store.sent(job, now)
        except ConditionFailedError:
            return self._store.get(job.id) or job
        self._tell(job)
        return job.model_copy(update={"sent_at": now})

    def _tell(self, job: ExportJob) -> None:
        """Send the job's message. What is committed must not look failed: whoever asks for it later sends it again."""
        try:
            self._queue.send([Message({"v": 1, "export_id": job.id})])
        except QueueError as error:
            _log.warning("asked for and not sent: %s", error)
        self._wake()

    def _record(self, leaf: Leaf) -> None:
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()


def _why_not(job: ExportJob, state: str) -> str:
    match state:
        case "failed":
            return f"This export could not be made ({job.error}). Ask for it again."
        case "expired":
            until = shown(parse_iso(job.expires_at)) if job.expires_at else "a week after it was made"
            return f"This export was kept until {until}. Ask for it again."
        case _:
            return "This export is not finished yet. Wait until its state is done."
