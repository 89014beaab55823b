"""What people are told: a kind, ids of what it is about, and to whom. Words are found when it is delivered, not before.

A notice holds no words of the public and no names: who is told looks at the page, where reads are recorded.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from bluelamp.models import Model

NoticeKind = Literal[
    "flagged",
    "escalated",
    "assigned",
    "mentioned",
    "digest",
    "check_missed",
    "guide_published",
    "guide_reminder",
    "training_expiring",
    "approval_wanted",
    "break_glass",
    "case_due",
    "report_ready",
    "action_overtaken",
    "action_unfinished",
    "case_opened",
    "action_ended",
    "publication_stuck",
    "appeal_due",
    "appeal_returned",
    "reconnect_needed",
    "hook_test",
]
# A person by id, everybody of a team or of a role, one hook, or nobody but the systems that asked for the kind.
Recipient = Annotated[str, Field(pattern=r"^((person|team|role|hook):[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}|systems)$")]
# What it is about, by ids and codes alone: account, post, person, team, guide, case, day, month, count.
About = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]


class Notice(Model):
    """One thing that people are told. `urgent` goes out at once, whatever the hour; the rest waits for quiet to end.

    `id` is a ULID; `at` when it came to be; `about` names what the page shows when it is opened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: str
    kind: NoticeKind
    to: Annotated[tuple[Recipient, ...], Field(min_length=1, max_length=100)]
    about: dict[str, About] = Field(default_factory=dict)
    urgent: bool = False
    at: datetime


# How people are reached. `teams` is one room of the force; `outbox` keeps what would go out, on a trial machine alone;
# `hook` reaches no person but a system of the force.
Channel = Literal["mail", "sms", "push", "teams", "outbox", "hook"]
Chosen = Annotated[tuple[Literal["mail", "sms", "push", "teams"], ...], Field(max_length=4)]
Wall = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Phone = Annotated[str, Field(pattern=r"^\+[1-9]\d{7,14}$")]
Device = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:endpoint/[A-Za-z0-9_./-]{1,200}$")]
State = Literal["waiting", "sending", "sent", "later", "failed"]


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Quiet(_Frozen):
    """From when until when, by the clock on the wall in London, nothing comes that can wait; mostly over midnight."""

    begin: Wall
    end: Wall


class Wishes(_Frozen):
    """How a person wants to be told. Who wished nothing is told by e-mail, at night only of what is urgent."""

    urgent: Chosen = ("mail",)
    ordinary: Chosen = ("mail",)
    phone: Phone | None = None
    device: Device | None = None
    quiet: Quiet | None = Quiet(begin="21:00", end="07:00")

    @model_validator(mode="after")
    def _reachable(self) -> "Wishes":
        """Hold that nothing urgent is lost: somebody who is on call cannot switch everything off."""
        if not self.urgent:
            raise ValueError("choose one way at least for what is urgent")
        return self


class Preferences(Wishes):
    """The wishes as stored, with their revision; 0 while nobody has wished anything."""

    rev: int = 0


class Delivery(Model):
    """One notice to one person over one channel. `due` is when it goes out, or when another run may take it over."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    notice: str
    person: str
    channel: Channel
    kind: NoticeKind
    urgent: bool
    about: dict[str, str]
    state: State = "waiting"
    due: str
    attempts: int = 0
    code: str | None = None
    at: str
    rev: int = 1

    @property
    def settled(self) -> bool:
        """Return whether nothing more is to be done."""
        return self.state in {"sent", "failed"}


class Message(_Frozen):
    """What goes out: a subject, two sentences and a link. `key` names it where it is kept; to a hook `text` is JSON."""

    key: str
    to: str
    subject: str
    text: str
    link: str


class Kept(Message):
    """A message that was kept in place of being sent, with the time."""

    person: str
    at: str
