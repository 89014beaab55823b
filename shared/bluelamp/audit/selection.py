"""A part of the archive, and what it was chosen by: the file that tells a partial archive from a damaged one.

A filtered pull brings whole commits, for a commit is what can be checked, and writes down in ``selection.json`` what it
looked for, where, and which records it found. The file is not signed: the verifier repeats it as somebody's word, and
holds the list of records against the commits that are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bluelamp.audit.folder import Folder, FolderError
from bluelamp.audit.story import UNREADABLE, Finding
from bluelamp.times import iso, parse_iso

SELECTION = "selection.json"
VERSION = 1
_MAX = 256 * 1024 * 1024
_SUBJECT = re.compile(r"[0-9a-f]{64}")


class SelectionError(ValueError):
    """A filter, or the file that tells of it, makes no sense."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a part is chosen by: times of sealing (both ends included), an account, the pseudonym of a person or post.

    Times are as `times.iso` writes them.
    """

    since: str | None = None
    until: str | None = None
    account: str | None = None
    subject: str | None = None

    def __post_init__(self) -> None:
        if self.subject is not None and not _SUBJECT.fullmatch(self.subject):
            raise SelectionError("a subject is named by its pseudonym, 64 hex digits")
        times = [_time(moment) for moment in (self.since, self.until) if moment is not None]
        if times != sorted(times):
            raise SelectionError(f"nothing was sealed since {self.since} and until {self.until}: the end is before it")

    @property
    def by_record(self) -> bool:
        """Whether single records are chosen, not only times."""
        return self.account is not None or self.subject is not None

    @property
    def words(self) -> str:
        """The filter in words."""
        said = [f"{name} {value}" for name in Filter.__slots__ if (value := getattr(self, name)) is not None]
        return ", ".join(said) or "everything"

    def covers(self, sealed_at: str) -> bool:
        """Return whether what was sealed then is within the times."""
        moment = _time(sealed_at)
        late = self.since is None or _time(self.since) <= moment
        return late and (self.until is None or moment <= _time(self.until))


@dataclass(frozen=True, slots=True)
class Part:
    """Of one log, which had `size` records: the range that was looked at, and the records found in it.

    `records` is None when all of the range is here.
    """

    size: int
    start: int
    end: int
    records: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What a partial archive was chosen by, and the part of each year's log."""

    filter: Filter
    logs: dict[int, Part] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The filter in words."""
        return self.filter.words

    def to_bytes(self) -> bytes:
        """Return the file."""
        wanted = {name: value for name in Filter.__slots__ if (value := getattr(self.filter, name)) is not None}
        logs: dict[str, dict[str, Any]] = {}
        for year, part in sorted(self.logs.items()):
            logs[f"{year:04d}"] = {"size": part.size, "start": part.start, "end": part.end}
            if part.records is not None:
                logs[f"{year:04d}"]["records"] = list(part.records)
        return json.dumps({"v": VERSION, "filter": wanted, "logs": logs}, sort_keys=True).encode() + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes) -> Selection:
        """Read what `to_bytes` wrote.

        Raises
        ------
        SelectionError
            When it is anything else.
        """
        try:
            said = json.loads(raw)
            logs = {
                int(year): Part(p["size"], p["start"], p["end"], tuple(p["records"]) if "records" in p else None)
                for year, p in said["logs"].items()
            }
            selection = cls(Filter(**said["filter"]), logs)
            same = selection.to_bytes() == raw
        except (*UNREADABLE, SelectionError) as error:
            raise SelectionError(f"cannot be read ({type(error).__name__})") from error
        numbers = [n for p in logs.values() for n in (p.size, p.start, p.end, *(p.records or ()))]
        if not same or any(type(n) is not int or n < 0 for n in numbers):
            raise SelectionError("is not as a pull writes it")
        return selection


class Matcher:
    """Finds the records that a filter means: those that name the account and the subject, and all of their objects.

    `note` every record first, in any order; then ask.

    Parameters
    ----------
    wanted
        The filter; its times are left aside.
    """

    def __init__(self, wanted: Filter) -> None:
        self._wanted = wanted
        self._objects: set[str] = set()

    def note(self, bodies: Sequence[bytes]) -> None:
        """Learn the objects of the records that are meant themselves."""
        for body in bodies:
            record = _record(body)
            key = _object(record)
            if key and self._named(record, key):
                self._objects.add(key)

    def matches(self, body: bytes) -> bool:
        """Return whether a record is meant."""
        record = _record(body)
        key = _object(record)
        return self._named(record, key) or key in self._objects

    def _named(self, record: dict[str, Any], key: str) -> bool:
        account, subject = self._wanted.account, self._wanted.subject
        right_account = account is None or record.get("account") == account
        return right_account and (subject is None or subject in {record.get("author_key"), key})


def read_selection(folder: Folder, failures: list[Finding]) -> Selection | None:
    """Return a folder's selection, or None for a whole archive; one that cannot be read is a failure."""
    try:
        raw = folder.read(SELECTION, _MAX)
        return None if raw is None else Selection.from_bytes(raw)
    except (SelectionError, FolderError) as error:
        failures.append(Finding("selection", SELECTION, str(error)))
        return None


def moment(text: str, *, end: bool = False) -> str:
    """Return a time as a filter wants it; a day alone means its first moment or, with `end`, its last (UTC).

    Raises
    ------
    SelectionError
        When the text is neither a day nor a time with its zone.
    """
    try:
        if len(text) == len("2026-11-22"):
            text += "T23:59:59.999Z" if end else "T00:00:00.000Z"
        return iso(parse_iso(text))
    except ValueError as error:
        raise SelectionError(f"{text!r} is neither a day (2026-11-22) nor a time with its zone") from error


def sealed_at(lead: bytes) -> str:
    """Return when a commit was sealed, as its own leaf says, or an empty string when it does not."""
    seal = _record(lead).get("seal")
    said = seal.get("sealed_at") if isinstance(seal, dict) else None
    try:
        _time(said)
    except UNREADABLE:
        return ""
    return str(said)


def _record(body: bytes) -> dict[str, Any]:
    try:
        record = json.loads(body)
    except UNREADABLE:
        return {}
    return record if isinstance(record, dict) else {}


def _object(record: dict[str, Any]) -> str:
    obj = record.get("obj")
    key = obj.get("key") if isinstance(obj, dict) else None
    return key if isinstance(key, str) else ""


def _time(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise SelectionError(f"{text} has no time zone")
    return moment.astimezone(UTC)
