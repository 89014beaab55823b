"""What is attached on Facebook, in the same words however Facebook tells of it."""

from __future__ import annotations

import json

import pytest

from bluelamp.platforms.contract import AccountRef
from bluelamp.platforms.registry import connector

PAGE = "104857600012345"
ACCOUNT = AccountRef(account_id=f"facebook-{PAGE}", platform="facebook", native_id=PAGE)
STILL, FILM = "https://i.example/1.jpg", "https://v.example/1.mp4"


def read(kind, **item):
    (post,) = (
        connector("facebook").parse_page(kind, json.dumps({"data": [{"id": "7_2", **item}]}).encode(), ACCOUNT).events
    )
    return [(one.kind, one.url) for one in post.media]


def shown(kind, source=FILM):
    film = {"source": source} if source else {}
    return {"type": kind, "media": {"image": {"src": STILL}, **film}, "url": "https://facebook.example/videos/1"}


@pytest.mark.parametrize("kind", ["video", "video_inline", "video_autoplay", "animated_image_video"])
def test_a_video_is_its_still_and_its_film(kind):
    assert read("comments:7", attachment=shown(kind)) == [("video", STILL), ("film", FILM)]
    assert read("feed", attachments={"data": [shown(kind)]}) == [("video", STILL), ("film", FILM)]


def test_a_film_without_a_file_is_not_passed_over():
    assert read("comments:7", attachment=shown("video_inline", "")) == [("video", STILL), ("film", "")]


@pytest.mark.parametrize("kind", ["photo", "sticker", "cover_photo", "animated_image_share"])
def test_a_picture_is_called_as_webhooks_call_it(kind):
    assert read("comments:7", attachment=shown(kind, "")) == [("image", STILL)]


def test_what_moves_in_a_picture_is_a_film():
    assert read("comments:7", attachment=shown("animated_image_share")) == [("image", STILL), ("film", FILM)]


def test_stills_of_an_album_come_before_its_films():
    below = {"data": [shown("video"), shown("photo", "")]}
    album = {"type": "album", "subattachments": below, "media": {"image": {"src": "https://i.example/cover"}}}
    assert read("feed", attachments={"data": [album]}) == [("video", STILL), ("image", STILL), ("film", FILM)]


def test_a_link_keeps_its_word_and_has_no_film():
    assert read("comments:7", attachment=shown("share")) == [("share", STILL)]


@pytest.mark.parametrize(
    ("sent", "kind", "url"),
    [
        ({"mime_type": "image/png", "image_data": {"url": STILL}}, "image", STILL),
        ({"mime_type": "video/mp4", "video_data": {"url": FILM, "preview_url": STILL}}, "video", FILM),
        ({"video_data": {"url": FILM}}, "video", FILM),
        ({"mime_type": "audio/mpeg", "file_url": "https://f.example"}, "audio", "https://f.example"),
        ({"mime_type": "video/mp4", "file_url": FILM}, "video", FILM),
        ({"mime_type": "application/pdf", "file_url": "https://f.example"}, "file", "https://f.example"),
        ({}, None, None),
    ],
)
def test_what_a_message_carries(sent, kind, url):
    person = {"from": {"id": "5"}}
    expected = [(kind, url)] if kind else []
    assert read("messages", attachments={"data": [sent]}, **person) == expected


def test_a_video_of_a_message_without_a_file_is_not_passed_over():
    nothing = {"mime_type": "video/mp4"}
    assert ("film", "") in read("messages", attachments={"data": [nothing]}, **{"from": {"id": "5"}})
