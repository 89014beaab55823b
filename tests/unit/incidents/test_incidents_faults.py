"""A worker of a job that dies at any call, before or after it: still one intent and one outcome for each post."""

from __future__ import annotations

import random

import pytest

from bluelamp.actions.errors import LaterError, WaitingError
from bluelamp.errors import ConflictError
from bluelamp.incidents.model import Match
from bluelamp.incidents.working import NotSealedYetError
from bluelamp.posts.judging import Judging
from tests.faults.archive import Records, examine, finding
from tests.support.world import idem, judged, principal
from tests.unit.incidents.conftest import Desk


class KilledError(BaseException):
    """The worker process is gone; nothing catches this but the test."""


def counted_calls(many: int) -> int:
    """Return how many calls a job of so many posts makes when nobody dies."""
    desk = ready(many)
    calls = []
    desk.world.faults.before = calls.append
    desk.at.working().run(desk.at.queue.messages.pop().body)
    return len(calls)


def ready(many: int) -> Desk:
    desk = Desk()
    desk.arrive(*(f"you idiot {n}" for n in range(many)))
    desk.start()
    desk.world.seal()
    return desk


def check(desk: Desk, many: int) -> None:
    records = Records(desk.world.evidence.objects)
    intents = [r["obj"]["key"] for _, _, r in records.all if r["type"] == "intent"]
    assert len(intents) == len(set(intents)) == many
    assert len(records.outcomes) == many
    assert set(desk.states()) == {"hidden"}
    hides = [call for call in desk.world.platform.calls if call.startswith("hide")]
    assert len(hides) == len(set(hides)) == many
    report = examine(desk.world.evidence.objects)
    assert report.verdict == "OK", finding(report)


@pytest.mark.slow
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_killed_at_each_call_in_turn_loses_and_doubles_nothing(side):
    many = 3
    for place in range(counted_calls(many)):
        desk = ready(many)
        left = [place]

        def maybe(_name: str, left=left) -> None:
            if not left[0]:
                raise KilledError
            left[0] -= 1

        message = desk.at.queue.messages[0]
        setattr(desk.world.faults, side, maybe)
        with pytest.raises(KilledError):
            desk.at.working().run(message.body)
        setattr(desk.world.faults, side, None)
        desk.finish()
        check(desk, many)


@pytest.mark.slow
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_killed_while_it_takes_back_what_was_ordered_leaves_one_outcome_for_each(side):
    for place in range(60):
        desk = ready(3)
        desk.at.work_all(desk.world.seal)
        (job,) = desk.at.bulk.views(principal(), desk.incident)
        desk.step(job, "stop")
        desk.world.seal()
        left = [place]

        def maybe(_name: str, left=left) -> None:
            if not left[0]:
                raise KilledError
            left[0] -= 1

        message = desk.at.queue.messages[0]
        setattr(desk.world.faults, side, maybe)
        killed = False
        try:
            desk.at.working().run(message.body)
        except KilledError:
            killed = True
        setattr(desk.world.faults, side, None)
        desk.finish()
        records = Records(desk.world.evidence.objects)
        assert len(records.outcomes) == len(set(records.outcomes)) == 3
        assert set(desk.states()) == {"visible"}
        assert desk.world.platform.calls == []
        if not killed:
            return
    pytest.fail("taking back three takes fewer calls")


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_judge_killed_at_each_call_hides_by_the_standing_rule_once(side):
    for place in range(30):
        desk = Desk()
        one = desk.at.service.propose_standing(
            principal(), desk.incident.id, match=Match(words=("idiot",)), rev=1, idem=idem()
        )
        desk.at.service.agree_standing(principal("control"), one.id, rev=2, idem=idem())
        desk.world.ingest(desk.world.comment("c0", "you idiot"))
        (post,) = desk.ids()
        left = [place]

        def maybe(_name: str, left=left) -> None:
            if not left[0]:
                raise KilledError
            left[0] -= 1

        setattr(desk.world.faults, side, maybe)
        killed = False
        try:
            judge(desk, post)
        except KilledError:
            killed = True
        setattr(desk.world.faults, side, None)
        judge(desk, post)  # its message comes again
        desk.world.moderation.messages.clear()
        desk.finish()
        check(desk, 1)
        if not killed:
            return
    pytest.fail("judging one post takes fewer calls")


def judge(desk: Desk, post: str) -> None:
    judging = Judging(changer=desk.world.changer, pseudonyms=desk.world.pseudonyms, told=desk.at.orders.judged)
    found = judging.get_for_judging([post])
    judging.file_cases({one: (rev, judged(subject)) for one, (subject, rev) in found.items()})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_workers_that_die_again_and_again_and_messages_that_come_twice(seed):
    rng = random.Random(seed)  # noqa: S311 -- a seeded fault, not a secret
    many = 90
    desk = ready(many)
    world = desk.world

    def maybe(_name: str) -> None:
        if rng.random() < 0.02:
            raise KilledError

    messages = desk.at.queue.messages * 3
    desk.at.queue.messages.clear()
    for _ in range(20_000):
        waiting = [q for q in (messages, world.bulk_queue.messages, world.action_queue.messages) if q]
        if not waiting:
            break
        queue = rng.choice(waiting)
        message = queue.pop(rng.randrange(len(queue)))
        world.faults.before = world.faults.after = maybe
        try:
            if queue is messages:
                desk.at.working().run(message.body)
            else:
                world.acting().act(message.body)
        except (KilledError, LaterError, ConflictError, NotSealedYetError) as error:
            if not isinstance(error, WaitingError):
                queue.append(message)
            world.pass_time(seconds=90)
        finally:
            world.faults.before = world.faults.after = None
        if rng.random() < 0.3 or not any((messages, world.bulk_queue.messages, world.action_queue.messages)):
            world.seal()
    desk.finish()
    check(desk, many)
