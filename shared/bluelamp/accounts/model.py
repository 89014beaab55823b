"""An account: one page or profile of the force on one platform, and the people who answer for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from bluelamp.models import Model

AccountKind = Literal["neighbourhood", "headquarters", "senior_officer", "community"]
AccountStatus = Literal["active", "suspended", "archived"]
PlatformVerb = Literal["hide", "unhide", "delete", "reply", "ban", "unban", "like", "message"]
PLATFORM_VERBS: tuple[PlatformVerb, ...] = get_args(PlatformVerb)
# What a policy speaks of, who may be allowed it, and whose word it may need.
PolicyAct = Literal["delete", "publish", "reply"]
POLICY_ACTS: tuple[PolicyAct, ...] = get_args(PolicyAct)
PolicyRole = Literal["comms", "local", "control"]
Approver = Literal["lead", "comms", "supervisor"]
# Why an account is suspended, taken up again or archived.
StatusReason = Literal["security", "incident", "complaint", "not_used", "resolved", "other"]
MAX_NAME = 100


def _name(text: str) -> str:
    clean = " ".join(text.split())
    if not 0 < len(clean) <= MAX_NAME or not clean.isprintable():
        raise ValueError(f"must be 1 to {MAX_NAME} characters that can be seen")
    return clean


def _in_order(roles: tuple[PolicyRole, ...]) -> tuple[PolicyRole, ...]:
    return tuple(role for role in get_args(PolicyRole) if role in roles)


Name = Annotated[str, AfterValidator(_name)]
Handle = Annotated[str, Field(pattern=r"^[^\s/@\x00-\x20\x7f-\xa0]{1,100}$")]
Team = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
NativeId = Annotated[str, Field(pattern=r"^[0-9]{1,25}$")]
PersonId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]
Roles = Annotated[tuple[PolicyRole, ...], AfterValidator(_in_order)]


class Officer(Model):
    """A person as an account names them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    name: str


class Policy(Model):
    """Which roles may delete, publish and reply on an account, and whose approval each of it needs."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    delete: Roles = ("comms",)
    publish: Roles = ("comms",)
    reply: Roles = ("comms", "local")
    approve_delete: Approver | None = None
    approve_publish: Approver | None = None
    approve_reply: Approver | None = None

    def may(self, act: PolicyAct) -> tuple[PolicyRole, ...]:
        """Return the roles that may do this."""
        roles: tuple[PolicyRole, ...] = getattr(self, act)
        return roles

    def approver(self, act: PolicyAct) -> Approver | None:
        """Return whose approval this needs, or None."""
        found: Approver | None = getattr(self, f"approve_{act}")
        return found


class Account(Model):
    """An account as stored.

    `since` is when it got the status that it has; None for an account from before that was kept.
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
    policy: Policy = Policy()
    changed_at: datetime | None = None
    changed_by: Officer | None = None
    rev: int = 1

    @property
    def allowed(self) -> Mapping[str, tuple[PolicyRole, ...]]:
        """Which roles the policy lets do what; `people.rules.decide` reads it."""
        return {act: self.policy.may(act) for act in POLICY_ACTS}

    @property
    def answers(self) -> frozenset[str]:
        """The ids of lead and deputy."""
        return frozenset(one.id for one in (self.lead, self.deputy) if one)

    @model_validator(mode="before")
    @classmethod
    def _from_before_policies(cls, stored: Any) -> Any:
        """Read the policy of an account from before there were policies: it has the verbs of its local team alone."""
        if isinstance(stored, dict) and "policy" not in stored and "delete" in stored.get("local_verbs", ()):
            return stored | {"policy": {"delete": ("comms", "local")}}
        return stored


class AccountView(Model):
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
    policy: Policy
    rev: int
    capabilities: tuple[PlatformVerb, ...]


class AccountPage(Model):
    """A part of the accounts, by id; with `next` there are more, even when this part is short."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    accounts: tuple[AccountView, ...]
    next: str | None = None


class AccountHealth(Model):
    """How well an account is read.

    `read_until` is up to when polls have read all there was, `gap` whether the newest reading did not join up with the
    one before or is overdue, `throttled_until` and `throttled_by` when and why the platform is left alone.
    `last_webhook_at` is when its platform last sent something by itself, to the minute. `token` is ``refused`` from
    when the platform refused it until something could be read again. `connection` is ``by_hand`` when its token was not
    had by consent on the page; then nobody knows how long it is valid, and nothing renews it. `reconnect` says why only
    a person can help. `consent` says of a disconnected account what became of the platform's consent, `consent_said`
    with which code the platform did not end it. `data_until` is when the platform ceases to give data unless somebody
    consents anew, `lacks` the permissions that were asked for and not given, where it tells (Facebook).
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    read_until: str | None
    gap: bool
    throttled_until: str | None
    throttled_by: str | None
    last_webhook_at: str | None
    token: Literal["working", "refused", "unknown"]
    token_refused_at: str | None
    token_refused_by: str | None
    connection: Literal["connected", "renewing", "reconnect", "disconnected", "by_hand"]
    token_expires_at: str | None
    reconnect: str | None
    data_until: str | None
    lacks: tuple[str, ...]
    consent: Literal["to_end", "ending", "ended", "page_left", "stands"] | None
    consent_said: str | None


class AccountDetail(Model):
    """One account, since when it has its status, who changed it last, and how well it is read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    account: AccountView
    native_id: str
    since: datetime | None
    changed_at: datetime | None
    changed_by: Officer | None
    health: AccountHealth


class Fields(Model):
    """What can be changed of an account; what is left out stays, and None takes a handle, a lead or a deputy away."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name | None = None
    handle: Handle | None = None
    kind: AccountKind | None = None
    team: Team | None = None
    lead: PersonId | None = None
    deputy: PersonId | None = None
    policy: Policy | None = None

    @model_validator(mode="after")
    def _there(self) -> Self:
        for name in ("name", "kind", "team", "policy"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{name} cannot be taken away")
        if self.lead and self.lead == self.deputy:
            raise ValueError("the deputy is somebody else than the lead")
        return self
