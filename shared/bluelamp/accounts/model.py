"""An account: one page or profile of the force on one platform, and the people who answer for it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

AccountKind = Literal["neighbourhood", "headquarters", "senior_officer", "community"]
AccountStatus = Literal["active", "suspended", "archived"]
PolicyVerb = Literal["delete"]
PlatformVerb = Literal["hide", "unhide", "delete", "reply"]
PLATFORM_VERBS: tuple[PlatformVerb, ...] = ("hide", "unhide", "delete", "reply")


class Officer(BaseModel):
    """A person as an account names them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    name: str


class Account(BaseModel):
    """An account as stored.

    `local_verbs` is its policy: what the team may do beyond the role's own verbs. `since` is when it got the status
    that it has; None for an account from before that was kept.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    platform: str
    native_id: str
    name: str
    handle: str | None = None
    kind: AccountKind
    team: str
    lead: Officer | None = None
    deputy: Officer | None = None
    status: AccountStatus = "active"
    since: datetime | None = None
    local_verbs: frozenset[PolicyVerb] = frozenset()
    rev: int = 1


class AccountView(BaseModel):
    """An account as a page shows it. `capabilities` is what its platform offers for anything that arrives there."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    platform: str
    name: str
    handle: str | None
    kind: AccountKind
    team: str
    lead: Officer | None
    deputy: Officer | None
    status: AccountStatus
    capabilities: tuple[PlatformVerb, ...]
