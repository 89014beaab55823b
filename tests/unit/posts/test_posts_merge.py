"""Events in any order, any number of times, leave the same post and one leaf for each change of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.audit.outbox import Waiting
from bluelamp.ids import post_id
from bluelamp.times import iso
from tests.support.world import START, World, principal


def leaves(world):
    chunks = [Waiting.from_item(i) for (pk, _), i in world.table.items.items() if pk.startswith("OUTBOX#")]
    return [json.loads(body) for chunk in sorted(chunks, key=lambda c: c.id) for body in chunk.bodies()]


def stored(world, native="c1"):
    return world.changer.posts.get(post_id("facebook-1", native))


@pytest.fixture
def world():
    w = World()
    w.account("1", "swindale")
    return w


def gone(native="c1", seconds=60):
    at = iso(START + timedelta(seconds=seconds))
    return {"is": "gone", "platform": "facebook", "account_native": "1", "native_id": native, "event_at": at}


def test_five_times_the_same_is_one_post_and_one_leaf(world):
    before = len(leaves(world))
    for _ in range(5):
        world.ingest(world.comment("c1", "hello"))
    assert stored(world).rev == 1
    assert len(leaves(world)) == before + 1


def test_the_same_entry_twice_in_one_batch_is_one_post(world):
    done = world.ingest(world.comment("c1", "hello"), world.comment("c1", "hello"))
    assert (done.new, done.changed) == (1, 0)


def test_a_removal_before_the_post_keeps_the_words_and_the_removal(world):
    world.ingest(gone())
    world.ingest(world.comment("c1", "gone already"))
    post = stored(world)
    assert (post.state, post.text, post.case.state) == ("removed", "gone already", "closed")


def test_an_edit_opens_the_case_again(world):
    world.ingest(world.comment("c1", "hello"))
    world.judge_all()
    world.pass_time(minutes=1)
    world.ingest(world.comment("c1", "you idiot", edited=True))
    world.judge_all()
    assert stored(world).case.risk == "medium"


def test_an_old_webhook_after_an_edit_changes_nothing(world):
    early = world.comment("c1", "hello")
    world.pass_time(minutes=1)
    world.ingest(world.comment("c1", "edited", edited=True))
    world.ingest(early)
    assert stored(world).text == "edited"


def test_odd_entries_cost_nothing_beside_them(world):
    done = world.ingest({"is": "weird"}, world.comment("c1", "hello"), {"is": "stranger"})
    assert (done.new, done.unrecognised) == (1, 2)


def test_an_unknown_account_is_kept_unrecognised(world):
    done = world.ingest(world.comment("c1", "hello", page="999"))
    assert (done.new, done.unrecognised) == (0, 1)
    assert any(pk == "RAW#facebook" for pk, _ in world.table.items)


def test_broken_json_is_kept(world):
    raw = {
        "v": 1,
        "platform": "facebook",
        "source": "webhook",
        "key": "k",
        "received_at": iso(world.now),
        "inline": "e2JhZA==",
    }
    assert world.ingester().ingest(raw).unrecognised == 1


def test_a_message_again_asks_for_judging_again(world):
    """The first time may have died between the transaction and the sending."""
    world.ingest(world.comment("c1", "hello"))
    world.moderation.messages.clear()
    world.ingest(world.comment("c1", "hello"))
    assert len(world.moderation.messages) == 1


def test_no_text_and_no_platform_id_is_in_a_leaf(world):
    world.ingest(world.comment("c1-secret-id", "Planted Name was here", author_name="Planted Name", author_id="a-77"))
    text = json.dumps(leaves(world))
    for planted in ("Planted", "c1-secret-id", "a-77"):
        assert planted not in text


def test_a_thousand_edits_do_not_grow_the_post_and_lose_no_line_of_its_history(world):
    world.ingest(world.comment("c1", "first"))
    for n in range(120):
        world.pass_time(seconds=1)
        world.ingest(world.comment("c1", f"edit {n}", edited=True))
    post = stored(world)
    assert len(post.trail) <= 48
    history = world.posts.history(principal(), post.id)
    assert [h.type for h in history] == ["ingest", *["edit"] * 120, "view"]


def test_the_words_are_bound_to_the_record(world):
    world.ingest(world.comment("c1", "one thing"))
    world.pass_time(seconds=1)
    world.ingest(world.comment("c1", "another thing", edited=True))
    first, second = (leaf["obj"]["digest"] for leaf in leaves(world)[-2:])
    assert first == world.pseudonyms.words("facebook-1", "c1", "one thing", ())
    assert second == world.pseudonyms.words("facebook-1", "c1", "another thing", ())


def test_what_mentions_two_accounts_is_a_case_for_each(world):
    world.account("2", "marlford")
    world.ingest(world.comment("c1", "hello both"), world.comment("c1", "hello both", page="2"))
    world.judge_all()
    for team in ("swindale", "marlford"):
        assert [p.text for p in world.posts.queue(principal("local", teams=(team,))).posts] == ["hello both"]


def test_an_odd_event_is_kept_whole_once_with_its_leaf(world):
    for _ in range(3):
        world.ingest({"is": "weird"})
    kept = [i for (pk, _), i in world.table.items.items() if pk == "RAW#facebook"]
    assert [json.loads(i["raw"]) for i in kept] == [{"is": "weird"}]
    assert [leaf["type"] for leaf in leaves(world)].count("unrecognised") == 1


events = st.lists(st.sampled_from(["add", "edit1", "edit2", "gone", "hide", "show"]), min_size=1, max_size=8)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(order=events, batches=st.lists(st.booleans(), min_size=8, max_size=8))
def test_any_order_and_repetition_ends_alike(order, batches):
    """Whatever comes, in whatever batches: contiguous revisions, chained leaves, newest words, removal wins."""
    w = World()
    w.account("1", "swindale")
    at = {"add": 0, "edit1": 10, "edit2": 20, "gone": 60, "hide": 30, "show": 40}
    made = {
        name: (
            gone()
            if name == "gone"
            else w.comment("c1", name, at=START + timedelta(seconds=at[name]), edited=name.startswith("edit"))
            if name in {"add", "edit1", "edit2"}
            else {
                "is": "state",
                "platform": "facebook",
                "account_native": "1",
                "native_id": "c1",
                "state": {"hide": "hidden", "show": "visible"}[name],
                "event_at": iso(START + timedelta(seconds=at[name])),
            }
        )
        for name in at
    }
    batch = []
    for name, flush in zip(order, batches, strict=False):
        batch.append(made[name])
        if flush:
            w.ingest(*batch)
            batch = []
    if batch:
        w.ingest(*batch)
    post = stored(w)
    texts = [n for n in ("edit2", "edit1", "add") if n in order]
    if texts:
        assert post.text == texts[0]
    if "gone" in order:
        assert post.state == "removed"
    own = [leaf for leaf in leaves(w) if leaf.get("obj", {}).get("kind") == "post"]
    assert [r["obj"]["rev"] for r in own] == list(range(1, post.rev + 1))
    assert own[0]["obj"].get("prev") is None
    assert all(r["obj"]["prev"] for r in own[1:])
    assert json.dumps(own).count("edit1") == 0
