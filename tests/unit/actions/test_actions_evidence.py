"""Seal before delete: a hide or delete is never asked of a platform before all evidence of the post lies under lock."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
from datetime import UTC, datetime

import pytest

from bluelamp.actions.errors import LaterError, NotSealedError, SealingError, WaitingError
from bluelamp.actions.rules import KEPT_TIMES
from bluelamp.actions.store import ActionStore
from bluelamp.audit import layout
from bluelamp.audit.archive import pull
from bluelamp.audit.leaf import Content
from bluelamp.audit.verify import verify
from bluelamp.errors import ConflictError
from bluelamp.media.errors import MediaTimedOutError, UnavailableError
from bluelamp.media.rules import HURRIED_DELAYS
from bluelamp.platforms.contract import ThrottledError
from bluelamp.posts.history import history_of
from bluelamp.posts.model import Reason
from tests.support.world import World, idem, principal

ABUSE = Reason(code="abuse", ref="WP/2026/7")
HOW = {"hide": {"reason": ABUSE}, "delete": {"reason": ABUSE}, "reply": {"text": "Thank you."}, "unhide": {}}
A, B = "https://scontent.fbcdn.net/a.jpg", "https://scontent.fbcdn.net/b.jpg"
TAKING = ["hide", "delete"]


class KilledError(BaseException):
    """The worker process is gone."""


def leaves(world: World) -> list[dict]:
    """Return what is under lock at this moment, in its order."""
    found = []
    for name in world.evidence.list():
        if layout.parse_entries(name):
            found += [json.loads(body) for body in layout.unpack(world.evidence.objects[name])]
    return found


def of_type(world: World, *kinds: str) -> list[dict]:
    return [leaf for leaf in leaves(world) if leaf["type"] in kinds]


class Watch:
    """Looks into the sealed log at every call of the platform."""

    def __init__(self, world: World) -> None:
        self.calls = 0
        act = world.platform.act

        def watched(verb, target, http, *, text=None):
            if verb in TAKING:
                self.calls += 1
                self.check(world, target)
            return act(verb, target, http, text=text)

        world.platform.act = watched

    @staticmethod
    def check(world: World, target) -> None:
        key = world.pseudonyms.post("facebook-1", target.native_id)
        faults = world.faults.before, world.faults.after
        world.faults.before = world.faults.after = None
        sealed = [leaf for leaf in leaves(world) if leaf.get("obj", {}).get("key") == key]
        by_type = {kind: [leaf for leaf in sealed if leaf["type"] == kind] for kind in ("ingest", "intent", "context")}
        (intent,) = [leaf for leaf in by_type["intent"] if leaf["op"]["verb"] in TAKING]
        assert intent["actor"]["kind"] == "person"
        assert intent["reason"] == {"code": "abuse", "ref": "WP/2026/7"}
        assert [leaf["op"]["intent"] for leaf in by_type["context"]] == [intent["id"]] * len(by_type["context"])
        context = json.loads(opened(world, by_type["context"][-1]))
        assert target.native_id in {post["native_id"] for post in context["posts"]}
        # What the platform said, byte for byte.
        assert json.loads(opened(world, by_type["ingest"][0]))["native_id"] == target.native_id
        post = next(p for p in posts(world) if p.native_id == target.native_id)
        media = {leaf["obj"]["digest"] for leaf in sealed if leaf["type"] == "media"}
        assert {world.pseudonyms.words(post.account, post.native_id, "", [m]) for m in post.media} <= media
        world.faults.before, world.faults.after = faults


def opened(world: World, leaf: dict) -> bytes:
    return world.vault.open(leaf["account"], Content(**leaf["content"]))


def posts(world: World) -> list:
    ids = [item["id"] for (_, sk), item in world.table.items.items() if sk == "POST"]
    return list(world.changer.posts.get_many(ids).values())


def only(world: World):
    (post,) = posts(world)
    return post


def arrive(world: World, *urls: str):
    world.account("1", "swindale")
    world.ingest(world.comment("c1", "you idiot", media=[{"kind": "image", "url": url} for url in urls]))
    world.judge_all()
    return only(world)


def ask(world: World, verb: str, **more):
    post = only(world)
    return getattr(world.actions, verb)(principal(), post.id, rev=post.rev, idem=idem(), **HOW[verb], **more)


def action(world: World):
    item = max((i for (_, sk), i in world.table.items.items() if sk.startswith("ACTION#")), key=lambda i: i["id"])
    return ActionStore(world.table).get(item["post_id"], item["id"])


def first_release(world: World, verb: str = "hide", *urls: str) -> dict:
    arrive(world, *urls)
    ask(world, verb)
    world.seal()
    (message,) = world.action_queue.messages
    world.action_queue.messages.clear()
    return message.body


def second_release(world: World, message: dict) -> dict:
    with pytest.raises(SealingError):
        world.acting().act(message)
    world.seal()
    (released,) = world.action_queue.messages
    world.action_queue.messages.clear()
    return released.body


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


def test_a_post_that_its_author_changed_meanwhile_is_kept_again():
    world = World()
    watch = Watch(world)
    world.hosts.pictures = {A: b"picture a", B: b"picture b"}
    message = second_release(world, first_release(world, "hide", A))
    edit(world, "you fool", B)
    world.acting().act(second_release(world, message))
    assert watch.calls == 1
    texts = [json.loads(opened(world, leaf))["posts"][0]["text"] for leaf in of_type(world, "context")]
    assert texts == ["you idiot", "you fool"]
    assert [opened(world, leaf) for leaf in of_type(world, "media")] == [b"picture a", b"picture b"]


def test_an_author_who_changes_it_again_and_again_does_not_keep_it_in_sight():
    world = World()
    message = second_release(world, first_release(world))
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


# workers that die -----------------------------------------------------------------------------------------------------


def work(world: World, message) -> bool:
    """Act on a message; return whether it is done with. A dead worker's lease runs out before the next."""
    try:
        world.acting().act(message.body)
    except WaitingError:
        world.pass_time(seconds=70)
    except (KilledError, LaterError):
        world.pass_time(seconds=90)
        return False
    return True


def drain(world: World) -> None:
    for _ in range(60):
        try:
            world.seal()
        except KilledError:
            continue
        if not world.action_queue.messages:
            return
        message = world.action_queue.messages[0]
        if work(world, message):
            world.action_queue.messages.remove(message)
    raise AssertionError("it never came to rest")


def is_whole(world: World, verb: str, tmp_path) -> None:
    world.seal()
    assert sorted(leaf["op"].get("result", "") for leaf in of_type(world, "outcome")) in (["done"], ["already"])
    assert len(of_type(world, "context")) == 1
    assert len(of_type(world, "media")) == 2
    assert only(world).state == ("hidden" if verb == "hide" else "deleted")
    pull(world.evidence, tmp_path)
    assert verify(tmp_path).failures == []


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["before", "after"])
@pytest.mark.parametrize("verb", TAKING)
@pytest.mark.parametrize("place", range(1, 46))
def test_a_kill_at_any_call_is_survived_and_calls_nobody_too_early(verb, hook, place, tmp_path):
    world = World()
    watch = Watch(world)
    world.hosts.pictures = {A: b"picture a"}
    arrive(world, A, B)
    ask(world, verb)
    count = itertools.count(1)

    def kill(_name):
        if next(count) == place:
            raise KilledError

    setattr(world.faults, hook, kill)
    drain(world)
    setattr(world.faults, hook, None)
    assert next(count) > place, "the kill never happened: there are fewer calls"
    assert 1 <= watch.calls <= 2
    is_whole(world, verb, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_kills_and_copies_at_random_make_one_record_of_each(seed, tmp_path):
    rng = random.Random(seed)  # noqa: S311 -- a seeded fault, not a secret
    world = World()
    watch = Watch(world)
    world.hosts.pictures = {A: b"picture a"}
    world.hosts.failures = {A: [UnavailableError("503")] * rng.randrange(3)}
    verb = rng.choice(TAKING)
    post = arrive(world, A, B)
    ask(world, verb)
    world.platform.lose_answer = rng.randrange(2)

    def kill(_name):
        if rng.random() < 0.05:
            raise KilledError

    world.faults.before = world.faults.after = kill
    for _ in range(300):
        for job in (world.seal, lambda: world.keeper().keep({"post_id": post.id})):
            if rng.random() < 0.5:
                with contextlib.suppress(KilledError, ConflictError):
                    job()
        if not world.action_queue.messages:
            continue
        message = rng.choice(world.action_queue.messages)
        if work(world, message) and rng.random() < 0.7:  # else SQS delivers it once more
            world.action_queue.messages.remove(message)
    world.faults.before = world.faults.after = None
    drain(world)
    assert watch.calls
    is_whole(world, verb, tmp_path)


def test_a_lost_answer_is_read_back_without_keeping_anything_again():
    world = World()
    message = second_release(world, first_release(world, "hide"))
    world.platform.lose_answer = 1
    world.platform.read_back = lambda *_a, **_k: (_ for _ in ()).throw(ThrottledError("429", until=world.now))
    with pytest.raises(WaitingError):
        world.acting().act(message)
    del world.platform.read_back
    assert world.acting().act(world.action_queue.messages.pop().body).state == "done"
    world.seal()
    assert len(of_type(world, "context")) == 1


def test_an_action_in_hand_when_evidence_began_to_be_kept_has_it_kept():
    """A hide that an earlier version had begun: its answer was lost, and it is to be looked for."""
    world = World()
    message = first_release(world)
    for (_, sk), item in world.table.items.items():
        if sk.startswith("ACTION#"):
            item.update(state="sending", maybe_acted=True, attempts=1, lease_until="2026-11-22T11:00:00.000Z")
    world.platform.hidden["c1"] = True
    assert world.acting().act(second_release(world, message)).state == "done"
    assert world.platform.calls == []


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
