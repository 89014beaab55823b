"""The parts of records about accounts, people and their duties: who answers, may, was taught, was told, was asked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluelamp.audit.parts import Code, Count, Day, Hash, Part, Time, Token, Ulid, Wall


class Standing(Part):
    """An account as a change of the register left it: who answers for it, and who may do what there.

    `changed` names the fields that differ from before. Its name and handle are nothing for the record: of these it says
    no more than that they changed. `may` are the roles for each act, `approval` whose word an act needs.
    """

    rev: Annotated[int, Field(ge=1, le=2**53 - 1)]
    changed: tuple[Code, ...] = ()
    kind: Code
    team: Token
    status: Code
    lead: Token | None = None
    deputy: Token | None = None
    may: dict[Code, tuple[Code, ...]] = Field(default_factory=dict)
    approval: dict[Code, Code] = Field(default_factory=dict)


class RosterHours(Part):
    """When an office is open on a day of the week (0 is Monday), by the clock on the wall."""

    day: Annotated[int, Field(ge=0, le=6)]
    opens: Wall
    closes: Wall


class RosterStep(Part):
    """Whom an on-call chain asks, and how many minutes it waits for them before it asks the next."""

    who: Token
    minutes: Annotated[int, Field(ge=1, le=1440)]


class RosterWeekly(Part):
    """When a shift repeats, by the clock on the wall: on which days it begins, from the first day to the last.

    It begins on no bank holiday of `nation`, when one is named, and on none of the days of `skip`.
    """

    days: tuple[Annotated[int, Field(ge=0, le=6)], ...]
    starts: Wall
    ends: Wall
    first: Day
    last: Day
    nation: Code | None = None
    skip: tuple[Day, ...] | None = None


class Roster(Part):
    """An entry of the roster, whole, as this record leaves it; with `withdrawn` it stands no longer.

    `who` is whom it is about, `by` who stands in for them, each ``person:`` or ``team:`` and an id; `scope` what it is
    for: ``account:``, ``team:`` and an id, or ``force``; `duty` as what a shift is worked. Why somebody
    is away is not for the record, nor is a note's text: its bytes are where `content` of the leaf says.
    """

    kind: Literal["office", "absence", "cover", "shift", "chain", "note"]
    withdrawn: Literal[True] | None = None
    scope: Token | None = None
    who: Token | None = None
    by: Token | None = None
    begin: Time | None = Field(default=None, alias="from")
    end: Time | None = Field(default=None, alias="to")
    duty: Code | None = None
    weekly: RosterWeekly | None = None
    nation: Code | None = None
    control: Token | None = None
    hours: tuple[RosterHours, ...] | None = None
    closed: tuple[Day, ...] | None = None
    steps: tuple[RosterStep, ...] | None = None


class Grant(Part):
    """Access to one account for a time: whose, what it gives, and from when until before when."""

    person: Token
    gives: Code
    begin: Time = Field(alias="from")
    end: Time = Field(alias="to")


class Guide(Part):
    """A version of the Force Media Guide: from when it is needed, and the SHA-256 and length of its bytes."""

    version: Token
    day: Day
    kind: Code
    sha256: Hash
    length: Count


class Training(Part):
    """A course that the person of the record took: on which day, and the last day on which it counts."""

    course: Code
    on: Day
    until: Day


class Check(Part):
    """The daily check of an account: done, and as what (its lead, its deputy or another), or missed."""

    day: Day
    result: Literal["checked", "missed"]
    capacity: Code | None = None


class Saved(Part):
    """The saved reply that an answer was made from, and which version of it.

    `changed` when its words were put otherwise.
    """

    id: Ulid
    version: Annotated[int, Field(ge=1, le=2**53 - 1)]
    changed: Literal[True] | None = None


class Attached(Part):
    """The picture that goes with an answer: its id, and the digest of the bytes that are sent."""

    id: Ulid
    sha256: Hash


class Rights(Part):
    """A step of a rights case (subject access, FOI, rectification, erasure), and the case as this record leaves it.

    Who asks is nothing for the record, nor what was searched for. `item` is the pseudonym of the post that was decided
    on, `verdict` how, `spans` how many parts of its words do not go out. `tally` counts posts.
    """

    step: Code
    kind: Code | None = None
    law: Code | None = None
    state: Code | None = None
    received: Day | None = None
    due: Day | None = None
    identity: Code | None = None
    extension: Code | None = None
    outcome: Code | None = None
    exemptions: tuple[Code, ...] | None = None
    item: Hash | None = None
    verdict: Code | None = None
    spans: Count | None = None
    tally: dict[Code, Count] | None = None
    mark: Code | None = None
    disposal: Ulid | None = None


class Notified(Part):
    """What became of a notice: who was told over which channels, and how many messages went out or failed."""

    kind: Code
    urgent: bool
    persons: tuple[Token, ...] = ()
    channels: tuple[Code, ...] = ()
    sent: Count
    failed: Count
    unreached: Count
