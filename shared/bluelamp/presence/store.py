"""Heartbeats and drafts in the table, in the partition of their post: one query gives the post and all who are at it.

Nothing is deleted: what is over has a time behind it, and goes by its ttl.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bluelamp.cloud.dynamodb import Absent, Equals, Put
from bluelamp.posts.model import PersonName, Post, parse_stored
from bluelamp.presence.model import DRAFT_KEPT, GONE, Present
from bluelamp.times import epoch, iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Table

SCHEMA = 1
POST = "POST"
HERE = "POST#HERE#"
PEN = "POST#PEN"
DRAFT = "POST#DRAFT#"
_KEPT = timedelta(hours=1)


class At(NamedTuple):
    """What stands at a post: itself, the heartbeats, the pen (both whether or not in time), and drafts by person."""

    post: Post | None
    beats: list[Item]
    pen: Item | None
    drafts: dict[str, str]


class PresenceStore:
    """Reads who is at a post; the writes are values.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def at(self, post_id: str) -> At:
        """Return a post and who is at it: one query."""
        items = self.table.query(f"POST#{post_id}", prefix=POST, consistent=True).items
        post = next((parse_stored(item) for item in items if item["sk"] == POST), None)
        pen = next((item for item in items if item["sk"] == PEN), None)
        drafts = {item["sk"].removeprefix(DRAFT): str(item["text"]) for item in items if item["sk"].startswith(DRAFT)}
        return At(post, [item for item in items if item["sk"].startswith(HERE)], pen, drafts)

    def draft(self, post_id: str, person_id: str) -> str:
        """Return what somebody wrote at a post and did not send; empty when nothing."""
        item = self.table.get((f"POST#{post_id}", f"{DRAFT}{person_id}"), consistent=True)
        return str(item["text"]) if item else ""

    def pen(self, post_id: str) -> Item | None:
        """Return who holds the pen of a post, or held it last."""
        return self.table.get((f"POST#{post_id}", PEN), consistent=True)


def here(post_id: str, person: PersonName, at: datetime) -> Put:
    """Return the write of a heartbeat."""
    return Put(_item(post_id, f"{HERE}{person.id}", person, at, at + GONE))


def held(post_id: str, person: PersonName, at: datetime, old: Item | None, *, until: datetime) -> Put:
    """Return the write by which somebody takes the pen, keeps it, or (`until` now) puts it down."""
    rev = int(old["rev"]) if old else 0
    item = _item(post_id, PEN, person, at, until) | {"rev": rev + 1}
    return Put(item, Equals("rev", rev) if old else Absent())


def drafted(post_id: str, person: PersonName, at: datetime, text: str) -> Put:
    """Return the write that keeps what somebody wrote; without words it goes within the hour."""
    item = _item(post_id, f"{DRAFT}{person.id}", person, at, at + DRAFT_KEPT if text else at)
    return Put(item | {"text": text})


def in_time(item: Item | None, now: datetime) -> bool:
    """Return whether a heartbeat or a pen still counts."""
    return item is not None and str(item["until"]) > iso(now)


def present(item: Item) -> Present:
    """Read who it is from a heartbeat or a pen."""
    return Present(person=PersonName.model_validate(item["by"]), at=str(item["at"]))


def _item(post_id: str, sk: str, person: PersonName, at: datetime, until: datetime) -> Item:
    return {
        "pk": f"POST#{post_id}",
        "sk": sk,
        "schema": SCHEMA,
        "rev": 1,
        "by": person.model_dump(),
        "at": iso(at),
        "until": iso(until),
        "ttl": epoch(until + _KEPT),
    }
