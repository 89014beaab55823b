"""The roster: who is away, who stands in, who works when, whom to ask; and who is responsible for an account."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bluelamp.idempotency import Idempotency
from bluelamp.ids import new_ulid
from bluelamp.models import Model
from bluelamp.people.model import Duty, Principal
from bluelamp.roster.holidays import Nation
from bluelamp.roster.model import (
    CONTROL,
    MOST_SKIPPED,
    Absence,
    AbsenceReason,
    AnyEntry,
    Changed,
    Cover,
    HandOver,
    HandOvers,
    Hours,
    Office,
    OnCall,
    Person,
    Repeats,
    RosterAnswer,
    RosterList,
    Scope,
    Shift,
    Step,
    Whom,
)
from bluelamp.roster.wall import instant
from bluelamp.weekly import Clock as WallClock
from contract import Resource
from parts import parts
from problems import NotValidError

resource = Resource(__name__)
Made = TypeVar("Made", bound=BaseModel)

# 2026-03-29T14:00 by the clock on the wall, or with its distance from UTC.
Wall = Annotated[str, Field(max_length=32)]


class _Body(Model):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class _Dated(_Body):
    begin: Wall = Field(alias="from")
    end: Wall | None = Field(default=None, alias="to")


class AbsenceBody(_Dated):
    """Somebody is away; without `to` until further notice."""

    kind: Literal["absence"]
    who: Person
    reason: AbsenceReason = "other"


class CoverBody(_Dated):
    """Somebody stands in for somebody when lead and deputy are away."""

    kind: Literal["cover"]
    who: Person
    by: Person


class ShiftBody(_Dated):
    """A person or a team works from then to then, as what `duty` says."""

    kind: Literal["shift"]
    end: Wall = Field(alias="to")
    who: Whom
    scope: Scope
    duty: Duty = "shift"


class RepeatingBody(_Body):
    """A shift that repeats by the week, by the clock on the wall; the entry that becomes of it is a shift.

    `days` are those on which it begins, 0 is Monday; an end that is not after the beginning is on the next day. It
    begins on no day of `skip`, and on no bank holiday of `nation` when one is named.
    """

    kind: Literal["repeating"]
    who: Whom
    scope: Scope
    duty: Duty = "shift"
    days: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)]
    starts: WallClock
    ends: WallClock
    first: date
    last: date
    nation: Nation | None = None
    skip: list[date] = Field(default=[], max_length=MOST_SKIPPED)


class ChainBody(_Body):
    """Whom to ask, one after the other."""

    kind: Literal["chain"]
    scope: Scope
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]


EntryBody = Annotated[AbsenceBody | CoverBody | ShiftBody | RepeatingBody | ChainBody, Field(discriminator="kind")]


class NewEntry(_Body):
    """An entry to be put in."""

    entry: EntryBody


class ChangedEntry(_Body):
    """What is to stand in the place of the revision that was seen."""

    entry: EntryBody
    rev: int = Field(ge=1)


class Withdrawal(_Body):
    """What kind of entry is withdrawn, and the revision that was seen."""

    kind: Literal["absence", "cover", "shift", "chain"]
    rev: int = Field(ge=1)


class OfficeBody(_Body):
    """Office hours by the clock on the wall, the nation whose bank holidays are kept, and the control room."""

    nation: Nation
    hours: Annotated[tuple[Hours, ...], Field(max_length=28)] = ()
    closed: Annotated[tuple[date, ...], Field(max_length=100)] = ()
    control: Whom = CONTROL
    rev: int = Field(ge=0)


class NoteBody(_Body):
    """The words of a hand-over note."""

    text: str = Field(min_length=1, max_length=4000)


class At(_Body):
    """The minute that is asked for; left out, the present one."""

    at: Wall | None = None


@resource.route("/roster")
def list_roster(principal: Principal) -> RosterList:
    """List the entries of the roster that have not ended; the reading is recorded."""
    return parts().rosters.list_for(principal)


@resource.route("/roster/entries", methods=["POST"], status=201)
def add_entry(principal: Principal, body: NewEntry, idem: Idempotency) -> Changed:
    """Put in an absence, cover, shift or on-call chain."""
    return parts().rosters.put(principal, _entry(body.entry, new_ulid()), rev=0, idem=idem)


@resource.route("/roster/entries/{entry_id}", methods=["PUT"])
def change_entry(principal: Principal, entry_id: str, body: ChangedEntry, idem: Idempotency) -> Changed:
    """Change an entry, such as the end of an absence of somebody who comes back early."""
    return parts().rosters.put(principal, _entry(body.entry, entry_id), rev=body.rev, idem=idem)


@resource.route("/roster/entries/{entry_id}/withdraw", methods=["POST"])
def withdraw_entry(principal: Principal, entry_id: str, body: Withdrawal, idem: Idempotency) -> Changed:
    """Withdraw an entry that was put in by mistake."""
    return parts().rosters.withdraw(principal, body.kind, entry_id, rev=body.rev, idem=idem)


@resource.route("/roster/office", methods=["PUT"])
def set_office(principal: Principal, body: OfficeBody, idem: Idempotency) -> Changed:
    """Set the office hours of the force."""
    given = body.model_dump(exclude={"rev"})
    return parts().rosters.put(principal, _made(Office, id="force", **given), rev=body.rev, idem=idem)


@resource.route("/accounts/{account_id}/responsible")
def show_responsible(principal: Principal, account_id: str, query: At) -> RosterAnswer:
    """Show who is responsible for an account, now or at a minute; a past one is answered from the sealed record."""
    at = instant(query.at) if query.at else None
    return parts().rosters.responsible_for(principal, account_id, at=at)


@resource.route("/accounts/{account_id}/handover")
def list_hand_overs(principal: Principal, account_id: str) -> HandOvers:
    """List the newest hand-over notes of an account; the reading is recorded."""
    return parts().rosters.notes(principal, account_id)


@resource.route("/accounts/{account_id}/handover", methods=["POST"], status=201)
def hand_over(principal: Principal, account_id: str, body: NoteBody, idem: Idempotency) -> HandOver:
    """Leave a note for whoever answers next."""
    return parts().rosters.hand_over(principal, account_id, text=body.text, idem=idem)


def _entry(body: EntryBody, entry_id: str) -> AnyEntry:
    if isinstance(body, ChainBody):
        return _made(OnCall, id=entry_id, scope=body.scope, steps=body.steps)
    if isinstance(body, RepeatingBody):
        shift = body.model_dump(include={"who", "scope", "duty"})
        weekly = _made(Repeats, **body.model_dump(exclude={"kind", *shift}) | {"days": sorted(set(body.days))})
        return _valid(lambda: Shift.repeating(weekly, id=entry_id, **shift))
    given = body.model_dump(exclude={"begin", "end", "kind"})
    times = {"begin": instant(body.begin), "end": instant(body.end) if body.end else None}
    if isinstance(body, AbsenceBody):
        return _made(Absence, id=entry_id, **times, **given)
    return _made(Cover if isinstance(body, CoverBody) else Shift, id=entry_id, **times, **given)


def _made(kind: type[Made], **given: object) -> Made:
    return _valid(lambda: kind.model_validate(given))


def _valid(make: Callable[[], Made]) -> Made:
    try:
        return make()
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        wrong = [{"at": ".".join(map(str, e["loc"])) or "entry", "problem": e["msg"]} for e in found]
    except ValueError as error:  # after the one above, which is one, too
        wrong = [{"at": "entry", "problem": str(error)}]
    raise NotValidError(f"The entry is not valid: {wrong[0]['at']}: {wrong[0]['problem']}.", wrong)
