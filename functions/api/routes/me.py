"""Who is signed in, and what they may do."""

from datetime import datetime

from bluelamp.incidents.model import Concern
from bluelamp.models import Model
from bluelamp.people.gate import state
from bluelamp.people.model import GateState, OnDuty, Principal, Role, Verb
from bluelamp.people.rules import permissions
from contract import Resource
from parts import parts

resource = Resource(__name__)


class Person(Model):
    """The person who is signed in."""

    id: str
    name: str
    role: Role
    teams: list[str]
    email: str


class SignIn(Model):
    """Until when, unless it is used: a session moves on with every use, a token does not."""

    expires_at: datetime | None


class Force(Model):
    """The force that this deployment is for."""

    name: str
    slug: str


class Me(Model):
    """Who is signed in. `guide_version` is the Force Media Guide that they acknowledged, if any.

    `on_duty_as` is as what the roster has them on duty at this moment: it stands on each record of what they do.

    `gate` says whether they may act: with the guide in force acknowledged, and training in date. `incidents` are those
    that are open and concern them.
    """

    person: Person
    session: SignIn
    force: Force
    permissions: list[Verb]
    guide_version: str | None
    on_duty_as: OnDuty | None
    gate: GateState
    incidents: list[Concern]


@resource.route("/me")
def get_me(principal: Principal) -> Me:
    """Say who is signed in, and what their role gives them."""
    force = parts().force
    return Me(
        person=Person(
            id=principal.id,
            name=principal.name,
            role=principal.role,
            teams=sorted(principal.teams),
            email=principal.email,
        ),
        session=SignIn(expires_at=principal.expires_at),
        force=Force(name=force.name, slug=force.slug),
        permissions=permissions(principal),
        guide_version=principal.guide_version,
        on_duty_as=principal.on_duty_as,
        gate=state(principal),
        incidents=parts().incidents.concerning(principal),
    )
