"""The gate: whether somebody has acknowledged the guide in force and has the training that the force asks for.

Asked of the principal alone, which is read with what the force asks, so that no request costs a second read. Days are
those of the United Kingdom: a guide is needed from midnight there, and training counts until its last day is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bluelamp.exports.london import london
from bluelamp.people.model import Gate, GateCode, GateState, Principal

# The page where the guide is read and acknowledged, and one's own training shown.
SEE = "/#/guide"


@dataclass(frozen=True)
class Shut:
    """Why somebody may not act, and what they can do about it."""

    code: GateCode
    because: str
    what_to_do: str


def shut(principal: Principal, at: datetime | None) -> Shut | None:
    """Return why the gate is shut for somebody, or None. When nobody says what time it is the strictest day holds."""
    gate = principal.gate
    day = date.max if at is None else london(at).date()
    due = gate.due_on(day)
    if due is not None and not gate.has(principal.guide_version, due):
        return Shut(
            "guide_not_acknowledged",
            f"you have not acknowledged Force Media Guide {due.version}, which is in force",
            "read and acknowledge it on the page Guide",
        )
    return _untrained(gate, principal, day)


def state(principal: Principal) -> GateState:
    """Return what the page tells a person of the gate."""
    found = shut(principal, principal.at)
    if found is None:
        return GateState(open=True)
    said = f"{found.because[0].upper()}{found.because[1:]}: {found.what_to_do}."
    return GateState(open=False, code=found.code, detail=said, see=SEE)


def _untrained(gate: Gate, principal: Principal, day: date) -> Shut | None:
    until = principal.trained_until
    ask = "the page Guide shows your training; ask your supervisor or an administrator to enter it"
    if missing := [course for course in gate.courses if course not in until]:
        return Shut("training_missing", f"no training '{missing[0]}' is entered for you", ask)
    if over := [course for course in gate.courses if until[course] < day]:
        return Shut("training_expired", f"your training '{over[0]}' ran out on {_words(until[over[0]])}", ask)
    return None


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
