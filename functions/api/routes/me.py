"""Who is signed in, and what they may do."""

from datetime import datetime

from pydantic import BaseModel

from bluelamp.people.gate import state
from bluelamp.people.model import GateState, Principal, Role, Verb
from bluelamp.people.rules import permissions
from contract import Resource
from parts import parts

resource = Resource(__name__)


class Person(BaseModel):
    """The person who is signed in."""

    id: str
    name: str
    role: Role
    teams: list[str]
    email: str


class SignIn(BaseModel):
    """Until when, unless it is used: a session moves on with every use, a token does not."""

    expires_at: datetime | None


class Force(BaseModel):
    """The force that this deployment is for."""

    name: str
    slug: str


class Me(BaseModel):
    """Who is signed in. `guide_version` is the Force Media Guide that they acknowledged, if any.

    `gate` says whether they may act: with the guide in force acknowledged, and training in date.
    """

    person: Person
    session: SignIn
    force: Force
    permissions: list[Verb]
    guide_version: str | None
    gate: GateState


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
        gate=state(principal),
    )
