"""A report as PDF, for the file and the meeting: the figures and tables of the page, and what they mean, in print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.exports.london import shown
from bluelamp.reports.definitions import lines_of
from bluelamp.reports.paper import SMALL, Head, cell_of, paper
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.reports.model import Report
    from bluelamp.reports.paper import Paper


def pdf_of(report: Report, force: str) -> bytes:
    """Return a report as a PDF file; the same report gives the same file.

    Parameters
    ----------
    force
        Whose it is, as people write it.
    """
    with paper(f"{report.title}: {force}", parse_iso(report.made_at)) as pdf:
        _head(pdf, report)
        for one in report.figures:
            pdf.text(f"{one.name}: {cell_of(one.value)} {one.unit}".rstrip(), style="B")
        for note in report.notes:
            pdf.text(note)
        for table in report.tables:
            pdf.table(table.caption, [Head(one.name, one.number) for one in table.columns], table.rows)
        pdf.text("What the figures mean", size=12, style="B", above=4)
        for label, value in lines_of(report.definition):
            pdf.text(f"{label}: {value}", size=SMALL + 1)
        return pdf.bytes()


def _head(pdf: Paper, report: Report) -> None:
    if report.estimate:
        pdf.text("AN ESTIMATE: nobody measured it", style="B")
    of = report.account or "all accounts within reach of whoever asked"
    pdf.text(f"{report.month}, {of}. Made {shown(parse_iso(report.made_at))}.")
    missing = f" {report.missing} days of the month are over and were not counted." if report.missing else ""
    pdf.text(f"Days counted: {report.days}.{missing}")
