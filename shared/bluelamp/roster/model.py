"""The entries of a roster: office hours, absences, cover, shifts, on-call chains; and the answer who is responsible.

An entry is kept whole and replaced whole, so that the record of a change tells all of it and the roster of any past
minute can be had from records alone (`past`). Times of entries are whole minutes in UTC; office hours alone are by the
clock on the wall, as they are lived.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from bluelamp.audit.leaf import Wall
from bluelamp.people.model import Duty
from bluelamp.posts.model import Frozen, PersonName
from bluelamp.roster.holidays import Nation, holidays_between
from bluelamp.weekly import Span, Weekly

_ID = "[A-Za-z0-9][A-Za-z0-9._=-]{0,99}"
Person = Annotated[str, Field(pattern=f"^person:{_ID}$")]
Whom = Annotated[str, Field(pattern=f"^(person|team):{_ID}$")]
Scope = Annotated[str, Field(pattern=f"^((account|team):{_ID}|force)$")]
EntryId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
AbsenceReason = Literal["leave", "sickness", "training", "other"]
Kind = Literal["office", "absence", "cover", "shift", "chain"]
Capacity = Literal["lead", "deputy", "cover", "control", "on_call"]
# Codes of why; docs/roster.md says each in words.
Why = Literal[
    "on_shift", "shift_absent", "shift_left", "office_closed", "bank_holiday", "hours_unset",
    "no_lead", "lead_absent", "lead_left", "no_deputy", "deputy_absent", "deputy_left",
    "no_cover", "cover_absent", "cover_left", "cover_circular", "no_chain", "chain_absent", "account_unknown",
]  # fmt: skip

# How many single days a shift that repeats may leave out.
MOST_SKIPPED: Final = 60
# Who answers when nobody was named: a force has a control room, whether or not its hours were put in yet.
CONTROL: Final = "team:control"
FORCE: Final = "force"


class Hours(Frozen):
    """When the office is open on a day of the week (0 is Monday), by the clock on the wall."""

    day: Annotated[int, Field(ge=0, le=6)]
    opens: Wall
    closes: Wall

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("an office closes after it opens; hours past midnight are two entries, one up to 24:00")
        return self


class Step(Frozen):
    """Whom an on-call chain asks, and how many minutes it waits for them."""

    who: Whom
    minutes: Annotated[int, Field(ge=1, le=1440)]


class _Entry(Frozen):
    id: EntryId
    rev: int = 1
    head: str | None = None


class _Dated(_Entry):
    begin: AwareDatetime
    end: AwareDatetime | None = None

    @model_validator(mode="after")
    def _times(self) -> Self:
        for moment in (self.begin, self.end):
            if moment is not None and (moment.second or moment.microsecond):
                raise ValueError("times of the roster are whole minutes")
        if self.end is not None and self.end <= self.begin:
            raise ValueError("it ends after it begins")
        return self

    def at(self, instant: datetime) -> bool:
        """Return whether it holds then; its end is the first minute at which it does not."""
        return self.begin <= instant and (self.end is None or instant < self.end)

    def meets(self, other: _Dated) -> bool:
        """Return whether both hold at some time."""
        return (self.end is None or other.begin < self.end) and (other.end is None or self.begin < other.end)


class Office(_Entry):
    """The hours of the force's office, the nation whose bank holidays it keeps, further closed days, its control room.

    Without hours on any day it is never closed: a force that has not put them in is answered by its leads.
    """

    kind: Literal["office"] = "office"
    id: Literal["force"] = "force"
    nation: Nation
    hours: Annotated[tuple[Hours, ...], Field(max_length=28)] = ()
    closed: Annotated[tuple[date, ...], Field(max_length=100)] = ()
    control: Whom = CONTROL

    @model_validator(mode="after")
    def _apart(self) -> Self:
        days = sorted(self.hours, key=lambda one: (one.day, one.opens))
        for one, two in pairwise(days):
            if one.day == two.day and two.opens < one.closes:
                raise ValueError("two hours of one day overlap")
        return self


class Absence(_Dated):
    """Somebody is away, until further notice when it has no end. The reason stays in the table and in no record."""

    kind: Literal["absence"] = "absence"
    who: Person
    reason: AbsenceReason = "other"


class Cover(_Dated):
    """When both lead and deputy are away, `by` stands in for `who`."""

    kind: Literal["cover"] = "cover"
    who: Person
    by: Person

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.who == self.by:
            raise ValueError("somebody else stands in")
        return self


class Repeats(Weekly):
    """When a shift repeats; it begins on no bank holiday of `nation`, when one is named."""

    nation: Nation | None = None
    skip: Annotated[tuple[date, ...], Field(max_length=MOST_SKIPPED)] = ()

    @cached_property
    def pattern(self) -> Weekly:
        """The pattern with the holidays among the days that are left out."""
        found = holidays_between(self.nation, self.first, self.last) if self.nation else ()
        # Only what would be a day of it: so a few weeks of shifts bring no list of holidays with them.
        skip = {*self.skip, *(day for day in found if day.weekday() in self.days)}
        return Weekly.model_construct(**self.model_dump(exclude={"nation", "skip"}), skip=tuple(sorted(skip)))


class Shift(_Dated):
    """A person or a team works then for an account, the accounts of a team, or all of the force.

    One that repeats lasts from when the first begins until the last ends, and holds while one of them is going on.
    `duty` is as what it is worked: it stands on each record of what the person does meanwhile, and permits nothing.
    """

    kind: Literal["shift"] = "shift"
    end: AwareDatetime
    who: Whom
    scope: Scope
    duty: Duty = "shift"
    weekly: Repeats | None = None

    @classmethod
    def repeating(cls, weekly: Repeats, **fields: object) -> Self:
        """Return a shift that repeats, with its begin and end.

        Raises
        ------
        ValueError
            When it never happens.
        """
        hull = weekly.pattern.hull()
        if hull is None:
            raise ValueError("none of its days lies between the first and the last, or all of them are left out")
        return cls.model_validate({"begin": hull[0], "end": hull[1], "weekly": weekly, **fields})

    def at(self, instant: datetime) -> bool:
        """Return whether it is worked then; its end is the first minute at which it is not."""
        return super().at(instant) and (self.weekly is None or self.weekly.pattern.now(instant) is not None)

    def meets(self, other: _Dated) -> bool:
        """Return whether both hold at some time: for what repeats, whether any one of it does."""
        if not super().meets(other):
            return False
        begin, end = max(self.begin, other.begin), self.end if other.end is None else min(self.end, other.end)
        theirs = other.spans(begin, end) if isinstance(other, Shift) else iter([(other.begin, other.end or end)])
        return _any_meet(self.spans(begin, end), theirs)

    def spans(self, begin: datetime, end: datetime) -> Iterator[Span]:
        """Yield from when until when it is worked, as far as that meets the time between."""
        if self.weekly is not None:
            return self.weekly.pattern.spans(begin, end)
        return iter([(self.begin, self.end)] if self.begin < end and begin < self.end else [])


def _any_meet(ours: Iterator[Span], theirs: Iterator[Span]) -> bool:
    """Return whether any of two ordered rows of spans meet."""
    one, two = next(ours, None), next(theirs, None)
    while one and two:
        if one[0] < two[1] and two[0] < one[1]:
            return True
        if one[1] <= two[1]:
            one = next(ours, None)
        else:
            two = next(theirs, None)
    return False


class OnCall(_Entry):
    """Whom to ask, one after the other, for an account, the accounts of a team, or all of the force."""

    kind: Literal["chain"] = "chain"
    scope: Scope
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({step.who for step in self.steps}) < len(self.steps):
            raise ValueError("nobody is asked twice in one chain")
        return self


Dated = Absence | Cover | Shift
Entry = Annotated[Office | Absence | Cover | Shift | OnCall, Field(discriminator="kind")]
AnyEntry = Office | Absence | Cover | Shift | OnCall


@dataclass(frozen=True, slots=True)
class Posting:
    """Who leads an account, who is the deputy, and whose team it is."""

    account: str
    team: str
    lead: str | None = None
    deputy: str | None = None


@dataclass(frozen=True, slots=True)
class Roster:
    """All that decides who answers: entries by kind and id, accounts, and the people who left or are suspended."""

    entries: Mapping[tuple[Kind, str], AnyEntry] = field(default_factory=dict)
    postings: Mapping[str, Posting] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def office(self) -> Office | None:
        """The office, when its hours were put in."""
        found = self.entries.get(("office", FORCE))
        return found if isinstance(found, Office) else None

    def absences(self) -> Iterator[Absence]:
        """Yield the absences."""
        return (one for one in self.entries.values() if isinstance(one, Absence))

    def covers(self) -> Iterator[Cover]:
        """Yield who stands in for whom."""
        return (one for one in self.entries.values() if isinstance(one, Cover))

    def shifts(self) -> Iterator[Shift]:
        """Yield the shifts."""
        return (one for one in self.entries.values() if isinstance(one, Shift))

    def chains(self) -> Iterator[OnCall]:
        """Yield the on-call chains."""
        return (one for one in self.entries.values() if isinstance(one, OnCall))


class Responsible(Frozen):
    """Who answers, in which capacity, why it fell to them, and whom to ask next if they do not."""

    who: Whom
    capacity: Capacity
    why: tuple[Why, ...] = ()
    chain: tuple[Step, ...] = ()


class RosterAnswer(Frozen):
    """Who is responsible for an account at a minute, with today's names of the people in it.

    For a past minute `recorded` is what the sealed record said at that minute, and `answer` what it says today; they
    differ when something was put in late, such as an illness. `waiting` changes were not sealed yet and are not in it.
    """

    account: str
    minute: str
    answer: Responsible
    recorded: Responsible | None = None
    sealed: bool = False
    waiting: int = 0
    people: tuple[PersonName, ...] = ()


class HandOver(Frozen):
    """What somebody leaves for the next one to know about an account."""

    id: str
    account: str
    at: str
    by: PersonName
    text: str


class HandOvers(Frozen):
    """The newest hand-over notes of an account, newest first."""

    notes: tuple[HandOver, ...]


class RosterList(Frozen):
    """The entries that have not ended, and the names of the people in them."""

    entries: tuple[Entry, ...]
    people: tuple[PersonName, ...]


class Changed(Frozen):
    """An entry as it now stands; None when it was withdrawn."""

    entry: Entry | None
