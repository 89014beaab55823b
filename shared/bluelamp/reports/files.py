"""Reports as PDF: asked for by somebody, printed by the export function, fetched by a link that soon ends.

The API's function has no library that prints, so a request is kept with its record and its message goes to the export
queue. Whoever prints reads the report anew as the person who asked: who may not any more gets nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bluelamp.audit.leaf import Actor, Leaf, Obj, Op, Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.sqs import Message, QueueError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from bluelamp.ids import new_ulid
from bluelamp.people.rules import principal_of
from bluelamp.reports.model import FileJob, FileLink, FileView
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cloud.files import Files
    from bluelamp.cloud.sqs import Queue
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People
    from bluelamp.reports.service import FigureReports
    from bluelamp.reports.store import FileStore

LINK: Final = timedelta(minutes=10)
# A request that still waits after this time is sent again: its message was perhaps never taken.
RESEND: Final = timedelta(minutes=2)
_ACTOR = Actor.system("export")
_log = logging.getLogger(__name__)


class FileNotReadyError(ConflictError):
    """The PDF is not there yet, or could not be made."""

    code = "report_not_ready"


class ReportFiles:
    """Asks for reports as PDF, prints them, and gives them out.

    Parameters
    ----------
    store
        Where requests are kept.
    reports, people
        Makes the report; who asked for it.
    files, queue
        Where PDFs go, and whose messages have them printed.
    force
        Whose reports they are, as people write it.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        store: FileStore,
        *,
        reports: FigureReports,
        people: People,
        files: Files,
        queue: Queue,
        force: str,
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._reports = reports
        self._people = people
        self._files = files
        self._queue = queue
        self._force = force
        self._wake = wake
        self._clock = clock

    def ask(self, principal: Principal, name: str, *, asked: dict[str, Any], idem: Idempotency) -> FileView:
        """Ask for a report as PDF. Recorded as a disclosure.

        Raises
        ------
        NotFoundError, NotPermittedError, InvalidInputError
            As `FigureReports.read`.
        """
        self._reports.allowed(principal, name, asked.get("account"))
        now = self._clock()
        job = FileJob(id=new_ulid(), name=name, asked=asked, person=principal.id, created_at=iso(now))
        query = Query(view="report", filters={"report": name, "form": "pdf"})
        leaf = self._leaf(principal.actor(), job, Op(verb="request"), account=asked.get("account"), query=query)
        view = job.view()
        self._store.table.transact([self._store.insert(job), Chunk.of([leaf]).put(), idem.put(view.model_dump())])
        self._send(job)
        self._wake()
        return view

    def get(self, principal: Principal, file_id: str) -> FileView:
        """Return how far one's own PDF is.

        Raises
        ------
        NotFoundError
            When one asked for none with this id.
        """
        job = self._own(principal, file_id)
        if job.state == "queued" and self._clock() - parse_iso(job.created_at) > RESEND:
            self._send(job)
        return job.view()

    def link(self, principal: Principal, file_id: str) -> FileLink:
        """Make a link to one's own PDF that works for ten minutes. Recorded as a disclosure.

        Raises
        ------
        NotFoundError, FileNotReadyError
            When one asked for none, or it is not there.
        """
        job = self._own(principal, file_id)
        self._reports.allowed(principal, job.name, job.asked.get("account"))
        if job.state != "done":
            raise FileNotReadyError("This PDF is not there: it is still being made, or could not be. Ask for it again.")
        leaf = self._leaf(principal.actor(), job, Op(verb="link"))
        self._store.table.write(Chunk.of([leaf]).put())
        self._wake()
        url = self._files.link(_key(job.id), seconds=int(LINK.total_seconds()), name=f"{job.name}.pdf")
        return FileLink(url=url, expires_at=iso(self._clock() + LINK))

    def run(self, file_id: str) -> FileView:
        """Print what was asked for; one that is printed already is left as it is.

        Raises
        ------
        NotFoundError
            When nothing was asked for under this id.
        """
        job = self._store.get(file_id)
        if job is None:
            raise NotFoundError(f"there is no report file {file_id}")
        if job.state != "queued":
            return job.view()
        try:
            report = self._reports.read(self._whoever_asked(job), job.name, form="pdf", **job.asked)
        except (RefusedError, NotFoundError, InvalidInputError) as error:
            return self._ended(job, Op(verb="build", result="failed", error=error.code), state="failed")
        from bluelamp.reports.printing import pdf_of  # noqa: PLC0415 -- the API has no library that prints

        self._files.write(_key(job.id), [pdf_of(report, self._force)], content_type="application/pdf")
        return self._ended(job, Op(verb="build", result="done"), state="done")

    def _ended(self, job: FileJob, op: Op, *, state: str) -> FileView:
        leaf = self._leaf(_ACTOR, job, op)
        try:
            self._store.table.transact([self._store.ended(job, state), Chunk.of([leaf]).put()])
        except ConditionFailedError:
            _log.info("printed twice at once; the other one counts")
        self._wake()
        return (self._store.get(job.id) or job).view()

    def _whoever_asked(self, job: FileJob) -> Principal:
        person = self._people.get(job.person)
        if not person.active:
            raise RefusedError("Whoever asked for it is shut out.", reason_code="suspended")
        return principal_of(person, at=self._clock())

    def _own(self, principal: Principal, file_id: str) -> FileJob:
        self._reports.allowed(principal, "volume", None)
        job = self._store.get(file_id)
        if job is None or job.person != principal.id:
            raise NotFoundError("You asked for no report under this id, or it was more than a week ago.")
        return job

    def _send(self, job: FileJob) -> None:
        try:
            self._queue.send([Message({"v": 1, "report_id": job.id})])
        except QueueError as error:
            _log.warning("asked for and not sent: %s", error)  # whoever waits for it sends it again

    def _leaf(self, actor: Actor, job: FileJob, op: Op, **more: Any) -> Leaf:
        obj = Obj(kind="report", key=job.id)
        return draft(type="export", at=self._clock(), actor=actor, obj=obj, op=op, correlation=job.id, **more)


def _key(file_id: str) -> str:
    return f"reports/{file_id}.pdf"
