"""What is done to authors and in private, what is taken back or settled, and what is not as it should be."""

from http import HTTPStatus
from typing import Annotated

from pydantic import ConfigDict, Field

from bluelamp.actions.model import ChosenPicture, UnderWayList
from bluelamp.audit.leaf import Ref
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.posts.model import ActionResult, Reason
from contract import Resource
from parts import parts

resource = Resource(__name__)


class _ActingBody(Model):
    """Base of the bodies: the revision of the post that the person was looking at."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rev: Annotated[int, Field(ge=1, description="The revision that the person was looking at.")]


class LikeBody(_ActingBody):
    """What the person was looking at."""


class UnbanBody(_ActingBody):
    """Why somebody is let in again."""

    reason: Reason


class BanBody(UnbanBody):
    """Why somebody is banned, and how long that can be taken back before the platform is asked."""

    undo_seconds: int = Field(default=0, ge=0, le=10)


class MessageBody(_ActingBody):
    """What is written to somebody in private."""

    text: str = Field(min_length=1, max_length=10_000)
    picture: ChosenPicture | None = None
    undo_seconds: int = Field(default=0, ge=0, le=10)


class ReportBody(_ActingBody):
    """Why a post was reported to its platform, and the number that the platform gave for it."""

    reason: Reason
    reference: Ref


class SettleBody(_ActingBody):
    """What the person found who looked at the platform."""

    happened: bool


@resource.route("/posts/{post_id}/ban", methods=["POST"], status=HTTPStatus.ACCEPTED)
def ban_author(principal: Principal, post_id: str, body: BanBody, idem: Idempotency) -> ActionResult:
    """Ban the author of a post from the account; what they wrote stays where it is."""
    return parts().actions.ban(
        principal, post_id, reason=body.reason, rev=body.rev, idem=idem, undo_seconds=body.undo_seconds
    )


@resource.route("/posts/{post_id}/unban", methods=["POST"], status=HTTPStatus.ACCEPTED)
def unban_author(principal: Principal, post_id: str, body: UnbanBody, idem: Idempotency) -> ActionResult:
    """Let the author of a post in again."""
    return parts().actions.unban(principal, post_id, reason=body.reason, rev=body.rev, idem=idem)


@resource.route("/posts/{post_id}/like", methods=["POST"], status=HTTPStatus.ACCEPTED)
def like_post(principal: Principal, post_id: str, body: LikeBody, idem: Idempotency) -> ActionResult:
    """Like a post in the account's name."""
    return parts().actions.like(principal, post_id, rev=body.rev, idem=idem)


@resource.route("/posts/{post_id}/message", methods=["POST"], status=HTTPStatus.ACCEPTED)
def message_author(principal: Principal, post_id: str, body: MessageBody, idem: Idempotency) -> ActionResult:
    """Write to the author of a post in private, in the account's name."""
    return parts().actions.message(
        principal,
        post_id,
        text=body.text,
        picture=body.picture,
        rev=body.rev,
        idem=idem,
        undo_seconds=body.undo_seconds,
    )


@resource.route("/posts/{post_id}/report", methods=["POST"])
def report_post(principal: Principal, post_id: str, body: ReportBody, idem: Idempotency) -> ActionResult:
    """Record that the person reported a post on the platform's own form, and the number it gave."""
    return parts().endings.report(
        principal, post_id, reason=body.reason, reference=body.reference, rev=body.rev, idem=idem
    )


@resource.route("/posts/{post_id}/actions/{action_id}/cancel", methods=["POST"])
def cancel_action(principal: Principal, post_id: str, action_id: str, idem: Idempotency) -> ActionResult:
    """Take back what was asked for and is not sent yet."""
    return parts().endings.cancel(principal, post_id, action_id, idem=idem)


@resource.route("/posts/{post_id}/actions/{action_id}/settle", methods=["POST"])
def settle_action(
    principal: Principal, post_id: str, action_id: str, body: SettleBody, idem: Idempotency
) -> ActionResult:
    """Say what came of an action that nobody knows the end of, having looked at the platform."""
    return parts().endings.settle(principal, post_id, action_id, happened=body.happened, rev=body.rev, idem=idem)


@resource.route("/actions")
def list_under_way(principal: Principal) -> UnderWayList:
    """List what is stuck, deferred, unknown or failed within a day on the person's accounts, and record the reading."""
    return parts().under_way.list_for(principal)
