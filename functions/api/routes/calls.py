"""Calls: somebody is asked to look at a post now, and takes it on."""

from http import HTTPStatus

from pydantic import ConfigDict

from bluelamp.calls.model import CallList, CallTo, CallView
from bluelamp.idempotency import Idempotency
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts
from routes.posts import NothingBody, ReasonBody

resource = Resource(__name__)


class CallBody(ReasonBody):
    """Who is called, why, and what the caller was looking at."""

    model_config = ConfigDict(extra="forbid", strict=True)

    to: CallTo


@resource.route("/calls")
def list_calls(principal: Principal) -> CallList:
    """List the calls within reach that nobody has taken on; the reading is recorded."""
    return parts().calls.list_for(principal)


@resource.route("/posts/{post_id}/call", methods=["POST"], status=HTTPStatus.CREATED)
def call_to_post(principal: Principal, post_id: str, body: CallBody, idem: Idempotency) -> CallView:
    """Ask a person, a team or whoever is on duty to look at a post now."""
    return parts().calls.call(principal, post_id, to=body.to, reason=body.reason, rev=body.rev, idem=idem)


@resource.route("/calls/{call_id}/acknowledge", methods=["POST"])
def acknowledge_call(principal: Principal, call_id: str, body: NothingBody, idem: Idempotency) -> CallView:
    """Take a call on: nobody else is asked any more."""
    return parts().calls.acknowledge(principal, call_id, idem=idem)
