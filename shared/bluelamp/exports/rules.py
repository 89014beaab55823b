"""Pure decisions about exports: when a job may be taken, when it is over, and what the log says of its scope."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bluelamp.audit.leaf import Query
from bluelamp.exports.model import ExportJob, ExportView, Progress, State
from bluelamp.times import iso, parse_iso

# The bucket's lifecycle takes the bag away after this time (`infra/data.yaml`); a test compares the two.
KEPT = timedelta(days=7)
# How long a link works. It works for whoever has it, so it is short.
LINK = timedelta(minutes=10)
# Renewed with every step; a worker that was killed holds up the job for no longer.
LEASE = timedelta(minutes=5)
# A job that still waits after this time is sent again: its message was perhaps never taken.
RESEND = timedelta(minutes=2)
ATTEMPTS = 5
# More posts than this make no case that anybody can read; the request is to be narrowed.
MOST_POSTS = 5_000
# The record of the request stays in the log; its item in the table is of no use for longer.
REMEMBERED = timedelta(days=400)


def state_of(job: ExportJob, now: datetime) -> State:
    """Return the state as it stands now: a bag that the bucket has given up is expired."""
    gone = job.state == "done" and job.expires_at is not None and job.expires_at <= iso(now)
    return "expired" if gone else job.state


def forsaken(job: ExportJob, now: datetime) -> bool:
    """Return whether nobody is at a job that is not finished, although somebody should be."""
    if job.state == "queued":
        return now - parse_iso(job.sent_at or job.created_at) > RESEND
    return job.state == "running" and job.lease_until <= iso(now)


def view_of(job: ExportJob, now: datetime) -> ExportView:
    """Return the job as callers see it."""
    return ExportView(
        id=job.id,
        state=state_of(job, now),
        scope=job.scope,
        purpose=job.purpose,
        ref=job.ref,
        by=job.by,
        created_at=job.created_at,
        finished_at=job.finished_at or None,
        progress=Progress(done=job.done, total=job.total),
        sha256=job.sha256,
        size=job.size,
        expires_at=job.expires_at,
        figures=job.figures,
        error=job.error,
    )


def query_of(scope: Any, key: str) -> Query:
    """Return what the log says of a scope: its kind, period and number, and the keyed digest of the whole.

    Words, post ids and threads stand in the digest alone; account and author have fields of their own in the leaf.
    """
    filters: dict[str, str | int] = {"scope": scope.kind}
    for name in ("since", "until"):
        if hasattr(scope, name):
            filters[name] = getattr(scope, name)
    for name in ("posts", "words"):
        if hasattr(scope, name):
            filters[name] = len(getattr(scope, name))
    return Query(view="export", filters=filters, key=key)


def bag_name(export_id: str) -> str:
    """Return the name of the bag's folder, and of the zip file that holds it."""
    return f"bluelamp-export-{export_id}"


def bag_key(export_id: str) -> str:
    """Return the key of the zipped bag in the export bucket."""
    return f"exports/{bag_name(export_id)}.zip"
