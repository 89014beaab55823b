"""Writing down what came of an action, with its post, in one transaction; and that it is still to come."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bluelamp.actions.errors import LaterError, NotSealedError
from bluelamp.actions.rules import afterwards, settled
from bluelamp.actions.wording import EDITED
from bluelamp.audit.leaf import Actor, Op
from bluelamp.audit.leaf import Reason as LeafReason
from bluelamp.errors import ConflictError
from bluelamp.notices.telling import told
from bluelamp.platforms.contract import GoneError
from bluelamp.posts.changing import Changer, Entry
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.actions.model import Action
    from bluelamp.actions.store import ActionStore
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.notices.model import NoticeKind
    from bluelamp.posts.model import Pointer, Post

ROUNDS = 8
SUCCEEDED = frozenset({"done", "already"})

Result = Literal["done", "already", "failed", "unknown"]


@dataclass(frozen=True)
class Outcome:
    """What came of an action: the result, and what the platform said with it."""

    result: Result
    error: str | None = None
    native_id: str | None = None
    request_id: str | None = None
    response: bytes = b""


class Outcomes:
    """Records outcomes; whatever else changed the post meanwhile stays.

    Parameters
    ----------
    changer
        Commits posts.
    actions
        Where actions are kept.
    notify
        Has people told; who asked hears of what did not come to its end.
    systems
        Whether the deployment may tell systems of the force; if not, no notice is written for them.
    """

    def __init__(
        self, *, changer: Changer, actions: ActionStore, notify: Callable[[], None], systems: bool = True
    ) -> None:
        self._systems = systems
        self._changer = changer
        self._actions = actions
        self._notify = notify

    def finish(self, action: Action, outcome: Outcome) -> Action:
        """Commit the outcome of an action that was called, or never will be.

        Raises
        ------
        LaterError
            When others kept changing the post; the message is to come back.
        """
        now = iso(self._changer.clock())
        succeeded = outcome.result in SUCCEEDED
        final = action.model_copy(
            update={
                "state": "done" if succeeded else outcome.result,
                "done_at": now,
                "error": outcome.error,
                "native_id": outcome.native_id,
                "lease_until": "",
                "maybe_acted": outcome.result == "unknown",
                "rev": action.rev + 1,
            }
        )
        entry = Entry(
            type="outcome",
            actor=Actor.system("act"),
            op=_op(action, outcome),
            correlation=action.id,
            incident=action.incident,
            detail={"verb": action.verb, "result": outcome.result},
        )
        absent = outcome.error == GoneError.code
        return self._commit(
            final, entry, lambda post: afterwards(post, action, now, succeeded=succeeded, absent=absent)
        )

    def overtake(self, action: Action) -> Action:
        """End an action whose post says something else by now: nothing was sent, and its people are told."""
        now = iso(self._changer.clock())
        final = action.model_copy(
            update={"state": "overtaken", "done_at": now, "error": EDITED, "lease_until": "", "rev": action.rev + 1}
        )
        entry = Entry(
            type="outcome",
            actor=Actor.system("act"),
            reason=LeafReason(code=EDITED),
            op=Op(intent=action.intent, result="cancelled"),
            correlation=action.id,
            incident=action.incident,
            detail={"verb": action.verb, "result": "cancelled", "reason": EDITED},
        )
        return self._commit(final, entry, lambda post: afterwards(post, action, now, succeeded=False))

    def settle(self, action: Action, outcome: Outcome) -> Action:
        """Commit what reading back showed of an action that had ended as unknown."""
        now = iso(self._changer.clock())
        happened = outcome.result in SUCCEEDED
        final = action.model_copy(
            update={
                "state": "done" if happened else "failed",
                "error": None if happened else outcome.error,
                "native_id": outcome.native_id,
                "maybe_acted": False,
                "rev": action.rev + 1,
            }
        )
        entry = Entry(
            type="outcome",
            actor=Actor.system("act"),
            op=_op(action, outcome),
            correlation=action.id,
            incident=action.incident,
            detail={"verb": action.verb, "result": outcome.result},
        )
        return self._commit(final, entry, lambda post: settled(post, action, now, happened=happened), tell=False)

    def defer(self, action: Action, code: str) -> bool:
        """Record that the action is still to come: an intent without an outcome would look like a lost one.

        Returns
        -------
        bool
            False when others kept changing the post: the next attempt says so, and must come all the same.
        """
        entry = Entry(
            type="outcome",
            actor=Actor.system("act"),
            op=Op(intent=action.intent, result="deferred", error=code),
            correlation=action.id,
            incident=action.incident,
            detail={"verb": action.verb, "result": "deferred"},
        )
        for _ in range(ROUNDS):
            post = self._changer.posts.get(action.post_id, consistent=True)
            if post is None:
                return False
            try:
                self._changer.commit(post, post, entry)
            except ConflictError:
                continue
            return True
        return False

    def _commit(self, final: Action, entry: Entry, change: Callable[[Post], Post], *, tell: bool = True) -> Action:
        for _ in range(ROUNDS):
            post = self._changer.posts.get(final.post_id, consistent=True)
            if post is None:
                raise NotSealedError("the post of this action has vanished from the table; see the recovery runbook")
            telling = self._telling(post, final) if tell else []
            try:
                self._changer.commit(
                    post,
                    change(post),
                    entry,
                    also=_writes(self._actions.replace(final), *self._ended(post, final), *telling),
                )
            except ConflictError:
                continue
            if telling:
                self._notify()
            return final
        raise LaterError("others kept changing the post; the outcome is written at the next attempt")

    def _ended(self, post: Post, action: Action) -> list[Write]:
        """Return the notice for the force's own systems, where there may be any."""
        if not self._systems:
            return []
        about = {"account": post.account, "post": post.id, "action": action.id, "verb": action.verb}
        about["result"] = action.state
        return [told("action_ended", to=["systems"], at=self._changer.clock(), about=about)]

    def _telling(self, post: Post, action: Action) -> Sequence[Write]:
        """Return the notice for whoever asked; of what was many at once, its incident says how it went."""
        if action.lane == "bulk" or action.state not in {"failed", "unknown", "overtaken"}:
            return []
        people = [action.by, action.proposal.decided_by if action.proposal else None]
        kind: NoticeKind = "action_overtaken" if action.state == "overtaken" else "action_unfinished"
        about = {"account": post.account, "post": post.id}
        return [told(kind, to=[f"person:{one.id}" for one in people if one], at=self._changer.clock(), about=about)]


def _op(action: Action, outcome: Outcome) -> Op:
    return Op(
        intent=action.intent,
        result=outcome.result,
        error=outcome.error,
        platform_request_id=outcome.request_id,
        response_sha256=hashlib.sha256(outcome.response).hexdigest() if outcome.response else None,
    )


def _writes(*writes: Write) -> Callable[[Pointer], Sequence[Write]]:
    return lambda _: writes
