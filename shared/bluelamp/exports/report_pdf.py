"""The report as PDF, for print and for the court's bundle: the same pages as the HTML.

PDF's own fonts know Latin-1 alone, so Open Sans is embedded (Latin, Greek, Cyrillic). What it has no shape for, such as
an emoji or Arabic, is printed by its number (``[U+1F602]``) rather than left out, and the cover says so: the HTML
report beside it shows the character itself. A file holds at most a hundred posts, because a PDF is made in memory.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bluelamp.exports.pages import Cover, Line, Page, Said

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

POSTS_A_FILE = 100
_MARGIN = 15
_BODY = 9
_SMALL = 7
_LINE = 1.35
_SHORT = 160
_TALLEST = 110.0
_POINTS_A_MM = 96 / 25.4
_LONGEST = 20_000
_SPACES = re.compile(r"[^\S\n]+")


class PdfReport:
    """Writes the report as one or more PDF files.

    Parameters
    ----------
    place
        Gives the path of the file of a number from 1 on.
    made_at
        The date in the files: equal content makes equal files.
    """

    def __init__(self, place: Callable[[int], Path], *, made_at: datetime) -> None:
        self._place = place
        self._made_at = made_at
        self._cover: Cover | None = None
        self._pdf: FPDF | None = None
        self._posts = 0
        self.files = 0

    def cover(self, cover: Cover) -> None:
        """Write the cover; each file gets it."""
        self._cover = cover
        self._pdf = self._begin(cover, 1)

    def page(self, page: Page) -> None:
        """Write one post, in a new file when the last one is full."""
        if self._posts == POSTS_A_FILE and self._cover is not None:
            self._flush()
            self._pdf = self._begin(self._cover, self.files + 1)
        self._posts += 1
        pdf = self._open
        pdf.add_page()
        _heading(pdf, f"{page.number}. {page.title}", 13)
        for label, value in page.facts:
            _text(pdf, f"{label}: {value}")
        if page.withheld:
            _text(pdf, page.withheld, style="B")
        if page.text is not None:
            _quote(pdf, page.text)
        _text(pdf, page.agrees)
        for caption, picture in page.pictures:
            _picture(pdf, picture, caption)
        for title, said in (("Thread", page.thread), ("Notes among officers", page.notes)):
            _spoken(pdf, title, said)
        _records(pdf, page.lines)

    def end(self) -> None:
        """Write the last file."""
        self._flush()

    def close(self) -> None:
        """Let go of the font's files, of a report that was given up as well."""
        for font in self._pdf.fonts.values() if self._pdf else ():
            cast("TTFFont", font).close()
        self._pdf, self._posts = None, 0

    @property
    def _open(self) -> FPDF:
        if self._pdf is None:
            raise ValueError("a report begins with its cover")
        return self._pdf

    def _flush(self) -> None:
        self.files += 1
        self._open.output(str(self._place(self.files)))
        self.close()

    def _begin(self, cover: Cover, number: int) -> FPDF:
        from fpdf import FPDF  # noqa: PLC0415 -- slow, and most functions make no PDF

        pdf = FPDF(format="A4")
        pdf.set_creation_date(self._made_at)
        pdf.set_margin(_MARGIN)
        pdf.set_auto_page_break(auto=True, margin=_MARGIN)
        pdf.set_title(f"{cover.title}: {cover.force}")
        pdf.set_lang("en-GB")
        for style, weight in (("", 400), ("B", 700)):
            _font(pdf, style, weight)
        pdf.add_page()
        _heading(pdf, f"{cover.title}: {cover.force}", 16)
        if number > 1:
            _text(pdf, f"Part {number}", style="B")
        for label, value in cover.lines:
            _text(pdf, f"{label}: {value}")
        for note in (*cover.notes, _UNPRINTED):
            pdf.ln(2)
            _text(pdf, note)
        return pdf


_UNPRINTED = (
    "A character for which this file's font has no shape (an emoji, a script other than Latin, Greek or Cyrillic) is "
    "printed by its number, like [U+1F602]. report.html shows the character itself."
)


@cache
def _shapes() -> frozenset[int]:
    """Return the characters that the font has a shape for."""
    from fpdf import FPDF  # noqa: PLC0415

    pdf = FPDF()
    font = _font(pdf, "", 400)
    try:
        return frozenset(font.cmap)
    finally:
        font.close()


def _font(pdf: FPDF, style: Any, weight: int) -> TTFFont:
    from ttf_opensans import opensans  # type: ignore[import-untyped]  # noqa: PLC0415

    pdf.add_font("report", style=style, fname=str(opensans(font_weight=weight).path))
    return cast("TTFFont", pdf.fonts[f"report{style}"])


def printable(text: str) -> str:
    """Return text of which every character can be printed, those without a shape by their number."""
    shapes = _shapes()
    plain = _SPACES.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c if c == "\n" or ord(c) in shapes else f"[U+{ord(c):04X}]" for c in plain)


def _heading(pdf: FPDF, text: str, size: int) -> None:
    pdf.ln(2)
    _text(pdf, text, size=size, style="B")
    pdf.ln(1)


def _text(pdf: FPDF, text: str, *, size: int = _BODY, style: Any = "") -> None:
    pdf.set_font("report", style=style, size=size)
    _cell(pdf, text)


def _cell(pdf: FPDF, text: str, **how: Any) -> None:
    shown, height = printable(text), pdf.font_size * _LINE
    if not shown:
        return
    if not how and "\n" not in shown and len(shown) < _SHORT and pdf.get_string_width(shown) < pdf.epw - 3:
        pdf.cell(h=height, text=shown, new_x="LMARGIN", new_y="NEXT")
        return
    wrap: Any = "CHAR" if _long(shown) else "WORD"
    pdf.multi_cell(0, h=height, text=shown, new_x="LMARGIN", new_y="NEXT", align="L", wrapmode=wrap, **how)


def _long(text: str) -> bool:
    """Return whether a word is longer than a line may be: such a word has to be broken anywhere."""
    return any(len(word) > 60 for word in text.split())  # noqa: PLR2004 -- some two thirds of a line


def _quote(pdf: FPDF, text: str) -> None:
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "\n[… the rest is in report.html]"
    pdf.set_fill_color(243, 245, 248)
    pdf.set_font("report", size=_BODY + 1)
    pdf.ln(1)
    _cell(pdf, shown, fill=True, padding=2)
    pdf.ln(1)


def _picture(pdf: FPDF, picture: Any, caption: str) -> None:
    width = min(pdf.epw, picture.width / _POINTS_A_MM)
    height = width * picture.height / picture.width
    if height > _TALLEST:
        width, height = width * _TALLEST / height, _TALLEST
    pdf.ln(2)
    if pdf.will_page_break(height + 8):
        pdf.add_page()
    pdf.image(io.BytesIO(picture.jpeg), w=width, h=height, alt_text=caption)
    _text(pdf, caption, size=_SMALL)


def _spoken(pdf: FPDF, title: str, said: Sequence[Said]) -> None:
    if said:
        _heading(pdf, title, 11)
    for one in said:
        _text(pdf, f"{one.at}, {one.by}" + (f" ({one.about})" if one.about else ""))
        _quote(pdf, one.text)


def _records(pdf: FPDF, lines: Sequence[Line]) -> None:
    """Write the records, each as two lines or three: a table would take ten times as long to set."""
    _heading(pdf, "Records", 11)
    for line in lines:
        who = ", ".join(filter(None, (line.who, line.role)))
        what = "; ".join(filter(None, (f"{line.type}: {line.at}", who, line.detail, line.reason)))
        _text(pdf, what, size=_SMALL + 1, style="B")
        _text(pdf, f"{line.place}  {line.sha256}", size=_SMALL)
        if line.file:
            _text(pdf, line.file, size=_SMALL)
        if line.words is not None:
            _quote(pdf, line.words)
        if line.remark:
            _text(pdf, line.remark, size=_SMALL, style="B")
        pdf.ln(1)
