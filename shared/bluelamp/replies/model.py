"""What a saved reply is: a text with variables, for the force, a team or an account, in versions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluelamp.audit.leaf import Ulid
from bluelamp.posts.model import Frozen, PersonName

# For whom it is: everybody, the accounts of a team, or one account.
Scope = Annotated[str, Field(pattern=r"^(force|(team|account):[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,117})$")]
Title = Annotated[str, Field(min_length=1, max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=4_000)]
Variable = Literal["name", "account", "reference", "officer"]


class SavedReply(Frozen):
    """A saved reply as it stands; `version` is that of its words, each kept in an item that never changes."""

    id: Ulid
    version: int = 1
    scope: Scope
    title: Title
    text: Text
    by: PersonName
    at: str
    retired: bool = False
    rev: int = 1
    head: str | None = None


class SavedReplies(Frozen):
    """Saved replies, by title."""

    replies: tuple[SavedReply, ...]


class Use(Frozen):
    """Which saved reply an answer is made from, and the version that the person saw."""

    id: Ulid
    version: int = Field(ge=1)


class Filled(Frozen):
    """A saved reply with its variables filled in for one post."""

    id: str
    version: int
    text: str
