"""Actions in the table: items beside their post."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from bluelamp.actions.model import Action
from bluelamp.cloud.dynamodb import Absent, Delete, Equals, Exists, Put, Update
from bluelamp.times import epoch, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Table

SCHEMA = 1
# What waits for a second person.
WAITING = "APPROVALS"
Part = Literal["open", "bulk", "unknown", "failed"]
PARTS: Mapping[str, Part] = {
    "pending": "open",
    "sending": "open",
    "unknown": "unknown",
    "failed": "failed",
    "overtaken": "failed",
}
# How long the place of an answer in its thread is kept: longer than any answer is tried.
_IN_ORDER = timedelta(days=2)


def action_key(post_id: str, action_id: str) -> Key:
    """Return the key of an action."""
    return (f"POST#{post_id}", f"ACTION#{action_id}")


def _item(action: Action) -> Item:
    pk, sk = action_key(action.post_id, action.id)
    place: Item = {}
    part = PARTS.get(action.state)
    if part is not None:
        part = "bulk" if part == "open" and action.lane == "bulk" else part
        # Gone from the index by itself once the action is in no such state any more.
        place = {"g1pk": under_way_pk(part), "g1sk": f"{action.done_at or action.at}#{action.id}"}
    return {
        "pk": pk,
        "sk": sk,
        "schema": SCHEMA,
        **action.model_dump(exclude_defaults=True),
        "rev": action.rev,
        **place,
    }


def under_way_pk(part: Part) -> str:
    """Return the index partition of actions that somebody may have to look at."""
    return "ACTIONS#" + part


def _order_pk(thread: str) -> str:
    return f"POST#THREAD#{thread}"


class ActionStore:
    """Reads actions together with their posts, and makes their writes.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, post_id: str, action_id: str) -> Action | None:
        """Return an action, or None."""
        item = self.table.get(action_key(post_id, action_id), consistent=True)
        return Action.model_validate(item) if item else None

    def insert(self, action: Action) -> Put:
        """Return the write of a new action."""
        return Put(_item(action), Absent())

    def replace(self, action: Action) -> Put:
        """Return the write of a changed action; it fails unless the revision before it is the stored one."""
        return Put(_item(action), Equals("rev", action.rev - 1))

    @staticmethod
    def queued(action: Action, thread: str) -> Put:
        """Return the write that gives an answer its place in its thread."""
        pk, sk = _order_pk(thread), f"{action.at}#{action.id}"
        ttl = epoch(parse_iso(action.at) + _IN_ORDER)
        return Put({"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, "ttl": ttl, "post_id": action.post_id}, Absent())

    def before_in(self, action: Action, thread: str) -> list[Action]:
        """Return the answers that were asked for in a thread before this one."""
        page = self.table.query(_order_pk(thread), before=f"{action.at}#{action.id}", forward=False, consistent=True)
        keys = [action_key(item["post_id"], item["sk"].partition("#")[2]) for item in page.items]
        found = self.table.batch_get(keys, consistent=True) if keys else {}
        return [Action.model_validate(found[key]) for key in keys if key in found]

    def under_way(self, part: Part, *, since: str = "", limit: int = 200) -> list[Action]:
        """Return the actions of one part of what is under way, the oldest first.

        The index may be a moment behind the actions themselves.
        """
        after = since or None
        page = self.table.query(under_way_pk(part), index="g1", after=after, limit=limit)
        return [Action.model_validate(item) for item in page.items]

    @staticmethod
    def waiting(action: Action) -> Put:
        """Return the write that puts a proposal on the list of those that wait for somebody's word."""
        item = {"pk": WAITING, "sk": action.id, "schema": SCHEMA, "rev": 1, "post_id": action.post_id}
        return Put(item, Absent())

    @staticmethod
    def settled(action: Action) -> Delete:
        """Return the write that takes a proposal off that list; it fails when it is not there any more."""
        return Delete((WAITING, action.id), Exists())

    def proposals(self) -> list[Action]:
        """Return what waits for somebody's word, the oldest first."""
        found: list[tuple[str, str]] = []
        start: Item | None = None
        while True:
            page = self.table.query(WAITING, start=start, consistent=True)
            found += [(item["post_id"], item["sk"]) for item in page.items]
            start = page.next
            if start is None:
                break
        keys = [action_key(*one) for one in found]
        items = self.table.batch_get(keys, consistent=True)
        actions = (Action.model_validate(items[key]) for key in keys if key in items)
        return [action for action in actions if action.state == "proposed"]

    def take(self, action: Action, *, lease_until: str) -> Action:
        """Mark an action as being sent, so that nobody else sends it, and as one that may have happened.

        The mark is there before the call: a worker that dies in the middle of it leaves it behind.

        Raises
        ------
        ConditionFailedError
            When somebody else was quicker.
        """
        taken = action.model_copy(
            update={
                "state": "sending",
                "attempts": action.attempts + 1,
                "lease_until": lease_until,
                "maybe_acted": True,
                "rev": action.rev + 1,
            }
        )
        self.table.write(self.replace(taken))
        return taken

    def let_go(self, action: Action, *, maybe_acted: bool, deferred_at: str) -> None:
        """Give the lease back, so that the next attempt need not wait for its end; say what is known by now."""
        self.table.write(
            Update(
                action_key(action.post_id, action.id),
                set={"lease_until": "", "maybe_acted": maybe_acted, "deferred_at": deferred_at},
                add={"rev": 1},
                conditions=(Equals("rev", action.rev),),
            )
        )

    def looked(self, action: Action, at: str) -> None:
        """Note that an unknown action was read back, and that it is still unknown.

        Raises
        ------
        ConditionFailedError
            When somebody else changed it meanwhile.
        """
        self.table.write(
            Update(
                action_key(action.post_id, action.id),
                set={"looks": action.looks + 1, "looked_at": at},
                add={"rev": 1},
                conditions=(Equals("rev", action.rev),),
            )
        )
