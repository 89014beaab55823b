"""Retention: how long posts of a kind are kept on a platform, and which are to be reviewed."""

from datetime import date

from pydantic import ConfigDict, Field

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.retention.model import Basis, ClassList, ClassView, Days, FileRef, KeepReason, Review, ReviewPage
from contract import Resource
from parts import parts

resource = Resource(__name__)


class ClassBody(Model):
    """After how many days a post of this kind is reviewed, on what basis, and the revision that was seen."""

    model_config = ConfigDict(extra="forbid")

    days: Days
    basis: Basis
    rev: int = Field(ge=0)


class KeepBody(Model):
    """Until which day a post is kept, why, and the force's own reference for the decision."""

    model_config = ConfigDict(extra="forbid")

    until: date
    reason: KeepReason
    ref: FileRef


class ReviewsQuery(Model):
    """Of which account, and which part of the list."""

    model_config = ConfigDict(extra="forbid")

    account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._:-]{1,128}$")
    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=100)


@resource.route("/retention/classes")
def list_classes(principal: Principal) -> ClassList:
    """List how long posts of each kind are kept on each platform before somebody reviews them."""
    return parts().retention.classes(principal)


@resource.route("/retention/classes/{platform}/{kind}", methods=["PUT"])
def set_class(principal: Principal, platform: str, kind: str, body: ClassBody, idem: Idempotency) -> ClassView:
    """Set a class; the change is recorded, from and to."""
    return parts().retention.set_class(
        principal, platform, kind, days=body.days, basis=body.basis, rev=body.rev, idem=idem
    )


@resource.route("/retention/reviews/{post_id}/keep", methods=["POST"])
def keep_longer(principal: Principal, post_id: str, body: KeepBody, idem: Idempotency) -> Review:
    """Say that a post was reviewed and is kept until a later day, when it is reviewed again; recorded."""
    return parts().retention.keep(principal, post_id, until=body.until, reason=body.reason, ref=body.ref, idem=idem)


@resource.route("/retention/reviews")
def list_reviews(principal: Principal, query: ReviewsQuery) -> ReviewPage:
    """List posts whose review date has passed, without their words; the reading is recorded."""
    return parts().retention.reviews(principal, account=query.account, cursor=query.cursor, limit=query.limit)
