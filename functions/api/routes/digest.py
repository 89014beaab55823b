"""The digest: what the night brought, for whoever takes over in the morning."""

from datetime import datetime

from pydantic import AwareDatetime, ConfigDict

from bluelamp.digests.model import Digest
from bluelamp.models import Model
from bluelamp.people.model import Principal
from contract import Resource
from parts import parts

resource = Resource(__name__)


class Since(Model):
    """Since when; left out, the last evening at five."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime | None = None


@resource.route("/digest")
def read_digest(principal: Principal, query: Since) -> Digest:
    """Show what happened since on the accounts within reach; the reading is recorded."""
    since: datetime | None = query.since
    return parts().digests.read(principal, since)
