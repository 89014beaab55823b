"""What people are told: a kind, ids of what it is about, and to whom. Words are found when it is delivered, not before.

A notice holds no words of the public and no names: who is told looks at the page, where reads are recorded.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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
]
# A person by id, or everybody of a team or of a role.
Recipient = Annotated[str, Field(pattern=r"^(person|team|role):[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]
# What it is about, by ids and codes alone: account, post, person, team, guide, case, day, month, count.
About = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}$")]


class Notice(BaseModel):
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
