"""Text as plain blocks, versions in their order, what is a guide at all, and the days of reminders."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.errors import InvalidInputError
from bluelamp.guide import rules
from bluelamp.guide.model import Training
from bluelamp.people.model import Gate, GuideDue

DAY = date(2026, 11, 22)


def test_markdown_becomes_plain_blocks():
    text = (
        "# Before **you** post\r\n\r\nBe kind,\nbe right.\n- one\n* two\n3. three\n\n<script>alert(1)</script>\n#none\n"
    )
    assert [(block.kind, block.text) for block in rules.blocks(text)] == [
        ("heading", "Before **you** post"),
        ("paragraph", "Be kind, be right."),
        ("item", "one"),
        ("item", "two"),
        ("item", "three"),
        ("paragraph", "<script>alert(1)</script> #none"),
    ]


@given(st.text())
def test_any_text_gives_blocks_of_words_that_can_be_seen(text):
    for block in rules.blocks(text):
        assert block.text.strip() == block.text != ""
        assert not any(c in block.text for c in "\0\n\r\u202e\u200b\ufeff")


@given(st.lists(st.text(alphabet="abcdef", min_size=1), min_size=1, max_size=8))
def test_no_word_is_lost(words):
    assert " ".join(block.text for block in rules.blocks("\n\n".join(words))) == " ".join(words)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfeB\0", "neither a PDF nor text"),
        (b"#\n\n- \n", "holds no words"),
        (b"x" * (rules.MAX_TEXT + 1), "larger than 256 KB"),
        (b"%PDF-1.7" + b"x" * rules.MAX_PDF, "larger than 5 MB"),
    ],
    ids=["nothing", "spaces", "utf16", "signs", "long", "large"],
)
def test_what_is_no_guide_is_refused(body, why):
    with pytest.raises(InvalidInputError, match=why):
        rules.kind_of(body)


def test_a_pdf_is_known_by_its_bytes():
    assert (rules.kind_of(b"%PDF-1.7 x"), rules.kind_of("Straße".encode())) == ("pdf", "text")


@pytest.mark.parametrize("version", ["", "2026", "2026.0", "2026.01", "1999.1", "2026.1000", "2026.1 ", "٢٠٢٦.1"])
def test_what_is_no_version_is_refused(version):
    with pytest.raises(InvalidInputError, match=r"like 2026\.1"):
        rules.number_of(version)


def test_versions_follow_one_another():
    gate = Gate(guides=[GuideDue(version="2026.9", day=DAY)])
    later = rules.with_guide(gate, GuideDue(version="2026.10", day=DAY), DAY)
    assert [one.version for one in later] == ["2026.9", "2026.10"]
    for version in ("2026.9", "2026.2", "2025.11"):
        with pytest.raises(InvalidInputError, match="choose a version after it"):
            rules.with_guide(gate, GuideDue(version=version, day=DAY), DAY)
    with pytest.raises(InvalidInputError, match="cannot hold before it"):
        rules.with_guide(gate, GuideDue(version="2027.1", day=DAY - timedelta(days=1)), DAY)


def test_guides_that_are_over_are_let_go():
    gate = Gate(guides=[GuideDue(version=f"2026.{n}", day=DAY + timedelta(days=n)) for n in (1, 2, 3)])
    kept = rules.with_guide(gate, GuideDue(version="2027.1", day=DAY + timedelta(days=9)), DAY + timedelta(days=2))
    assert [one.version for one in kept] == ["2026.2", "2026.3", "2027.1"]


def test_reminders_of_a_guide_come_after_3_days_and_7_and_then_weekly():
    steps = [rules.guide_step(DAY, DAY + timedelta(days=days)) for days in range(-2, 30)]
    begins = [days - 2 for days in range(1, len(steps)) if steps[days] > steps[days - 1]]
    assert begins == [3, 7, 14, 21, 28]
    assert all(after - before in {0, 1} for before, after in pairwise(steps))


def test_a_training_is_warned_of_30_and_7_days_before_its_end():
    assert [rules.training_step(DAY + timedelta(days=left), DAY) for left in (31, 30, 8, 7, 0, -1)] == [
        0,
        30,
        30,
        7,
        7,
        0,
    ]


def test_the_last_day_that_any_training_of_a_course_has_counts():
    def took(course, days):
        return Training(course=course, on=DAY, until=DAY + timedelta(days=days))

    assert rules.until_of([took("law", 9), took("law", 3), took("media", 1)]) == {
        "law": DAY + timedelta(days=9),
        "media": DAY + timedelta(days=1),
    }
