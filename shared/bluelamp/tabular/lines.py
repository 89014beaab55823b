"""The lines of a sheet, each read by whoever knows what it is about: good ones beside what is wrong with the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bluelamp.tabular.reading import Finding, Row, Sheet, Wrong

LineT = TypeVar("LineT")


@dataclass(frozen=True, slots=True)
class Lines(Generic[LineT]):
    """The good lines of a file, and what is wrong with the others, in their order."""

    good: tuple[LineT, ...]
    findings: tuple[Finding, ...]


def lines_of(
    sheet: Sheet,
    line_of: Callable[[Row, Wrong], LineT],
    *,
    key: Callable[[LineT], str],
    column: str,
    what: str,
) -> Lines[LineT]:
    """Read each row, and refuse what an earlier line speaks of already.

    Parameters
    ----------
    line_of
        Reads a row, and says what is wrong with it.
    key
        What a line is about; empty when it does not say.
    column, what
        Where a repetition is told, and of what, as in ``account``.
    """
    good: list[LineT] = []
    findings = list(sheet.findings)
    first: dict[str, int] = {}
    for row in sheet.rows:
        wrong = Wrong(row.line)
        line = line_of(row, wrong)
        about = key(line)
        if about in first:
            wrong(column, f"is the {what} of line {first[about]} again: leave one of the two")
        elif about:
            first[about] = row.line
        if wrong.findings:
            findings += wrong.findings
        else:
            good.append(line)
    return Lines(tuple(good), tuple(sorted(findings, key=lambda finding: finding.line)))
