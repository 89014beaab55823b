"""Which posts an incident is about: words as wholes, in any case and form; and what follows from an order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.ids import new_ulid
from bluelamp.incidents import rules
from bluelamp.incidents.model import Frozenpost


@pytest.mark.parametrize(
    ("text", "word", "found"),
    [
        ("The Oak  Street fire", "oak street", True),
        ("OAK STREET!", "Oak Street", True),
        ("\uff4fak street", "oak street", True),
        ("oak streets", "oak street", False),
        ("soak street", "oak street", False),
        ("#oakstreet", "oakstreet", True),
        ("a+b (c)", "(c)", True),
        ("", "oak", False),
        ("anything", " ", False),
    ],
)
def test_a_word_is_found_as_a_whole(text, word, found):
    assert rules.has_word(text, (word,)) is found


@given(st.text(max_size=60), st.text(min_size=2, max_size=20))
def test_no_text_and_no_word_breaks_the_search(text, word):
    assert rules.has_word(text, (word,)) in {True, False}


@given(st.text(alphabet="abc ", min_size=1, max_size=20), st.text(alphabet="xyz", min_size=2, max_size=8))
def test_a_word_between_spaces_is_always_found(around, word):
    assert rules.has_word(f"{around} {word} {around}", (word.upper(),))


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_id_of_an_action_follows_from_order_post_and_content(post, seen_at):
    order = new_ulid()
    made = rules.action_id(order, post, seen_at)
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", made)
    assert made == rules.action_id(order, post, seen_at)
    assert made[:10] == order[:10]
    assert made != rules.action_id(order, post + "x", seen_at)


@given(st.integers(0, 200))
def test_parts_hold_every_post_once_and_in_order(many):
    posts = [Frozenpost(id=f"p{n}", seen_at="") for n in range(many)]
    parts = rules.parts_of(posts)
    assert [post for part in parts for post in part] == posts
    assert all(len(part) <= rules.PART for part in parts)
