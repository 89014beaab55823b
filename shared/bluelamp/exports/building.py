"""Makes the bag of an export: once, however often the message comes and wherever a worker is killed.

A worker takes the job for a few minutes and renews that with every step; a second one stays away as long as it lasts.
The bag lies under one key, and becomes the export's only in the transaction that also records it, under the condition
that the job is still this worker's. Memory does not grow with the case: posts are read one by one, files are written
and sent as streams.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Actor, Content, Leaf, Obj, Op, draft
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import BluelampError, ConflictError, NotFoundError
from bluelamp.exports import telling
from bluelamp.exports.bag import BagWriter, zipped
from bluelamp.exports.filling import CaseFile, Filler, Place, Reveals
from bluelamp.exports.model import ExportJob, Figures
from bluelamp.exports.report import HtmlReport
from bluelamp.exports.report_pdf import PdfReport
from bluelamp.exports.rules import ATTEMPTS, KEPT, bag_key, bag_name
from bluelamp.exports.sealed import SealedYear
from bluelamp.exports.selecting import Selection, TooManyPostsError, select
from bluelamp.exports.store import LeaseLostError
from bluelamp.ids import new_ulid
from bluelamp.times import Clock, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.files import Files, Stored
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.cloud.sqs import Queue
    from bluelamp.exports.store import ExportStore
    from bluelamp.posts.dossier import Dossiers

# What was written a moment ago is sealed within a second or two; what takes longer is said to be not sealed yet.
PATIENCE = 15
_BEAT_EVERY = 10
_PAUSE = timedelta(seconds=20)
_ACTOR = Actor.system("export")


class AgainError(BluelampError):
    """The bag could not be made now; the job is in the queue again."""

    code = "export_again"


class NothingSealedError(BluelampError):
    """No record that belongs into the bag is under a checkpoint: the sealer stands still, or is far behind."""

    code = "nothing_sealed"


@dataclass(frozen=True)
class Maker:
    """Who makes bags: the force, as people write it, and the software's commit."""

    force: str
    software: str


class Building:
    """The use case of the export function.

    Parameters
    ----------
    store
        Where exports are kept.
    dossiers
        Reads posts.
    accounts
        Gives the ids of all accounts.
    evidence
        The bucket of the sealed log.
    head
        Gives the last signed checkpoint of a year's log, or None.
    vault
        Gives contents back.
    files
        Where the bag goes.
    queue
        The export queue, for a job that must come again.
    wake
        Wakes the sequencer.
    verifier
        Writes the standalone verifier to a path.
    maker
        Who makes the bags.
    scratch
        The folder that bags are written in.
    clock, sleep
        The time, and waiting.
    """

    def __init__(
        self,
        *,
        store: ExportStore,
        dossiers: Dossiers,
        accounts: Callable[[], list[str]],
        evidence: Bucket,
        head: Callable[[int], str | None],
        vault: Reveals,
        files: Files,
        queue: Queue,
        wake: Callable[[], None],
        verifier: Callable[[Path], None],
        maker: Maker,
        scratch: Path | None = None,
        clock: Clock = utc_now,
        sleep: Callable[[float], None],
    ) -> None:
        self._store = store
        self._table: Table = store.table
        self._dossiers = dossiers
        self._accounts = accounts
        self._evidence = evidence
        self._head = head
        self._vault = vault
        self._files = files
        self._queue = queue
        self._wake = wake
        self._verifier = verifier
        self._maker = maker
        self._scratch = scratch
        self._clock = clock
        self._sleep = sleep

    def run(self, export_id: str) -> ExportJob | None:
        """Make the bag of an export; return the export as it then stands, or None when another worker is at it.

        Raises
        ------
        NotFoundError
            When there is no such export.
        AgainError
            When it could not be made now; it is in the queue again.
        """
        job = self._store.get(export_id)
        if job is None:
            raise NotFoundError(f"there is no export {export_id}")
        if job.state in {"done", "failed"}:
            return job
        try:
            job = self._store.take(job, new_ulid(), self._clock())
        except ConditionFailedError:
            return None
        try:
            return self._make(job)
        except LeaseLostError:
            return None
        except TooManyPostsError as error:
            return self._fail(job, error.code)
        except Exception as error:
            if job.attempts >= ATTEMPTS:
                self._fail(job, getattr(error, "code", None) or "unexpected")
                raise
            self._again(job)
            raise AgainError(f"the bag of export {job.id} could not be made; it is tried again") from error

    def _make(self, job: ExportJob) -> ExportJob:
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="bluelamp-export-") as folder:
            root = Path(folder) / bag_name(job.id)
            figures = self._fill(job, root)
            stored = self._files.write(
                bag_key(job.id),
                zipped(root),
                content_type="application/zip",
                each=lambda _: self._beat(job, figures.posts, figures.posts),
            )
        return self._finish(job, stored, figures)

    def _fill(self, job: ExportJob, root: Path) -> Figures:
        found = select(job.scope, self._dossiers, accounts=self._accounts, beat=lambda: self._beat(job, 0, None))
        self._beat(job, 0, len(found.posts))
        places, own = self._places(job, found.posts)
        years = self._years(places, own)
        if not years:
            raise NothingSealedError("not even the request is sealed yet; without a record there is nothing to prove")
        bag = BagWriter(root)
        cover = telling.cover(job, found, self._maker.force, years)
        pdf = PdfReport(lambda n: bag.path(telling.pdf_name(n)), made_at=parse_iso(job.started_at))
        with closing(pdf), bag.stream("report.html") as page, bag.stream("case.json") as case:
            html = HtmlReport(page)
            about = telling.about(job, found, self._maker)
            filler = Filler(bag, years=years, vault=self._vault, html=html, pdf=pdf, case=CaseFile(case, about))
            html.cover(cover)
            pdf.cover(cover)
            self._posts(job, found, places, filler)
            filler.end()
        for number in range(1, pdf.files + 1):
            bag.adopt(telling.pdf_name(number))
        if own is not None:
            filler.record(own.year, own.first, own.bundle)
        self._surroundings(bag, years.values(), filler)
        tally = filler.tally
        figures = Figures(
            examined=found.examined,
            posts=tally.posts,
            missing=len(found.missing),
            records=sum(tally.records.values()),
            unsealed=tally.unsealed,
            contents=tally.contents,
            destroyed=tally.destroyed,
            broken=tally.broken,
        )
        schedule = telling.schedule(job, found, tally, figures, self._maker.force)
        bag.write("disclosure.json", schedule.as_json())
        bag.write("disclosure.csv", schedule.as_csv())
        bag.seal(telling.bag_info(job, self._maker))
        return figures

    def _posts(self, job: ExportJob, found: Selection, places: dict[str, Place], filler: Filler) -> None:
        last = self._clock()
        for number, post_id in enumerate(found.posts, 1):
            dossier = self._dossiers.whole(post_id)
            if dossier is None:
                continue  # disposed of since it was found
            filler.post(
                dossier,
                places,
                thread=partial(self._dossiers.context, dossier.post),
                words_key=self._dossiers.words_key(dossier.post),
            )
            if number % _BEAT_EVERY == 0 or self._clock() - last > _PAUSE:
                self._beat(job, number, len(found.posts))
                last = self._clock()

    def _places(self, job: ExportJob, posts: list[str]) -> tuple[dict[str, Place], Place | None]:
        """Return where the records of the posts lie, after a moment of patience, and that of the request itself."""
        chunks: dict[str, None] = {}
        for number, post_id in enumerate(posts, 1):
            dossier = self._dossiers.whole(post_id)
            chunks |= dict.fromkeys(pointer.chunk for pointer in dossier.pointers) if dossier else {}
            if number % _BEAT_EVERY == 0:
                self._beat(job, 0, len(posts))
        # Without a post the request's own record is all that the bag can hold: that is worth waiting for.
        wanted = chunks or {job.chunk: None}
        places = self._sealed(wanted)
        for _ in range(PATIENCE):
            waiting = [chunk for chunk in wanted if chunk not in places]
            if not waiting:
                break
            self._wake()
            self._sleep(1.0)
            places |= self._sealed(waiting)
        return places, self._sealed([job.chunk]).get(job.chunk)

    def _sealed(self, chunks: Iterable[str]) -> dict[str, Place]:
        found = self._dossiers.places(list(chunks))
        return {c: Place(i["year"], i["first_seq"], (i["start"], i["end"])) for c, i in found.items()}

    def _years(self, places: dict[str, Place], own: Place | None) -> dict[int, SealedYear]:
        """Return the logs that the records lie in, each under one checkpoint; the request counts when nothing else."""
        ends: dict[int, int] = {}
        for place in places.values() or ([own] if own else []):
            ends[place.year] = max(ends.get(place.year, 0), place.bundle[1])
        return {
            year: SealedYear(self._evidence, year, (self._head(year) or "").encode(), needed=end)
            for year, end in sorted(ends.items())
        }

    def _surroundings(self, bag: BagWriter, years: Iterable[SealedYear], filler: Filler) -> None:
        """Write what a reader needs beside the records: checkpoints, keys, anchors, and the verifier."""
        for year in years:
            bag.write(f"checkpoints/{year.year:04d}", year.checkpoint)
            for name, body in year.signing_keys():
                bag.write(f"keys/{name}", body)
            for name, body in year.anchors():
                bag.write(name, body)
        keys = json.dumps(filler.tally.keys, indent=1, sort_keys=True)
        bag.write("content/keys.json", keys.encode() + b"\n")
        bag.write("README.txt", telling.README.encode())
        self._verifier(bag.path("verify.pyz"))
        bag.adopt("verify.pyz")

    def _beat(self, job: ExportJob, done: int, total: int | None) -> None:
        self._store.beat(job, self._clock(), done=done, total=total)

    def _finish(self, job: ExportJob, stored: Stored, figures: Figures) -> ExportJob:
        now = self._clock()
        changes = {
            "state": "done",
            "finished_at": iso(now),
            "sha256": stored.sha256,
            "size": stored.size,
            "done": figures.posts,
            "total": figures.posts,
            "expires_at": iso(now + KEPT),
            "figures": figures.model_dump(),
        }
        leaf = self._leaf(job, Op(verb="build", result="done"), Content(sha256=stored.sha256, length=stored.size))
        return self._end(job, changes, leaf)

    def _fail(self, job: ExportJob, code: str) -> ExportJob | None:
        changes = {"state": "failed", "finished_at": iso(self._clock()), "error": code}
        try:
            return self._end(job, changes, self._leaf(job, Op(verb="build", result="failed", error=code)))
        except LeaseLostError:
            return None

    def _end(self, job: ExportJob, changes: Mapping[str, object], leaf: Leaf) -> ExportJob:
        """End the job, with its record, in one transaction."""
        try:
            self._table.transact([self._store.finished(job, **changes), Chunk.of([leaf]).put()])
        except ConditionFailedError:
            raise LeaseLostError("another worker makes this export now; this one has stopped") from None
        self._wake()
        ended = self._store.get(job.id)
        if ended is None:
            raise ConflictError(f"export {job.id} was taken out of the table while its bag was made")
        return ended

    def _leaf(self, job: ExportJob, op: Op, content: Content | None = None) -> Leaf:
        return draft(
            type="export",
            at=self._clock(),
            actor=_ACTOR,
            obj=Obj(kind="export", key=job.id),
            reason=LeafReason(code=job.purpose, ref=job.ref),
            op=op,
            content=content,
            correlation=job.id,
        )

    def _again(self, job: ExportJob) -> None:
        """Give the job back and have its message come again, later each time."""
        try:
            self._store.let_go(job, self._clock())
        except ConditionFailedError:
            return
        delay = min(900, 5 * 4 ** (job.attempts - 1))
        self._queue.send([Message({"v": 1, "export_id": job.id}, delay_seconds=delay)])
