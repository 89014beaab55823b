"""Exports in the table: one partition, by the time of the request (docs/data-model.md)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluelamp.cloud.dynamodb import Absent, Before, ConditionFailedError, Equals, Put, Update
from bluelamp.errors import ConflictError
from bluelamp.exports.model import ExportJob
from bluelamp.exports.rules import LEASE, REMEMBERED
from bluelamp.times import epoch, iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Table

SCHEMA = 1
PARTITION = "EXPORTS"


class LeaseLostError(ConflictError):
    """Another worker has the job: whatever this one does with it would be done twice."""

    code = "lease_lost"


def export_key(export_id: str) -> Key:
    """Return the key of an export."""
    return (PARTITION, export_id)


class ExportStore:
    """Reads and writes exports; `insert`, `finished` and `link_made` are writes for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, export_id: str) -> ExportJob | None:
        """Return an export as it stands now, or None."""
        item = self.table.get(export_key(export_id), consistent=True)
        return ExportJob.model_validate(item) if item else None

    def page(self, *, before: str | None, limit: int) -> tuple[list[ExportJob], str | None]:
        """Return exports, newest first, and the id to go on before when there are more."""
        page = self.table.query(PARTITION, before=before, limit=limit, forward=False)
        jobs = [ExportJob.model_validate(item) for item in page.items]
        return jobs, jobs[-1].id if jobs and page.next else None

    def insert(self, job: ExportJob) -> Put:
        """Return the write of a new export."""
        return Put(_item(job), Absent())

    def sent(self, job: ExportJob, at: str) -> None:
        """Note that the job's message was sent (again)."""
        self.table.write(Update(export_key(job.id), set={"sent_at": at}, conditions=(Equals("state", job.state),)))

    def take(self, job: ExportJob, lease: str, now: datetime) -> ExportJob:
        """Take the job until the lease ends.

        Raises
        ------
        ConditionFailedError
            When somebody else has it.
        """
        changes = {
            "state": "running",
            "lease": lease,
            "lease_until": iso(now + LEASE),
            "started_at": job.started_at or iso(now),
            "attempts": job.attempts + 1,
            "done": 0,
            "error": None,
        }
        free = (Equals("state", job.state), Equals("attempts", job.attempts), Before("lease_until", iso(now)))
        self._update(job.id, changes, *free)
        return job.model_copy(update=changes)

    def beat(self, job: ExportJob, now: datetime, *, done: int, total: int | None) -> None:
        """Note the progress and renew the lease; raise `LeaseLostError` when it is another's by now."""
        try:
            self._update(
                job.id, {"done": done, "total": total, "lease_until": iso(now + LEASE)}, Equals("lease", job.lease)
            )
        except ConditionFailedError:
            raise LeaseLostError("another worker makes this export now; this one has stopped") from None

    def let_go(self, job: ExportJob, now: datetime) -> None:
        """Give the job back, to be tried again."""
        changes = {"state": "queued", "lease": "", "lease_until": "", "sent_at": iso(now)}
        self._update(job.id, changes, Equals("lease", job.lease))

    def finished(self, job: ExportJob, **changes: Any) -> Update:
        """Return the write that ends the job, done or failed; it fails when another worker has it."""
        return Update(
            export_key(job.id),
            set={**changes, "lease": "", "lease_until": ""},
            add={"rev": 1},
            conditions=(Equals("lease", job.lease), Equals("state", "running")),
        )

    @staticmethod
    def link_made(job: ExportJob) -> Update:
        """Return the write that counts a link; it fails when the export gives out another bag by now, or none."""
        return Update(
            export_key(job.id),
            add={"links": 1, "rev": 1},
            conditions=(Equals("state", "done"), Equals("sha256", job.sha256)),
        )

    def _update(self, export_id: str, changes: dict[str, Any], *conditions: Any) -> None:
        self.table.write(Update(export_key(export_id), set=changes, add={"rev": 1}, conditions=conditions))


def _item(job: ExportJob) -> Item:
    pk, sk = export_key(job.id)
    stored = job.model_dump(mode="json")
    return stored | {"pk": pk, "sk": sk, "schema": SCHEMA, "ttl": epoch(parse_iso(job.created_at) + REMEMBERED)}
