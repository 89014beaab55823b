"""A bag out of a pulled archive, with nothing else at hand: the records about a case and their proofs, no words.

What the log names by pseudonym is found by pseudonym: an object, an author, an account, a single record. Everything
that the archive has about it in the period is taken; what it was, only the force could tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bluelamp.audit import layout, standalone
from bluelamp.audit.archive import DirectoryBucket
from bluelamp.errors import InvalidInputError, NotFoundError
from bluelamp.exports.bag import BagWriter
from bluelamp.exports.disclosure import Schedule
from bluelamp.exports.filling import CaseFile, Filler
from bluelamp.exports.london import shown
from bluelamp.exports.pages import Cover
from bluelamp.exports.report import HtmlReport
from bluelamp.exports.report_pdf import PdfReport
from bluelamp.exports.sealed import SealedYear
from bluelamp.exports.telling import README, TITLE, pdf_name
from bluelamp.times import iso

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

# More objects than this make no case that anybody can read.
MOST_OBJECTS = 5_000
NAMELESS = "records without an object"


@dataclass(frozen=True)
class Wanted:
    """Which records: every condition that is given has to hold. `since` and `until` bound the record's own time."""

    objects: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    account: str | None = None
    author: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, leaf: dict[str, Any]) -> bool:
        """Return whether a record is wanted."""
        named = self.objects | self.records
        if named and leaf.get("id") not in self.records and (leaf.get("obj") or {}).get("key") not in self.objects:
            return False
        if (self.account and leaf.get("account") != self.account) or (
            self.author and leaf.get("author_key") != self.author
        ):
            return False
        at = str(leaf.get("at", ""))
        return not ((self.since and at < iso(self.since)) or (self.until and at >= iso(self.until)))

    def lines(self) -> list[tuple[str, str]]:
        """Return the conditions, as label and value."""
        lines = [("Object (pseudonym)", key) for key in sorted(self.objects)]
        lines += [("Record", leaf_id) for leaf_id in sorted(self.records)]
        pairs = (("Account", self.account), ("Author (pseudonym)", self.author))
        lines += [(label, value) for label, value in pairs if value]
        lines += [("From", shown(self.since))] if self.since else []
        lines += [("Before", shown(self.until))] if self.until else []
        return lines


@dataclass
class _Found:
    objects: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    examined: int = 0


def bag_from(
    archive: Path,
    target: Path,
    wanted: Wanted,
    *,
    ref: str,
    by: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Write a bag of records and proofs out of a pulled archive.

    Parameters
    ----------
    archive
        The folder that `archive pull` wrote.
    target
        The bag's folder; it must not be there yet.
    ref, by
        The reference of the case, and who makes the bag.
    progress
        Told now and then how many records were looked at.

    Returns
    -------
    dict
        How many records were examined and taken, and of how many objects.

    Raises
    ------
    NotFoundError
        When the folder holds no log, or nothing in it is wanted.
    InvalidInputError
        When there is something at `target`, or more is wanted than a bag holds.
    """
    if target.exists():
        raise InvalidInputError(f"{target} is there already; name a folder that is not")
    bucket = cast("Bucket", DirectoryBucket(archive))
    checkpoints = _checkpoints(archive)
    if not checkpoints:
        raise NotFoundError(f"there is no log in {archive}; pull one with `bluelamp archive pull`")
    found = _scan(bucket, checkpoints, wanted, progress)
    if not found.objects:
        raise NotFoundError(f"none of the {found.examined} records in {archive} is wanted; widen what you ask for")
    ends: dict[int, int] = {}
    for places in found.objects.values():
        for year, seq in places:
            ends[year] = max(ends.get(year, 0), seq + 1)
    years = {y: SealedYear(bucket, y, checkpoints[y], needed=end) for y, end in sorted(ends.items())}
    made = [("Reference", ref), ("Made by", by), ("Made", shown(now))]
    return _write(target, years=years, found=found, wanted=wanted, made=made, now=now)


def _write(
    target: Path,
    *,
    years: dict[int, SealedYear],
    found: _Found,
    wanted: Wanted,
    made: list[tuple[str, str]],
    now: datetime,
) -> dict[str, int]:
    bag = BagWriter(target)
    facts = [*made, *wanted.lines(), ("Records examined", str(found.examined))]
    pdf = PdfReport(lambda n: bag.path(pdf_name(n)), made_at=now)
    with closing(pdf), bag.stream("report.html") as page, bag.stream("case.json") as case:
        html = HtmlReport(page)
        about = {"export": dict(facts), "found": len(found.objects)}
        filler = Filler(bag, years=years, vault=None, html=html, pdf=pdf, case=CaseFile(case, about))
        cover = Cover("from a pulled archive", TITLE, facts)
        html.cover(cover)
        pdf.cover(cover)
        for number, (name, places) in enumerate(found.objects.items(), 1):
            filler.bare(number, name, _bodies(years, places))
        filler.end()
    for number in range(1, pdf.files + 1):
        bag.adopt(pdf_name(number))
    for year in years.values():
        bag.write(f"checkpoints/{year.year:04d}", year.checkpoint)
        for name, body in year.signing_keys():
            bag.write(f"keys/{name}", body)
        for name, body in year.anchors():
            bag.write(name, body)
    records = sum(filler.tally.records.values())
    counts = {"records examined": found.examined, "records": records, "objects": len(found.objects)}
    schedule = Schedule(facts=facts, counts=counts, records=filler.tally.records)
    bag.write("disclosure.json", schedule.as_json())
    bag.write("disclosure.csv", schedule.as_csv())
    bag.write("README.txt", README.encode())
    standalone.build(bag.path("verify.pyz"))
    bag.adopt("verify.pyz")
    bag.seal(
        {
            "External-Description": f"Records of a case, {made[0][1]}",
            "Bagging-Date": iso(now)[:10],
            "Bag-Software-Agent": "Bluelamp",
        }
    )
    return {"examined": found.examined, "records": records, "objects": len(found.objects)}


def _bodies(years: dict[int, SealedYear], places: list[tuple[int, int]]) -> Iterator[tuple[int, int, bytes]]:
    for year, seq in places:
        yield year, seq, years[year].record(seq)


def _checkpoints(archive: Path) -> dict[int, bytes]:
    """Return the last checkpoint of each year's log."""
    last: dict[int, Path] = {}
    for path in sorted(archive.glob("[0-9][0-9][0-9][0-9]/checkpoints/*")):
        if layout.parse_checkpoint(path.relative_to(archive).as_posix()):
            last[int(path.parts[-3])] = path
    return {year: path.read_bytes() for year, path in last.items()}


def _scan(bucket: Bucket, years: dict[int, bytes], wanted: Wanted, progress: Callable[[int], None]) -> _Found:
    """Look at every record of the archive, in order, and note the places of those that are wanted, by object."""
    found = _Found()
    for year in sorted(years):
        for name in bucket.list(f"{year:04d}/entries"):
            parsed = layout.parse_entries(name)
            if parsed is None:
                continue
            for seq, body in enumerate(layout.unpack(bucket.get(name)), parsed[1]):
                found.examined += 1
                leaf = json.loads(body)
                if wanted.takes(leaf):
                    key = str((leaf.get("obj") or {}).get("key") or NAMELESS)
                    found.objects.setdefault(key, []).append((year, seq))
            if len(found.objects) > MOST_OBJECTS:
                raise InvalidInputError(f"this takes more than {MOST_OBJECTS} objects; choose a shorter period")
            progress(found.examined)
    return found
