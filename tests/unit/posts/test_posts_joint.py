"""Many posts changed together: within the bounds of a transaction, and with what each brings along either way."""

from __future__ import annotations

import pytest

from bluelamp.audit import outbox
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import outbox_key
from bluelamp.cloud.dynamodb import Check, Equals, Put
from bluelamp.errors import TooLargeError
from bluelamp.posts.changing import Entry
from bluelamp.posts.joint import Brings
from tests.faults.archive import Records
from tests.support.world import World

ENTRY = Entry(type="decide", actor=Actor.system("test"))


def stored(world, many):
    world.account("1", "swindale")
    world.ingest(*(world.comment(f"c{n}", f"you idiot {n}") for n in range(many)))
    world.judge_all()
    world.seal()
    return sorted(
        world.changer.posts.get_many(i["id"] for (_, sk), i in world.table.items.items() if sk == "POST").items()
    )


def bring(post, writes=2):
    return Brings(
        also=lambda pointer, _beside: [
            Put({"pk": f"POST#{post.id}", "sk": f"X#{n}", "chunk": pointer.chunk}) for n in range(writes)
        ],
        release={"post_id": post.id},
        release_to="bulk",
    )


def brought(world, name="X#0"):
    return {i["pk"]: i["chunk"] for (_, sk), i in world.table.items.items() if sk == name}


def test_what_does_not_fit_into_one_transaction_takes_two():
    world = World()
    posts = [post for _, post in stored(world, 40)]
    calls = []
    world.faults.before = calls.append
    lost = world.changer.commit_many(
        [(p, p.changed(text=p.text), ENTRY) for p in posts], brings={p.id: bring(p, writes=3) for p in posts}
    )
    assert not lost
    assert calls.count("transact") == 2
    assert len(brought(world)) == 40
    assert len(set(brought(world).values())) == 2


def test_who_is_overtaken_holds_up_nobody_and_each_keeps_what_it_brings():
    world = World()
    posts = [post for _, post in stored(world, 5)]
    world.changer.commit(posts[2], posts[2].changed(text="other"), ENTRY)
    lost = world.changer.commit_many([(p, p, ENTRY) for p in posts], brings={p.id: bring(p) for p in posts})
    assert lost == {posts[2].id}
    assert set(brought(world)) == {f"POST#{p.id}" for p in posts if p is not posts[2]}
    for chunk in set(brought(world).values()):
        (release,) = world.table.items[outbox_key(chunk)]["releases"]
        assert release["queue"] == "bulk"


def test_a_guard_that_does_not_hold_lets_nothing_through():
    world = World()
    posts = [post for _, post in stored(world, 3)]
    world.table.write(Put({"pk": "JOB", "sk": "JOB", "state": "paused"}))
    guard = [Check(("JOB", "JOB"), Equals("state", "running"))]
    lost = world.changer.commit_many(
        [(p, p, ENTRY) for p in posts], brings={p.id: bring(p) for p in posts}, guard=guard
    )
    assert lost == {p.id for p in posts}
    assert not brought(world)


def second(world, post):
    """Return what brings a leaf beside that of a change, and writes down where both are."""

    def beside(leaf):
        return world.changer.leaf(post, Entry(type="note", actor=Actor.system("test"), correlation=leaf.id), prev=None)

    def also(pointer, other):
        item = {"pk": f"POST#{post.id}", "sk": "Y", "chunk": pointer.chunk, "leaf": pointer.leaf}
        return [Put(item | ({"beside": other.leaf, "other": other.chunk, "type": other.type} if other else {}))]

    return Brings(also=also, beside=beside)


def told(world):
    return {item["pk"]: item for (_, sk), item in world.table.items.items() if sk == "Y"}


def test_a_leaf_beside_another_is_in_its_chunk_and_names_it():
    world = World()
    posts = [post for _, post in stored(world, 3)]
    assert not world.changer.commit_many([(p, p, ENTRY) for p in posts], brings={p.id: second(world, p) for p in posts})
    for item in told(world).values():
        assert (item["chunk"], "note") == (item["other"], item["type"])
    world.seal()
    records = {r["id"]: r for _, _, r in Records(world.evidence.objects).all}
    assert all(records[item["beside"]]["correlation"] == item["leaf"] for item in told(world).values())


def test_who_is_committed_by_itself_goes_without():
    world = World()
    posts = [post for _, post in stored(world, 2)]
    world.changer.commit(posts[0], posts[0].changed(text="other"), ENTRY)
    lost = world.changer.commit_many([(p, p, ENTRY) for p in posts], brings={p.id: second(world, p) for p in posts})
    assert lost == {posts[0].id}
    (item,) = told(world).values()
    assert "beside" not in item


def test_leaves_that_are_too_much_for_one_chunk_take_several(monkeypatch):
    world = World()
    posts = [post for _, post in stored(world, 8)]
    monkeypatch.setattr(outbox, "MAX_CHUNK", 1_000)
    assert not world.changer.commit_many([(p, p, ENTRY) for p in posts], brings={p.id: second(world, p) for p in posts})
    assert len(told(world)) == 8
    assert len({item["chunk"] for item in told(world).values()}) > 1
    monkeypatch.setattr(outbox, "MAX_CHUNK", 10)
    with pytest.raises(TooLargeError):
        world.changer.commit_many([(world.changer.posts.get(posts[0].id, consistent=True), posts[0], ENTRY)])
