"""What the force's own groups give here: a mapping of groups to roles and teams. Pure: nothing is read or written.

The identity provider says which groups somebody is in; the mapping says what that comes to. Rules stand in order: the
first whose group somebody is in gives the role, and the teams are those of all their groups that give that same role.
So a group that gives another role widens nobody's reach.

A group is named by its object id alone. In many directories anybody may found a group and choose its name, so a name
proves nothing; the directory gives the ids out itself, each once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self
from urllib.parse import unquote_plus

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from bluelamp.models import Model
from bluelamp.people.matrix import BY_TEAM
from bluelamp.people.model import Role

MAX_RULES = 200
# Entra ID names no more than 200 groups in a token; what is longer is no list of groups.
MAX_GROUPS = 500
MAX_GROUP = 256

_GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def _object_id(value: Any) -> Any:
    if not isinstance(value, str):
        return value  # the type itself is refused next
    if re.fullmatch(_GUID, value.lower()) is None:
        raise ValueError(
            "name the group by its object id in the directory, such as 0f0e0d0c-1111-4222-8333-444455556666; its name "
            "may stand beside it as label"
        )
    return value.lower()


GroupId = Annotated[str, Field(pattern=_GUID), BeforeValidator(_object_id)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._:/@&'()-]{0,79}$")]
TeamName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GroupRule(_Frozen):
    """One group of the force by its object id, and what it gives; `label` is for people and decides nothing."""

    group: GroupId
    label: Label | None = None
    role: Role
    teams: tuple[TeamName, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _reaches_something(self) -> Self:
        if self.role in BY_TEAM and not self.teams:
            raise ValueError(f"a {self.role} reaches the accounts of their teams alone: name at least one team")
        return self


class GroupMapping(Model):
    """What groups give, as stored: one revision, never changed. `head` is the digest of its record.

    `others` is the newest revision before this one that somebody else set, 0 when there is none. `confirmed` says that
    this one repeats what somebody else had set, so that two people stand for it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    rules: tuple[GroupRule, ...] = ()
    rev: int = 0
    changed_at: datetime | None = None
    changed_by: str | None = None
    others: int = 0
    confirmed: bool = False
    head: str = ""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the rules as canonical JSON: the record names it, the table keeps the words."""
        said = [rule.model_dump(mode="json", exclude_none=True) for rule in self.rules]
        return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody's groups come to."""

    role: Role
    teams: tuple[str, ...]


def placed(mapping: GroupMapping, groups: Iterable[str]) -> Place | None:
    """Return what the groups give, or None when no rule names any of them."""
    mine = {group.lower() for group in groups}
    found = [rule for rule in mapping.rules if rule.group in mine]
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
