"""Actions that were under way when the table was restored to an earlier point: brought to their end, none done twice.

A restored table shows an action as it stood then, while the platform and the archive have gone on. What the archive
says of its outcome is taken from there; where it says nothing, the platform is asked before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.actions.acting import BULK_PATIENCE
from bluelamp.actions.model import FINAL, Action
from bluelamp.actions.outcomes import SUCCEEDED
from bluelamp.actions.rules import afterwards
from bluelamp.audit.leaf import Actor, Change
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.posts.changing import Changer, Entry
from bluelamp.posts.rules import queue_place
from bluelamp.times import iso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.sqs import Queue
    from bluelamp.posts.model import Post

_PAGE = 100
# An action is given up after its patience; the rest is for clocks and for what was decided just before.
_BACK = BULK_PATIENCE + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Resumed:
    """How many actions were found under way: ended by what the archive says, released again, or changed meanwhile."""

    ended: int = 0
    released: int = 0
    left: int = 0


class Restoring:
    """Takes up actions after a restore.

    Parameters
    ----------
    changer
        Commits posts.
    actions
        Where actions are kept.
    queue
        The action queue.
    """

    def __init__(self, *, changer: Changer, actions: ActionStore, queue: Queue) -> None:
        self._changer = changer
        self._actions = actions
        self._queue = queue

    def resume(self, accounts: Iterable[str], outcomes: Mapping[str, str], *, point: datetime) -> Resumed:
        """Take up every action that the table shows as under way; a repeat finds those that are left.

        Parameters
        ----------
        accounts
            The ids of all accounts.
        outcomes
            What the archive says came of intents, by the intent's id.
        point
            The time that the table was restored to.
        """
        ended = released = left = 0
        for post, action in self._under_way(accounts, iso(point - _BACK)):
            if action.intent in outcomes:
                done = self._end(post, action, outcomes[action.intent])
                ended += done
            else:
                done = self._release(post, action)
                released += done
            left += not done
        return Resumed(ended, released, left)

    def _under_way(self, accounts: Iterable[str], oldest: str) -> Iterator[tuple[Post, Action]]:
        for account in accounts:
            for post in self._recent(account, oldest):
                action = self._actions.get(post.id, post.pending) if post.pending else None
                if action is not None and action.state not in FINAL:
                    yield post, action

    def _recent(self, account: str, oldest: str) -> Iterator[Post]:
        """Yield the open posts of an account, and the closed ones that changed since `oldest`."""
        for view, newest_first in (("open", False), ("done", True)):
            after: str | None = None
            while True:
                posts = self._changer.posts.queue_part(
                    f"A#{account}#{view}", after=after, limit=_PAGE, newest_first=newest_first
                )
                recent = [post for post in posts if not newest_first or post.updated_at >= oldest]
                yield from recent
                if len(recent) < _PAGE:
                    break
                after = queue_place(posts[-1])

    def _end(self, post: Post, action: Action, result: str) -> bool:
        """Put an action, and its post, into the state that its recorded outcome led to."""
        now = iso(self._changer.clock())
        succeeded = result in SUCCEEDED
        ended = action.model_copy(
            update={
                "state": "done" if succeeded else result,
                "done_at": now,
                "lease_until": "",
                "maybe_acted": result == "unknown",
                "rev": action.rev + 1,
            }
        )
        new = afterwards(post, action, now, succeeded=succeeded)
        entry = Entry(
            type="restore",
            actor=Actor.system("recover"),
            change=Change(field="state", from_=post.state, to=new.state),
            correlation=action.id,
            detail={"verb": action.verb, "result": result},
        )
        try:
            self._changer.commit(post, new, entry, also=lambda _: [self._actions.replace(ended)])
        except ConflictError:
            return False
        return True

    def _release(self, post: Post, action: Action) -> bool:
        """Release an action again, as one that may have been done already."""
        place = self._changer.posts.sequences([action.chunk], consistent=True).get(action.chunk)
        if place is None:
            return True  # not sealed yet: the sealer releases it
        doubted = action.model_copy(
            update={"state": "sending", "lease_until": "", "maybe_acted": True, "rev": action.rev + 1}
        )
        try:
            self._actions.table.write(self._actions.replace(doubted))
        except ConditionFailedError:
            return False
        index = next((pointer.i for pointer in post.trail if pointer.leaf == action.intent), 0)
        body = {"post_id": post.id, "action_id": action.id, "seq": place["first_seq"] + index, "year": place["year"]}
        self._queue.send([Message(body)])
        return True
