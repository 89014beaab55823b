"""A check of an account's day, the day's list, and the report of a month."""

from datetime import date
from typing import Literal

from pydantic import ConfigDict

from bluelamp.models import Model
from bluelamp.posts.model import PersonName

# due: the hour by which it was wanted has gone by · missed: the day has · none: a day past on which nothing was wanted.
State = Literal["open", "checked", "due", "missed", "none"]
# As what somebody checked it: the account's lead, its deputy, or somebody else who may act on it.
Capacity = Literal["lead", "deputy", "other"]
# Whom a check that is not there was told: nobody, the deputy, the supervisors; or that the day is over.
Stage = Literal["deputy", "supervisor", "missed"]
STAGES: tuple[Stage, ...] = ("deputy", "supervisor", "missed")


class Frozen(Model):
    """Base of the values here."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Check(Frozen):
    """What is known of one day of one account, as stored; there is none while nobody has done or missed anything.

    `told` are the stages that were gone through before it was checked.
    """

    account: str
    day: date
    state: State
    at: str
    by: PersonName | None = None
    capacity: Capacity | None = None
    told: tuple[Stage, ...] = ()
    rev: int = 1


class CheckView(Frozen):
    """One account and day, as a page shows it. `due_at` is until when the check is wanted."""

    account: str
    day: date
    state: State
    due_at: str
    at: str | None = None
    by: PersonName | None = None
    capacity: Capacity | None = None


class Today(Frozen):
    """The checks of a day, of every active account within reach, by account."""

    day: date
    checks: tuple[CheckView, ...]


class CheckMonth(Frozen):
    """The days of one account in a month, as far as they have begun; `missed` and `checked` count them."""

    account: str
    month: str
    days: tuple[CheckView, ...]
    checked: int
    missed: int
