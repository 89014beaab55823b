"""The check of an archive, offline: standard library, `cryptography`, and the modules beside it that import no more.

First the bytes: every root recomputed, every checkpoint's signature, every tile, nothing missing and nothing too much.
Then, only when the bytes are proven, what they say (`bluelamp.audit.story`). The verdict is OK, PENDING (something
young is still open), PARTIAL (only a part was pulled, and that is proven) or FAIL with the place. That the log ends
where the archive ends cannot be seen from the archive:
without an outside checkpoint the verdict says "unanchored".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bluelamp.audit.anchorcheck import Anchor, AnchorCheck, Trust, in_words
from bluelamp.audit.folder import MAX_OBJECT, Folder, FolderError, shown
from bluelamp.audit.layout import unpack
from bluelamp.audit.logcheck import LogCheck
from bluelamp.audit.logfiles import LogReport
from bluelamp.audit.manifest import MANIFEST, compare, read_manifest
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.partcheck import PartCheck
from bluelamp.audit.selection import SELECTION, read_selection
from bluelamp.audit.story import Finding, Story

YEAR = re.compile(r"[0-9]{4}")
PARTIAL = "partial archive"
# A pull puts this down when it begins and takes it away when all is there.
UNFINISHED = "unfinished.pull"
# What commands put beside the log.
BESIDE = frozenset({MANIFEST, SELECTION, UNFINISHED, "index.sqlite", "index.sqlite-journal"})

# Called with how many records were checked, and how many there are in all.
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Report:
    """What was found.

    `anchors` is what somebody outside the force vouches for; `uncounted` is how many more there are, by authors whom
    the reader did not name.
    `kind` is what was checked: "archive", "partial archive" or "bag".
    """

    logs: list[LogReport] = field(default_factory=list)
    failures: list[Finding] = field(default_factory=list)
    pending: list[Finding] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    uncounted: int = 0
    pinned: bool = False
    kind: str = "archive"

    @property
    def verdict(self) -> str:
        """OK, PENDING, PARTIAL or FAIL."""
        if self.failures:
            return "FAIL"
        if self.pending:
            return "PENDING"
        return "PARTIAL" if self.kind == PARTIAL else "OK"

    @property
    def scope(self) -> list[str]:
        """In words, for each log: which of its records are here, and how far the checkpoint goes."""
        return [f"{self.kind}: {log.scope}" for log in self.logs]

    @property
    def records(self) -> int:
        """How many records were checked."""
        return sum(log.records for log in self.logs)

    @property
    def anchored(self) -> int | None:
        """How many records of the last log somebody outside vouches for, or None."""
        return max((a.size for a in self.anchors if self.logs and a.year == self.logs[-1].year), default=None)

    @property
    def anchor(self) -> str:
        """In words: how far somebody outside vouches for the logs, and who; or "unanchored"."""
        return in_words(self.anchors, [(log.year, log.size) for log in self.logs], self.uncounted)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        logs = [{f: getattr(log, f) for f in LogReport.__slots__} for log in self.logs]
        lists = {name: [f.as_json() for f in getattr(self, name)] for name in ("failures", "pending", "remarks")}
        return {
            "verdict": self.verdict,
            "kind": self.kind,
            "scope": self.scope,
            "records": self.records,
            "anchored": self.anchored,
            "anchor": self.anchor,
            "anchors": [anchor.as_json() for anchor in self.anchors],
            "key_pinned": self.pinned,
            "logs": logs,
            **lists,
        }


def verify(
    directory: Path,
    *,
    known: bytes | None = None,
    keys: Sequence[VerifierKey] = (),
    trust: Trust | None = None,
    progress: Progress = lambda *_: None,
) -> Report:
    """Check a pulled archive.

    Parameters
    ----------
    directory
        Where it lies, with the years as folders.
    known
        A checkpoint of the log, got on another way and at any time: an anchor.
    keys
        The keys that may have signed. Without them those in the archive are believed, and the report says so.
    trust
        Timestamp authorities and witnesses whose anchors count. Without them anchors are checked as far as that goes.
    progress
        Told after each commit how many records were checked, and of how many.
    """
    report = Report(pinned=bool(keys))
    folder = Folder(directory)
    years = _years(folder, report)
    if report.pending:
        return report
    selection = read_selection(folder, report.failures)
    report.kind = PARTIAL if selection else "archive"
    story = Story(parts=selection is not None)
    checks: list[LogCheck | PartCheck] = []
    anchors = AnchorCheck(trust or Trust())
    for year in years:
        check = PartCheck(folder, year, keys, selection) if selection else LogCheck(folder, year, keys)
        done = report.records
        for start, bundle in check.bundles():
            bodies = unpack(bundle)
            story.bundle(year, start, bodies)
            done += len(bodies)
            progress(done, report.records + check.expected)
        story.end_of_log(year, check.last_note)
        anchors.check_log(check)
        report.failures += check.failures
        report.pending += check.pending
        report.remarks += check.remarks
        checks.append(check)
        report.logs.append(check.log)
        check.log.sealed_at = story.sealed_at
    report.anchors, report.uncounted = anchors.anchors, sum(anchors.uncounted.values())
    report.failures += anchors.failures
    report.remarks += anchors.remarks()
    if known is not None:
        _anchor(report, checks, known)
    if not report.failures:
        story.finish()
        report.failures += story.failures
        report.pending += story.pending
        report.remarks += story.remarks
    if selection:
        report.remarks.append(Finding("selection", SELECTION, f"is not signed; it says: {selection.words}"))
    report.remarks += _unlisted(folder)
    return report


def _years(folder: Folder, report: Report) -> list[int]:
    """Return the years whose logs lie in the folder, and report what else is there."""
    folders, others = folder.top()
    years = sorted(int(name) for name in folders if YEAR.fullmatch(name))
    if UNFINISHED in others:
        text = "the pull was stopped or is under way, and nothing was checked; run it again"
        report.pending.append(Finding("unfinished", UNFINISHED, text))
    elif not years:
        report.failures.append(Finding("empty", str(folder.root), "there is no log in this folder"))
    for name in (*folders, *others):
        if not YEAR.fullmatch(name) and name not in BESIDE:
            report.remarks.append(Finding("other", shown(name), "is no part of the log, and was not checked"))
        elif name in others and YEAR.fullmatch(name):
            report.failures.append(Finding("foreign", name, "has the name of a log, and is no folder"))
    return years


def _unlisted(folder: Folder) -> list[Finding]:
    """Compare the files with the list of digests that a pull writes: in remarks, for the log does not rest on it."""
    try:
        raw = folder.read(MANIFEST)
    except FolderError as error:
        return [Finding("manifest", MANIFEST, str(error))]
    if raw is None:
        return [Finding("manifest", MANIFEST, "is not there: the list of digests that a pull writes")]
    digests, wrong = read_manifest(raw)
    remarks = [Finding("manifest", MANIFEST, text) for text in wrong]
    folders, others = folder.top()
    try:
        names = [name for year in folders if YEAR.fullmatch(year) for name in folder.names(year)]
    except FolderError as error:
        return [*remarks, Finding("manifest", MANIFEST, f"cannot be held against the files: {error}")]
    names += [name for name in others if name == SELECTION]
    remarks += [
        Finding("manifest", shown(name), text) for name, text in compare(folder, digests, names, limit=MAX_OBJECT)
    ]
    return remarks


def _anchor(report: Report, checks: Sequence[LogCheck | PartCheck], known: bytes) -> None:
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
    if checkpoint.size > check.log.size:
        text = f"was under lock, and the archive ends at record {check.log.size - 1}: its tail is missing"
        report.failures.append(Finding("cut", place, text))
    elif check.root_at(checkpoint.size) != checkpoint.root:
        report.failures.append(Finding("fork", place, "the known checkpoint has another root than this archive"))
    else:
        report.anchors.append(Anchor(check.log.year, checkpoint.size))
