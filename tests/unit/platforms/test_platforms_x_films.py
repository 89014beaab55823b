"""Which file of a video on X is kept, and how each of X's shapes tells of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.platforms import x_events, x_polling
from bluelamp.platforms.x_films import best, film_of
from bluelamp.posts.rules import FILM

NOW = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
ME = "1585841080431321088"
PLAYLIST = {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/v.m3u8"}
STILL = "https://pbs.twimg.com/v.jpg"


def mp4(rate, name=None):
    return {"content_type": "video/mp4", "bit_rate": rate, "url": f"https://video.twimg.com/{name or rate}.mp4"}


VIDEO = {
    "media_key": "7_1",
    "type": "video",
    "preview_image_url": STILL,
    "duration_ms": 10_000,
    "variants": [mp4(632_000), PLAYLIST, mp4(2_176_000), mp4(950_000)],
}
PHOTO = {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/p.jpg"}
BEST = "https://video.twimg.com/2176000.mp4"

odd = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.text(max_size=5), st.lists(st.integers()))
variant = st.one_of(
    odd,
    st.builds(mp4, st.integers(1, 10_000_000)),
    st.just(PLAYLIST),
    st.fixed_dictionaries({}, optional={"content_type": odd | st.just("video/mp4"), "bit_rate": odd, "url": odd}),
)


@given(st.lists(st.integers(1, 10_000_000), min_size=1, unique=True), st.integers(1, 600_000), st.integers(1, 10**8))
def test_the_best_that_fits_and_else_the_smallest(rates, duration, limit):
    chosen = best([mp4(rate) for rate in rates], duration, limit=limit)
    fitting = [rate for rate in rates if rate * duration / 8000 <= limit]
    assert chosen == mp4(max(fitting) if fitting else min(rates))["url"]


@given(st.lists(variant), st.integers(0, 600_000), st.randoms(use_true_random=False))
def test_the_order_says_nothing_and_oddities_are_passed_over(variants, duration, dice):
    chosen = best(variants, duration)
    dice.shuffle(variants)
    assert best(variants, duration) == chosen
    files = [
        v["url"] for v in variants if isinstance(v, dict) and v.get("content_type") == "video/mp4" and v.get("url")
    ]
    assert chosen in files or chosen == ""


@given(st.lists(st.integers(1, 10_000_000), min_size=1))
def test_without_a_duration_it_is_the_smallest(rates):
    assert best([mp4(rate) for rate in rates], 0) == mp4(min(rates))["url"]


def test_an_animated_picture_has_one_file_without_a_rate():
    film = film_of({"type": "animated_gif", "variants": [mp4(0, "gif")]})
    assert film is not None
    assert (film.kind, film.url) == (FILM, "https://video.twimg.com/gif.mp4")


@pytest.mark.parametrize("variants", [None, [], [PLAYLIST], "x", [{"content_type": "video/mp4"}]])
def test_a_video_without_a_file_is_a_film_without_an_address(variants):
    film = film_of({"type": "video", "variants": variants})
    assert film is not None
    assert film.url == ""


def test_a_picture_has_no_film():
    assert film_of(PHOTO) is None


def test_by_the_activity_api_stills_come_before_films():
    payload = {"id": "3", "author_id": "9", "text": "t", "attachments": {"media_keys": ["7_1", "3_1"]}}
    includes = {"media": [VIDEO, PHOTO]}
    event = {
        "event_type": "post.mention.create", "filter": {"user_id": ME}, "payload": payload, "includes": includes,
    }  # fmt: skip
    (post,) = x_events.parse_webhook(json.dumps({"data": event}).encode(), NOW).events
    assert [(m.kind, m.url) for m in post.media] == [("video", STILL), ("image", PHOTO["url"]), ("film", BEST)]


@pytest.mark.parametrize("kind", ["mentions", "search", "messages"])
def test_by_a_page(kind):
    item = {
        "id": "3", "author_id": "9", "sender_id": "9", "dm_conversation_id": f"9-{ME}", "text": "t",
        "attachments": {"media_keys": ["7_1"]},
    }  # fmt: skip
    body = json.dumps({"data": [item], "includes": {"media": [VIDEO]}}).encode()
    (post,) = x_events.parse_page(kind, body, ME, NOW).events
    assert [(m.kind, m.url) for m in post.media] == [("video", STILL), ("film", BEST)]


def test_by_the_older_payload():
    files = [
        {"content_type": "video/mp4", "bitrate": v["bit_rate"], "url": v["url"]} for v in (mp4(832_000), mp4(256_000))
    ]
    info = {"duration_millis": 10_000, "variants": [*files, PLAYLIST]}
    media = {"type": "video", "media_url_https": STILL, "video_info": info}
    post = {"id_str": "3", "user": {"id_str": "9"}, "text": "t", "extended_entities": {"media": [media]}}
    body = json.dumps({"for_user_id": ME, "tweet_create_events": [post]}).encode()
    (event,) = x_events.parse_webhook(body, NOW).events
    assert [(m.kind, m.url) for m in event.media] == [("video", STILL), ("film", mp4(832_000)["url"])]


@pytest.mark.parametrize("query", [x_polling._POSTS, x_polling._MESSAGES])
def test_polls_ask_for_films(query):
    assert {"variants", "duration_ms", "preview_image_url"} <= set(query["media.fields"].split(","))
