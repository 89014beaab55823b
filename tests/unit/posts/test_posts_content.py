"""What changes a post is kept byte by byte, and an officer's words likewise; what changes nothing keeps nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bluelamp.audit.leaf import Actor, Content
from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.errors import ConflictError
from bluelamp.ids import post_id
from bluelamp.posts.changing import Entry
from bluelamp.times import iso
from tests.support.world import START, World, idem, principal

OFFICER = principal()


class KilledError(BaseException):
    """The process was killed."""


@pytest.fixture
def world():
    w = World()
    w.account("1", "swindale")
    return w


def leaves(world, *types):
    chunks = [Waiting.from_item(i) for (pk, _), i in world.table.items.items() if pk.startswith("OUTBOX#")]
    found = [json.loads(body) for chunk in sorted(chunks, key=lambda c: c.id) for body in chunk.bodies()]
    return [leaf for leaf in found if leaf["type"] in types]


def opened(world, leaf):
    return world.vault.open(leaf.get("account", ""), Content.model_validate(leaf["content"]))


def state(native, seconds=30):
    at = iso(START + timedelta(seconds=seconds))
    return {
        "is": "state",
        "platform": "facebook",
        "account_native": "1",
        "native_id": native,
        "state": "hidden",
        "event_at": at,
    }


def gone(native, seconds=60):
    at = iso(START + timedelta(seconds=seconds))
    return {"is": "gone", "platform": "facebook", "account_native": "1", "native_id": native, "event_at": at}


def test_every_kind_of_event_keeps_what_was_said(world):
    said = {
        "ingest": world.comment("c1", "hello"),
        "edit": world.comment("c1", "hello again", at=START + timedelta(seconds=20), edited=True),
        "state": state("c1"),
        "removed": gone("c1"),
    }
    for kind, event in said.items():
        world.ingest(event)
        (leaf,) = leaves(world, kind)
        assert opened(world, leaf) == json.dumps(event).encode()
        assert b"hello" not in json.dumps(leaf).encode()


def test_what_came_again_costs_no_object_no_key_and_no_transaction(world):
    event = world.comment("c1", "hello")
    world.ingest(event)
    calls = []
    world.faults.before = calls.append
    for source in ("webhook", "poll"):
        world.ingest(event, source=source, account="facebook-1")
    assert set(calls) == {"batch_get", "send"}
    assert world.data_keys.calls == ["generate"]


def test_a_batch_is_one_pack_and_its_keys_are_in_the_transaction(world):
    calls = []
    world.ingest(world.comment("warm", "the account and the data key are known from here on"))
    world.faults.before = calls.append
    world.ingest(*[world.comment(f"c{n}", "hello") for n in range(20)])
    assert calls == ["batch_get", "put_if_absent", "transact", "send"]
    found = leaves(world, "ingest")[1:]
    assert len({leaf["content"]["pack"] for leaf in found}) == 1
    assert len({leaf["content"]["key_id"] for leaf in found}) == 20
    assert len(world.key_table.items) == 2


def test_two_events_of_one_change_are_both_kept(world):
    first = world.comment("c1", "hello")
    second = world.comment("c1", "hello again", at=START + timedelta(seconds=20), edited=True)
    world.ingest(first, second, second)
    (leaf,) = leaves(world, "ingest", "edit")
    assert json.loads(opened(world, leaf)) == [first, second]
    assert opened(world, leaf) == b"[" + json.dumps(first).encode() + b"," + json.dumps(second).encode() + b"]"


def test_an_event_is_packed_once_however_many_rounds_it_takes(world):
    transact, tries = world.table.transact, []

    def contended(writes, **more):
        tries.append(len(writes))
        if len(tries) < 4:
            raise ConditionFailedError({0: None})
        transact(writes, **more)

    world.table.transact = contended
    world.ingest(world.comment("c1", "hello"))
    assert len(tries) == 4
    assert len(world.content.objects) == 1
    (leaf,) = leaves(world, "ingest")
    assert json.loads(opened(world, leaf))["text"] == "hello"


def test_what_somebody_else_changed_meanwhile_is_packed_with_what_it_becomes(world):
    """The second round finds that the first event is old news: its leaf is another's, and only ours is written."""
    first = world.comment("c1", "hello")
    edit = world.comment("c1", "hello again", at=START + timedelta(seconds=20), edited=True)
    transact = world.table.transact

    def overtaken(writes, **more):
        world.table.transact = transact
        world.ingest(first)
        transact(writes, **more)

    world.table.transact = overtaken
    world.ingest(first, edit)
    assert [json.loads(opened(world, leaf)) for leaf in leaves(world, "ingest", "edit")] == [first, edit]


@pytest.mark.parametrize("place", ["put_if_absent", "generate_data_key", "transact"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_whoever_dies_anywhere_leaves_nothing_that_a_second_try_does_not_mend(world, place, when):
    def die(name):
        if name == place:
            raise KilledError

    setattr(world.faults, when, die)
    with pytest.raises(KilledError):
        world.ingest(world.comment("c1", "hello"))
    setattr(world.faults, when, None)
    world.ingest(world.comment("c1", "hello"))
    (leaf,) = leaves(world, "ingest")
    assert json.loads(opened(world, leaf))["text"] == "hello"
    assert len(world.key_table.items) == 1, "no key without a leaf"
    assert len(world.content.objects) <= 2


def test_what_nobody_understood_is_kept_too_and_once(world):
    calls = []
    for _ in range(2):
        world.ingest({"is": "weird", "words": "help"})
        world.faults.before = calls.append
    assert calls == ["batch_get"]
    (leaf,) = leaves(world, "unrecognised")
    assert json.loads(opened(world, leaf)) == {"is": "weird", "words": "help"}


def test_an_event_about_an_account_that_is_not_ours_is_kept_as_it_came(world):
    event = world.comment("c1", "hello", page="404")
    world.ingest(event)
    (leaf,) = leaves(world, "unrecognised")
    assert opened(world, leaf) == json.dumps(event).encode()


def test_odd_events_are_kept_when_somebody_else_kept_one_of_them_meanwhile(world):
    transact = world.table.transact

    def overtaken(writes, **more):
        world.table.transact = transact
        world.ingest({"is": "weird", "n": 1})
        transact(writes, **more)

    world.table.transact = overtaken
    world.ingest({"is": "weird", "n": 1}, {"is": "weird", "n": 2})
    assert sorted(json.loads(opened(world, leaf))["n"] for leaf in leaves(world, "unrecognised")) == [1, 2]


def test_huge_events_are_cut_into_packs_that_fit_into_memory(world):
    world.ingest(*[world.comment(f"c{n}", "x", permalink="x" * 900_000) for n in range(5)])
    assert len(world.content.objects) == 3
    assert max(map(len, world.content.objects.values())) < 2 * 1024 * 1024


def test_the_words_of_a_note_and_of_an_answer_are_kept(world):
    world.ingest(world.comment("c1", "hello"))
    world.judge_all()
    wanted = post_id("facebook-1", "c1")
    world.posts.note(OFFICER, wanted, text="  Rang the caretaker. \N{GRINNING FACE} ", idem=idem())
    rev = world.changer.posts.get(wanted).rev
    world.actions.reply(OFFICER, wanted, text="Thank you!", rev=rev, idem=idem())
    (note,), (intent,) = leaves(world, "note"), leaves(world, "intent")
    assert opened(world, note).decode() == "Rang the caretaker. \N{GRINNING FACE}"
    assert opened(world, intent) == b"Thank you!"


def test_what_has_no_words_keeps_nothing(world):
    world.ingest(world.comment("c1", "you idiot"))
    world.judge_all()
    before = len(world.content.objects)
    wanted = post_id("facebook-1", "c1")
    post = world.changer.posts.get(wanted)
    world.posts.claim(OFFICER, wanted, idem=idem())
    assert len(world.content.objects) == before
    assert all("content" not in leaf for leaf in leaves(world, "claim", "classify"))
    assert post.rev == 2


def test_words_of_a_change_that_was_overtaken_have_no_key(world):
    world.ingest(world.comment("c1", "hello"))
    old = world.changer.posts.get(post_id("facebook-1", "c1"))
    entry = Entry(type="note", actor=Actor.system("test"), words="too late")
    world.changer.commit(old, old, Entry(type="note", actor=Actor.system("test")))
    with pytest.raises(ConflictError):
        world.changer.commit(old, old, entry)
    assert len(world.content.objects) == 2
    assert len(world.key_table.items) == 1


def test_words_of_many_changes_are_one_pack(world):
    world.ingest(*[world.comment(f"c{n}", "hello") for n in range(3)])
    posts = [world.changer.posts.get(post_id("facebook-1", f"c{n}")) for n in range(3)]
    words = [None, "second", "third"]
    changes = [
        (post, post, Entry(type="note", actor=Actor.system("test"), words=text))
        for post, text in zip(posts, words, strict=True)
    ]
    assert world.changer.commit_many(changes) == set()
    assert len(world.content.objects) == 2
    found = [opened(world, leaf).decode() for leaf in leaves(world, "note") if "content" in leaf]
    assert sorted(found) == ["second", "third"]
