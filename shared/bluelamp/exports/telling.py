"""The words around a bag: its cover, its schedule for disclosure, ``bag-info.txt`` and the README for a stranger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from bluelamp.exports.disclosure import Schedule
from bluelamp.exports.london import shown
from bluelamp.exports.model import ExportJob, Figures, PostsScope, SearchScope, ThreadScope
from bluelamp.exports.pages import Cover
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.exports.filling import Tally
    from bluelamp.exports.sealed import SealedYear
    from bluelamp.exports.selecting import Selection

TITLE = "Case export"
README = """\
WHAT THIS IS

A case from Bluelamp, a police force's desk for social media, as a BagIt 1.0 bag (RFC 8493).

  report.html, report.pdf   the case to be read: posts, pictures, thread, and every record about them
  case.json                 the same for machines
  disclosure.csv, .json     what was asked for, by whom and why, and what was found
  records/                  the records themselves, byte by byte as they were sealed (JSON)
  proofs/                   for each record the proof that it stands in the sealed log (C2SP tlog-proof)
  checkpoints/, keys/       the signed heads of the log that the proofs end in, and the keys that signed them
  timestamps/, cosignatures/  what others, outside the force, say of these heads; missing when nobody had yet
  content/                  what the platform sent, and pictures: `cipher` as sealed, `plain` as decrypted, and in
                            keys.json the key to each, so that anybody can repeat the decryption

HOW TO CHECK IT, WITHOUT THE FORCE AND WITHOUT A NETWORK

  1. That the files are those that were handed over: any BagIt tool, or  sha256sum -c manifest-sha256.txt
  2. That the records were sealed as they stand here: Python 3.11 or newer, and  pip install cryptography
         python data/verify.pyz .
     It recomputes each record's hash, follows its proof to the signed head, checks the signature, and checks and
     decrypts each content. It answers OK, or FAIL and names the place.
  3. That the key is the force's: compare the file in keys/ with one that you got from the force on another way.

WHAT IT PROVES, AND WHAT NOT

It proves that each record here stands unchanged in the log under the signed head, and that each content is what that
record names. It does not prove that there are no other records about the case: for that, ask for the whole log, which
holds no names and no words. Nor that what a record says was true when it was written.
"""


_READING = (
    "This page is for reading. What counts are the records and contents beside it: README.txt says how anybody can "
    "check them, without the force and without a network."
)


class Maker(Protocol):
    """Who makes bags."""

    @property
    def force(self) -> str:
        """The force, as people write it."""

    @property
    def software(self) -> str:
        """The commit that ran."""


def pdf_name(number: int) -> str:
    """Return the name of a part of the report as PDF."""
    return "report.pdf" if number == 1 else f"report-{number}.pdf"


def scope_lines(job: ExportJob) -> list[tuple[str, str]]:
    """Return what was asked for, as label and value."""
    scope = job.scope
    lines: list[tuple[str, str]] = [("Scope", scope.kind)]
    match scope:
        case PostsScope():
            lines.append(("Posts asked for", str(len(scope.posts))))
        case ThreadScope():
            lines.append(("Thread", scope.thread))
        case _:
            lines += [("Account", scope.account or "all")]
            lines += [("From", _day(scope.since)), ("To, included", _day(scope.until))]
            if isinstance(scope, SearchScope):
                lines.append(("Search terms", ", ".join(f"“{word}”" for word in scope.words)))
            elif scope.kind == "author":
                lines.append(("Author (pseudonym)", scope.author))
    return lines


def request_lines(job: ExportJob) -> list[tuple[str, str]]:
    """Return who asked for it, when and why."""
    return [
        ("Export", job.id),
        ("Purpose", job.purpose.replace("_", " ")),
        ("Reference", job.ref),
        ("Requested by", f"{job.by.name} ({job.role})"),
        ("Requested", shown(parse_iso(job.created_at))),
        ("Made", shown(parse_iso(job.started_at))),
        *scope_lines(job),
    ]


def cover(job: ExportJob, found: Selection, force: str, years: Mapping[int, SealedYear]) -> Cover:
    """Return the head of the report."""
    lines = [*request_lines(job), ("Posts examined", str(found.examined)), ("Posts found", str(len(found.posts)))]
    if found.missing:
        lines.append(("Not found", ", ".join(found.missing)))
    for year, log in years.items():
        lines.append((f"Log of {year}", f"proven up to record {log.size - 1}"))
    return Cover(
        force,
        TITLE,
        lines,
        notes=(
            "Times are those of the United Kingdom, day first. Places in the log count from 0 in each year.",
            _READING,
        ),
    )


def about(job: ExportJob, found: Selection, maker: Maker) -> dict[str, Any]:
    """Return what stands at the head of ``case.json``."""
    return {
        "force": maker.force,
        "software": maker.software,
        "export": {
            "id": job.id,
            "leaf": job.leaf,
            "scope": job.scope.model_dump(mode="json"),
            "purpose": job.purpose,
            "ref": job.ref,
            "requested_by": job.by.model_dump(),
            "role": job.role,
            "requested_at": job.created_at,
            "made_at": job.started_at,
        },
        "examined": found.examined,
        "found": len(found.posts),
        "missing": list(found.missing),
    }


def schedule(job: ExportJob, found: Selection, tally: Tally, figures: Figures, force: str) -> Schedule:
    """Return the schedule for disclosure."""
    return Schedule(
        facts=[("Force", force), *request_lines(job)],
        terms=found.terms,
        counts={
            "posts examined": figures.examined,
            "posts found": figures.posts,
            "posts asked for and not found": figures.missing,
            "records": figures.records,
            "records not sealed yet": figures.unsealed,
            "contents": figures.contents,
            "contents destroyed": figures.destroyed,
            "contents broken": figures.broken,
        },
        records=tally.records,
        accounts=tally.accounts,
    )


def bag_info(job: ExportJob, maker: Maker) -> dict[str, str]:
    """Return the lines of ``bag-info.txt``."""
    return {
        "Source-Organization": maker.force,
        "External-Identifier": job.id,
        "External-Description": f"Case export, {job.purpose}, {job.ref}",
        "Bagging-Date": job.started_at[:10],
        "Bag-Software-Agent": f"Bluelamp {maker.software}".strip(),
    }


def _day(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}/{month}/{year}"
