"""Many posts changed together: within the bounds of a transaction, and with what each brings along either way."""

from __future__ import annotations

from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import outbox_key
from bluelamp.cloud.dynamodb import Check, Equals, Put
from bluelamp.posts.changing import Entry
from bluelamp.posts.joint import Brings
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
        also=lambda pointer: [
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
