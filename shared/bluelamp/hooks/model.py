"""What a hook is: an address of the force's own systems, and what it is told of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bluelamp.audit.leaf import Ulid
from bluelamp.notices.model import NoticeKind
from bluelamp.posts.model import Frozen, PersonName

Url = Annotated[str, Field(min_length=12, max_length=500, pattern=r"^https?://[!-~]+$")]
Kinds = Annotated[tuple[NoticeKind, ...], Field(min_length=1, max_length=40)]
HookName = Annotated[str, Field(min_length=1, max_length=60)]


class Hook(Frozen):
    """A hook as stored. `generation` counts its secrets; the one before counts until `overlap_until` too.

    `url` is where it is told, `kinds` of what. `rev` is its revision.
    """

    id: Ulid
    name: HookName
    url: Url
    kinds: Kinds
    active: bool = True
    generation: int = 1
    overlap_until: str | None = None
    by: PersonName
    at: str
    rev: int = 1
    head: str | None = None

    @property
    def status(self) -> str:
        """Whether it is told anything, as its record says it."""
        return "active" if self.active else "off"


class HookList(Frozen):
    """The hooks, by name."""

    hooks: tuple[Hook, ...]


class HookMade(Frozen):
    """A hook with the secret that its messages are signed with. It is shown this once."""

    hook: Hook
    secret: str


class HookDelivery(Frozen):
    """What became of one message: its id as the other side knows it, what it told of, and the code of a failure."""

    id: str
    kind: NoticeKind
    about: dict[str, str]
    state: str
    code: str | None
    attempts: int
    at: str


class HookDeliveries(Frozen):
    """The newest messages to a hook, newest first."""

    deliveries: tuple[HookDelivery, ...]


class Redriven(Frozen):
    """How many messages that had failed are sent again."""

    count: int
