"""What changed: by a ticket for the socket, or by asking again."""

from pydantic import ConfigDict, Field

from bluelamp.live.model import Changes, Ticket
from bluelamp.models import Model
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts

resource = Resource(__name__)


class ChangesQuery(Model):
    """From where on; left out, the answer says where to begin."""

    model_config = ConfigDict(extra="forbid")

    since: str | None = Field(default=None, max_length=8192)


@resource.route("/changes", polled=True)
def get_changes(principal: Principal, query: ChangesQuery) -> Changes:
    """List the posts that changed since a cursor."""
    return parts().live.changes(principal, query.since)


@resource.route("/live/ticket", methods=["POST"])
def make_ticket(principal: Principal) -> Ticket:
    """Make a ticket of a minute that opens the socket."""
    return parts().live.ticket(principal)
