"""Posts: the queue, one post opened, what an officer decides about it, and the sealed history of that."""

from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from answers import History, HistoryLine, OpenedPost, SealedProof
from bluelamp.actions.model import ChosenPicture
from bluelamp.errors import InvalidInputError
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.posts.model import ActionResult, Desk, QueuePage, Reason, Risk
from bluelamp.replies.model import Use
from contract import Resource
from parts import parts

resource = Resource(__name__)
UndoSeconds = Annotated[int, Field(ge=0, le=10, description="How long it is held back, so that it can be taken back.")]
Revision = Annotated[int, Field(ge=1, description="The revision that the person was looking at.")]


class _Body(Model):
    """Base of the bodies: nothing that is not known, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class QueueQuery(Model):
    """Which part of the queue."""

    model_config = ConfigDict(extra="forbid")

    view: Literal["open", "done"] = "open"
    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]{1,128}$")
    min_risk: Risk | None = None
    assigned: Literal["me"] | None = None
    tag: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9-]{0,31}$")
    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


class NothingBody(_Body):
    """An empty object: the address says it all."""


class RevisionBody(_Body):
    """What the person was looking at."""

    rev: Revision


class ReasonBody(RevisionBody):
    """Why, and what the person was looking at."""

    reason: Reason


class HideBody(ReasonBody):
    """Why, and how long it can be taken back before the platform is asked."""

    undo_seconds: UndoSeconds = 0


class ReplyBody(RevisionBody):
    """The answer to the public: in words of one's own, from a saved reply, or both when its words were changed."""

    text: str | None = Field(default=None, min_length=1, max_length=10_000)
    saved: Use | None = None
    picture: ChosenPicture | None = None
    undo_seconds: UndoSeconds = 0


class FlagBody(ReasonBody):
    """Whose attention is wanted, and why."""

    to: Desk


class NoteBody(_Body):
    """A note among colleagues; the public never sees it."""

    text: str = Field(min_length=1, max_length=4_000)
    mentions: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]] = Field(
        default=[], max_length=20, description="The people whose attention the note asks for, by their ids."
    )


@resource.route("/queue")
def get_queue(principal: Principal, query: QueueQuery) -> QueuePage:
    """List posts that need a decision, worst first, or those that have had theirs, latest first."""
    if query.assigned or query.tag:
        return _listed(principal, query)
    return parts().posts.queue(
        principal,
        view=query.view,
        account=query.account,
        min_risk=query.min_risk,
        cursor=query.cursor,
        limit=query.limit,
    )


def _listed(principal: Principal, query: QueueQuery) -> QueuePage:
    if query.min_risk or (query.assigned and (query.tag or query.account or query.view != "open")):
        raise InvalidInputError("What is assigned to you is listed by itself, and a tag with account and view alone.")
    lists = parts().worklists
    if query.assigned:
        return lists.assigned(principal, cursor=query.cursor, limit=query.limit)
    return lists.tagged(
        principal, query.tag or "", view=query.view, account=query.account, cursor=query.cursor, limit=query.limit
    )


@resource.route("/posts/{post_id}")
def open_post(principal: Principal, post_id: str) -> OpenedPost:
    """Open a post with its thread, actions, notes and history; the reading is recorded."""
    return OpenedPost.of(parts().posts.open_post(principal, post_id))


@resource.route("/posts/{post_id}/claim", methods=["POST"])
def claim_post(principal: Principal, post_id: str, body: NothingBody, idem: Idempotency) -> ActionResult:
    """Take a post on, so that colleagues see somebody is on it."""
    return parts().posts.claim(principal, post_id, idem=idem)


@resource.route("/posts/{post_id}/release", methods=["POST"])
def release_post(principal: Principal, post_id: str, body: NothingBody, idem: Idempotency) -> ActionResult:
    """Give a claimed post back to the queue."""
    return parts().posts.release(principal, post_id, idem=idem)


@resource.route("/posts/{post_id}/hide", methods=["POST"], status=HTTPStatus.ACCEPTED)
def hide_post(principal: Principal, post_id: str, body: HideBody, idem: Idempotency) -> ActionResult:
    """Hide a post from the public; the platform is asked once the intent is sealed."""
    return parts().actions.hide(
        principal, post_id, reason=body.reason, rev=body.rev, idem=idem, undo_seconds=body.undo_seconds
    )


@resource.route("/posts/{post_id}/unhide", methods=["POST"], status=HTTPStatus.ACCEPTED)
def unhide_post(principal: Principal, post_id: str, body: RevisionBody, idem: Idempotency) -> ActionResult:
    """Take a hiding back, or show a hidden post again."""
    return parts().actions.unhide(principal, post_id, rev=body.rev, idem=idem)


@resource.route("/posts/{post_id}/delete", methods=["POST"], status=HTTPStatus.ACCEPTED)
def delete_post(principal: Principal, post_id: str, body: HideBody, idem: Idempotency) -> ActionResult:
    """Delete a post from its platform; what it was stays sealed here."""
    return parts().actions.delete(
        principal, post_id, reason=body.reason, rev=body.rev, idem=idem, undo_seconds=body.undo_seconds
    )


@resource.route("/posts/{post_id}/reply", methods=["POST"], status=HTTPStatus.ACCEPTED)
def reply_to_post(principal: Principal, post_id: str, body: ReplyBody, idem: Idempotency) -> ActionResult:
    """Answer a post in the account's name."""
    return parts().actions.reply(
        principal,
        post_id,
        text=body.text,
        saved=body.saved,
        picture=body.picture,
        rev=body.rev,
        idem=idem,
        undo_seconds=body.undo_seconds,
    )


@resource.route("/posts/{post_id}/dismiss", methods=["POST"])
def dismiss_post(principal: Principal, post_id: str, body: ReasonBody, idem: Idempotency) -> ActionResult:
    """Close a post that needs nothing done."""
    return parts().posts.dismiss(principal, post_id, reason=body.reason, rev=body.rev, idem=idem)


@resource.route("/posts/{post_id}/flag", methods=["POST"])
def flag_post(principal: Principal, post_id: str, body: FlagBody, idem: Idempotency) -> ActionResult:
    """Bring a post to the attention of another desk."""
    return parts().posts.flag(principal, post_id, to=body.to, reason=body.reason, rev=body.rev, idem=idem)


@resource.route("/posts/{post_id}/note", methods=["POST"])
def note_on_post(principal: Principal, post_id: str, body: NoteBody, idem: Idempotency) -> ActionResult:
    """Leave a note for colleagues on a post."""
    return parts().posts.note(principal, post_id, text=body.text, mentions=body.mentions, idem=idem)


@resource.route("/posts/{post_id}/history")
def get_history(principal: Principal, post_id: str) -> History:
    """List every record of a post, and where each stands in the sealed log."""
    return History(entries=[HistoryLine.of(e) for e in parts().posts.history(principal, post_id)])


@resource.route("/posts/{post_id}/history/{leaf_id}/proof")
def get_proof(principal: Principal, post_id: str, leaf_id: str) -> SealedProof:
    """Give what a browser needs to check by itself that a record is in the signed log."""
    return SealedProof.of(parts().posts.proof(principal, post_id, leaf_id))
