"""The closing report of an incident as PDF: strategy in all its versions, decisions, false claims, jobs and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.exports.london import shown
from bluelamp.reports.paper import Head, paper
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.incidents.model import JobView, Report
    from bluelamp.reports.paper import Paper


_ORDERS = (
    Head("When"), Head("What"), Head("Posts", number=True), Head("Ordered by"), Head("Agreed by"), Head("Came to"),
)  # fmt: skip


def pdf_of(report: Report) -> bytes:
    """Return the report of an incident as a PDF file; the same report gives the same file."""
    one = report.incident
    with paper(f"Incident {one.code}: {one.state}", parse_iso(report.made_at)) as pdf:
        _head(pdf, report)
        for strategy in report.strategies:
            pdf.text(f"Strategy, version {strategy.version}", size=12, style="B", above=4)
            pdf.text(strategy.text)
            pdf.text(f"{strategy.by.name}, {_at(strategy.at)}")
        decided = [entry for entry in report.entries if entry.kind == "decision"]
        claims = [entry for entry in report.entries if entry.kind == "claim"]
        pdf.table(
            "Decisions", [Head("When"), Head("Who"), Head("What")], [(_at(e.at), e.by.name, e.text) for e in decided]
        )
        pdf.table(
            "False claims",
            [Head("When"), Head("Who"), Head("Claim"), Head("Answer"), Head("Source")],
            [(_at(e.at), e.by.name, e.text, e.answer or None, e.source or None) for e in claims],
        )
        pdf.table("Orders for many posts", _ORDERS, map(_order, report.jobs))
        figures = [(name.replace("_", " "), n) for name, n in report.figures.items()]
        pdf.table("Figures", [Head("What"), Head("Number", number=True)], figures)
        return pdf.bytes()


def _head(pdf: Paper, report: Report) -> None:
    one = report.incident
    ended = f"Closed {_at(one.closed_at)}." if one.closed_at else "It is open still."
    pdf.text(f"Opened {_at(one.opened_at)} by {one.opened_by.name}. {ended} {report.minutes} minutes.")
    about = f"words: {', '.join(one.scope.words)}" if one.scope.words else "all posts"
    where = f"{one.scope.area}. " if one.scope.area else ""
    pdf.text(f"{where}{len(one.scope.accounts)} accounts, {about}. Posts from {_at(one.scope.begin)}.")
    pdf.text(f"Made {_at(report.made_at)}. Hidden still: {report.still_hidden}.", style="B")


def _order(job: JobView) -> tuple[object, ...]:
    came_to = ", ".join(f"{state} {n}" for state, n in sorted(job.outcomes.items()))
    agreed = job.agreed_by.name if job.agreed_by else None
    return _at(job.made_at), job.verb, job.posts, job.by.name, agreed, came_to or None


def _at(moment: str) -> str:
    return shown(parse_iso(moment))
