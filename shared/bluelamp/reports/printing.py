"""A report as PDF, for the file and the meeting: the figures and tables of the page, and what they mean, in print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bluelamp.exports.london import shown
from bluelamp.exports.report_pdf import printable
from bluelamp.reports.definitions import lines_of
from bluelamp.reports.model import Cell, Report, ReportTable
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

_MARGIN = 15
_BODY, _SMALL = 10, 8
_LINE = 1.4


def pdf_of(report: Report, force: str) -> bytes:
    """Return a report as a PDF file; the same report gives the same file.

    Parameters
    ----------
    force
        Whose it is, as people write it.
    """
    pdf = _begun(report, force)
    try:
        _head(pdf, report, force)
        for one in report.figures:
            _text(pdf, f"{one.name}: {_cell(one.value)} {one.unit}".rstrip(), style="B")
        for note in report.notes:
            _text(pdf, note)
        for table in report.tables:
            _table(pdf, table)
        _text(pdf, "What the figures mean", size=12, style="B", above=4)
        for label, value in lines_of(report.definition):
            _text(pdf, f"{label}: {value}", size=_SMALL + 1)
        return bytes(pdf.output())
    finally:
        for font in pdf.fonts.values():
            cast("TTFFont", font).close()


def _begun(report: Report, force: str) -> FPDF:
    from fpdf import FPDF  # noqa: PLC0415 -- slow, and most functions make no PDF
    from ttf_opensans import opensans  # type: ignore[import-untyped]  # noqa: PLC0415

    pdf = FPDF(format="A4")
    pdf.set_creation_date(parse_iso(report.made_at))
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_MARGIN)
    pdf.set_title(f"{report.title}: {force}")
    pdf.set_lang("en-GB")
    styles: tuple[tuple[Any, int], ...] = (("", 400), ("B", 700))
    for style, weight in styles:
        pdf.add_font("report", style=style, fname=str(opensans(font_weight=weight).path))
    pdf.add_page()
    return pdf


def _head(pdf: FPDF, report: Report, force: str) -> None:
    _text(pdf, f"{report.title}: {force}", size=16, style="B")
    if report.estimate:
        _text(pdf, "AN ESTIMATE: nobody measured it", style="B")
    of = report.account or "all accounts within reach of whoever asked"
    _text(pdf, f"{report.month}, {of}. Made {shown(parse_iso(report.made_at))}.")
    missing = f" {report.missing} days of the month are over and were not counted." if report.missing else ""
    _text(pdf, f"Days counted: {report.days}.{missing}")


def _table(pdf: FPDF, table: ReportTable) -> None:
    _text(pdf, table.caption, size=12, style="B", above=4)
    if not table.rows:
        _text(pdf, "Nothing.")
        return
    pdf.set_font("report", size=_SMALL)
    sides: Any = tuple("RIGHT" if column.number else "LEFT" for column in table.columns)
    with pdf.table(text_align=sides, line_height=pdf.font_size * _LINE, borders_layout="HORIZONTAL_LINES") as drawn:
        heads = drawn.row()
        for column in table.columns:
            heads.cell(printable(column.name))
        for row in table.rows:
            line = drawn.row()
            for cell in row:
                line.cell(printable(_cell(cell)))


def _text(pdf: FPDF, text: str, *, size: int = _BODY, style: Any = "", above: int = 1) -> None:
    pdf.ln(above)
    pdf.set_font("report", style=style, size=size)
    pdf.multi_cell(0, h=pdf.font_size * _LINE, text=printable(text), new_x="LMARGIN", new_y="NEXT", align="L")


def _cell(cell: Cell) -> str:
    return "–" if cell is None else str(cell)  # noqa: RUF001 -- the dash that stands for none
