"""Who was responsible at a past minute, from sealed records alone: the same entries, read out of leaves.

Two questions are told apart. *As recorded*: what the record said at the end of that minute, so what anybody could have
known then. *As known now*: what it says today. The two differ only by what speaks of a time: an absence, cover or shift
that was put in, changed or withdrawn later counts for the minutes it speaks of. What has no time of its own (leads and
deputies, office hours, chains, who left) counts from its record on, so a change of today moves nothing of last week.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter

from bluelamp.audit.leaf import Roster as Part
from bluelamp.audit.leaf import RosterHours, RosterStep, RosterWeekly
from bluelamp.roster import rules
from bluelamp.roster.model import (
    Absence,
    AnyEntry,
    Cover,
    Dated,
    Entry,
    Kind,
    Office,
    OnCall,
    Posting,
    Repeats,
    Responsible,
    Roster,
    Shift,
)
from bluelamp.roster.wall import minute_of
from bluelamp.times import iso, parse_iso

OBJECT: Final = "roster"
_MINUTE = timedelta(minutes=1)
_DATED: Final[frozenset[str]] = frozenset({"absence", "cover", "shift"})
_entry: TypeAdapter[AnyEntry] = TypeAdapter(Entry)
# A record that matters stands in a leaf whose bytes have one of these: saves the reading of nearly all others.
TEXTS: Final = (b'"type":"roster"', b'"type":"config"')


@dataclass(frozen=True, slots=True)
class Answers:
    """Who was responsible, as the record said then and as it says now."""

    recorded: Responsible
    known: Responsible


def part_of(entry: AnyEntry, *, withdrawn: bool = False) -> Part:
    """Return what the record says of an entry: all of it but why somebody is away."""
    said: dict[str, Any] = {"kind": entry.kind, "withdrawn": True if withdrawn else None}
    if isinstance(entry, Dated):
        said |= {"begin": iso(entry.begin), "end": iso(entry.end) if entry.end else None}
    match entry:
        case Absence():
            return Part(**said, who=entry.who)
        case Cover():
            return Part(**said, who=entry.who, by=entry.by)
        case Shift():
            # A plain shift is told as it always was, so that a record of one has one form.
            duty = entry.duty if entry.duty != "shift" else None
            weekly = RosterWeekly(**_pattern(entry.weekly)) if entry.weekly else None
            return Part(**said, who=entry.who, scope=entry.scope, duty=duty, weekly=weekly)
        case OnCall():
            steps = tuple(RosterStep(who=step.who, minutes=step.minutes) for step in entry.steps)
            return Part(**said, scope=entry.scope, steps=steps)
        case Office():
            return Part(
                **said,
                nation=entry.nation,
                control=entry.control,
                hours=tuple(RosterHours(**one.model_dump()) for one in entry.hours),
                closed=tuple(day.isoformat() for day in entry.closed),
            )


def _pattern(weekly: Repeats) -> dict[str, Any]:
    said = weekly.model_dump(mode="json", exclude_none=True)
    return said if said["skip"] else {key: value for key, value in said.items() if key != "skip"}


def key_of(entry: AnyEntry) -> str:
    """Return how records name an entry."""
    return f"{entry.kind}/{entry.id}"


def responsible_then(records: Iterable[Mapping[str, Any]], account: str, minute: datetime) -> Answers:
    """Return who was responsible for an account at a past minute.

    Parameters
    ----------
    records
        Sealed records in the order of the log; those that do not matter are passed over.
    """
    book = Book()
    for record in records:
        book.take(record)
    return book.answers(account, minute)


@dataclass(slots=True)
class _Line:
    """What one record changed: an entry (None when withdrawn), an account's posting, or whether somebody is gone."""

    at: str
    rev: int
    said: AnyEntry | Posting | bool | None


@dataclass(slots=True)
class Book:
    """The records that matter, by what they are about; each of these in the order of the log."""

    _lines: dict[tuple[str, str], list[_Line]] = field(default_factory=dict)

    def take(self, record: Mapping[str, Any]) -> bool:
        """Take in a record, and return whether it matters. A revision that is known is not taken a second time."""
        found = _read(record)
        if found is None:
            return False
        key, line = found
        lines = self._lines.setdefault(key, [])
        if line.rev and any(one.rev >= line.rev for one in lines):
            return False
        lines.append(line)
        return True

    def answers(self, account: str, minute: datetime) -> Answers:
        """Return who was responsible, as the record said by the end of that minute and as it says now."""
        end = iso(minute_of(minute) + _MINUTE)
        recorded = self._roster(end, dated_until=end)
        known = self._roster(end, dated_until=None)
        return Answers(
            rules.responsible(recorded, account, minute),
            rules.responsible(known, account, minute),
        )

    def _roster(self, until: str, *, dated_until: str | None) -> Roster:
        entries: dict[tuple[Kind, str], AnyEntry] = {}
        postings: dict[str, Posting] = {}
        gone: set[str] = set()
        for (kind, name), lines in self._lines.items():
            limit = dated_until if kind in _DATED else until
            held = [line for line in lines if limit is None or line.at < limit]
            match held[-1].said if held else None:
                case Posting() as posting:
                    postings[name] = posting
                case bool() as left:
                    gone |= {name} if left else set()
                case None:
                    continue
                case entry:
                    entries[entry.kind, entry.id] = entry
        return Roster(entries, postings, frozenset(gone))


def _read(record: Mapping[str, Any]) -> tuple[tuple[str, str], _Line] | None:
    at = str(record.get("at", ""))
    match record:
        case {"type": "roster", "roster": {"kind": kind} as part, "obj": {"key": str(key), "rev": int(rev)}} if (
            kind != "note"
        ):
            name = key.partition("/")[2]
            said = None if part.get("withdrawn") else _entry.validate_python(_fields(part, name, rev))
            return (str(kind), name), _Line(at, rev, said)
        case {"type": "config", "account": str(account), "registration": {"rev": int(rev), "team": str(team)} as told}:
            posting = Posting(account, team, told.get("lead"), told.get("deputy"))
            return ("account", account), _Line(at, rev, posting)
        case {"type": "config", "obj": {"kind": "person", "key": str(key)}, "change": {"field": "status", "to": to}}:
            return ("person", key), _Line(at, 0, to in {"suspended", "left"})
    return None


def _fields(part: Mapping[str, Any], name: str, rev: int) -> dict[str, Any]:
    fields = {key: value for key, value in part.items() if key not in {"from", "to"}}
    for ours, theirs in (("begin", "from"), ("end", "to")):
        if theirs in part:
            fields[ours] = parse_iso(str(part[theirs]))
    return fields | {"id": name, "rev": rev}


def matters(body: bytes) -> bool:
    """Return whether a record may matter, by its bytes alone."""
    return any(text in body for text in TEXTS)
