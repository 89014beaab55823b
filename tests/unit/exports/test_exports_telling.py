"""What a bag says in words: nothing of the public becomes markup or a formula, and times are those of the country."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import bagit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.exports.bag import BagWriter, zipped
from bluelamp.exports.disclosure import Schedule, harmless
from bluelamp.exports.london import day_begins, day_ends, london, shown
from bluelamp.exports.pages import Cover, Line, Page, Said
from bluelamp.exports.pictures import EDGE, kind_of, small
from bluelamp.exports.report import HtmlReport
from bluelamp.exports.report_pdf import POSTS_A_FILE, PdfReport, printable
from tests.unit.exports.export_kit import jpeg

steady = settings(derandomize=True, deadline=None, max_examples=60)
ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=80) | st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</blockquote></article>", "&lt;b&gt;", "\u202e",
     "]]>", "<!--", "javascript:alert(1)", "\x00<b>", "' onmouseover='x"]
)  # fmt: skip
OURS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "dl", "dt", "dd", "p", "article", "blockquote",
    "figure", "img", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "br", "span", "a",
}  # fmt: skip


class Parsed(HTMLParser):
    """Which tags a browser would see, with their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.comments = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.comments += 1


def page_of(text: str, number: int = 1) -> Page:
    line = Line(
        type=text, at=text, who=text, role=text, reason=text, detail=text, sha256="0" * 64, place="2026 record 1",
        words=text, remark=text,
    )  # fmt: skip
    return Page(
        number=number, title=text, facts=[(text, text)], text=text, withheld=text, agrees=text, pictures=(),
        thread=[Said(text, text, text, text)], notes=[Said(text, text, text)], lines=[line],
    )  # fmt: skip


def told(text: str) -> str:
    out = io.StringIO()
    report = HtmlReport(out)
    report.cover(Cover(text, "Case export", [(text, text)], notes=[text]))
    report.page(page_of(text))
    report.end()
    return out.getvalue()


@given(ANYTHING)
@steady
def test_whatever_the_public_writes_is_text_and_never_markup(text):
    if not text:
        return
    page, plain = told(text), told("x")
    seen, expected = Parsed(page), Parsed(plain)
    assert [tag for tag, _ in seen.tags] == [tag for tag, _ in expected.tags]
    assert {tag for tag, _ in seen.tags} <= OURS
    assert [sorted(attrs) for _, attrs in seen.tags] == [sorted(attrs) for _, attrs in expected.tags]
    assert seen.comments == 0
    page.encode("utf-8")  # a lone surrogate would fail here
    if text.isprintable():
        assert text in seen.text


def test_the_page_forbids_scripts_and_fetches_nothing():
    page = told("hello")
    policy = next(a["content"] for t, a in Parsed(page).tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert not re.search(r"https?:|<script|@import|url\(", page)


@given(
    st.text(max_size=40) | st.sampled_from(["=1+1", "@SUM(A1)", "-2+3", "+cmd|' /C calc'!A0", "\t=1", "\uff1d1", " =1"])
)
@steady
def test_no_cell_is_a_formula(text):
    raw = Schedule(facts=[(text, text)], terms={text: 1}, counts={"posts": -3}).as_csv()
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(rows) == 4
    for cell in (cell for row in rows for cell in row):
        bare = cell.replace("\x00", "").lstrip(" \xa0\ufeff")
        number = bare.removeprefix("-").isascii() and bare.removeprefix("-").isdigit()
        assert number or not bare.startswith(
            ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
        )
    assert rows[3] == ["count", "posts", "-3"]


def test_what_is_harmless_stays_as_it_is():
    assert [harmless(c) for c in ("idiot", "5", "-5", "a=b", "")] == ["idiot", "5", "-5", "a=b", ""]
    assert [harmless(c) for c in ("=A1", "-A1", "@x")] == ["'=A1", "'-A1", "'@x"]


def test_the_schedule_tells_terms_and_counts():
    said = json.loads(Schedule(facts=[("Force", "Wealdshire")], terms={"knife": 3}, records={"view": 2}).as_json())
    assert said["search_terms"] == [{"term": "knife", "posts": 3}]
    assert said["records_by_type"] == {"view": 2}


@given(st.integers(820_454_400, 2_145_916_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
@steady
def test_times_are_those_of_the_united_kingdom(moment):
    zone = ZoneInfo("Europe/London")
    assert london(moment).replace(tzinfo=None) == moment.astimezone(zone).replace(tzinfo=None)
    assert london(moment).tzname() == moment.astimezone(zone).tzname()
    day = moment.date().isoformat()
    assert day_begins(day) == datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    assert day_ends(day) - day_begins(day) in {timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)}


@pytest.mark.parametrize(
    ("utc", "told"),
    [
        ("2026-03-29T00:59:59.999+00:00", "29/03/2026 00:59:59.999 GMT"),
        ("2026-03-29T01:00:00+00:00", "29/03/2026 02:00:00.000 BST"),
        ("2026-10-25T00:59:59+00:00", "25/10/2026 01:59:59.000 BST"),
        ("2026-10-25T01:00:00+00:00", "25/10/2026 01:00:00.000 GMT"),
    ],
)
def test_the_hour_that_comes_twice_is_told_apart(utc, told):
    assert shown(datetime.fromisoformat(utc)) == told


def test_the_pdf_has_parts_and_holds_what_its_font_cannot_draw(tmp_path):
    pdf = PdfReport(lambda n: tmp_path / f"{n}.pdf", made_at=datetime(2026, 11, 22, tzinfo=UTC))
    pdf.cover(Cover("Wealdshire Police", "Case export", [("Export", "1")]))
    small_page = Page(1, "t", [], "😀 مرحبا Zażółć “x”", None, "", (), (), (), ())
    for _ in range(POSTS_A_FILE + 1):
        pdf.page(small_page)
    pdf.end()
    assert pdf.files == 2
    assert [(tmp_path / f"{n}.pdf").read_bytes()[:5] for n in (1, 2)] == [b"%PDF-"] * 2
    assert printable("a😀ż\u202e\tb\r\nc") == "a[U+1F600]ż[U+202E] b\nc"


@pytest.mark.slow
@given(ANYTHING)
@settings(derandomize=True, deadline=None, max_examples=12)
def test_any_text_can_be_printed(text):
    out: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        pdf = PdfReport(lambda n: Path(folder) / f"{n}.pdf", made_at=datetime(2026, 11, 22, tzinfo=UTC))
        pdf.cover(Cover(text, "Case export", [(text, text)]))
        with closing(pdf):
            pdf.page(page_of(text * 3))
            pdf.end()
        out += [path.read_bytes() for path in Path(folder).iterdir()]
    assert out[0].startswith(b"%PDF-")


def test_a_picture_is_made_anew_and_small():
    picture = small(jpeg((2400, 1200)))
    assert picture is not None
    assert (picture.width, picture.height) == (EDGE, EDGE // 2)
    assert picture.jpeg.startswith(b"\xff\xd8\xff")
    assert small(jpeg((10, 10), "PNG")) is not None
    for broken in (
        jpeg()[:400],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
        b"GIF89a",
        b"<svg onload=alert(1)>",
        b"",
        b"RIFF0000WEBP",
    ):
        assert small(broken) is None


def test_a_picture_that_is_out_to_fill_the_memory_is_left_out():
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x06\x00\x00\x00"
    assert small(head + b"\x00" * 64) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b'{"a":1}', "json"), ("Grüße".encode(), "txt"), (b"\xff\xfe\x00", "bin"), (b"", "txt"), (b"%PDF-1.7", "pdf"),
     (b"\x00\x00\x00\x18ftypmp42", "mp4"), (b"[" * 100_000, "txt")],
)  # fmt: skip
def test_content_is_what_its_bytes_say(body, kind):
    assert kind_of(body) == kind


def test_a_bag_is_one_and_a_zip_is_the_same_each_time(tmp_path):
    bag = BagWriter(tmp_path / "one")
    bag.write("records/2026/1.json", b"{}")
    with bag.stream("report.html") as page:
        page.write("Zażółć \ud800\n")
    bag.seal({"Source-Organization": "Wealdshire\nPolice: x", "External-Identifier": "1"})
    assert bagit.Bag(str(tmp_path / "one")).validate()
    assert "Source-Organization: Wealdshire Police: x\n" in (tmp_path / "one" / "bag-info.txt").read_text()
    first = b"".join(zipped(tmp_path / "one"))
    (tmp_path / "one" / "bagit.txt").touch()
    assert b"".join(zipped(tmp_path / "one")) == first
    (tmp_path / "one" / "data" / "report.html").write_bytes(b"changed")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(tmp_path / "one")).validate()


def test_a_zip_is_made_block_by_block(tmp_path):
    bag = BagWriter(tmp_path / "one")
    bag.write("content/1/cipher", bytes(5 * 1024 * 1024))
    bag.seal({})
    assert max(map(len, zipped(tmp_path / "one"))) < 2 * 1024 * 1024
