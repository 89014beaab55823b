"""The film of a video is kept by itself, and makes no post look edited."""

from __future__ import annotations

import json

import pytest

from bluelamp.media.errors import MediaTooLargeError, NoAddressError
from bluelamp.media.store import MarkStore
from bluelamp.posts.rules import summarise
from tests.support.world import World

STILL = {"kind": "video", "url": "https://pbs.twimg.com/1.jpg"}
FILM = {"kind": "film", "url": "https://video.twimg.com/1.mp4"}


@pytest.fixture
def world():
    w = World()
    w.account("1", "swindale")
    return w


def only(world):
    (item,) = (item for (_, sk), item in world.table.items.items() if sk == "POST")
    return world.changer.posts.get(item["id"])


def marks(world):
    found = MarkStore(world.table).of(only(world).id).values()
    return {mark.kind: (mark.state, mark.why) for mark in found}


def test_still_and_film_are_kept_each_by_itself(world):
    world.hosts.pictures = {STILL["url"]: b"still", FILM["url"]: b"film"}
    world.ingest(world.comment("c1", "Look", media=[STILL, FILM]))
    world.keep_all()
    assert marks(world) == {"video": ("kept", None), "film": ("kept", None)}


@pytest.mark.parametrize(
    ("film", "error"), [(FILM, MediaTooLargeError("60 MB")), (FILM | {"url": ""}, NoAddressError("none given"))]
)
def test_a_film_that_cannot_be_had_does_not_cost_the_still(world, film, error):
    world.hosts.pictures = {STILL["url"]: b"still"}
    world.hosts.failures = {film["url"]: [error]}
    world.ingest(world.comment("c1", "Look", media=[STILL, film]))
    world.keep_all()
    assert marks(world) == {"video": ("kept", None), "film": ("lost", error.code)}


@pytest.mark.parametrize(("first", "then"), [([STILL], [STILL, FILM]), ([STILL, FILM], [STILL])])
@pytest.mark.parametrize("source", ["webhook", "poll"])
def test_a_film_that_one_event_lacks_is_no_edit(world, first, then, source):
    world.ingest(world.comment("c1", "Look", media=first))
    before = only(world)
    world.pass_time(minutes=5)
    more = {"account": "facebook-1"} if source == "poll" else {}
    world.ingest(world.comment("c1", "Look", media=then, at=world.now), source=source, **more)
    assert only(world) == before


def test_a_list_shows_one_video(world):
    world.ingest(world.comment("c1", "Look", media=[STILL, FILM]))
    assert [m.kind for m in summarise(only(world)).media] == ["video"]
    assert "twimg" not in json.dumps(summarise(only(world)).model_dump(mode="json"))


WEBHOOK = {"kind": "video", "url": "https://video.xx.fbcdn.net/1.mp4"}
LINK = {"kind": "share", "url": "https://l.example"}


@pytest.mark.parametrize(
    ("first", "then"), [([WEBHOOK], [STILL, FILM]), ([STILL, FILM], [WEBHOOK]), ([], [LINK]), ([LINK], [])]
)
def test_what_a_poll_says_in_its_own_way_opens_no_case_again(world, first, then):
    world.ingest(world.comment("c1", "Look", media=first))
    world.judge_all()
    before = only(world)
    world.pass_time(minutes=60)
    world.ingest(world.comment("c1", "Look", media=then), source="poll", account="facebook-1")
    assert only(world) == before


def test_a_picture_that_went_is_an_edit(world):
    world.ingest(world.comment("c1", "Look", media=[{"kind": "image", "url": STILL["url"]}]))
    world.pass_time(minutes=60)
    world.ingest(world.comment("c1", "Look"), source="poll", account="facebook-1")
    assert only(world).edited
    assert only(world).media == ()


def test_new_words_of_a_message_leave_what_it_carries(world):
    message = {"kind": "message", "private": True}
    world.ingest(world.comment("c1", "Look", media=[WEBHOOK], **message))
    world.pass_time(minutes=1)
    world.ingest(world.comment("c1", "Look here", edited=True, **message))
    assert (only(world).text, [m.url for m in only(world).media]) == ("Look here", [WEBHOOK["url"]])


def test_a_poll_of_a_message_without_what_it_carries_is_no_edit(world):
    message = {"kind": "message", "private": True}
    world.ingest(world.comment("c1", "", media=[WEBHOOK], **message))
    before = only(world)
    world.pass_time(minutes=60)
    world.ingest(world.comment("c1", "", **message), source="poll", account="facebook-1")
    assert only(world) == before
