"""Reads CSV that somebody brings: any spreadsheet's separators, no trust in its size, and each bad line by its number.

What is wrong with the file as a whole is an error. What is wrong with one line is a finding beside the good lines: a
quote that is never closed costs its own line and not the rest of the file, which is why lines are read one by one; no
cell of ours holds a line break.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bluelamp.errors import InvalidInputError, TooLargeError
from bluelamp.tabular.formulas import restored

MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 100_000
MAX_CELL = 1000
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_OTHERS = {"|": "a vertical bar", ":": "a colon", "^": "a circumflex", "~": "a tilde", "\x1f": "a unit separator"}
_LINE = re.compile(r"\r\n|\n|\r")
_SEP = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE = "save it as 'CSV UTF-8 (comma delimited)' and try again"


class TableError(InvalidInputError):
    """The file as a whole cannot be read as the table that it should be; nothing of it was taken."""

    code = "bad_table"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: its number, the header being among those counted, and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a line, and what to do; `column` is empty when it is about the line as a whole."""

    line: int
    column: str
    problem: str


class Wrong:
    """Gathers what is wrong with one line."""

    def __init__(self, line: int) -> None:
        self._line = line
        self.findings: list[Finding] = []

    def __call__(self, column: str, problem: str) -> None:
        """Note that a cell is wrong, and what to do."""
        self.findings.append(Finding(self._line, column, problem))


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read: the columns that the file has, its good lines, and what is wrong with the others."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


def read(raw: bytes, *, columns: Sequence[str], required: Sequence[str]) -> Sheet:
    """Read a file.

    Parameters
    ----------
    columns, required
        The names that there are, and those among them that must be there.

    Raises
    ------
    TooLargeError
        When it is larger than 32 MB or longer than 100,000 lines; told before anything is parsed.
    TableError
        When it is no CSV in UTF-8, or its first line does not name these columns.
    """
    lines = _LINE.split(_text(raw))
    first, separator = _separator(lines, columns)
    header = _header(lines[first], first + 1, separator, columns, required)
    rows: list[Row] = []
    findings: list[Finding] = []
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if not line.strip(separator + " \t"):
            continue
        found = _row(line, number, separator, header)
        if isinstance(found, Row):
            rows.append(found)
        else:
            findings += found
    return Sheet(header, tuple(rows), tuple(findings))


def _text(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise TooLargeError(
            f"The file is larger than {MAX_BYTES // 1024**2} MB: split it, with the first line in each."
        )
    if raw.startswith(_UTF16) or b"\0" in raw[:4096]:
        raise TableError(f"The file is in UTF-16 or is no text, and UTF-8 is wanted: {_SAVE}.")
    body = raw.removeprefix(codecs.BOM_UTF8)
    if max(body.count(b"\n"), body.count(b"\r")) > MAX_LINES + 1:
        raise TooLargeError(f"The file has more than {MAX_LINES:,} lines: split it, with the first line in each.")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        line = len(_LINE.split(body[: error.start].decode("utf-8", "replace")))
        raise TableError(f"Line {line} is not in UTF-8, probably in Windows-1252: {_SAVE}.") from None
    if not text.strip():
        raise TableError("The file is empty: its first line names the columns.")
    return text


def _separator(lines: Sequence[str], columns: Sequence[str]) -> tuple[int, str]:
    """Return which line is the header and what parts its names: the separator that shows the most known ones."""
    first = next(n for n, line in enumerate(lines) if line.strip())
    told = _SEP.fullmatch(lines[first])  # Excel's own way to say it
    if told and len(lines) > first + 1:
        if told[1] not in SEPARATORS:
            raise TableError(f"Line {first + 1} says that {told[1]!r} parts the cells: use comma, semicolon or tab.")
        return first + 1, told[1]
    known = set(columns)
    counts = {one: len(known & set(_names(lines[first], one))) for one in (*SEPARATORS, *_OTHERS)}
    best = max(counts, key=lambda one: counts[one])
    if best in _OTHERS:
        raise TableError(f"The cells are parted by {_OTHERS[best]}: use comma, semicolon or tab.")
    if not counts[best]:
        raise TableError(f"Line {first + 1} must name the columns; known ones are {', '.join(columns)}.")
    return first, best


def _names(line: str, separator: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True), [])
    except csv.Error:
        return []
    return [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]


def _header(line: str, number: int, separator: str, columns: Sequence[str], required: Sequence[str]) -> tuple[str, ...]:
    names = _names(line, separator)
    while names and not names[-1]:
        names.pop()
    wrong = []
    if unknown := [name or "(no name)" for name in names if name not in columns]:
        wrong.append(f"nobody knows the column {', '.join(repr(n[:40]) for n in unknown[:10])}: take it out")
    if missing := [name for name in required if name not in names]:
        wrong.append(f"the column {', '.join(missing)} is missing: add it")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        wrong.append(f"the column {', '.join(n[:40] for n in twice)} is there twice: take one out")
    if wrong:
        raise TableError(f"Line {number}: {'; '.join(wrong)}. Known columns are {', '.join(columns)}.")
    return tuple(names)


def _row(line: str, number: int, separator: str, header: tuple[str, ...]) -> Row | list[Finding]:
    try:
        cells = next(csv.reader([line], delimiter=separator, strict=True))
    except csv.Error:
        problem = "has a quote that is not closed, or more after a closed one: close it, or write it twice"
        return [Finding(number, "", problem)]
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(header):
        problem = (
            f"has {len(cells)} cells and the header {len(header)}: "
            f"put a cell that holds a {SEPARATORS[separator]} in quotes, or complete the line"
        )
        return [Finding(number, "", problem)]
    named = {name: restored(cell.strip(" ")) for name, cell in zip(header, cells, strict=True)}
    findings = [Finding(number, *wrong) for wrong in _odd(named)]
    return findings or Row(number, named)


def _odd(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, cell in cells.items():
        if len(cell) > MAX_CELL:
            yield name, f"is longer than {MAX_CELL} characters: shorten it"
        elif not cell.isprintable() and (odd := [c for c in cell if not c.isprintable() and c != "\u00a0"]):
            yield name, f"holds a character that cannot be seen (U+{ord(odd[0]):04X}): take it out"
