"""Pure rules of the daily check: which day it is, until when it is wanted, who is told next, and what a month says.

Days are those of the clock on the wall in London: the check of a summer's day ends at 23:00 UTC.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bluelamp.checks.model import STAGES, Capacity, Check, CheckMonth, CheckView, Stage, State
from bluelamp.errors import InvalidInputError
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account

LONDON = ZoneInfo("Europe/London")
# The check is wanted in working hours: who missed it is told while the deputy, then the supervisor, can still do it.
HOURS: Mapping[Stage, time] = {"deputy": time(16), "supervisor": time(18), "missed": time(0)}
# For how long looking at an account's queue counts as having looked.
LOOKED = timedelta(minutes=30)
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def day_of(moment: datetime) -> date:
    """Return the day that it is in London."""
    return moment.astimezone(LONDON).date()


def at(day: date, stage: Stage) -> datetime:
    """Return when a stage of a day comes, in UTC; a day is missed when the next one begins."""
    on = day + timedelta(days=1) if stage == "missed" else day
    return datetime.combine(on, HOURS[stage], LONDON).astimezone(UTC)


def following(day: date, stage: Stage) -> tuple[date, Stage]:
    """Return the stage that comes after another."""
    where = STAGES.index(stage) + 1
    return (day, STAGES[where]) if where < len(STAGES) else (day + timedelta(days=1), STAGES[0])


def first_after(moment: datetime) -> tuple[date, Stage]:
    """Return the first stage that is still to come: nothing before is held against anybody."""
    day = day_of(moment)
    return next((day, stage) for stage in STAGES if at(day, stage) > moment)


def wanted(account: Account, day: date) -> bool:
    """Return whether a check is wanted: the account is active, and was so before the check was due."""
    return account.status == "active" and (account.since is None or account.since < at(day, "deputy"))


def capacity(account: Account, person: str) -> Capacity:
    """Return as what a person checks an account."""
    if account.lead and account.lead.id == person:
        return "lead"
    return "deputy" if account.deputy and account.deputy.id == person else "other"


def view(account: str, day: date, known: Check | None, now: datetime) -> CheckView:
    """Return a day as a page shows it; the clock alone makes an open one due."""
    due = at(day, "deputy")
    if known is None:
        state: State = "none" if day < day_of(now) else "due" if now >= due else "open"
        return CheckView(account=account, day=day, state=state, due_at=iso(due))
    return CheckView(
        account=account,
        day=day,
        state=known.state,
        due_at=iso(due),
        at=known.at,
        by=known.by,
        capacity=known.capacity,
    )


def days_of(month: str, now: datetime) -> list[date]:
    """Return the days of a month (``2026-11``) that have begun.

    Raises
    ------
    InvalidInputError
        When it is no month, or one that has not begun.
    """
    if not _MONTH.fullmatch(month):
        raise InvalidInputError(f"{month[:20]!r} is no month. Write it as 2026-11.")
    year, number = int(month[:4]), int(month[5:])
    today = day_of(now)
    days = [date(year, number, n) for n in range(1, monthrange(year, number)[1] + 1)]
    begun = [day for day in days if day <= today]
    if not begun:
        raise InvalidInputError(f"{month} has not begun. Ask for a month up to {today:%Y-%m}.")
    return begun


def month_of(account: str, month: str, known: Mapping[date, Check], now: datetime) -> CheckMonth:
    """Return the report of a month.

    A day past of which nothing is stored counts as neither checked nor missed: the account was not active then.
    """
    days = tuple(view(account, day, known.get(day), now) for day in days_of(month, now))
    states = [one.state for one in days]
    return CheckMonth(
        account=account, month=month, days=days, checked=states.count("checked"), missed=states.count("missed")
    )
