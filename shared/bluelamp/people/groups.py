"""What the force's own groups give here: a mapping of groups to roles and teams. Pure: nothing is read or written.

The identity provider says which groups somebody is in; the mapping says what that comes to. Rules stand in order: the
first whose group somebody is in gives the role, and the teams are those of all their groups that give that same role.
So a group that gives another role widens nobody's reach.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bluelamp.people.matrix import BY_TEAM
from bluelamp.people.model import Role

MAX_RULES = 200
# Entra ID names no more than 200 groups in a token; what is longer is no list of groups.
MAX_GROUPS = 500
MAX_GROUP = 256

GroupName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/@-]{0,127}$")]
TeamName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GroupRule(_Frozen):
    """One group of the force, by its object id or its name, and what it gives."""

    group: GroupName
    role: Role
    teams: tuple[TeamName, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _reaches_something(self) -> Self:
        if self.role in BY_TEAM and not self.teams:
            raise ValueError(f"a {self.role} reaches the accounts of their teams alone: name at least one team")
        return self


class GroupMapping(BaseModel):
    """What groups give, as stored: one revision, never changed. `head` is the digest of its record."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    rules: tuple[GroupRule, ...] = ()
    rev: int = 0
    changed_at: datetime | None = None
    changed_by: str | None = None
    head: str = ""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the rules as canonical JSON: the record names it, the table keeps the words."""
        said = [rule.model_dump(mode="json") for rule in self.rules]
        return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody's groups come to."""

    role: Role
    teams: tuple[str, ...]


def placed(mapping: GroupMapping, groups: Iterable[str]) -> Place | None:
    """Return what the groups give, or None when no rule names any of them."""
    mine = {group.casefold() for group in groups}
    found = [rule for rule in mapping.rules if rule.group.casefold() in mine]
    if not found:
        return None
    role = found[0].role
    teams = dict.fromkeys(team for rule in found if rule.role == role for team in rule.teams)
    return Place(role, tuple(teams))


def groups_of(claim: str) -> tuple[str, ...]:
    """Return the groups in what Cognito made of the provider's list.

    A custom attribute is one text: ``[a, b]`` with each value form-encoded from SAML, JSON or the bare value from OIDC.
    """
    inner = claim.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    parts = (unquote_plus(re.sub(r'^"|"$', "", part.strip())).strip() for part in inner.split(","))
    return tuple(dict.fromkeys(part for part in parts if 0 < len(part) <= MAX_GROUP))[:MAX_GROUPS]
