"""Many at once keep to the account's budget and never hold up what is single."""

from __future__ import annotations

import heapq
from datetime import timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.actions.errors import LaterError, SealingError, WaitingError
from bluelamp.actions.intending import Wish, intend
from bluelamp.actions.store import ActionStore
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.errors import InvalidInputError
from bluelamp.platforms.budgets import CAREFUL, HORIZON_MS, Rate, parse_rates
from bluelamp.platforms.contract import ThrottledError
from bluelamp.platforms.store import BudgetTable
from bluelamp.posts.changing import name_of
from bluelamp.times import parse_iso
from tests.support.killing import killed
from tests.support.world import World, idem, principal

OFFICER = principal()
RATE = Rate(calls=100, seconds=100)


def many(world: World, number: int, verb: str = "unhide") -> list[str]:
    """Ask for the same of so many posts, as a command over a selection does."""
    world.account("1", "swindale")
    ids = []
    for n in range(number):
        world.ingest(world.comment(f"b{n}", "you idiot", thread_native=f"t{n}"))
    for (_, sk), item in list(world.table.items.items()):
        if sk == "POST":
            ids.append(item["id"])
    store = ActionStore(world.table)
    for post_id in ids:
        post = world.changer.posts.get(post_id)
        intent = intend(
            post,
            Wish(verb, lane="bulk", incident="01C0NC1DENTZMMMMMMMMMMMMC0"),
            actor=OFFICER.actor(),
            by=name_of(OFFICER),
            at=world.now,
        )
        world.changer.commit(
            post,
            intent.post,
            intent.entry,
            also=lambda pointer, intent=intent: intent.writes(store, pointer),
            release=intent.release,
            release_to=intent.queue,
        )
    return ids


def seal_all(world: World) -> None:
    while world.seal().more:
        pass


class Clockwork:
    """Delivers what is in both queues at its time, as SQS does: two workers for the many, any number for the rest."""

    def __init__(self, world: World) -> None:
        self.world, self.order, self.waiting = world, count(), []
        self.finished: list[tuple[str, float]] = []
        self.began = world.now

    def collect(self) -> None:
        for lane, queue in ((0, self.world.action_queue), (1, self.world.bulk_queue)):
            for message in queue.messages:
                at = self.world.now + timedelta(seconds=message.delay_seconds)
                heapq.heappush(self.waiting, (at, lane, next(self.order), message.body))
            queue.messages.clear()

    def run(self, until=lambda: False, steps: int = 100_000) -> None:
        for _ in range(steps):
            self.collect()
            if not self.waiting or until():
                return
            at, _, _, body = heapq.heappop(self.waiting)
            self.world.now = max(self.world.now, at)
            try:
                action = self.world.acting().act(body)
            except WaitingError:
                continue
            self.finished.append((action.lane, (self.world.now - self.began).total_seconds()))


class Window:
    """A platform that takes so many calls in a window and throttles the rest until it ends."""

    def __init__(self, world: World, calls: int, seconds: int) -> None:
        self.world, self.calls, self.seconds = world, calls, seconds
        self.made, self.refused, self.inner = [], 0, world.platform.act
        world.platform.act = self.act

    def act(self, verb, target, http, **said):
        begin = self.world.now - timedelta(seconds=self.seconds)
        recent = [at for at in self.made if at > begin]
        if len(recent) >= self.calls:
            self.refused += 1
            raise ThrottledError("429", until=recent[0] + timedelta(seconds=self.seconds))
        self.made.append(self.world.now)
        return self.inner(verb, target, http, **said)


@pytest.mark.slow
def test_five_hundred_at_once_leave_room_for_a_single_one():
    world = World()
    world.budgets = BudgetTable(world.table, {"facebook": RATE}, world.clock)
    ids = many(world, 500)
    seal_all(world)
    window, clockwork = Window(world, 100, 100), Clockwork(world)
    clockwork.run(until=lambda: len(clockwork.finished) >= 150)
    world.ingest(world.comment("single", "you idiot", thread_native="s"))
    post = next(
        world.changer.posts.get(item["id"])
        for (_, sk), item in world.table.items.items()
        if sk == "POST" and item["id"] not in ids
    )
    asked = world.now
    world.actions.reply(OFFICER, post.id, text="Thank you.", rev=post.rev, idem=idem())
    seal_all(world)
    before = len(clockwork.finished)
    clockwork.run(until=lambda: len(clockwork.finished) > before)
    assert clockwork.finished[-1][0] == "single"  # it goes next
    assert world.now - asked < timedelta(seconds=2)
    clockwork.run()
    assert len(clockwork.finished) == 501
    assert window.refused == 0
    assert len(window.made) == 501


def test_after_a_throttle_the_single_one_goes_first():
    world = World()
    world.budgets = BudgetTable(world.table, {"facebook": RATE}, world.clock)
    ids = many(world, 12)
    seal_all(world)
    window, clockwork = Window(world, 1, 60), Clockwork(world)
    clockwork.run(until=lambda: window.refused >= 6)
    post = world.changer.posts.get(ids[0])
    world.ingest(world.comment("single", "you idiot", thread_native="s"))
    post = next(
        world.changer.posts.get(item["id"])
        for (_, sk), item in world.table.items.items()
        if sk == "POST" and item["id"] not in ids
    )
    world.actions.reply(OFFICER, post.id, text="Thank you.", rev=post.rev, idem=idem())
    seal_all(world)
    before = len(clockwork.finished)
    clockwork.run(until=lambda: len(clockwork.finished) > before)
    assert clockwork.finished[-1][0] == "single"


def test_what_waits_for_its_turn_is_heard_of_in_good_time():
    world = World()
    slow = Rate(calls=5, seconds=3600)
    world.budgets = BudgetTable(world.table, {"facebook": slow}, world.clock)
    many(world, 3)
    seal_all(world)
    clockwork = Clockwork(world)
    clockwork.run()
    assert len(clockwork.finished) == 3
    silences = []
    for (_, sk), item in world.table.items.items():
        if sk == "POST":
            told = [parse_iso(p["at"]) for p in item["trail"] if p["type"] in {"intent", "outcome"}]
            silences += [later - earlier for earlier, later in pairwise(told)]
    assert len(silences) > 3  # the three outcomes, and what was said meanwhile
    assert max(silences) < timedelta(minutes=15)


def test_a_message_that_comes_twice_takes_one_turn_and_calls_once():
    world = World()
    many(world, 1)
    seal_all(world)
    body = world.bulk_queue.messages.pop().body
    assert world.acting().act(body).state == "done"
    assert world.acting().act(body).state == "done"
    assert len(world.platform.calls) == 1


def test_the_evidence_of_one_of_many_releases_it_into_its_own_lane():
    world = World()
    many(world, 1, "hide")
    seal_all(world)
    assert world.action_queue.messages == []
    with pytest.raises(SealingError):
        world.acting().act(world.bulk_queue.messages.pop().body)
    seal_all(world)
    assert world.action_queue.messages == []
    action = world.acting().act(world.bulk_queue.messages.pop().body)
    assert (action.state, action.incident) == ("done", "01C0NC1DENTZMMMMMMMMMMMMC0")


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_killed_at_any_call_loses_no_action_and_calls_once(side):
    """At each call in turn: the table, the queue, the platform's answer being written down."""

    def scene():
        world = World()
        many(world, 1)
        seal_all(world)
        world.body = world.bulk_queue.messages.pop().body
        return world, lambda: world.acting().act(world.body)

    for world, _ in killed(side, scene):
        world.pass_time(seconds=80)
        for _ in range(3):
            try:
                action = world.acting().act(world.body)
                break
            except LaterError:
                world.pass_time(seconds=80)
        assert action.state == "done"
        assert len(world.platform.calls) <= 1  # none when it is seen to be as wanted


# the budget itself ----------------------------------------------------------------------------------------------------


@given(
    calls=st.integers(1, 300),
    seconds=st.integers(1, 3600),
    gaps=st.lists(st.integers(0, 60_000), min_size=1, max_size=200),
)
@settings(max_examples=60, deadline=None)
def test_the_many_never_use_more_than_four_fifths_of_any_window(calls, seconds, gaps):
    rate, free, now, went = Rate(calls, seconds), 0, 1_000_000, []
    for gap in gaps:
        now += gap
        turn = rate.turn(free_at_ms=free, singles=0, now_ms=now, earliest_ms=0)
        free = turn.free_at_ms
        assert now <= turn.at_ms <= now + HORIZON_MS
        if turn.given:
            went.append(turn.at_ms)
    allowed = max(1, 0.8 * calls + 1)
    for at in went:
        assert sum(at <= one < at + seconds * 1000 for one in went) <= allowed
    assert went == sorted(went)


def test_single_actions_slow_the_many_down():
    def third(singles):
        rate, free = Rate(10, 100), 0
        for _ in range(3):
            turn = rate.turn(free_at_ms=free, singles=singles, now_ms=1000, earliest_ms=0)
            free, singles = turn.free_at_ms, 0
        return turn.at_ms

    assert third(2) > third(0)


def test_a_turn_too_far_ahead_is_not_given_out():
    rate = Rate(10, 3600)
    turn = rate.turn(free_at_ms=10 * HORIZON_MS, singles=0, now_ms=0, earliest_ms=0)
    assert (turn.given, turn.at_ms) == (False, HORIZON_MS)


def test_two_workers_never_get_the_same_turn():
    world = World()
    budgets = BudgetTable(world.table, {"facebook": Rate(1, 10)}, world.clock)
    turns = [budgets.turn("facebook-1")[0] for _ in range(5)]
    assert len(set(turns)) == 5


def test_a_budget_that_others_keep_changing_is_asked_again(monkeypatch):
    world = World()
    budgets = BudgetTable(world.table, {}, world.clock)

    def lost(_write):
        raise ConditionFailedError({0: None})

    monkeypatch.setattr(world.table, "write", lost)
    moment, given_out = budgets.turn("facebook-1")
    assert not given_out
    assert moment > world.now


def test_the_setting_is_read_and_a_wrong_part_named():
    assert parse_rates("facebook=600/3600 x=50/900") == {"facebook": Rate(600, 3600), "x": Rate(50, 900)}
    assert parse_rates("") == {}
    assert CAREFUL.interval_ms == 30_000
    with pytest.raises(InvalidInputError, match="x=50"):
        parse_rates("x=50")
