"""How X counts: facts of twitter-text's conformance cases with words of our own, and what holds for every text."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bluelamp.platforms import x_counting
from bluelamp.platforms.x_counting import length, links

FAMILY = "👩‍👩‍👧‍👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("Mill Lane is closed", 19),
        ("é", 1),
        ("e\u0301", 1),  # the accent apart: counted as the one letter it is
        ("\u2018quoted\u2019 \u2013 and so on", 20),
        ("and so on\u2026", 11),  # an ellipsis is as wide as an ideogram to X
        ("警察", 4),
        ("경찰", 4),
        ("Straße", 6),
        ("الشرطة", 6),
        ("🚓", 2),
        ("🚓🚓", 4),
        (FAMILY, 2),
        ("🙋🏽", 2),
        ("👨‍🎤", 2),
        ("🇬🇧", 2),
        (ENGLAND, 2),
        ("9️⃣", 2),
        ("1⃣", 2),
        ("☎️", 2),
        ("https://a.uk", 23),
        ("Read https://www.police.uk/" + "a" * 300, 28),
        ("Read police.uk now", 32),
        ("Ring 101.Then wait", 18),
        ("me@police.uk", 12),
        ("#police.uk", 10),
        ("@police.uk", 10),
        ("(https://a.uk/b)", 25),
        ("https://a.uk/b.", 24),
        ("https://a.uk/b, https://a.uk/c", 48),
        ("https://a.uk/wiki/Lamp_(blue)", 23),
        ("https://a.uk?x=1&y=2#top", 23),
        ("x" * 64 + ".com", 68),  # no name has so long a part
        ("https://" + "x" * 63 + ".com", 23),
        ("see \u2000\u200b\u200d", 7),
        ("\u2014\u2018\u201c", 3),
        ("\u2032\u2037", 2),
    ],
)
def test_facts(text, expected):
    assert length(text) == expected


def test_a_post_of_280_letters_is_one_of_140_ideograms_and_of_140_families():
    assert length("a" * 280) == length("警" * 140) == length(FAMILY * 140) == 280


@given(st.text())
@example("\U0001f1e6")
@example("\u200d\ufe0f\u20e3")
def test_any_text_takes_between_nothing_and_two_for_each_letter_and_links(text):
    plain = unicodedata.normalize("NFC", text)
    found = list(links(plain))
    outside = len(plain) - sum(end - start for start, end in found)
    assert 0 <= length(text) <= 2 * outside + 23 * len(found)
    assert (length(text) == 0) == (not plain)


@given(st.text(alphabet="abc .,!?\u00e9\u0633", max_size=40), st.text(alphabet="xyz 警🚓", max_size=40))
def test_texts_side_by_side_add_up(left, right):
    assert length(f"{left} | {right}") == length(left) + 3 + length(right)


@given(st.text(alphabet="abcdefghij/-_0123456789", max_size=60), st.sampled_from(["www.police.uk", "a.com", "x.y.org"]))
def test_a_link_takes_23_whatever_its_length(path, name):
    assert length(f"https://{name}/{path.strip('-')}") == 23


@given(st.text(alphabet="a.-/:(あ@ uk", max_size=200))
def test_links_lie_within_the_text_in_order_and_apart(text):
    at = 0
    for start, end in links(text):
        assert at <= start < end <= len(text)
        at = end


def test_an_endless_word_is_counted_in_time():
    assert length("あ" * 20_000) == 40_000
    assert length("a." * 10_000) == 20_000


def test_the_endings_are_countries_and_a_few_more():
    assert {"uk", "scot"} & x_counting._ENDINGS == {"uk"}
    assert all(ending.isalpha() and ending.islower() for ending in x_counting._ENDINGS)
