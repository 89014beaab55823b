"""Disposal by two people: proposed by one, decided by another, and certified."""

from http import HTTPStatus

from pydantic import ConfigDict, Field

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.retention.certificate import Certificate
from bluelamp.retention.model import (
    MOST_POSTS,
    DisposalPage,
    DisposalReason,
    DisposalView,
    FileRef,
    PostId,
    RefusalReason,
)
from contract import Resource
from parts import parts

resource = Resource(__name__)


class DisposalBody(Model):
    """Of which posts what was kept is to be destroyed, why, and the force's own reference for it."""

    model_config = ConfigDict(extra="forbid")

    posts: tuple[PostId, ...] = Field(min_length=1, max_length=MOST_POSTS)
    reason: DisposalReason
    ref: FileRef


class ApprovalBody(Model):
    """An empty object: the address says it all."""

    model_config = ConfigDict(extra="forbid")


class RefusalBody(Model):
    """Why nothing is to be destroyed."""

    model_config = ConfigDict(extra="forbid")

    reason: RefusalReason


class DisposalsQuery(Model):
    """Which part of the list."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


@resource.route("/disposals", methods=["POST"], status=HTTPStatus.CREATED)
def propose_disposal(principal: Principal, body: DisposalBody, idem: Idempotency) -> DisposalView:
    """Propose that what was kept of posts is destroyed; nothing is, until somebody else approves."""
    return parts().disposals.propose(principal, posts=body.posts, reason=body.reason, ref=body.ref, idem=idem)


@resource.route("/disposals")
def list_disposals(principal: Principal, query: DisposalsQuery) -> DisposalPage:
    """List disposals, newest first; the reading is recorded."""
    return parts().disposals.list_for(principal, cursor=query.cursor, limit=query.limit)


@resource.route("/disposals/{disposal_id}")
def get_disposal(principal: Principal, disposal_id: str) -> DisposalView:
    """Show a disposal and what becomes of each post; the reading is recorded."""
    return parts().disposals.get(principal, disposal_id)


@resource.route("/disposals/{disposal_id}/approve", methods=["POST"], status=HTTPStatus.ACCEPTED)
def approve_disposal(principal: Principal, disposal_id: str, body: ApprovalBody, idem: Idempotency) -> DisposalView:
    """Approve what somebody else proposed; it is carried out once the approval is sealed."""
    return parts().disposals.approve(principal, disposal_id, idem=idem)


@resource.route("/disposals/{disposal_id}/refuse", methods=["POST"])
def refuse_disposal(principal: Principal, disposal_id: str, body: RefusalBody, idem: Idempotency) -> DisposalView:
    """Refuse what somebody else proposed; everything stays as it is."""
    return parts().disposals.refuse(principal, disposal_id, reason=body.reason, idem=idem)


@resource.route("/disposals/{disposal_id}/certificate")
def get_certificate(principal: Principal, disposal_id: str) -> Certificate:
    """Certify a disposal that is done: what was destroyed, on whose word, and where the log says so."""
    return parts().disposals.certificate(principal, disposal_id)
