"""Legal holds: while one is on a post, nothing that was kept of it is disposed of."""

from http import HTTPStatus
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.retention.model import (
    MOST_POSTS,
    FileRef,
    HoldPage,
    HoldReason,
    HoldView,
    LiftReason,
    PostId,
    ThreadId,
)
from contract import Resource
from parts import parts

resource = Resource(__name__)


class HoldBody(Model):
    """Which posts, or the thread whose posts, are held, why, and the force's own reference for it."""

    model_config = ConfigDict(extra="forbid")

    posts: tuple[PostId, ...] = Field(default=(), max_length=MOST_POSTS)
    thread: ThreadId | None = None
    reason: HoldReason
    ref: FileRef

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.posts) == (self.thread is not None):
            raise ValueError("name posts, or a thread")
        return self


class LiftBody(Model):
    """Why the hold is no longer needed."""

    model_config = ConfigDict(extra="forbid")

    reason: LiftReason
    ref: FileRef | None = None


class HoldsQuery(Model):
    """Which part of the list."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


@resource.route("/holds", methods=["POST"], status=HTTPStatus.ACCEPTED)
def place_hold(principal: Principal, body: HoldBody, idem: Idempotency) -> HoldView:
    """Hold posts, or a thread as it is now; a long thread is held to its end within a minute."""
    return parts().holds.place(
        principal, posts=body.posts, thread=body.thread, reason=body.reason, ref=body.ref, idem=idem
    )


@resource.route("/holds")
def list_holds(principal: Principal, query: HoldsQuery) -> HoldPage:
    """List the holds of the force, newest first; the reading is recorded."""
    return parts().holds.list_for(principal, cursor=query.cursor, limit=query.limit)


@resource.route("/holds/{hold_id}/release", methods=["POST"], status=HTTPStatus.ACCEPTED)
def release_hold(principal: Principal, hold_id: str, body: LiftBody, idem: Idempotency) -> HoldView:
    """Release a hold; what no other hold is on may be disposed of from then on."""
    return parts().holds.lift(principal, hold_id, reason=body.reason, ref=body.ref, idem=idem)
