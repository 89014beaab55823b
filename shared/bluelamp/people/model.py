"""The people of a force, their sessions, and the principal on whose behalf one request runs.

A `Person` is stored and administered; a `Session` ends; a `Principal` is what the two give together
for the length of one request. Features are handed a `Principal` and nothing else: no cookie, no
token and no header reaches them.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Literal, Protocol

from pydantic import ConfigDict, Field

from bluelamp.audit.leaf import Actor
from bluelamp.models import Model
from bluelamp.weekly import Weekly

Role = Literal["comms", "local", "control", "supervisor", "auditor", "admin"]
PersonStatus = Literal["active", "suspended", "left"]
Verb = Literal[
    "accounts",
    "register",
    "roster",
    "office_hours",
    "see",
    "history",
    "claim",
    "release",
    "hide",
    "unhide",
    "delete",
    "reply",
    "approve",
    "draft",
    "publish",
    "approve_publication",
    "pause",
    "withdraw",
    "reply_saved",
    "dismiss",
    "flag",
    "note",
    "assign",
    "tag",
    "refer",
    "replies",
    "tags",
    "hooks",
    "appeals",
    "appeal",
    "approve_appeal",
    "export",
    "retention",
    "retain",
    "keep",
    "hold",
    "dispose",
    "approve_disposal",
    "grants",
    "grant",
    "people",
    "guide",
    "training",
    "break_glass",
    "break_glass_all",
    "whole_trail",
    "cases",
    "rights",
    "approve_answer",
    "check",
    "checks",
    "report",
    "report_people",
    "incidents",
    "incident",
    "bulk",
    "approve_bulk",
    "ban",
    "unban",
    "like",
    "message",
    "report_post",
    "cancel",
    "settle",
]
Gives = Literal["desk", "reading"]
# As what somebody works a shift, and as what they are on duty: beside a shift, in somebody else's place.
Duty = Literal["shift", "control", "on_call", "comms", "supervisor"]
OnDuty = Literal["shift", "control", "on_call", "comms", "supervisor", "cover"]
GateCode = Literal["guide_not_acknowledged", "training_missing", "training_expired"]
# What an emergency may open beside one account: all of them. No account has this id, each begins with its platform.
FORCE = "force"


class AccountRef(Protocol):
    """What a permission needs to know of an account; `accounts.model.Account` is one."""

    @property
    def id(self) -> str:
        """Return the account's id, `<platform>-<native id>`."""

    @property
    def team(self) -> str:
        """Return the team whose account it is."""

    @property
    def allowed(self) -> Mapping[str, Collection[str]]:
        """Return which roles the account's policy lets do what: by verb, for each that a policy speaks of."""

    @property
    def status(self) -> str:
        """Return ``active``, ``suspended`` or ``archived``."""


class Access(Model):
    """One account that a person was given for a time: in force from `begins_at` until before `ends_at`, and no longer.

    `desk` gives what the person's role gives on accounts of their own, `reading` gives to look and nothing else. With
    `glass` the person took it themselves in an emergency; then `account` may be `FORCE`, which is each account.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    account: str
    gives: Gives
    begins_at: datetime
    ends_at: datetime
    glass: bool = False

    def in_force(self, at: datetime) -> bool:
        """Return whether it gives anything at this moment."""
        return self.begins_at <= at < self.ends_at


class GuideDue(Model):
    """A version of the Force Media Guide, and the day from which everybody needs it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    version: str
    day: date


class Gate(Model):
    """What a force asks of whoever acts: the guide in force and those to come, in their order, and courses in date.

    A force that has published no guide asks for none, and without courses it asks for no training.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    guides: tuple[GuideDue, ...] = ()
    courses: tuple[str, ...] = ()
    rev: int = 0

    def due_on(self, day: date) -> GuideDue | None:
        """Return the guide in force on a day, or None before the first."""
        return next((one for one in reversed(self.guides) if one.day <= day), None)

    def has(self, version: str | None, due: GuideDue) -> bool:
        """Return whether who acknowledged `version` last has what is due: that one, or one to come after it."""
        order = [one.version for one in self.guides]
        return version in order[order.index(due.version) :]


class GateState(Model):
    """Whether a person may act; when not, the code, what is missing and the page to see."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    open: bool
    code: GateCode | None = None
    detail: str = ""
    see: str | None = None


class DutyShift(Model):
    """A shift that somebody has, as the roster says: the entry's id, as what, and when; or when each of it is."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    duty: Duty
    begins_at: datetime
    ends_at: datetime
    weekly: Weekly | None = None

    def begun(self, at: datetime) -> datetime | None:
        """Return when it began that is going on at this moment; None when it is not."""
        if not self.begins_at <= at < self.ends_at:
            return None
        if self.weekly is None:
            return self.begins_at
        span = self.weekly.now(at)
        return span[0] if span else None


class StandIn(Model):
    """Somebody is stood in for: `who`, from `begins_at` until before `ends_at`, or until further notice.

    `accounts` are those that `who` answered for when this was put in: it never comes to give more.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    who: str
    begins_at: datetime
    ends_at: datetime | None = None
    accounts: tuple[str, ...] = ()

    def in_force(self, at: datetime) -> bool:
        """Return whether it holds at this moment."""
        return self.begins_at <= at and (self.ends_at is None or at < self.ends_at)


class Person(Model):
    """One member of the force, keyed by the subject that the identity provider gave them.

    `covers` are single accounts reached beside those of `teams`, and so are `answers_for`: those that they lead or
    deputise, as the register of accounts says. `stands_in` is what the roster says of whom they stand in for, `shifts`
    when they work and as what: from both comes, at any moment, as what they are on duty. Sessions and tokens from
    before `signed_out_at` are refused: the person was signed out everywhere then.
    `guide_version` is the Force Media Guide that they acknowledged last: it stands, as the duty does, in the record of
    whatever the person does. `access` is what they were given for a time: each ends
    by itself, whether or not its item is still here. `trained_until` is, by course, the last day of their
    training.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    name: str
    email: str
    role: Role
    teams: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    answers_for: tuple[str, ...] = ()
    stands_in: tuple[StandIn, ...] = ()
    shifts: tuple[DutyShift, ...] = ()
    status: PersonStatus = "active"
    guide_version: str | None = None
    last_login_at: datetime | None = None
    signed_out_at: datetime | None = None
    access: tuple[Access, ...] = ()
    trained_until: dict[str, date] = Field(default_factory=dict)
    rev: int = 1

    @property
    def active(self) -> bool:
        """Return whether this person may use the system at all."""
        return self.status == "active"

    def on_duty_at(self, at: datetime) -> OnDuty | None:
        """Return as what they are on duty at a moment: the shift that began last, else in somebody else's place."""
        going = [(begun, one.id, one.duty) for one in self.shifts if (begun := one.begun(at)) is not None]
        if going:
            return max(going)[2]
        return "cover" if any(one.in_force(at) for one in self.stands_in) else None


class Session(Model):
    """A browser's sign-in: what the cookie opens, until it expires or is ended.

    `expires_at` moves while the session is used; `ends_at` never does. `id` is the hash
    it is stored under: it names the session in the record and is worth nothing as a credential.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str
    person_id: str
    created_at: datetime
    extended_at: datetime
    expires_at: datetime
    ends_at: datetime


class Principal(Model):
    """On whose behalf a request runs, and how far that reaches.

    `all_accounts` is true for roles that oversee the whole force; then `account_ids` is None. For
    the others an account is in reach when its team is one of `teams`, or its id one of
    `account_ids` (single accounts covered for somebody else), or it is one of `access`: what they were given for a
    time, as far as it is in force at `at`, the moment the request was let in. `rules.decide` decides it. `gate` is what
    the force asks of whoever acts, read with the person.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    name: str
    role: Role
    teams: frozenset[str] = frozenset()
    session_id: str = ""
    all_accounts: bool = False
    account_ids: frozenset[str] | None = None
    email: str = ""
    guide_version: str | None = None
    on_duty_as: OnDuty | None = None
    expires_at: datetime | None = None
    access: tuple[Access, ...] = ()
    at: datetime | None = None
    trained_until: dict[str, date] = Field(default_factory=dict)
    gate: Gate = Gate()

    @property
    def given(self) -> tuple[Access, ...]:
        """Return what was given for a time and is in force; nothing when nobody says what time it is."""
        return tuple(one for one in self.access if self.at is not None and one.in_force(self.at))

    @property
    def single_accounts(self) -> frozenset[str]:
        """Return the accounts in reach one by one: covered for somebody, or given for a time."""
        return (self.account_ids or frozenset()) | {one.account for one in self.given if one.account != FORCE}

    @property
    def reaches_all(self) -> bool:
        """Return whether each account is in reach: by the role, or for a while in an emergency."""
        return self.all_accounts or self.emergency

    @property
    def emergency(self) -> bool:
        """Return whether they let themselves in to every account, and it is not over."""
        return any(one.account == FORCE for one in self.given)

    def actor(self) -> Actor:
        """Return the actor that a leaf names for what this principal does."""
        return Actor(
            kind="person",
            sub=self.id,
            session=self.session_id or None,
            role=self.role,
            on_duty_as=self.on_duty_as,
            guide_version=self.guide_version,
            grants=tuple(dict.fromkeys(one.id for one in self.given)) or None,
        )
