"""Training as a CSV file: its columns and what a line says; and who lacks what, as a file; bytes in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bluelamp.guide.model import Lacking, Training
from bluelamp.guide.rules import COURSE_FORM, is_course
from bluelamp.tabular.lines import Lines, lines_of
from bluelamp.tabular.reading import Row, Wrong, read
from bluelamp.tabular.writing import write

COLUMNS = ("email", "course", "on", "until")
MISSING = (
    "id",
    "email",
    "name",
    "role",
    "teams",
    "acknowledged",
    "guide_missing",
    "training_missing",
    "training_expired",
    "training_expiring",
)
FIRST_YEAR, LAST_YEAR = 2000, 2100
_UK = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says: whose training, and which."""

    line: int
    email: str
    training: Training


def parse(raw: bytes) -> Lines[Line]:
    """Return what the lines of a file say.

    Raises
    ------
    TooLargeError, TableError
        As `bluelamp.tabular.reading.read`: when the file as a whole cannot be taken.
    """
    sheet = read(raw, columns=COLUMNS, required=COLUMNS)
    return lines_of(sheet, _line, key=_key, column="course", what="training")


def why_not(training: Training) -> str:
    """Return what is wrong with the days of a training, or nothing."""
    if not all(FIRST_YEAR <= day.year <= LAST_YEAR for day in (training.on, training.until)):
        return f"is not between {FIRST_YEAR} and {LAST_YEAR}: correct the year"
    return "is before the day of the course: correct one of the two" if training.until < training.on else ""


def export(missing: Iterable[Lacking]) -> str:
    """Return the file of who lacks what."""
    return write(MISSING, map(_cells, missing))


def _key(line: Line) -> str:
    return f"{line.email} {line.training.course} {line.training.on}" if line.email else ""


def _line(row: Row, bad: Wrong) -> Line:
    cells = row.cells
    course = cells["course"].lower()
    if not is_course(course):
        bad("course", f"is the short name of a course: {COURSE_FORM}")
    days = {}
    for name in ("on", "until"):
        day = _day(cells[name])
        if day is None:
            bad(name, "is no date: write 2026-11-22 or 22/11/2026")
        days[name] = day or date.min
    if bad.findings:  # told already; what stands here is looked at by nobody
        return Line(row.line, "", Training(course="unreadable", on=days["on"], until=days["until"]))
    training = Training(course=course, on=days["on"], until=days["until"])
    if wrong := why_not(training):
        bad("until", wrong)
    return Line(row.line, cells["email"].lower(), training)


def _day(text: str) -> date | None:
    """Return a date as ISO 8601 or as the United Kingdom writes it; no other order of day and month is guessed."""
    local = _UK.fullmatch(text)
    try:
        return date(int(local[3]), int(local[2]), int(local[1])) if local else date.fromisoformat(text)
    except ValueError:
        return None


def _cells(one: Lacking) -> Mapping[str, str]:
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "teams": " ".join(one.teams),
        "acknowledged": one.acknowledged or "",
        "guide_missing": "yes" if one.guide_missing else "no",
        "training_missing": " ".join(one.training_missing),
        "training_expired": _named(one.training_expired),
        "training_expiring": _named(one.training_expiring),
    }


def _named(training: Iterable[Training]) -> str:
    return " ".join(f"{one.course}:{one.until}" for one in training)
