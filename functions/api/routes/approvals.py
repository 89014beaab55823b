"""What waits for a second person: listed, approved, rejected, withdrawn."""

from http import HTTPStatus

from pydantic import ConfigDict, Field

from bluelamp.actions.model import Approvals, RejectReason
from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.people.model import Principal
from bluelamp.posts.model import ActionResult
from contract import Resource
from parts import parts

resource = Resource(__name__)


class ApproveBody(Model):
    """The revision of the post that the person was looking at."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rev: int = Field(ge=1)


class RejectBody(Model):
    """Why not."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: RejectReason


@resource.route("/approvals")
def list_approvals(principal: Principal) -> Approvals:
    """List what waits for the person's word, and what they proposed themselves; the reading is recorded."""
    return parts().approving.list_for(principal)


@resource.route("/posts/{post_id}/actions/{action_id}/approve", methods=["POST"], status=HTTPStatus.ACCEPTED)
def approve_action(
    principal: Principal, post_id: str, action_id: str, body: ApproveBody, idem: Idempotency
) -> ActionResult:
    """Approve what somebody else proposed; the platform is asked once that is sealed."""
    return parts().approving.approve(principal, post_id, action_id, rev=body.rev, idem=idem)


@resource.route("/posts/{post_id}/actions/{action_id}/reject", methods=["POST"])
def reject_action(
    principal: Principal, post_id: str, action_id: str, body: RejectBody, idem: Idempotency
) -> ActionResult:
    """Say no to what somebody else proposed."""
    return parts().approving.reject(principal, post_id, action_id, reason=body.reason, idem=idem)


@resource.route("/posts/{post_id}/actions/{action_id}/withdraw", methods=["POST"])
def withdraw_action(principal: Principal, post_id: str, action_id: str, idem: Idempotency) -> ActionResult:
    """Take back what one proposed oneself."""
    return parts().approving.withdraw(principal, post_id, action_id, idem=idem)
