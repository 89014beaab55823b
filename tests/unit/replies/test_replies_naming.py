"""How an answer addresses somebody: by a name that looks like one, and else as a member of the public."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.moderation.naming import fit_to_repeat
from bluelamp.replies.naming import LONGEST, NEUTRAL, addressed, presentable

# What is in names of people who want something of whoever reads the answer.
PIECES = (
    "https://", "www.", "evil.example", "t.me/x", "@force", "#tag", "\u202e", "\u200b", "\x00", "\n",
    "a\u0301\u0301\u0301", "07700 900123", "{officer}", "<b>", "\uff0e", "\u3002com", "Sam", "O'Neill",
    "\u0645\u0631\u064a\u0645", " ", ".", "\U0001f338", "/", "\ud800",
)  # fmt: skip
LINKS = ("https://evil.example", "evil.example", "evil.example/x", "x@evil.example", "www.evil")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Sam Public", "Sam Public"),
        ("  Sam\n\tPublic\x00 ", "Sam Public"),
        ("Sean O\u2019Neill-Byrne", "Sean O\u2019Neill-Byrne"),
        ("J. R. Hartley", "J. R. Hartley"),
        ("\u202eSam\u202c", "Sam"),
        ("S\u200ba\u200bm", "Sam"),
        ("\uff33\uff41\uff4d", "Sam"),
        ("Sam \U0001f338 {officer}", "Sam officer"),
        ("\u0645\u0631\u064a\u0645", "\u0645\u0631\u064a\u0645"),
        ("Nguy\u1ec5n", "Nguy\u1ec5n"),
        ("Sam 1984", "Sam 1984"),
        ("https://evil.example", None),
        ("Win at evil.example now", None),
        ("evil\uff0eexample", None),
        ("evil\u3002example", None),
        ("ev\u200bil.ex\u200bample", None),
        ("WWW evil", None),
        ("@chief", None),
        ("Call 07700 900123", None),
        ("Z\u0336\u0337\u0338algo", None),
        ("\U0001f338\U0001f338", None),
        ("x" * (LONGEST + 1), None),
        ("x" * 1_000_000, None),
        ("", None),
    ],
)
def test_a_name_is_one_line_of_letters_or_none(name, said):
    assert presentable(name) == said


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=8).map("".join)))
def test_nothing_but_letters_comes_through(name):
    said = presentable(name)
    if said is None:
        return
    assert 0 < len(said) <= LONGEST
    assert said == " ".join(said.split())
    assert all(char in " '\u2019.-," or unicodedata.category(char)[0] in "LM" or char.isdecimal() for char in said)
    assert presentable(said) == said


@given(
    st.sampled_from(["https://evil.example", "evil.example", "evil.example/x", "x@evil.example", "www.evil"]),
    st.text(max_size=20),
)
def test_no_link_comes_through_whatever_stands_around_it(link, text):
    for name in (f"{text} {link}", f"{link} {text}"):
        assert presentable(name) is None


def test_the_first_name_that_can_be_said_is():
    assert addressed(("Sam", "handle"), fit_to_repeat) == "Sam"
    assert addressed(("evil.example", "sam"), fit_to_repeat) == "sam"
    assert addressed(("Total Wanker", None), fit_to_repeat) == NEUTRAL
    assert addressed(("@x", "http://x"), fit_to_repeat) == NEUTRAL
    assert addressed((None, " "), fit_to_repeat) is None
    assert not fit_to_repeat("Kill the cops")
