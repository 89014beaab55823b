"""The report as one HTML file: no script, nothing fetched, and every word of the public escaped.

It is written while the export goes from post to post. Its own content policy forbids scripts as well, should a browser
ever find one.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from typing import IO

from bluelamp.exports.pages import Cover, Line, Page, Said

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
h1,h2,h3{line-height:1.2}
article{border-top:3px solid #1d3f72;margin-top:2.5rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{font-weight:600}
dd{margin:0}
dd,blockquote,td{overflow-wrap:anywhere}
blockquote{margin:1rem 0;padding:.5rem 1rem;border-left:4px solid #1d3f72;background:#f3f5f8;white-space:pre-wrap}
figure{margin:1rem 0}
img{max-width:100%;height:auto;border:1px solid #888}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{border:1px solid #999;padding:.3rem;text-align:left;vertical-align:top}
.hash{font:.75rem ui-monospace,monospace}
.remark{color:#8a1f11;font-weight:600}
@media print{article{break-before:page}}
"""
_HEAD = (
    '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
)
_COLUMNS = ("Record", "Time", "Who", "Reason", "Place in the log, SHA-256 of the record")
# Characters that HTML cannot carry at all, and those that turn the direction of what stands around them.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)


class HtmlReport:
    """Writes the report.

    Parameters
    ----------
    out
        A text file.
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def cover(self, cover: Cover) -> None:
        """Write the head of the report."""
        title = f"{escaped(cover.title)}: {escaped(cover.force)}"
        self._say(f"{_HEAD}<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n")
        self._facts(cover.lines)
        for note in cover.notes:
            self._say(f"<p>{escaped(note)}</p>\n")

    def page(self, page: Page) -> None:
        """Write one post."""
        self._say(f'<article id="post-{page.number}">\n<h2>{page.number}. {escaped(page.title)}</h2>\n')
        self._facts(page.facts)
        if page.withheld:
            self._say(f'<p class="remark">{escaped(page.withheld)}</p>\n')
        if page.text is not None:
            self._say(f'<blockquote dir="auto">{escaped(page.text)}</blockquote>\n')
        self._say(f"<p>{escaped(page.agrees)}</p>\n")
        for caption, picture in page.pictures:
            source = base64.b64encode(picture.jpeg).decode("ascii")
            self._say(
                f'<figure><img alt="{escaped(caption)}" width="{picture.width}" height="{picture.height}" '
                f'src="data:image/jpeg;base64,{source}"><figcaption>{escaped(caption)}</figcaption></figure>\n'
            )
        self._spoken("Thread", page.thread)
        self._spoken("Notes among officers", page.notes)
        self._records(page.lines)
        self._say("</article>\n")

    def end(self) -> None:
        """Write the foot of the report."""
        self._say("</body>\n</html>\n")

    def _facts(self, lines: Sequence[tuple[str, str]]) -> None:
        rows = "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>\n" for k, v in lines)
        self._say(f"<dl>\n{rows}</dl>\n")

    def _spoken(self, title: str, said: Sequence[Said]) -> None:
        if not said:
            return
        self._say(f"<h3>{escaped(title)}</h3>\n")
        for one in said:
            about = f" ({escaped(one.about)})" if one.about else ""
            self._say(
                f"<p>{escaped(one.at)}, {escaped(one.by)}{about}</p>"
                f'<blockquote dir="auto">{escaped(one.text)}</blockquote>\n'
            )

    def _records(self, lines: Sequence[Line]) -> None:
        head = "".join(f'<th scope="col">{escaped(c)}</th>' for c in _COLUMNS)
        self._say(f"<h3>Records</h3>\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n")
        for line in lines:
            self._say(f"<tr>{self._cells(line)}</tr>\n")
        self._say("</tbody>\n</table>\n")

    @staticmethod
    def _cells(line: Line) -> str:
        what = escaped(line.type) + (f"<br>{escaped(line.detail)}" if line.detail else "")
        if line.words is not None:
            what += f'<blockquote dir="auto">{escaped(line.words)}</blockquote>'
        if line.file:
            what += f'<br><a href="{escaped(line.file)}">{escaped(line.file)}</a>'
        if line.remark:
            what += f'<br><span class="remark">{escaped(line.remark)}</span>'
        who = escaped(line.who) + (f"<br>{escaped(line.role)}" if line.role else "")
        place = f'{escaped(line.place)}<br><span class="hash">{escaped(line.sha256)}</span>'
        return "".join(f"<td>{cell}</td>" for cell in (what, escaped(line.at), who, escaped(line.reason), place))

    def _say(self, text: str) -> None:
        self._out.write(text)


def escaped(text: str) -> str:
    """Return text that is text in HTML and nothing else; what cannot be shown is named (``[U+202E]``)."""
    return html.escape(_UNPRINTABLE.sub(lambda m: f"[U+{ord(m[0]):04X}]", text), quote=True)
