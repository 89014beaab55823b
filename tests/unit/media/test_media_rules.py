"""What bytes are, which media are still missing, and what the context of a post holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.audit.leaf import Content
from bluelamp.media import rules
from bluelamp.media.context import MOST_BYTES, MOST_POSTS, Shown, context_of
from bluelamp.media.model import Mark, media_key
from bluelamp.posts.model import Author, Media, Pointer, Post

PICTURE = Media(kind="image", url="https://scontent.fbcdn.net/a.jpg")


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypavif", "image/avif"),
        (b"\x1aE\xdf\xa3\x01\x00B\x82\x84webm", "video/webm"),
        (b"ID3\x04", "audio/mpeg"),
        (b"OggS", "audio/ogg"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\x1aE\xdf\xa3\x01\x00B\x82\x88matroska", None),
        (b"RIFF\x00\x00\x00\x00AVI ", None),
        (b"\x00\x00\x00\x18ftypevil", None),
        (b"<!DOCTYPE html>", None),
        (b'<?xml version="1.0"?><svg', None),
        (b"PK\x03\x04", None),
        (b"\x7fELF", None),
        (b" \xff\xd8\xff", None),
    ],
)
def test_bytes_say_what_they_are(start, kind):
    assert rules.type_of(start + bytes(64)) == kind


@given(st.binary(max_size=80))
def test_any_bytes_are_something_or_nothing(body):
    kind = rules.type_of(body)
    assert kind is None or kind.partition("/")[0] in {"image", "video", "audio", "application"}


def mark(url: str, state: str, why: str | None = None) -> Mark:
    pointer = Pointer(chunk="c", i=0, leaf="l", type="media", at="t")
    return Mark(key=media_key(url), kind="image", state=state, at="t", pointers=(pointer,), why=why)


@pytest.mark.parametrize(
    ("known", "again", "wanted"),
    [
        (None, False, True),
        (("kept", None), False, False),
        (("kept", None), True, False),
        (("lost", "gone"), True, False),
        (("lost", "timed_out"), False, False),
        (("lost", "timed_out"), True, True),
        (("lost", "unavailable"), True, True),
        (("lost", "too_large"), True, False),
    ],
)
def test_what_is_missing(known, again, wanted):
    marks = {media_key(PICTURE.url): mark(PICTURE.url, *known)} if known else {}
    assert bool(rules.missing([PICTURE], marks, again=again)) is wanted


def test_links_are_words_and_the_same_medium_is_one():
    media = [PICTURE, Media(kind="link", url="https://a.example/"), PICTURE, Media(kind="video", url="")]
    assert [m.kind for m in rules.missing(media, {}).values()] == ["image", "video"]


def post(number: int, text: str = "words", **more) -> Post:
    at = f"2026-11-22T12:{number // 60:02d}:{number % 60:02d}.000Z"
    return Post(
        id=f"p{number}",
        platform="facebook",
        account="facebook-1",
        account_name="Swindale Police",
        team="swindale",
        native_id=f"1_{number}",
        kind="comment",
        direction="in",
        thread="t",
        thread_native="1_0",
        author=Author(id="a1", name="Sam Public"),
        text=text,
        event_at=at,
        seen_at=at,
        received_at=at,
        updated_at=at,
        **more,
    )


def context(target: Post, thread: list[Post], **more) -> dict:
    return json.loads(context_of(target, thread, {}, at="now", verb="hide", **more))


def test_a_context_is_the_thread_in_its_order():
    thread = [post(n) for n in (2, 0, 1)]
    read = context(thread[0], thread)
    assert [p["id"] for p in read["posts"]] == ["p0", "p1", "p2"]
    assert (read["post"], read["cut"], read["left_out"], read["verb"]) == ("p2", False, 0, "hide")
    assert read["posts"][2]["author"] == {"id": "a1", "name": "Sam Public", "handle": None}


def test_a_long_thread_keeps_what_was_answered_and_the_newest():
    thread = [post(n) for n in range(MOST_POSTS + 50)]
    target = post(149, parent="p3")
    thread[3] = post(3, parent="p1")
    read = context(target, thread[:-1])
    shown = {p["id"] for p in read["posts"]}
    assert len(shown) == MOST_POSTS
    assert {"p149", "p3", "p1", "p148"} <= shown
    assert "p2" not in shown
    assert (read["cut"], read["left_out"]) == (True, 50)


def test_long_words_are_not_cut_but_their_neighbours_left_out():
    target = post(9, "x" * MOST_BYTES)
    read = context(target, [post(n) for n in range(9)])
    assert [p["text"] for p in read["posts"]] == [target.text]
    assert (read["cut"], read["left_out"]) == (True, 9)


def test_a_thread_that_was_not_read_whole_is_said_to_be_cut():
    read = context(post(1), [], thread_is_cut=True)
    assert (read["cut"], read["left_out"]) == (True, 0)


def test_answers_in_a_circle_end():
    read = context(post(1, parent="p2"), [post(2, parent="p1")])
    assert len(read["posts"]) == 2


def test_a_context_names_the_record_of_each_medium():
    target = post(1, media=(PICTURE, Media(kind="video", url="https://v.example/1")))
    marks = {media_key(PICTURE.url): mark(PICTURE.url, "lost", "gone")}
    read = json.loads(context_of(target, [], marks, at="now", verb="delete"))
    first, second = read["posts"][0]["media"]
    assert (first["state"], first["leaf"], first["why"]) == ("lost", "l", "gone")
    assert second == {"kind": "video", "url": "https://v.example/1"}


def test_what_was_put_into_words_for_one_context_serves_the_others():
    thread = [post(n, f"word {n}", parent=f"p{n - 1}" if n else None) for n in range(5)]
    shown = Shown()
    for target in thread:
        assert context(target, thread, shown=shown) == context(target, thread)


def test_half_a_character_does_not_stop_an_action():
    assert context_of(post(1, "\ud83d"), [], {}, at="now", verb="hide")


def test_a_mark_survives_the_table():
    content = Content(sha256="0" * 64, length=3, pack="2026/11/" + "0" * 64, offset=0, key_id="k1")
    kept = mark("https://a.example/1", "kept").model_copy(update={"content": content})
    assert Mark.model_validate(kept.model_dump(exclude_none=True)) == kept
