"""How somebody wants to be told, and the outbox of a machine that nothing leaves."""

from pydantic import ConfigDict, Field

from bluelamp.idempotency import Idempotency
from bluelamp.models import Model
from bluelamp.notices.model import Kept, Preferences, Wishes
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts

resource = Resource(__name__)


class WishesBody(Model):
    """All wishes at once, and the revision that they are made from; 0 when none were made before."""

    model_config = ConfigDict(extra="forbid")

    wishes: Wishes
    rev: int = Field(ge=0)


class Outbox(Model):
    """Messages that were kept in place of being sent, newest first."""

    messages: tuple[Kept, ...]


@resource.route("/me/notices")
def show_wishes(principal: Principal) -> Preferences:
    """Show how you are told of what needs you."""
    return parts().notices.wishes(principal)


@resource.route("/me/notices", methods=["PUT"])
def set_wishes(principal: Principal, body: WishesBody, idem: Idempotency) -> Preferences:
    """Say how you want to be told of what needs you."""
    return parts().notices.wish(principal, body.wishes, rev=body.rev, idem=idem)


@resource.route("/outbox")
def show_outbox(principal: Principal) -> Outbox:
    """Show messages that were kept in place of being sent; not found where messages are sent."""
    return Outbox(messages=parts().notices.outbox(principal))
