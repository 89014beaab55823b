"""A call: a post that somebody is asked to look at now, the people in line, and who took it on."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from bluelamp.models import Model
from bluelamp.posts.model import PersonName, ReasonCode

# Whom an officer calls: a person, a team, or whoever answers for the account at this minute, with the chain behind.
CallTo = Annotated[str, Field(pattern=r"^(?:(?:person|team):[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,119}|duty)$")]
State = Literal["waiting", "acknowledged", "closed"]


class Frozen(Model):
    """Base of the values here."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Ask(Frozen):
    """Who is asked, as ``person:``, ``team:`` or ``role:`` and an id, and for how many minutes they alone are."""

    who: str
    minutes: int


class Call(Frozen):
    """A call as stored. `step` counts who was asked already, from 0; `next_at` is when the next one is.

    `rounds` counts how often the last in line was asked again. A call is closed when its post is, before anybody took
    it on.
    """

    id: str
    post: str
    account: str
    to: CallTo
    reason: ReasonCode
    by: PersonName
    at: str
    line: tuple[Ask, ...]
    step: int = 0
    rounds: int = 0
    next_at: str
    state: State = "waiting"
    ended_at: str | None = None
    ended_by: PersonName | None = None
    rev: int = 1


class CallView(Frozen):
    """A call as a page shows it: who is asked now, and when the next one will be."""

    id: str
    post: str
    account: str
    to: CallTo
    reason: ReasonCode
    by: PersonName
    at: str
    asked: str
    next_at: str | None
    state: State
    ended_at: str | None
    ended_by: PersonName | None


class CallList(Frozen):
    """The calls that nobody has taken on, the longest waiting first."""

    calls: tuple[CallView, ...]
