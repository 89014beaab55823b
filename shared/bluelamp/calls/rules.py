"""Pure rules of calls: the line of those who are asked, and what comes when the one who was asked does not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.calls.model import Ask, Call, CallView
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.roster.model import Responsible

# For how long whoever is named by the caller is asked alone.
FIRST_MINUTES = 10
# The control room is always there: it ends every line, and is asked again until somebody answers.
LAST = Ask(who="role:control", minutes=15)
_CONTROL = frozenset({"team:control", LAST.who})


def line_of(to: str, answer: Responsible) -> tuple[Ask, ...]:
    """Return who is asked one after the other: whom the caller named, who answers for the account, the chain behind.

    Nobody stands in it twice, and the control room is its end.
    """
    asks = [Ask(who=answer.who, minutes=FIRST_MINUTES)]
    asks += [Ask(who=step.who, minutes=step.minutes) for step in answer.chain]
    if to != "duty":
        asks.insert(0, Ask(who=to, minutes=FIRST_MINUTES))
    found: dict[str, Ask] = {}
    for ask in asks:
        if ask.who not in _CONTROL:
            found.setdefault(ask.who, ask)
    return (*found.values(), LAST)


def begun(call: Call, now: datetime) -> Call:
    """Return a call whose first in line is asked now."""
    return call.model_copy(update={"next_at": _next(call.line[0], now)})


def due(call: Call, now: datetime) -> bool:
    """Return whether the next one is to be asked."""
    return call.state == "waiting" and parse_iso(call.next_at) <= now


def escalated(call: Call, now: datetime) -> Call:
    """Return the call with the next in line asked; at the end of the line, its last once more."""
    last = call.step == len(call.line) - 1
    step = call.step if last else call.step + 1
    return call.model_copy(
        update={
            "step": step,
            "rounds": call.rounds + last,
            "next_at": _next(call.line[step], now),
            "rev": call.rev + 1,
        }
    )


def view(call: Call) -> CallView:
    """Return a call as a page shows it."""
    shown = call.model_dump(include=set(CallView.model_fields))
    waits = call.state == "waiting"
    return CallView(**shown | {"asked": call.line[call.step].who, "next_at": call.next_at if waits else None})


def _next(ask: Ask, now: datetime) -> str:
    return iso(now + timedelta(minutes=ask.minutes))
