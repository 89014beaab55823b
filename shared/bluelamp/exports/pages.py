"""What a report shows, apart from how: the cover, and for each post its words, pictures, thread and records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bluelamp.exports.pictures import Picture


@dataclass(frozen=True, slots=True)
class Cover:
    """The head of a report: whose it is and why it was made; `lines` are label and value, in order."""

    force: str
    title: str
    lines: Sequence[tuple[str, str]]
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One record: what happened, when (for a reader), by whom, why; its hash, and its place in the log or why none."""

    type: str
    at: str
    who: str
    role: str
    reason: str
    detail: str
    sha256: str
    place: str
    words: str | None = None
    file: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was written: a post of the thread, or a note."""

    at: str
    by: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One post. `text` is None when there is none to show, and `withheld` then says why."""

    number: int
    title: str
    facts: Sequence[tuple[str, str]]
    text: str | None
    withheld: str | None
    agrees: str
    pictures: Sequence[tuple[str, Picture]]
    thread: Sequence[Said]
    notes: Sequence[Said]
    lines: Sequence[Line]
