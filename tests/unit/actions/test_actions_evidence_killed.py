"""Evidence and workers that die: at any call, and with messages that come again, each record is made once."""

from __future__ import annotations

import contextlib
import itertools
import random

import pytest

from bluelamp.actions.errors import LaterError, WaitingError
from bluelamp.audit.archive import pull
from bluelamp.audit.verify import verify
from bluelamp.errors import ConflictError
from bluelamp.media.errors import UnavailableError
from bluelamp.platforms.contract import ThrottledError
from tests.support.evidence import (
    TAKING,
    A,
    B,
    Watch,
    arrive,
    ask,
    first_release,
    of_type,
    only,
    second_release,
)
from tests.support.world import World


class KilledError(BaseException):
    """The worker process is gone."""


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
