"""When the answer to a request is due: pure arithmetic of the law, with where each rule is written.

Access, rectification and erasure (Data Protection Act 2018 s54 for Part 3 with ss45(3), 48(2); UK GDPR Art 12A, both as
Data (Use and Access) Act 2025 s76 has them since 5 February 2026):

- One month from the relevant time: the latest of the receipt of the request and of the information asked for to
  confirm who asks (s54(3); Art 12(6)). So the month begins anew with the proof of identity; until then none runs.
- Two further months for the complexity or the number of requests, with notice within the first (s54(3A), (3B)).
- For access alone: when further information is needed to know what is meant, the days from that of asking to that of
  the answer, both included, do not count (s54(3C)).
- A month ends on the day of the same number, or on the last of a shorter month; should that be a weekend or public
  holiday, on the next working day (Regulation 1182/71 Art 3, as DPA 2018 s205(2) has it, and the Commissioner's
  guidance). Holidays differ between the nations. One of a single nation does not move the day here: so what is shown
  is never later than the law of any of them allows.

Freedom of information (Freedom of Information Act 2000):

- The twentieth working day following the date of receipt (s10(1)). Weekends and days that are bank holidays in any part
  of the United Kingdom are none (s10(6)).
- When further information was reasonably required to identify what is asked for, it counts from the day that this is
  received (ss1(3), 10(6)): the clock begins anew.
- Longer for the public interest test, as is reasonable (s10(3)): at most twenty working days more, as the
  Commissioner's guidance has it.
- Who asks need not be proven: it is the request that is answered (s8 asks for a name and an address).
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Literal

from bluelamp.rights.model import Case, Due
from bluelamp.roster.holidays import NATIONS, is_holiday

MONTHS, FURTHER_MONTHS = 1, 2
WORKING_DAYS, FURTHER_WORKING_DAYS = 20, 20
_SATURDAY = 5


def months_later(day: date, months: int) -> date:
    """Return the day of the same number so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def is_working_day(day: date) -> bool:
    """Return whether a day is a working day as FOIA s10(6) has it: no weekend, no bank holiday in any nation."""
    return day.weekday() < _SATURDAY and not any(is_holiday(nation, day) for nation in NATIONS)


def working_days_later(day: date, number: int) -> date:
    """Return the n-th working day (FOIA s10(6)) following a day."""
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def rolled(day: date) -> date:
    """Return a last day, moved behind a weekend and behind holidays that all nations share."""
    while day.weekday() >= _SATURDAY or all(is_holiday(nation, day) for nation in NATIONS):
        day += timedelta(days=1)
    return day


def clarification_counts(case: Case) -> bool:
    """Return whether to ask what is meant stops the clock: for access (s54(3C)) and FOI (s1(3)), for nothing else."""
    return case.kind in {"access", "foi"}


def due_on(case: Case, *, extended: bool | None = None) -> date | None:
    """Return the last day to answer on, or None while the clock does not run.

    Parameters
    ----------
    extended
        As if the time was extended, or was not; as it is when left out.
    """
    if _waits(case) is not None:
        return None
    longer = case.extended_on is not None if extended is None else extended
    begin = date.fromisoformat(case.runs_from)
    if case.law == "foia":
        return working_days_later(begin, WORKING_DAYS + longer * FURTHER_WORKING_DAYS)
    end = months_later(begin, MONTHS + longer * FURTHER_MONTHS)
    return rolled(end + timedelta(days=paused_days(case)))


def paused_days(case: Case) -> int:
    """Return how many days since the clock runs do not count (s54(3C)(b)); a day in two pauses counts once."""
    if case.kind != "access":
        return 0
    begin = date.fromisoformat(case.runs_from)
    days: set[date] = set()
    for pause in case.pauses:
        if pause.why == "clarification" and pause.end is not None:
            first = max(date.fromisoformat(pause.begin), begin)
            last = date.fromisoformat(pause.end)
            days |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return len(days)


def due(case: Case, today: date) -> Due:
    """Return the clock of a case as people see it."""
    on = due_on(case)
    left = (on - today).days if on is not None and case.open else None
    return Due(on=on.isoformat() if on else None, days_left=left, waits_for=_waits(case), rule=_rule(case))


def _waits(case: Case) -> Literal["identity", "clarification"] | None:
    if case.state == "awaiting_identity":
        return "identity"
    if case.state == "awaiting_clarification" and clarification_counts(case):
        return "clarification"
    return None


def _rule(case: Case) -> str:
    longer = case.extended_on is not None
    if case.law == "foia":
        number = WORKING_DAYS + longer * FURTHER_WORKING_DAYS
        return f"{number} working days following receipt (FOIA s10{'(1), (3)' if longer else '(1)'})"
    where = "DPA 2018 s54" if case.law == "dpa_part3" else "UK GDPR Art 12A"
    return f"{MONTHS + longer * FURTHER_MONTHS} month{'s' if longer else ''} from the relevant time ({where})"
