"""One record for each medium, whoever asks for it and however often, and whoever dies in the middle."""

from __future__ import annotations

import itertools
import json

import pytest

from bluelamp.audit import layout
from bluelamp.audit.leaf import Content
from bluelamp.cloud.sqs import QueueError
from bluelamp.errors import NotFoundError
from bluelamp.media import keeping
from bluelamp.media.errors import MediaTimedOutError, UnavailableError, WrongTypeError
from bluelamp.media.rules import DELAYS
from bluelamp.media.store import MarkStore
from bluelamp.posts.history import history_of
from tests.support.world import World

A, B, C = (f"https://scontent.fbcdn.net/{name}.jpg" for name in "abc")


class KilledError(BaseException):
    """The worker process is gone."""


def arrive(world: World, *urls: str, **more):
    world.account("1", "swindale")
    world.ingest(world.comment("c1", "Look", media=[{"kind": "image", "url": url} for url in urls], **more))
    return only(world)


def only(world: World):
    (item,) = (item for (_, sk), item in world.table.items.items() if sk == "POST")
    return world.changer.posts.get(item["id"])


def leaves(world: World, kind: str = "media") -> list[dict]:
    world.seal()
    found = []
    for name in world.evidence.list():
        if layout.parse_entries(name):
            found += [json.loads(body) for body in layout.unpack(world.evidence.objects[name])]
    return [leaf for leaf in found if leaf["type"] == kind]


def opened(world: World, leaf: dict) -> bytes:
    return world.vault.open(leaf["account"], Content(**leaf["content"]))


def marks(world: World) -> dict:
    return MarkStore(world.table).of(only(world).id)


def test_a_post_with_pictures_has_them_kept_as_one_pack():
    world = World()
    world.hosts.pictures = {A: b"picture a", B: b"picture b"}
    post = arrive(world, A, B)
    packs = len(world.content.objects)
    world.keep_all()
    found = leaves(world)
    assert sorted(opened(world, leaf) for leaf in found) == [b"picture a", b"picture b"]
    assert len(world.content.objects) == packs + 1
    assert {leaf["obj"]["key"] for leaf in found} == {world.pseudonyms.post(post.account, post.native_id)}
    assert [leaf["dpa62"] for leaf in found] == ["collection"] * 2
    assert {(m.state, m.type, m.size) for m in marks(world).values()} == {("kept", "image/jpeg", 9)}


def test_each_leaf_names_its_medium_and_no_address():
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    post = arrive(world, A, B)
    world.keep_all()
    found = leaves(world)
    digests = {world.pseudonyms.words(post.account, post.native_id, "", [m]): m.url for m in post.media}
    assert {digests[leaf["obj"]["digest"]]: leaf.get("op") for leaf in found} == {A: None, B: {"error": "gone"}}
    assert "fbcdn" not in json.dumps(found)


def test_keeping_changes_nothing_that_anybody_reads():
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    before = arrive(world, A)
    world.keep_all()
    assert only(world) == before
    world.judge_all()  # as it was read: nobody was quicker
    assert only(world).case.state == "open"


@pytest.mark.parametrize("times", [1, 2, 5])
def test_the_same_message_again_is_one_record(times):
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    post = arrive(world, A)
    for _ in range(times):
        world.keeper().keep({"v": 1, "post_id": post.id})
    assert len(leaves(world)) == 1
    assert world.hosts.asked == [A]


def test_a_webhook_that_comes_again_asks_again_and_an_old_poll_does_not():
    world = World()
    arrive(world, A)
    assert len(world.media_queue.messages) == 1
    media = [{"kind": "image", "url": A}]
    at = world.now
    world.ingest(world.comment("c1", "Look", media=media, at=at))
    assert len(world.media_queue.messages) == 2
    world.pass_time(minutes=16)
    world.ingest(world.comment("c1", "Look", media=media, at=at), source="poll", account="facebook-1")
    assert len(world.media_queue.messages) == 2


def test_a_post_without_pictures_asks_for_none():
    world = World()
    arrive(world)
    assert world.media_queue.messages == []


def test_new_pictures_of_an_edited_post_are_kept_too():
    world = World()
    world.hosts.pictures = {A: b"picture a", B: b"picture b"}
    arrive(world, A)
    world.keep_all()
    world.pass_time(seconds=5)
    world.ingest(world.comment("c1", "Look here", media=[{"kind": "image", "url": B}], edited=True))
    world.keep_all()
    assert [opened(world, leaf) for leaf in leaves(world)] == [b"picture a", b"picture b"]
    assert [leaf["obj"]["rev"] for leaf in leaves(world)] == [1, 2]


def test_what_may_pass_is_tried_again_and_then_given_up():
    world = World()
    arrive(world, A)
    world.hosts.failures[A] = [UnavailableError("503")] * 20
    waits = []
    while world.media_queue.messages:
        message = world.media_queue.messages.pop()
        waits.append(message.delay_seconds)
        world.keeper().keep(message.body)
    assert waits == [0, *DELAYS]
    assert [leaf["op"] for leaf in leaves(world)] == [{"error": "unavailable"}]
    (mark,) = marks(world).values()
    assert (mark.state, mark.why, mark.attempts, mark.content) == ("lost", "unavailable", len(DELAYS) + 1, None)


def test_what_comes_in_the_end_is_kept():
    world = World()
    world.hosts.pictures = {A: b"picture a", B: b"picture b"}
    arrive(world, A, B)
    world.hosts.failures[A] = [MediaTimedOutError("slow")] * 2
    world.keep_all()
    assert sorted(opened(world, leaf) for leaf in leaves(world)) == [b"picture a", b"picture b"]
    assert world.hosts.asked == [A, B, A, A]
    assert {m.attempts for m in marks(world).values()} == {1, 3}


def test_what_no_try_can_help_is_said_at_once():
    world = World()
    arrive(world, A)
    world.hosts.failures[A] = [WrongTypeError("html")]
    assert world.keeper().keep({"post_id": only(world).id}) == keeping.Done(lost=1)
    assert [leaf["op"] for leaf in leaves(world)] == [{"error": "wrong_type"}]


def test_more_media_than_are_kept_are_counted_and_said(monkeypatch):
    monkeypatch.setattr(keeping, "MOST_MEDIA", 2)
    world = World()
    world.hosts.pictures = dict.fromkeys((A, B, C), b"picture")
    arrive(world, A, B, C)
    assert world.keeper().keep({"post_id": only(world).id}) == keeping.Done(kept=2, lost=1)
    assert [leaf.get("op") for leaf in leaves(world)] == [None, None, {"error": "too_many"}]


def test_large_media_go_into_packs_of_their_own(monkeypatch):
    monkeypatch.setattr(keeping, "PACK_BYTES", 10)
    world = World()
    world.hosts.pictures = {A: bytes(8), B: bytes(8), C: bytes(8)}
    arrive(world, A, B, C)
    packs = len(world.content.objects)
    world.keep_all()
    assert len(world.content.objects) == packs + 2
    assert len(leaves(world)) == 3


def test_when_time_runs_out_the_rest_comes_later(monkeypatch):
    monkeypatch.setattr(keeping, "KEEP_SECONDS", 0.0)
    world = World()
    arrive(world, A, B)
    assert world.keeper().keep({"post_id": only(world).id}) == keeping.Done(waiting=2)
    assert world.hosts.asked == []
    assert world.media_queue.messages[-1].body["attempt"] == 2


def test_a_message_of_nothing_is_an_error():
    with pytest.raises(NotFoundError):
        World().keeper().keep({"post_id": "p"})


def test_a_queue_that_does_not_answer_makes_nothing_look_failed(monkeypatch):
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    post = arrive(world, A)

    def down(_messages):
        raise QueueError("down")

    monkeypatch.setattr(world.seal_queue, "send", down)
    assert world.keeper().keep({"post_id": post.id}).kept == 1


@pytest.mark.parametrize("place", range(1, 30))
@pytest.mark.parametrize("hook", ["before", "after"])
def test_a_kill_at_any_call_leaves_one_record_and_every_byte(place, hook):
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    post = arrive(world, A, B)
    count = itertools.count(1)

    def kill(_name):
        if next(count) == place:
            raise KilledError

    setattr(world.faults, hook, kill)
    for _ in range(3):  # SQS delivers it again
        try:
            world.keeper().keep({"post_id": post.id})
            break
        except KilledError:
            continue
    setattr(world.faults, hook, None)
    found = leaves(world)
    assert sorted(leaf.get("op", {}).get("error", "") for leaf in found) == ["", "gone"]
    assert [opened(world, leaf) for leaf in found if "content" in leaf] == [b"picture a"]


def test_two_workers_at_the_same_moment_make_one_record_each():
    world = World()
    world.hosts.pictures = {A: b"picture a", B: b"picture b"}
    post = arrive(world, A, B)
    started = []

    def meanwhile(name):
        if name == "transact" and not started:
            started.append(name)
            world.keeper().keep({"post_id": post.id})

    world.faults.before = meanwhile
    world.keeper().keep({"post_id": post.id})
    world.faults.before = None
    found = leaves(world)
    assert sorted(opened(world, leaf) for leaf in found) == [b"picture a", b"picture b"]
    assert len(world.key_table.items) == 2  # of the post's own bytes and of one of the two packs


def test_the_history_shows_what_was_kept_and_what_was_not():
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    post = arrive(world, A, B)
    world.keep_all()
    world.seal()
    parts = world.changer.posts.parts(post.id)
    lines = [e for e in history_of(post, parts, world.changer.posts) if e.type == "media"]
    assert sorted(e.detail["result"] for e in lines) == ["gone", "kept"]
    assert all(e.sealed for e in lines)
