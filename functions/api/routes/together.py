"""What officers do with a post together: whose it is, who is at it, its tags, references, and its author's others."""

from http import HTTPStatus
from typing import Annotated

from pydantic import ConfigDict, Field

from bluelamp.audit.leaf import Ref
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.posts.conversation import Conversation
from bluelamp.posts.model import ActionResult, AuthorPage, Colleagues, Tag, TagList
from bluelamp.presence.model import MAX_DRAFT, Here
from contract import Resource
from parts import parts

resource = Resource(__name__)
PersonId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]
TagCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class _Body(Model):
    """Base of the bodies: nothing that is not known, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True)


class UnassignBody(_Body):
    """An empty object: the address says it all."""


class AssignBody(_Body):
    """Who is to deal with the post."""

    person: PersonId


class PutTagBody(_Body):
    """A tag of the force's list."""

    tag: TagCode


class ReferenceBody(_Body):
    """The force's own number for what the post belongs to; `withdraw` when it was the wrong one."""

    ref: Ref
    withdraw: bool = False


class PresenceBody(_Body):
    """That the person has the post open; `writing` while they have the reply box open, `draft` when it has changed."""

    writing: bool = False
    take_over: bool = False
    draft: str | None = Field(default=None, max_length=MAX_DRAFT)


class TagBody(_Body):
    """What a tag is called, and the revision that the person saw; 0 for a new one."""

    name: str = Field(min_length=1, max_length=60)
    rev: int = Field(ge=0)


class RetireTagBody(_Body):
    """An empty object: the address says it all."""


class AuthorQuery(Model):
    """Which page of the author's other posts, or of the conversation with them."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=4096)


class ColleaguesQuery(Model):
    """Whose name has this in it."""

    model_config = ConfigDict(extra="forbid")

    words: str | None = Field(default=None, max_length=80)


@resource.route("/posts/{post_id}/assign", methods=["POST"])
def assign_post(principal: Principal, post_id: str, body: AssignBody, idem: Idempotency) -> ActionResult:
    """Give a post to somebody who reaches its account; they are told."""
    return parts().casework.assign(principal, post_id, person=body.person, idem=idem)


@resource.route("/posts/{post_id}/unassign", methods=["POST"])
def unassign_post(principal: Principal, post_id: str, body: UnassignBody, idem: Idempotency) -> ActionResult:
    """Take a post back from whom it was given to."""
    return parts().casework.unassign(principal, post_id, idem=idem)


@resource.route("/posts/{post_id}/tag", methods=["POST"])
def tag_post(principal: Principal, post_id: str, body: PutTagBody, idem: Idempotency) -> ActionResult:
    """Put a tag of the force's list on a post."""
    return parts().casework.tag(principal, post_id, tag=body.tag, idem=idem)


@resource.route("/posts/{post_id}/untag", methods=["POST"])
def untag_post(principal: Principal, post_id: str, body: PutTagBody, idem: Idempotency) -> ActionResult:
    """Take a tag off a post."""
    return parts().casework.untag(principal, post_id, tag=body.tag, idem=idem)


@resource.route("/posts/{post_id}/reference", methods=["POST"])
def refer_post(principal: Principal, post_id: str, body: ReferenceBody, idem: Idempotency) -> ActionResult:
    """Say which incident or crime a post belongs to."""
    return parts().casework.refer(principal, post_id, ref=body.ref, withdraw=body.withdraw, idem=idem)


@resource.route("/posts/{post_id}/presence", methods=["POST"])
def be_present(principal: Principal, post_id: str, body: PresenceBody) -> Here:
    """Say every 20 seconds that one has a post open, and hear who else has."""
    return parts().presence.beat(principal, post_id, writing=body.writing, take_over=body.take_over, draft=body.draft)


@resource.route("/posts/{post_id}/author")
def get_author(principal: Principal, post_id: str, query: AuthorQuery) -> AuthorPage:
    """List the other posts of a post's author within reach, newest first; the reading is recorded."""
    return parts().worklists.by_author(principal, post_id, cursor=query.cursor)


@resource.route("/posts/{post_id}/conversation")
def get_conversation(principal: Principal, post_id: str, query: AuthorQuery) -> Conversation:
    """List all that was said with a post's author on accounts within reach, in and out; recorded as a view."""
    return parts().conversations.with_author(principal, post_id, cursor=query.cursor)


@resource.route("/posts/{post_id}/colleagues")
def get_colleagues(principal: Principal, post_id: str, query: ColleaguesQuery) -> Colleagues:
    """List who reaches a post's account, and can be given it or be mentioned."""
    return parts().reach.on(principal, post_id, query.words)


@resource.route("/tags")
def get_tags(principal: Principal) -> TagList:
    """List the force's tags."""
    return parts().tags.listed()


@resource.route("/tags/{tag}", methods=["PUT"], status=HTTPStatus.OK)
def put_tag(principal: Principal, tag: str, body: TagBody, idem: Idempotency) -> Tag:
    """Add a tag to the force's list, or give one another name."""
    return parts().tags.put(principal, tag, name=body.name, rev=body.rev, idem=idem)


@resource.route("/tags/{tag}", methods=["DELETE"])
def retire_tag(principal: Principal, tag: str, body: RetireTagBody, idem: Idempotency) -> Tag:
    """Have a tag put on nothing any more."""
    return parts().tags.retire(principal, tag, idem=idem)
