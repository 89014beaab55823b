"""Workers that die at any call, messages that come twice, answers that are lost: one outcome for each intent."""

from __future__ import annotations

import json
import random

import pytest

from bluelamp.actions.errors import LaterError, NotSealedError, SealingError, WaitingError
from bluelamp.audit import layout
from bluelamp.platforms.contract import (
    NotAllowedError,
    ReauthoriseError,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.posts.model import Reason
from tests.support.world import World, idem, principal

ABUSE = Reason(code="abuse")


class KilledError(BaseException):
    """The worker process is gone; nothing catches this but the test."""


class Killer:
    """Kills at a random call, before or after it, with a probability."""

    def __init__(self, world: World, rng: random.Random, probability: float) -> None:
        self.kills = 0

        def maybe(_name: str) -> None:
            if rng.random() < probability:
                self.kills += 1
                raise KilledError

        self.world = world
        self.hooks = (maybe, maybe)

    def __enter__(self) -> None:
        self.world.faults.before, self.world.faults.after = self.hooks

    def __exit__(self, *_: object) -> None:
        self.world.faults.before = self.world.faults.after = None


def survive(world: World, killer: Killer, work) -> bool:
    """Run a worker; return whether it lived to the end. A dead worker's lease runs out before the next."""
    try:
        with killer:
            work()
    except (KilledError, LaterError):
        world.pass_time(seconds=90)
        return False
    except WaitingError:
        world.pass_time(seconds=70)
    return True


def leaves_of(world: World) -> list[dict]:
    out = []
    for name in world.evidence.list():
        if layout.parse_entries(name):
            out += [json.loads(body) for body in layout.unpack(world.evidence.objects[name])]
    return out


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_any_kill_leaves_one_outcome_for_each_intent(seed):
    rng = random.Random(seed)  # noqa: S311 -- a seeded fault, not a secret
    world = World()
    world.account("1", "swindale")
    for n in range(3):
        world.ingest(world.comment(f"c{n}", f"you idiot {n}"))
    world.judge_all()
    officer = principal()
    verbs = ["hide", "delete", "reply"]
    for post in world.posts.queue(officer).posts:
        verb = verbs.pop()
        how = {"reason": ABUSE} if verb != "reply" else {"text": "Thank you."}
        getattr(world.actions, verb)(officer, post.id, rev=post.rev, idem=idem(), **how)
    world.platform.lose_answer = rng.randrange(3)
    killer = Killer(world, rng, 0.08)
    for _ in range(200):
        while not survive(world, killer, world.seal):
            pass
        if not world.action_queue.messages:
            break
        message = rng.choice(world.action_queue.messages)
        done = survive(world, killer, lambda message=message: world.acting().act(message.body))
        if done and rng.random() < 0.7:  # else SQS delivers it once more
            world.action_queue.messages.remove(message)
    world.seal()
    records = leaves_of(world)
    intents = {r["id"] for r in records if r["type"] == "intent"}
    outcomes = [r["op"]["intent"] for r in records if r["type"] == "outcome"]
    assert len(intents) == 3
    assert sorted(outcomes) == sorted(intents)
    assert world.platform.hidden.get("c0") or world.platform.hidden.get("c1") or world.platform.hidden.get("c2")
    assert len(world.platform.gone) == 1
    assert len(world.platform.replies) == 1
    states = sorted(
        p.state
        for p in (
            world.changer.posts.get(i)
            for i in world.changer.posts.get_many(
                [item["id"] for (_, sk), item in world.table.items.items() if sk == "POST"]
            )
        )
        if p
    )
    assert states == ["deleted", "hidden", "visible"]


def one(world: World, verb: str = "hide"):
    world.account("1", "swindale")
    world.ingest(world.comment("c1", "you idiot"))
    world.judge_all()
    post = world.posts.queue(principal()).posts[0]
    how = {"reason": ABUSE} if verb != "reply" else {"text": "Thank you."}
    getattr(world.actions, verb)(principal(), post.id, rev=post.rev, idem=idem(), **how)
    return post


def test_an_unsealed_intent_is_never_carried_out():
    world = World()
    post = one(world)
    action = next(i for (_, sk), i in world.table.items.items() if sk.startswith("ACTION#"))
    with pytest.raises(NotSealedError):
        world.acting().act({"post_id": post.id, "action_id": action["id"], "seq": 1, "year": 2026})
    assert world.platform.calls == []


@pytest.mark.parametrize("error", [ReauthoriseError("token"), NotAllowedError("permission")])
def test_what_no_retry_can_help_fails_at_once_and_the_case_is_open_again(error):
    world = World()
    post = one(world)
    world.platform.next_error = [error]
    world.seal()
    world.act_all()
    view = world.posts.open_post(principal(), post.id)
    assert view.post.state == "visible"
    assert view.post.case.state == "open"
    assert view.actions[0].error == error.code


def test_a_passing_failure_is_tried_again():
    world = World()
    post = one(world)
    world.platform.next_error = [TryAgainError("503"), TryAgainError("503")]
    world.seal()
    world.act_all()
    assert world.platform.calls == ["hide:c1"] * 3
    assert world.posts.open_post(principal(), post.id).post.state == "hidden"


def test_a_throttled_account_is_left_alone_until_it_regains_access():
    world = World()
    one(world)
    world.platform.next_error = [ThrottledError("429", until=world.now.replace(minute=3))]
    world.seal()
    with pytest.raises(SealingError):
        world.acting().act(world.action_queue.messages.pop(0).body)
    world.seal()
    message = world.action_queue.messages[0]
    with pytest.raises(WaitingError, match="throttled"):
        world.acting().act(message.body)
    assert world.action_queue.messages[-1].delay_seconds == 181


def test_a_long_wait_is_recorded_and_a_day_is_the_most():
    world = World()
    post = one(world)
    world.platform.next_error = [ThrottledError("429", until=world.now.replace(day=27))] * 500
    world.seal()
    world.act_all(rounds=300)
    world.seal()
    results = [r["op"]["result"] for r in leaves_of(world) if r["type"] == "outcome"]
    assert set(results[:-1]) == {"deferred"}
    assert results[-1] == "failed"
    assert world.posts.open_post(principal(), post.id).post.state == "visible"


def test_a_platform_that_never_answers_is_given_up_in_so_many_words():
    world = World()
    post = one(world, "reply")
    world.platform.next_error = [TimedOutError("no answer")] * 20
    world.seal()
    world.act_all(rounds=50)
    view = world.posts.open_post(principal(), post.id)
    assert view.actions[0].state == "unknown"
    assert len(world.platform.calls) == 6
