"""Cases are filed together, and one post that changed meanwhile holds up no other."""

from __future__ import annotations

from bluelamp.ids import post_id
from tests.support.world import World, judged


def arrived(world, *natives):
    world.ingest(*(world.comment(n, f"hello {n}") for n in natives))
    return [post_id("facebook-1", n) for n in natives]


def world_of_one_account():
    world = World()
    world.account("1", "swindale")
    return world


def test_a_batch_is_one_transaction_one_wake_and_one_live_message_each():
    world = world_of_one_account()
    wanted = arrived(world, "a", "b", "c")
    calls: list[str] = []
    world.faults.before = calls.append
    found = world.judging.get_for_judging(wanted)
    assert world.judging.file_cases({i: (rev, judged(s)) for i, (s, rev) in found.items()}) == set()
    world.faults.before = None
    assert calls == ["batch_get", "transact", "send", "send", "get"]  # the last one for incidents, every five seconds
    assert len(world.live_queue.messages) == 3
    assert all(world.changer.posts.get(i).case.state == "open" for i in wanted)


def test_a_post_that_changed_while_it_was_judged_is_told_and_the_others_are_filed():
    world = world_of_one_account()
    wanted = arrived(world, "a", "b")
    found = world.judging.get_for_judging(wanted)
    world.pass_time(minutes=1)
    world.ingest(world.comment("a", "edited", edited=True))
    overtaken = world.judging.file_cases({i: (rev, judged(s)) for i, (s, rev) in found.items()})
    assert overtaken == {wanted[0]}
    assert world.changer.posts.get(wanted[0]).case.state == "unjudged"
    assert world.changer.posts.get(wanted[1]).case.state == "open"


def test_a_race_within_the_transaction_costs_only_the_post_it_is_about():
    world = world_of_one_account()
    wanted = arrived(world, "a", "b")
    found = world.judging.get_for_judging(wanted)
    raced: list[str] = []

    def somebody_else(name: str) -> None:
        if name == "transact" and not raced:
            raced.append(name)
            world.pass_time(minutes=1)
            world.ingest(world.comment("a", "edited", edited=True))

    world.faults.before = somebody_else
    overtaken = world.judging.file_cases({i: (rev, judged(s)) for i, (s, rev) in found.items()})
    world.faults.before = None
    assert overtaken == {wanted[0]}
    assert world.changer.posts.get(wanted[1]).case.state == "open"
