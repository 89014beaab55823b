"""Saved replies: for an account, filled in for a post, written, changed and retired."""

from http import HTTPStatus

from pydantic import ConfigDict, Field

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.replies.model import Filled, SavedReplies, SavedReply, Scope, Text, Title
from contract import Resource
from parts import parts

resource = Resource(__name__)


class _Body(Model):
    """Base of the bodies: nothing that is not known, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class RepliesQuery(Model):
    """For which account, and with which words."""

    model_config = ConfigDict(extra="forbid")

    account: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,128}$")
    words: str | None = Field(default=None, max_length=200)


class NewReplyBody(_Body):
    """A saved reply; variables stand in braces: {name}, {account}, {reference}, {officer}."""

    scope: Scope
    title: Title
    text: Text


class ChangedReplyBody(_Body):
    """Other words for a saved reply, and the revision that the person saw."""

    title: Title
    text: Text
    rev: int = Field(ge=1)


class RetireReplyBody(_Body):
    """An empty object: the address says it all."""


class PreviewBody(_Body):
    """For which post."""

    post: str = Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")


@resource.route("/replies")
def get_replies(principal: Principal, query: RepliesQuery) -> SavedReplies:
    """List the saved replies for an account, by title."""
    return parts().replies.list_for(principal, account=query.account, words=query.words)


@resource.route("/replies", methods=["POST"], status=HTTPStatus.CREATED)
def create_reply(principal: Principal, body: NewReplyBody, idem: Idempotency) -> SavedReply:
    """Write a saved reply."""
    return parts().replies.create(principal, scope=body.scope, title=body.title, text=body.text, idem=idem)


@resource.route("/replies/{reply_id}", methods=["PUT"])
def change_reply(principal: Principal, reply_id: str, body: ChangedReplyBody, idem: Idempotency) -> SavedReply:
    """Put other words in the place of a saved reply's, as a new version."""
    return parts().replies.change(principal, reply_id, title=body.title, text=body.text, rev=body.rev, idem=idem)


@resource.route("/replies/{reply_id}", methods=["DELETE"])
def retire_reply(principal: Principal, reply_id: str, body: RetireReplyBody, idem: Idempotency) -> SavedReply:
    """Have a saved reply used no more."""
    return parts().replies.retire(principal, reply_id, idem=idem)


@resource.route("/replies/{reply_id}/preview", methods=["POST"])
def preview_reply(principal: Principal, reply_id: str, body: PreviewBody) -> Filled:
    """Show a saved reply as it would be published below a post; the reading is recorded."""
    return parts().replies.preview(principal, reply_id, post=body.post)
