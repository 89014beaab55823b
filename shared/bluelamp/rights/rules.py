"""Pure decisions about rights cases: which steps lead where, what is told, what is redacted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from bluelamp.rights.clock import due_on
from bluelamp.rights.errors import StepRefusedError
from bluelamp.rights.model import (
    Case,
    Reminder,
    Span,
    State,
    Step,
)

# So many days before a case is due, and when it is overdue, people are told: each once.
MARKS: Final = (10, 5, 1)
OVERDUE: Final = -1
BLOCK: Final = "█" * 8
# The message of a job was perhaps never taken after this time, and is sent again when somebody looks at the case.
RESEND = timedelta(minutes=2)

_OPEN: Final[tuple[State, ...]] = (
    "received", "awaiting_identity", "awaiting_clarification", "searching", "reviewing", "submitted", "approved",
)  # fmt: skip
FROM: Final[Mapping[Step, tuple[State, ...]]] = {
    "ask_identity": ("received", "reviewing"),
    "identity_confirmed": ("awaiting_identity", "received", "reviewing"),
    "ask_clarification": ("received", "reviewing"),
    "clarified": ("awaiting_clarification",),
    "extend": _OPEN,
    "take": _OPEN,
    "submit": ("received", "reviewing"),
    "reopen": ("submitted", "approved"),
    "sent": ("approved",),
    "withdraw": _OPEN,
}


# steps ---------------------------------------------------------------------------------------------------------------


def steps(case: Case) -> tuple[Step, ...]:
    """Return the steps that lead on from here."""
    return tuple(step for step in FROM if obstacle(case, step) is None)


def obstacle(case: Case, step: Step) -> str | None:
    """Return why a step cannot be taken now, or None."""
    if case.state not in FROM[step]:
        found = ", ".join(FROM[step])
        return f"this case is {case.state.replace('_', ' ')}, and {step.replace('_', ' ')} leads on from: {found}"
    if step in {"ask_identity", "identity_confirmed"} and case.identity != "unverified":
        if case.law == "foia":
            return "who makes a freedom of information request need not be proven (FOIA s8)"
        return "the identity is confirmed already"
    if step == "extend" and case.extended_on is not None:
        return "the time was extended already, and it is extended once"
    if step == "sent" and (case.package is None or case.package.state != "made") and case.outcome == "answer":
        return "the answer is not made yet"
    return None


def check_step(case: Case, step: Step) -> None:
    """Refuse a step that does not lead on from here.

    Raises
    ------
    StepRefusedError
        It says why, and which steps there are.
    """
    why = obstacle(case, step)
    if why is not None:
        can = ", ".join(steps(case)) or "none"
        raise StepRefusedError(f"Refused because {why}. Steps from here: {can}.", rev=case.rev)


def check_extension(case: Case, on: date, why: str) -> None:
    """Refuse an extension that the law does not have: for another reason, or told after the first period was over.

    Raises
    ------
    StepRefusedError
        When it does not fit.
    """
    fits = why == "public_interest_test" if case.law == "foia" else why != "public_interest_test"
    if not fits:
        allowed = "the public interest test" if case.law == "foia" else "complexity, or the number of requests"
        raise StepRefusedError(f"Under {case.law} the time is extended for {allowed}, and for nothing else.")
    last = due_on(case, extended=False)
    if last is not None and on > last:
        raise StepRefusedError(f"To extend the time had to be told by {last.isoformat()}; it cannot be extended since.")


def check_day(case: Case, on: date, today: date) -> None:
    """Refuse a day before the request, before the last thing that was asked for, or to come.

    Raises
    ------
    StepRefusedError
        It names the bounds.
    """
    asked = [pause.begin for pause in case.pauses if pause.end is None]
    first = date.fromisoformat(max([case.received_on, *asked]))
    if not first <= on <= today:
        raise StepRefusedError(f"The day is from {first.isoformat()} to {today.isoformat()}; this one is {on}.")


# telling people ------------------------------------------------------------------------------------------------------


def mark_of(days_left: int) -> int | None:
    """Return the nearest mark that so many days have reached: 10, 5, 1 or overdue; None when there is time."""
    if days_left < 0:
        return OVERDUE
    return min((mark for mark in MARKS if days_left <= mark), default=None)


def to_tell(reminder: Reminder, today: date) -> int | None:
    """Return the mark that people are to be told of now, or None: each is told once, and none after a nearer one."""
    if reminder.due is None:
        return None
    mark = mark_of((date.fromisoformat(reminder.due) - today).days)
    return mark if mark is not None and (reminder.told is None or mark < reminder.told) else None


# words ---------------------------------------------------------------------------------------------------------------


def redacted(text: str, spans: Iterable[Span]) -> str:
    """Return a text with each marked part replaced by a block of one length, which tells nothing of what was there.

    Parts that touch or overlap become one block. Spans count Unicode code points, as Python does.
    """
    parts: list[str] = []
    place = 0
    for begin, end in merged(spans):
        parts += [text[place:begin], BLOCK]
        place = end
    return "".join([*parts, text[place:]])


def merged(spans: Iterable[Span]) -> Sequence[tuple[int, int]]:
    """Return the marked parts in order, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted((span.begin, span.end) for span in spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def forsaken(asked_at: datetime, now: datetime) -> bool:
    """Return whether a job waits for so long that its message was perhaps lost."""
    return now - asked_at > RESEND
