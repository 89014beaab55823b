"""Hooks: which of the force's own systems are told of what, what became of it, and sending it again."""

from http import HTTPStatus

from pydantic import Field

from bluelamp.hooks.model import Hook, HookDeliveries, HookList, HookMade, HookName, Kinds, Redriven, Url
from bluelamp.idempotency import Idempotency
from bluelamp.people.model import Principal
from bodies import Body
from contract import Resource
from parts import parts

resource = Resource(__name__)


class NewHookBody(Body):
    """A hook: its name, the address that is told, and of which kinds of notices."""

    name: HookName
    url: Url
    kinds: Kinds


class ChangedHookBody(NewHookBody):
    """A hook as it is to be, whether it is on, and the revision that the person saw."""

    active: bool
    rev: int = Field(ge=1)


class RotateHookBody(Body):
    """The revision that the person saw."""

    rev: int = Field(ge=1)


class HookBody(Body):
    """An empty object: the address says it all."""


@resource.route("/hooks")
def get_hooks(principal: Principal) -> HookList:
    """List the force's own systems that are told of what happens."""
    return parts().hooks.every(principal)


@resource.route("/hooks", methods=["POST"], status=HTTPStatus.CREATED)
def create_hook(principal: Principal, body: NewHookBody, idem: Idempotency) -> HookMade:
    """Make a hook; the answer holds the secret that its messages are signed with, this once."""
    return parts().hooks.create(principal, name=body.name, url=body.url, kinds=body.kinds, idem=idem)


@resource.route("/hooks/{hook_id}", methods=["PUT"])
def change_hook(principal: Principal, hook_id: str, body: ChangedHookBody, idem: Idempotency) -> Hook:
    """Change a hook, or switch it off and on."""
    return parts().hooks.change(
        principal,
        hook_id,
        name=body.name,
        url=body.url,
        kinds=body.kinds,
        active=body.active,
        rev=body.rev,
        idem=idem,
    )


@resource.route("/hooks/{hook_id}/rotate", methods=["POST"])
def rotate_hook(principal: Principal, hook_id: str, body: RotateHookBody, idem: Idempotency) -> HookMade:
    """Make a new secret; for a day messages are signed with the old one too."""
    return parts().hooks.rotate(principal, hook_id, rev=body.rev, idem=idem)


@resource.route("/hooks/{hook_id}/test", methods=["POST"])
def try_hook(principal: Principal, hook_id: str, body: HookBody, idem: Idempotency) -> Hook:
    """Send a test message."""
    return parts().hooks.try_out(principal, hook_id, idem=idem)


@resource.route("/hooks/{hook_id}/deliveries")
def get_hook_deliveries(principal: Principal, hook_id: str) -> HookDeliveries:
    """List what became of the newest messages."""
    return parts().hooks.deliveries(principal, hook_id)


@resource.route("/hooks/{hook_id}/redrive", methods=["POST"])
def redrive_hook(principal: Principal, hook_id: str, body: HookBody, idem: Idempotency) -> Redriven:
    """Send again what failed, each message under its first id."""
    return parts().hooks.redrive(principal, hook_id, idem=idem)
