"""Actions in the table: items beside their post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.actions.model import Action
from bluelamp.cloud.dynamodb import Absent, Delete, Equals, Exists, Put, Update

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Table

SCHEMA = 1
# What waits for a second person.
WAITING = "APPROVALS"


def action_key(post_id: str, action_id: str) -> Key:
    """Return the key of an action."""
    return (f"POST#{post_id}", f"ACTION#{action_id}")


def _item(action: Action) -> Item:
    pk, sk = action_key(action.post_id, action.id)
    return {"pk": pk, "sk": sk, "schema": SCHEMA, **action.model_dump(exclude_defaults=True), "rev": action.rev}


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
