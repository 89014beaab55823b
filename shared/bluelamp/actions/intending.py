"""The making of an intent: the post, the action and the leaf's entry that belong into one transaction.

A single person's decision and each item of what is many at once are made here, so that both are recorded alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bluelamp.actions.asking import attached, coded, why, worded
from bluelamp.actions.model import Action
from bluelamp.actions.rules import under_way
from bluelamp.assets.carrying import carry
from bluelamp.audit.leaf import Op
from bluelamp.ids import new_ulid
from bluelamp.posts.changing import Entry
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bluelamp.actions.model import IfEdited, Lane, Verb
    from bluelamp.actions.store import ActionStore
    from bluelamp.assets.model import AnswerPicture
    from bluelamp.audit.leaf import Actor, Saved
    from bluelamp.audit.outbox import ReleaseQueue
    from bluelamp.cloud.dynamodb import Write
    from bluelamp.posts.model import PersonName, Pointer, Post, Reason


@dataclass(frozen=True)
class Wish:
    """What somebody wants done: the verb, why, the words to say and a picture with them, how long it is held back.

    `lane` is "bulk" for what is many at once; then `incident` names what it belongs to, and `if_edited` says whether
    a post whose words changed meanwhile is still meant.
    """

    verb: Verb
    reason: Reason | None = None
    text: str | None = None
    saved: Saved | None = None
    picture: AnswerPicture | None = None
    undo_seconds: int = 0
    lane: Lane = "single"
    incident: str | None = None
    if_edited: IfEdited = "ask"


@dataclass(frozen=True)
class Intent:
    """An intent before it is committed: the post as it will be, the leaf's entry, and its action but for the leaf."""

    post: Post
    entry: Entry
    action: Action
    wish: Wish

    @property
    def release(self) -> Mapping[str, Any]:
        """Return the message that sets it going once it is sealed."""
        return {"post_id": self.post.id, "action_id": self.action.id}

    @property
    def queue(self) -> ReleaseQueue:
        """Return the queue that the message goes to."""
        return "bulk" if self.wish.lane == "bulk" else "action"

    def made(self, pointer: Pointer) -> Action:
        """Return the action, once it is known where its leaf will be."""
        return self.action.model_copy(update={"intent": pointer.leaf, "chunk": pointer.chunk})

    def writes(self, actions: ActionStore, pointer: Pointer) -> list[Write]:
        """Return the writes that belong into the transaction of its leaf."""
        return inserted(actions, self.made(pointer), self.post.thread)


def inserted(actions: ActionStore, action: Action, thread: str) -> list[Write]:
    """Return the writes of a new action; an answer takes its place in the thread, and carries its picture."""
    place = [actions.queued(action, thread)] if action.verb == "reply" else []
    return [actions.insert(action), *place, *kept(action)]


def kept(action: Action) -> list[Write]:
    """Return the writes by which the picture of an answer is never deleted, from when it is proposed or intended."""
    return carry([action.picture.id], parse_iso(action.at)) if action.picture else []


def intend(post: Post, wish: Wish, *, actor: Actor, by: PersonName, at: datetime) -> Intent:
    """Make an intent on a post as it stands; whether it may be is for the caller to have decided."""
    now = iso(at)
    action = Action(
        id=new_ulid(),
        post_id=post.id,
        verb=wish.verb,
        at=now,
        by=by,
        reason=wish.reason,
        text=wish.text,
        saved=wish.saved,
        picture=wish.picture,
        before=post.state,
        case_before=post.case,
        lane=wish.lane,
        if_edited=wish.if_edited,
        incident=wish.incident,
        seen_at=post.seen_at,
        undo_until=iso(at + timedelta(seconds=wish.undo_seconds)) if wish.undo_seconds else None,
    )
    entry = Entry(
        type="intent",
        actor=actor,
        by=by,
        reason=why(wish.reason),
        op=Op(verb=wish.verb),
        correlation=action.id,
        incident=wish.incident,
        words=worded(wish.text, wish.picture),
        saved=wish.saved,
        attached=attached(wish.picture),
        detail={"verb": wish.verb} | coded(wish.reason),
    )
    return Intent(under_way(post, wish.verb, action.id, by, now), entry, action, wish)
