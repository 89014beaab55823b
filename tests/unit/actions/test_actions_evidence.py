"""Seal before delete: a hide or delete is never asked of a platform before all evidence of the post lies under lock."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bluelamp.actions.errors import NotSealedError, SealingError, WaitingError
from bluelamp.actions.rules import KEPT_TIMES
from bluelamp.audit.archive import pull
from bluelamp.audit.verify import verify
from bluelamp.errors import ConflictError
from bluelamp.media.errors import MediaTimedOutError, UnavailableError
from bluelamp.media.rules import HURRIED_DELAYS
from bluelamp.posts.history import history_of
from tests.support.evidence import (
    TAKING,
    A,
    B,
    Watch,
    action,
    arrive,
    ask,
    first_release,
    of_type,
    only,
    opened,
    second_release,
)
from tests.support.world import World


@pytest.mark.parametrize("verb", TAKING)
def test_evidence_is_sealed_and_then_the_platform_is_called(verb):
    world = World()
    watch = Watch(world)
    world.hosts.pictures = {A: b"picture a"}
    message = first_release(world, verb, A, B)
    with pytest.raises(SealingError):
        world.acting().act(message)
    assert world.platform.calls == []
    world.seal()
    assert world.acting().act(world.action_queue.messages.pop(0).body).state == "done"
    assert watch.calls == 1
    context = json.loads(opened(world, of_type(world, "context")[0]))
    (shown,) = context["posts"]
    assert (shown["text"], shown["author"]["name"]) == ("you idiot", "Sam Public")
    assert [(m["state"], m["why"]) for m in shown["media"]] == [("kept", None), ("lost", "gone")]
    assert context["case"]["reasons"][0]["rule"] == "test.rule"
    assert [opened(world, leaf) for leaf in of_type(world, "media") if "content" in leaf] == [b"picture a"]


@pytest.mark.parametrize("verb", TAKING)
def test_the_platform_is_called_after_the_film_is_sealed(verb):
    world = World()
    watch = Watch(world)
    world.hosts.pictures = {A: b"still", B: b"film"}
    world.hosts.failures[B] = [UnavailableError("503")]
    world.account("1", "swindale")
    world.ingest(world.comment("c1", "you idiot", media=[{"kind": "video", "url": A}, {"kind": "film", "url": B}]))
    world.judge_all()
    ask(world, verb)
    world.seal()
    (message,) = world.action_queue.messages
    world.action_queue.messages.clear()
    with pytest.raises(WaitingError):
        world.acting().act(message.body)
    assert watch.calls == 0
    (again,) = world.action_queue.messages
    world.action_queue.messages.clear()
    world.acting().act(second_release(world, again.body))
    assert watch.calls == 1
    assert sorted(opened(world, leaf) for leaf in of_type(world, "media")) == [b"film", b"still"]


def test_media_kept_before_are_not_fetched_again():
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    message = first_release(world, "hide", A)
    world.keep_all()
    second_release(world, message)
    assert world.hosts.asked == [A]
    assert len(of_type(world, "media")) == 1


@pytest.mark.parametrize("verb", ["reply", "unhide"])
def test_what_takes_nothing_away_goes_at_once(verb):
    world = World()
    arrive(world, A)
    if verb == "unhide":
        ask(world, "hide")
        world.seal()
        world.act_all()
    before = len(of_type(world, "context"))
    ask(world, verb)
    world.seal()
    assert world.acting().act(world.action_queue.messages.pop().body).state == "done"
    world.seal()
    assert len(of_type(world, "context")) == before


@pytest.mark.parametrize("copies", [2, 4])
def test_a_first_release_that_comes_again_calls_nobody(copies):
    world = World()
    message = first_release(world)
    for _ in range(copies):
        with pytest.raises(SealingError):
            world.acting().act(message)
    assert world.platform.calls == []
    world.seal()
    world.act_all()
    assert world.platform.calls == ["hide:c1"]
    assert len(of_type(world, "context")) == 1


def test_a_first_release_redelivered_after_the_seal_does_what_the_second_does():
    world = World()
    message = first_release(world)
    second_release(world, message)  # and is lost
    assert world.acting().act(message).state == "done"


def test_a_leaf_that_is_not_sealed_holds_the_call_back(monkeypatch):
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    message = second_release(world, first_release(world, "hide", A))
    chunk = next(iter(action(world).kept.chunks[1:]))
    place = world.table.items.pop((f"CHUNK#{chunk}", "SEQ"))
    delays = []
    for _ in range(8):
        with pytest.raises(SealingError, match="1 more chunk"):
            world.acting().act(message)
        again = world.action_queue.messages.pop()
        message, delays = again.body, [*delays, again.delay_seconds]
    assert delays == [2, 4, 8, 16, 32, 60, 60, 60]
    assert world.platform.calls == []
    world.table.items[f"CHUNK#{chunk}", "SEQ"] = place
    assert world.acting().act(message).state == "done"


@pytest.mark.parametrize("verb", TAKING)
def test_words_that_are_not_sealed_hold_the_call_back(verb):
    world = World()
    message = second_release(world, first_release(world, verb))
    words = next(p for p in only(world).trail if p.type == "ingest")
    world.table.items.pop((f"CHUNK#{words.chunk}", "SEQ"))
    with pytest.raises(SealingError):
        world.acting().act(message)
    assert world.platform.calls == []


def test_an_intent_that_is_not_sealed_has_no_evidence_kept():
    world = World()
    arrive(world)
    ask(world, "hide")
    with pytest.raises(NotSealedError):
        world.acting().act({"post_id": only(world).id, "action_id": action(world).id, "seq": 99, "year": 2026})
    assert action(world).kept is None


def test_the_turn_of_the_year_between_intent_and_evidence():
    world = World()
    world.now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    message = first_release(world)
    world.now = datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)
    released = second_release(world, message)
    assert (message["year"], released["year"]) == (2026, 2027)
    assert released["seq"] < message["seq"]
    assert world.acting().act(released).state == "done"


# media that cannot be had ---------------------------------------------------------------------------------------------


def test_a_picture_that_comes_in_a_moment_is_waited_for():
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    message = first_release(world, "delete", A)
    world.hosts.failures[A] = [UnavailableError("503")]
    with pytest.raises(WaitingError, match="may still be had"):
        world.acting().act(message)
    assert action(world).kept is None
    again = world.action_queue.messages.pop()
    assert again.delay_seconds == HURRIED_DELAYS[0]
    second_release(world, again.body)
    assert [opened(world, leaf) for leaf in of_type(world, "media")] == [b"picture a"]


def test_a_picture_that_never_comes_does_not_hold_the_action_for_ever():
    world = World()
    watch = Watch(world)
    first = first_release(world, "hide", A)
    world.hosts.failures[A] = [MediaTimedOutError("slow")] * 99
    waited, message = 0, first
    for delay in HURRIED_DELAYS:
        with pytest.raises(WaitingError):
            world.acting().act(message)
        again = world.action_queue.messages.pop()
        assert again.delay_seconds == delay
        waited, message = waited + delay, again.body
    world.acting().act(second_release(world, message))
    assert (watch.calls, world.platform.calls) == (1, ["hide:c1"])
    assert [leaf["op"] for leaf in of_type(world, "media")] == [{"error": "timed_out"}]
    assert waited <= 10


def test_what_was_given_up_is_asked_for_once_more_before_it_is_gone():
    world = World()
    world.hosts.pictures = {A: b"picture a"}
    message = first_release(world, "delete", A)
    world.hosts.failures[A] = [UnavailableError("503")] * 5
    world.keep_all()
    second_release(world, message)
    assert [leaf.get("op") for leaf in of_type(world, "media")] == [{"error": "unavailable"}, None]


def test_what_stays_lost_is_not_said_twice():
    world = World()
    message = first_release(world, "delete", A)
    world.hosts.failures[A] = [UnavailableError("503")] * 99
    world.keep_all()
    second_release(world, message)
    assert len(of_type(world, "media")) == 1


# the author changes it meanwhile --------------------------------------------------------------------------------------


def edit(world: World, text: str, *urls: str) -> None:
    world.pass_time(seconds=5)
    media = [{"kind": "image", "url": url} for url in urls]
    world.ingest(world.comment("c1", text, media=media, edited=True))


def whatever_it_says(world: World, message: dict) -> dict:
    """Have an action sent whatever becomes of its post's words, as a rule that chose it may say."""
    world.table.items[f"POST#{message['post_id']}", f"ACTION#{message['action_id']}"]["if_edited"] = "send"
    return message


def test_a_post_that_its_author_changed_meanwhile_is_kept_again():
    world = World()
    watch = Watch(world)
    world.hosts.pictures = {A: b"picture a", B: b"picture b"}
    message = second_release(world, whatever_it_says(world, first_release(world, "hide", A)))
    edit(world, "you fool", B)
    world.acting().act(second_release(world, message))
    assert watch.calls == 1
    texts = [json.loads(opened(world, leaf))["posts"][0]["text"] for leaf in of_type(world, "context")]
    assert texts == ["you idiot", "you fool"]
    assert [opened(world, leaf) for leaf in of_type(world, "media")] == [b"picture a", b"picture b"]


def test_an_author_who_changes_it_again_and_again_does_not_keep_it_in_sight():
    world = World()
    message = second_release(world, whatever_it_says(world, first_release(world)))
    for number in range(KEPT_TIMES - 1):
        edit(world, f"you fool {number}")
        message = second_release(world, message)
    edit(world, "you fool once more")
    world.seal()
    world.acting().act(message)
    assert world.platform.calls == ["hide:c1"]
    assert len(of_type(world, "context")) == KEPT_TIMES


def test_a_post_that_its_author_removed_meanwhile_still_has_its_evidence():
    world = World()
    message = first_release(world, "delete")
    world.ingest({"is": "gone", "platform": "facebook", "account_native": "1", "native_id": "c1"}
                 | {"event_at": world.clock().isoformat()})  # fmt: skip
    world.platform.gone.add("c1")
    world.seal()
    assert world.acting().act(second_release(world, message)).state == "done"
    assert len(of_type(world, "context")) == 1


# undo -----------------------------------------------------------------------------------------------------------------


def test_an_undo_before_the_first_release_keeps_and_calls_nothing():
    world = World()
    message = first_release(world, "hide", A)
    ask(world, "unhide")
    assert world.acting().act(message).state == "cancelled"
    world.seal()
    assert (of_type(world, "context", "media"), world.platform.calls) == ([], [])


def test_an_undo_before_the_evidence_is_sealed_still_works():
    world = World()
    message = first_release(world)
    with pytest.raises(SealingError):
        world.acting().act(message)
    ask(world, "unhide")
    world.seal()
    world.act_all()
    assert (only(world).state, action(world).state, world.platform.calls) == ("visible", "cancelled", [])


def test_an_undo_at_the_very_moment_wins_or_loses_whole():
    world = World()
    message = first_release(world)
    done = []

    def meanwhile(name):
        if name == "transact" and not done:
            done.append(name)
            ask(world, "unhide")

    world.faults.before = meanwhile
    with pytest.raises(WaitingError, match="taken back"):
        world.acting().act(message)
    world.faults.before = None
    world.seal()
    world.act_all()
    assert (action(world).state, world.platform.calls) == ("cancelled", [])
    assert of_type(world, "context") == []


def test_evidence_that_was_quicker_than_the_undo_is_a_conflict():
    world = World()
    message = first_release(world)
    done = []

    def meanwhile(name):
        if name == "transact" and not done:
            done.append(name)
            with pytest.raises(SealingError):
                world.acting().act(message)

    world.faults.before = meanwhile
    with pytest.raises(ConflictError):
        ask(world, "unhide")
    world.faults.before = None
    ask(world, "unhide")
    assert action(world).state == "cancelled"


# what is seen of it ---------------------------------------------------------------------------------------------------


def test_the_history_shows_the_context_between_intent_and_outcome():
    world = World()
    world.acting().act(second_release(world, first_release(world, "hide", A)))
    world.seal()
    post = only(world)
    history = history_of(post, world.changer.posts.parts(post.id), world.changer.posts)
    assert [e.type for e in history] == ["ingest", "classify", "intent", "media", "context", "outcome"]
    assert all(e.sealed for e in history)


def test_the_evidence_is_no_revision_of_the_post(tmp_path):
    world = World()
    message = first_release(world, "hide", A)
    before = only(world).rev
    second_release(world, message)
    assert only(world).rev == before
    pull(world.evidence, tmp_path)
    assert verify(tmp_path).failures == []
