"""The people of a force as a CSV file: its columns, what a line says, and a person as a line; bytes in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from bluelamp.people.model import Person, PersonStatus, Role
from bluelamp.tabular.lines import Lines, lines_of
from bluelamp.tabular.reading import Row, Wrong, read
from bluelamp.tabular.writing import write

REQUIRED = ("email", "name", "role")
# No revision: each sign-in makes one, so that an export of this morning would be overtaken by noon.
COLUMNS = ("id", *REQUIRED, "teams", "status")
MAX_NAME = 100
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_TEAM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says: `values` by field, for the columns that the file has."""

    line: int
    email: str
    id: str
    values: Mapping[str, Any]


def parse(raw: bytes) -> Lines[Line]:
    """Return what the lines of a file say.

    Raises
    ------
    TooLargeError, TableError
        As `bluelamp.tabular.reading.read`: when the file as a whole cannot be taken.
    """
    sheet = read(raw, columns=COLUMNS, required=REQUIRED)
    return lines_of(sheet, _line, key=lambda line: line.email, column="email", what="person")


def _line(row: Row, bad: Wrong) -> Line:
    cells = row.cells
    email, name = cells["email"].lower(), " ".join(cells["name"].split())
    if not _ADDRESS.fullmatch(email):
        bad("email", "is no e-mail address")
    if not 0 < len(name) <= MAX_NAME:
        bad("name", f"is empty or longer than {MAX_NAME} characters: put the name as colleagues see it")
    values: dict[str, Any] = {"name": name, "role": cells["role"].lower()}
    if values["role"] not in get_args(Role):
        bad("role", f"is none of {', '.join(get_args(Role))}: put one of them")
    if "teams" in cells:
        values["teams"] = tuple(dict.fromkeys(cells["teams"].split()))
        if not all(_TEAM.fullmatch(team) for team in values["teams"]):
            bad("teams", "are lower-case letters, digits and hyphens, 40 at most, parted by spaces")
    if cells.get("status"):
        values["status"] = cells["status"].lower()
        if values["status"] not in get_args(PersonStatus):
            bad("status", f"is none of {', '.join(get_args(PersonStatus))}: put one of them")
    return Line(row.line, email, cells.get("id", ""), values)


def export(people: Iterable[Person]) -> str:
    """Return the file of these people."""
    return write(
        COLUMNS,
        (
            {
                "id": one.id,
                "email": one.email.lower(),
                "name": one.name,
                "role": one.role,
                "teams": " ".join(one.teams),
                "status": one.status,
            }
            for one in people
        ),
    )
