"""Who answers for an account at a minute: pure decisions, the same for the table, the sealed record and a folder.

The order is fixed. Who has a shift then answers. Else, when the office is closed, the control room does. Else the lead,
and without a word from anybody the deputy when the lead is away; then those who stand in for the deputy, then those who
do for the lead; then the on-call chain; then the control room. So somebody always answers.

Somebody who left or is suspended counts as away, a team never does. Cover in a circle is refused when it is put in, and
should it be there all the same (two forces merged, a table restored) each person in it is asked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from bluelamp.roster.holidays import is_holiday
from bluelamp.roster.model import (
    CONTROL,
    FORCE,
    Absence,
    AnyEntry,
    Capacity,
    Cover,
    OnCall,
    Posting,
    Responsible,
    Roster,
    Shift,
    Step,
    Why,
)
from bluelamp.roster.wall import minute_of, on_wall

# How long the control room is waited for before a chain begins anew: it never closes.
CONTROL_WAITS: Final = 5
_DAY_ENDS: Final = "24:00"
_AS_ON_SHIFT: Final[Mapping[str, Capacity]] = {"control": "control", "on_call": "on_call"}


def person(person_id: str) -> str:
    """Return how the roster names a person."""
    return f"person:{person_id}"


def id_of(who: str) -> str:
    """Return the id of a person or a team."""
    return who.partition(":")[2]


def responsible(roster: Roster, account: str, instant: datetime) -> Responsible:
    """Return who answers for an account at the minute of an instant, why, and whom to ask after them."""
    at = minute_of(instant)
    return _Asked(roster, account, at).answer()


def closed(roster: Roster, instant: datetime) -> Why | None:
    """Return why the office is closed then, or None when it is open."""
    office = roster.office
    if office is None or not office.hours:
        return None
    wall = on_wall(instant)
    if wall.date() in office.closed or is_holiday(office.nation, wall.date()):
        return "bank_holiday"
    clock = f"{wall:%H:%M}"
    today = (hours for hours in office.hours if hours.day == wall.weekday())
    if any(hours.opens <= clock and (clock < hours.closes or hours.closes == _DAY_ENDS) for hours in today):
        return None
    return "office_closed"


def circle(covers: Iterable[Cover], new: Cover) -> tuple[str, ...]:
    """Return the people that `new` would join to a circle at some time, from `new.who` on; empty when it would not.

    What never holds together with the rest of a circle does not close it.
    """
    known = [one for one in covers if one.id != new.id]

    def walk(way: tuple[Cover, ...]) -> tuple[str, ...]:
        for one in known:
            if one.who != way[-1].by or one in way or not _together((*way, one)):
                continue
            if one.by == new.who:
                return tuple(c.who for c in (*way, one))
            if found := walk((*way, one)):
                return found
        return ()

    return walk((new,))


def clash(entries: Iterable[AnyEntry], new: AnyEntry) -> AnyEntry | None:
    """Return an entry that says the same, or the opposite, of a time that `new` speaks of.

    Who has a shift may still fall ill, so an absence is taken beside one; a shift of somebody who is away is not,
    unless it repeats: a week's leave is no reason against the shifts of a year.
    """
    for one in entries:
        if one.kind == new.kind and one.id == new.id:
            continue
        if isinstance(new, Absence) and isinstance(one, Absence) and one.who == new.who and new.meets(one):
            return one
        if _of_somebody_away(new, one):
            return one
        if isinstance(new, Shift) and isinstance(one, Shift) and one.scope == new.scope and new.meets(one):
            return one

        if isinstance(new, Cover) and isinstance(one, Cover) and one.who == new.who and new.meets(one):
            return one
        if isinstance(new, OnCall) and isinstance(one, OnCall) and one.scope == new.scope:
            return one
    return None


def _of_somebody_away(new: AnyEntry, one: AnyEntry) -> bool:
    if not isinstance(new, Shift) or not isinstance(one, Absence) or new.weekly is not None:
        return False
    return one.who == new.who and new.meets(one)


def people_of(roster: Roster, account: str) -> frozenset[str]:
    """Return the ids of all people who may come to answer for an account."""
    posting = roster.postings.get(account)
    found = {person(one) for one in (posting.lead, posting.deputy) if one} if posting else set()
    scopes = _scopes(account, posting)
    found |= {one.who for one in roster.shifts() if one.scope in scopes}
    found |= {step.who for one in roster.chains() if one.scope in scopes for step in one.steps}
    while more := {one.by for one in roster.covers() if one.who in found} - found:
        found |= more
    return frozenset(id_of(who) for who in found if who.startswith("person:"))


def _together(covers: tuple[Cover, ...]) -> bool:
    ends = [one.end for one in covers if one.end is not None]
    return not ends or max(one.begin for one in covers) < min(ends)


def _scopes(account: str, posting: Posting | None) -> tuple[str, ...]:
    """Return what an entry for an account may be for: the nearest first."""
    return (f"account:{account}", *((f"team:{posting.team}",) if posting else ()), FORCE)


class _Asked:
    """One question, and what has been said to it so far."""

    def __init__(self, roster: Roster, account: str, at: datetime) -> None:
        self._roster = roster
        self._posting = roster.postings.get(account)
        self._scopes = _scopes(account, self._posting)
        self._at = at
        self._away = {one.who for one in roster.absences() if one.at(at)}
        self._why: list[Why] = []
        self._control = roster.office.control if roster.office else CONTROL

    def answer(self) -> Responsible:
        shift = self._on_shift()
        if shift is not None:
            self._why.append("on_shift")
            return self._said(shift.who, self._capacity_of(shift))
        shut = closed(self._roster, self._at)
        if shut is not None:
            self._why.append(shut)
            return self._said(self._control, "control")
        if self._roster.office is None or not self._roster.office.hours:
            self._why.append("hours_unset")
        return self._of_the_account() or self._of_the_chain() or self._said(self._control, "control")

    def _on_shift(self) -> Shift | None:
        shifts = [one for one in self._roster.shifts() if one.scope in self._scopes and one.at(self._at)]
        for one in sorted(shifts, key=lambda s: (self._scopes.index(s.scope), s.begin, s.id)):
            match self._missing(one.who):
                case None:
                    return one
                case "left":
                    self._why.append("shift_left")
                case _:
                    self._why.append("shift_absent")
        return None

    def _of_the_account(self) -> Responsible | None:
        posting = self._posting
        if posting is None:
            self._why.append("account_unknown")
            return None
        lead, deputy = (person(one) if one else None for one in (posting.lead, posting.deputy))
        if lead is None:
            self._why.append("no_lead")
        elif (missing := self._missing(lead)) is None:
            return self._said(lead, "lead")
        else:
            self._why.append("lead_left" if missing == "left" else "lead_absent")
        if deputy is None:
            self._why.append("no_deputy")
        elif (missing := self._missing(deputy)) is None:
            return self._said(deputy, "deputy")
        else:
            self._why.append("deputy_left" if missing == "left" else "deputy_absent")
        return self._covering([who for who in (deputy, lead) if who])

    def _covering(self, those: list[str]) -> Responsible | None:
        asked = set(those)
        found = False
        for who in those:
            for one in self._cover_of(who, asked):
                found = True
                missing = self._missing(one)
                if missing is None:
                    return self._said(one, "cover")
                self._say("cover_left" if missing == "left" else "cover_absent")
        if not found:
            self._why.append("no_cover")
        return None

    def _cover_of(self, who: str, asked: set[str]) -> Iterator[str]:
        """Yield who stands in for somebody, and who for them, each once whatever the entries say."""
        ways = [who]
        while ways:
            last = ways.pop(0)
            for one in sorted(self._roster.covers(), key=lambda c: (c.begin, c.id)):
                if one.who != last or not one.at(self._at):
                    continue
                if one.by in asked:
                    self._say("cover_circular")
                    continue
                asked.add(one.by)
                ways.append(one.by)
                yield one.by

    def _of_the_chain(self) -> Responsible | None:
        chain = self._chain()
        if chain is None:
            self._why.append("no_chain")
            return None
        for step in chain.steps:
            if self._missing(step.who) is None:
                return self._said(step.who, "on_call")
        self._why.append("chain_absent")
        return None

    def _chain(self) -> OnCall | None:
        found = {one.scope: one for one in self._roster.chains()}
        return next((found[scope] for scope in self._scopes if scope in found), None)

    def _missing(self, who: str) -> str | None:
        if who.startswith("person:") and id_of(who) in self._roster.gone:
            return "left"
        return "away" if who in self._away else None

    def _capacity_of(self, shift: Shift) -> Capacity:
        posting = self._posting
        if posting and posting.lead and shift.who == person(posting.lead):
            return "lead"
        if posting and posting.deputy and shift.who == person(posting.deputy):
            return "deputy"
        return _AS_ON_SHIFT.get(shift.duty, "cover")

    def _say(self, why: Why) -> None:
        if why not in self._why:
            self._why.append(why)

    def _said(self, who: str, capacity: Capacity) -> Responsible:
        """Return the answer with those to be asked next: the chain from there on, and the control room at its end."""
        chain = self._chain()
        steps = [step for step in chain.steps if self._missing(step.who) is None] if chain else []
        here = next((n for n, step in enumerate(steps) if step.who == who), None)
        later = [s for s in (steps if here is None else steps[here + 1 :]) if s.who != self._control]
        if who != self._control:
            later.append(Step(who=self._control, minutes=CONTROL_WAITS))
        return Responsible(who=who, capacity=capacity, why=tuple(self._why), chain=tuple(later))
