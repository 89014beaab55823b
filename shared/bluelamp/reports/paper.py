"""Figures, words and tables in print: what reports of months and of incidents are put on paper with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from bluelamp.exports.report_pdf import printable

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

_MARGIN = 15
BODY, SMALL = 10, 8
_LINE = 1.4


class Head(NamedTuple):
    """The head of a column; numbers stand on the right."""

    name: str
    number: bool = False


class Paper:
    """A PDF that is being written, line below line. The same lines at the same moment are the same file."""

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf

    def text(self, text: str, *, size: int = BODY, style: Any = "", above: int = 1) -> None:
        """Write a paragraph; `style` is "B" for bold, `above` the millimetres that are left above it."""
        pdf = self._pdf
        pdf.ln(above)
        pdf.set_font("report", style=style, size=size)
        pdf.multi_cell(0, h=pdf.font_size * _LINE, text=printable(text), new_x="LMARGIN", new_y="NEXT", align="L")

    def table(self, caption: str, heads: Sequence[Head], rows: Iterable[Sequence[object]]) -> None:
        """Write a table; a cell of None is a dash, a table without rows says so."""
        pdf = self._pdf
        self.text(caption, size=12, style="B", above=4)
        lines = list(rows)
        if not lines:
            self.text("Nothing.")
            return
        pdf.set_font("report", size=SMALL)
        sides: Any = tuple("RIGHT" if head.number else "LEFT" for head in heads)
        with pdf.table(text_align=sides, line_height=pdf.font_size * _LINE, borders_layout="HORIZONTAL_LINES") as drawn:
            for line in [[head.name for head in heads], *lines]:
                row = drawn.row()
                for cell in line:
                    row.cell(printable(cell_of(cell)))

    def bytes(self) -> bytes:
        """Return the file."""
        return bytes(self._pdf.output())


def cell_of(value: object) -> str:
    """Return what stands in a cell."""
    return "–" if value is None else str(value)  # noqa: RUF001 -- the dash that stands for none


@contextmanager
def paper(title: str, made: datetime) -> Iterator[Paper]:
    """Begin a PDF with its title; its fonts are closed in the end.

    Parameters
    ----------
    made
        When what it says was found: the file bears that time, and not the one of its printing.
    """
    from fpdf import FPDF  # noqa: PLC0415 -- slow, and most functions make no PDF
    from ttf_opensans import opensans  # type: ignore[import-untyped]  # noqa: PLC0415

    pdf = FPDF(format="A4")
    pdf.set_creation_date(made)
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_MARGIN)
    pdf.set_title(title)
    pdf.set_lang("en-GB")
    styles: tuple[tuple[Any, int], ...] = (("", 400), ("B", 700))
    for style, weight in styles:
        pdf.add_font("report", style=style, fname=str(opensans(font_weight=weight).path))
    pdf.add_page()
    try:
        whole = Paper(pdf)
        whole.text(title, size=16, style="B")
        yield whole
    finally:
        for font in pdf.fonts.values():
            cast("TTFFont", font).close()
