"""What an import tells, whatever it brings: how many lines of each sort, and each bad line with what to do."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ConfigDict

from bluelamp.models import Model
from bluelamp.tabular.reading import Finding

# So many bad lines are told one by one; all are counted.
MAX_TOLD = 1000


class BadLine(Model):
    """What is wrong with a line of the file, and what to do."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    line: int
    column: str
    problem: str


class ImportReport(Model):
    """What an import would do (`applied` false), or did: how many lines of each sort, and each bad one."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    applied: bool
    created: int
    changed: int
    unchanged: int
    bad: int
    findings: tuple[BadLine, ...]


def report(*, applied: bool, created: int, changed: int, unchanged: int, findings: Sequence[Finding]) -> ImportReport:
    """Return the report of these numbers and findings, in the order of the lines."""
    found = sorted(findings, key=lambda f: (f.line, f.column))
    return ImportReport(
        applied=applied,
        created=created,
        changed=changed,
        unchanged=unchanged,
        bad=len({f.line for f in found}),
        findings=tuple(BadLine(line=f.line, column=f.column, problem=f.problem) for f in found[:MAX_TOLD]),
    )
