"""Incidents in the table: themselves, what hangs on them, and the parts of their jobs (docs/data-model.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from bluelamp.cloud.dynamodb import Absent, Check, Equals, Exists, Put, Update
from bluelamp.incidents.model import (
    BulkPolicy,
    Frozenpost,
    Incident,
    Job,
    JobPart,
    LogEntry,
    OpenList,
    Progress,
    Strategy,
)
from bluelamp.times import epoch, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Condition, Item, Key, Table

SCHEMA = 1
INCIDENTS = "INCIDENTS"
OPEN: Key = ("INCIDENTS#OPEN", "OPEN")
POLICY: Key = ("INCIDENTS#POLICY", "POLICY")
# A preview that nobody orders is gone after a day; by then it has been of no use for long.
_DAY = 24 * 3600

Thing = TypeVar("Thing", Incident, Strategy, LogEntry, Job, JobPart)


def _hang(incident: str) -> str:
    return f"INCIDENT#{incident}"


def _job(job: str) -> str:
    return f"BULK#{job}"


def _put(key: Key, body: Item, *conditions: Condition) -> Put:
    return Put({"pk": key[0], "sk": key[1], "schema": SCHEMA, "rev": 1} | body, *conditions)


class IncidentStore:
    """Reads incidents and what belongs to them; their writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    # incidents -------------------------------------------------------------------------------------------------------

    def get(self, incident_id: str) -> Incident | None:
        """Return an incident as it stands now, or None."""
        item = self.table.get((INCIDENTS, incident_id), consistent=True)
        return Incident.model_validate(item) if item else None

    def newest(self, limit: int) -> list[Incident]:
        """Return the newest incidents."""
        page = self.table.query(INCIDENTS, limit=limit, forward=False, consistent=True)
        return [Incident.model_validate(item) for item in page.items]

    @staticmethod
    def put(incident: Incident) -> Put:
        """Return the write of an incident whose stored revision is the one before."""
        condition = Absent() if incident.rev == 1 else Equals("rev", incident.rev - 1)
        return _put((INCIDENTS, incident.id), incident.model_dump(mode="json", exclude_none=True), condition)

    def opened(self) -> OpenList:
        """Return all incidents that are open."""
        item = self.table.get(OPEN, consistent=True)
        return OpenList.model_validate(item) if item else OpenList()

    @staticmethod
    def put_open(one: OpenList) -> Put:
        """Return the write of the list of open incidents; it fails when somebody else changed it."""
        condition = Absent() if one.rev == 1 else Equals("rev", one.rev - 1)
        return _put(OPEN, one.model_dump(mode="json", exclude_none=True), condition)

    def policy(self) -> BulkPolicy:
        """Return what the force sets for all incidents."""
        item = self.table.get(POLICY, consistent=True)
        return BulkPolicy.model_validate(item) if item else BulkPolicy()

    @staticmethod
    def put_policy(policy: BulkPolicy) -> Put:
        """Return the write of the policy at its revision."""
        condition = Absent() if policy.rev == 1 else Equals("rev", policy.rev - 1)
        return _put(POLICY, policy.model_dump(mode="json", exclude_none=True), condition)

    # what hangs on one -----------------------------------------------------------------------------------------------

    @staticmethod
    def put_strategy(incident: str, strategy: Strategy) -> Put:
        """Return the write of a version of the strategy, which is never overwritten."""
        return _put((_hang(incident), f"STRATEGY#{strategy.version:04d}"), strategy.model_dump(), Absent())

    def strategies(self, incident: str) -> list[Strategy]:
        """Return every version of the strategy, the oldest first."""
        return [Strategy.model_validate(item) for item in self._every(_hang(incident), "STRATEGY#")]

    @staticmethod
    def put_entry(incident: str, entry: LogEntry) -> Put:
        """Return the write of a line of the log book, which is never overwritten."""
        return _put((_hang(incident), f"ENTRY#{entry.id}"), entry.model_dump(exclude_none=True), Absent())

    def entries(self, incident: str) -> list[LogEntry]:
        """Return the log book, the oldest first."""
        return [LogEntry.model_validate(item) for item in self._every(_hang(incident), "ENTRY#")]

    # jobs ------------------------------------------------------------------------------------------------------------

    def job(self, incident: str, job: str) -> Job | None:
        """Return a job as it stands now, or None."""
        item = self.table.get((_hang(incident), f"JOB#{job}"), consistent=True)
        return Job.model_validate(item) if item else None

    def jobs(self, incident: str) -> list[Job]:
        """Return the jobs of an incident, the oldest first."""
        return [Job.model_validate(item) for item in self._every(_hang(incident), "JOB#")]

    @staticmethod
    def put_job(job: Job) -> Put:
        """Return the write of a job at its revision; one that nobody orders is dropped after a day."""
        body = job.model_dump(mode="json", exclude_none=True)
        if job.state == "previewed":
            body["ttl"] = epoch(parse_iso(job.made_at)) + _DAY
        return _put(
            (_hang(job.incident), f"JOB#{job.id}"), body, Absent() if not job.rev else Equals("rev", job.rev - 1)
        )

    @staticmethod
    def running(job: Job) -> Check:
        """Return the check that belongs into each transaction of a job: that nobody paused or stopped it."""
        return Check((_hang(job.incident), f"JOB#{job.id}"), Equals("state", "running"))

    @staticmethod
    def put_part(job: str, number: int, posts: Sequence[Frozenpost]) -> Put:
        """Return the write of a part of a frozen selection, which is never overwritten."""
        body = {"number": number, "posts": [post.model_dump() for post in posts]}
        return _put((_job(job), f"PART#{number:05d}"), body, Absent())

    def part(self, job: str, number: int) -> JobPart | None:
        """Return a part, or None."""
        item = self.table.get((_job(job), f"PART#{number:05d}"), consistent=True)
        return JobPart.model_validate(item) if item else None

    def parts(self, job: str) -> list[JobPart]:
        """Return all parts of a job."""
        return [JobPart.model_validate(item) for item in self._every(_job(job), "PART#")]

    def progress(self, job: str) -> Progress:
        """Return how far a job has come."""
        item = self.table.get((_job(job), "PROGRESS"), consistent=True)
        return Progress.model_validate(item) if item else Progress()

    def advance(self, job: str, progress: Progress) -> None:
        """Keep how far a job has come.

        Raises
        ------
        ConditionFailedError
            When another worker was quicker.
        """
        condition = Absent() if progress.rev == 1 else Equals("rev", progress.rev - 1)
        self.table.write(_put((_job(job), "PROGRESS"), progress.model_dump(), condition))

    def skip(self, job: str, number: int, skipped: dict[str, str]) -> None:
        """Keep why posts of a part were skipped; a repeat says the same."""
        key = (_job(job), f"PART#{number:05d}")
        self.table.write(Update(key, set={"skipped": skipped}, add={"rev": 1}, conditions=(Exists(),)))

    def settle(self, job: str, number: int, settled: dict[str, int]) -> None:
        """Keep what became of a part whose actions have all ended: from then on nobody need count them again."""
        key = (_job(job), f"PART#{number:05d}")
        self.table.write(Update(key, set={"settled": settled}, add={"rev": 1}, conditions=(Exists(),)))

    def _every(self, pk: str, prefix: str) -> Iterator[Item]:
        start: Item | None = None
        while True:
            page = self.table.query(pk, prefix=prefix, start=start, consistent=True)
            yield from page.items
            start = page.next
            if start is None:
                return
