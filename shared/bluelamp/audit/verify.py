"""The check of an archive, offline: standard library, `cryptography`, and the modules beside it that import no more.

First the bytes: every root recomputed, every checkpoint's signature, every tile, nothing missing and nothing too much.
Then, only when the bytes are proven, what they say (`bluelamp.audit.story`). The verdict is OK, PENDING (something
young is still open) or FAIL with the place. That the log ends where the archive ends cannot be seen from the archive:
without an outside checkpoint the verdict says "unanchored".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bluelamp.audit.layout import unpack
from bluelamp.audit.logcheck import LogCheck, LogReport
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.story import Finding, Story


@dataclass(slots=True)
class Report:
    """What was found.

    `anchored` is how many records of the last log a checkpoint from outside covers, or None: "unanchored".
    """

    logs: list[LogReport] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)
    pending: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    anchored: int | None = None
    pinned: bool = False

    @property
    def verdict(self) -> str:
        """OK, PENDING or FAIL."""
        if self.failures:
            return "FAIL"
        return "PENDING" if self.pending else "OK"

    @property
    def records(self) -> int:
        """How many records were checked."""
        return sum(log.records for log in self.logs)

    @property
    def anchor(self) -> str:
        """In words: how far something outside the archive vouches for its end."""
        if self.anchored is None:
            return "unanchored: nothing outside this archive shows that the log ends here"
        left = self.logs[-1].records - self.anchored
        behind = f", the {left} behind it unanchored" if left else ", which is all of it"
        return f"anchored until record {self.anchored - 1} of {self.logs[-1].year}{behind}"

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        logs = [{f: getattr(log, f) for f in LogReport.__slots__} for log in self.logs]
        lists = {name: [f.as_json() for f in getattr(self, name)] for name in ("failures", "pending", "remarks")}
        return {
            "verdict": self.verdict,
            "records": self.records,
            "anchored": self.anchored,
            "anchor": self.anchor,
            "key_pinned": self.pinned,
            "logs": logs,
            **lists,
        }


def verify(directory: Path, *, known: bytes | None = None, keys: Sequence[VerifierKey] = ()) -> Report:
    """Check a pulled archive.

    Parameters
    ----------
    directory
        Where it lies, with the years as folders.
    known
        A checkpoint of the log, got on another way and at any time: an anchor.
    keys
        The keys that may have signed. Without them those in the archive are believed, and the report says so.
    """
    report = Report(pinned=bool(keys))
    years = sorted(int(p.name) for p in directory.glob("[0-9][0-9][0-9][0-9]") if p.is_dir())
    if not years:
        report.failures.append(Finding("empty", str(directory), "there is no log in this folder"))
    story = Story()
    checks = []
    for year in years:
        check = LogCheck(directory, year, keys)
        for start, bundle in check.bundles():
            story.bundle(year, start, unpack(bundle))
        story.end_of_log(year, check.last_note)
        report.failures += check.failures
        report.pending += check.pending
        report.remarks += check.remarks
        checks.append(check)
        report.logs.append(check.log)
        check.log.sealed_at = story.sealed_at
    if known is not None:
        _anchor(report, checks, known)
    if not report.failures:
        story.finish()
        report.failures += story.failures
        report.pending += story.pending
        report.remarks += story.remarks
    return report


def _anchor(report: Report, checks: Sequence[LogCheck], known: bytes) -> None:
    """Hold the archive against a checkpoint that came another way."""
    try:
        note = Note.parse(known)
        checkpoint = Checkpoint.parse(note.text)
        check = next((c for c in checks if c.log.origin == checkpoint.origin), None)
        if check is None:
            report.failures.append(Finding("anchor", checkpoint.origin, "this log is not in the archive"))
            return
        note.check([VerifierKey.parse(key) for key in check.log.keys])
    except NoteError as error:
        report.failures.append(Finding("anchor", "the known checkpoint", str(error)))
        return
    place = f"{check.log.year} record {checkpoint.size - 1}"
    if checkpoint.size > check.log.records:
        text = f"was under lock, and the archive ends at record {check.log.records - 1}: its tail is missing"
        report.failures.append(Finding("cut", place, text))
    elif check.roots.get(checkpoint.size) != checkpoint.root:
        report.failures.append(Finding("fork", place, "the known checkpoint has another root than this archive"))
    elif check is checks[-1]:
        report.anchored = checkpoint.size
