"""The drill with posts and actions: the table goes back while an officer's decision is under way on the platform."""

from __future__ import annotations

import copy

import pytest

from bluelamp.actions.restoring import Restoring, Resumed
from bluelamp.actions.store import ActionStore
from bluelamp.audit.archive import pull
from bluelamp.audit.recover import Recovery
from bluelamp.audit.survey import Survey
from bluelamp.audit.verify import verify
from bluelamp.posts.model import Reason
from bluelamp.times import parse_iso
from tests.support.world import World, idem, principal

HOW = {"hide": {"reason": Reason(code="abuse")}, "delete": {"reason": Reason(code="abuse")}, "reply": {"text": "Hello"}}
ENDS = {"hide": "hidden", "delete": "deleted", "reply": "visible"}


@pytest.fixture
def world():
    made = World()
    made.account("1", "swindale")
    made.ingest(made.comment("c1", "you idiot"), made.comment("c2", "hello"))
    made.judge_all()
    made.seal()
    made.pass_time(minutes=3)
    return made


def post(world, native="c1"):
    ids = [i["id"] for (_, sk), i in world.table.items.items() if sk == "POST" and i["native_id"] == native]
    return world.changer.posts.get(ids[0])


def ask(world, verb, native="c1"):
    target = post(world, native)
    getattr(world.actions, verb)(principal(), target.id, rev=target.rev, idem=idem(), **HOW[verb])


def finish(world):
    for _ in range(4):
        world.seal()
        world.act_all()
    world.seal()


def go_back(world, items):
    world.table.items = copy.deepcopy(items)
    world.action_queue.messages.clear()


def recover(world):
    survey = Survey(world.evidence, origin="bluelamp.example/bluelamp/wealdshire", publics=[world.signer.public()])
    return Recovery(world.table, survey, world.clock).run()


def resume(world, found) -> Resumed:
    restoring = Restoring(changer=world.changer, actions=ActionStore(world.table), queue=world.action_queue)
    return restoring.resume(["facebook-1"], found.outcomes, point=parse_iso(found.sealed_at))


def proven(world, directory):
    world.pass_time(hours=1)
    world.ingest(world.comment("c9", "later"))
    finish(world)
    pull(world.evidence, directory)
    report = verify(directory)
    assert report.verdict == "OK", report.failures + report.pending


@pytest.mark.parametrize("verb", HOW)
def test_an_outcome_that_the_archive_has_is_taken_from_there(world, verb, tmp_path):
    ask(world, verb)
    point = copy.deepcopy(world.table.items)
    finish(world)
    calls = list(world.platform.calls)
    go_back(world, point)
    found = recover(world)
    assert resume(world, found) == Resumed(ended=1)
    assert (post(world).state, post(world).pending) == (ENDS[verb], None)
    finish(world)
    assert world.platform.calls == calls
    assert resume(world, found) == Resumed()
    proven(world, tmp_path)


@pytest.mark.parametrize("verb", HOW)
def test_what_the_archive_does_not_know_is_looked_for_on_the_platform_first(world, verb, tmp_path):
    ask(world, verb)
    world.seal()
    point = copy.deepcopy(world.table.items)
    # The platform did it; the worker, and what it wanted to record, went down with the table.
    {"hide": lambda: world.platform.hidden.update(c1=True), "delete": lambda: world.platform.gone.add("c1"),
     "reply": lambda: world.platform.replies.append(("c1", "Hello"))}[verb]()  # fmt: skip
    world.ingest(world.comment("c3", "another"))
    world.seal()
    go_back(world, point)
    found = recover(world)
    assert resume(world, found) == Resumed(released=1)
    finish(world)
    assert world.platform.calls == []
    assert world.platform.replies == ([("c1", "Hello")] if verb == "reply" else [])
    assert (post(world).state, post(world).pending) == (ENDS[verb], None)
    proven(world, tmp_path)


def test_a_decision_that_was_forgotten_is_told_as_unknown_and_made_anew(world, tmp_path):
    point = copy.deepcopy(world.table.items)
    ask(world, "hide")
    world.seal()
    go_back(world, point)
    found = recover(world)
    assert len(found.intents) == 1
    assert found.forgotten["intent"] == 1
    assert resume(world, found) == Resumed()
    assert post(world).state == "visible"
    ask(world, "hide")
    finish(world)
    assert post(world).state == "hidden"
    proven(world, tmp_path)


def test_an_action_that_is_not_sealed_yet_is_left_to_the_sealer(world, tmp_path):
    ask(world, "hide", "c2")
    point = copy.deepcopy(world.table.items)
    waiting = {key: item for key, item in point.items() if key[0].startswith("OUTBOX#")}
    for key in waiting:
        del world.table.items[key]
    world.ingest(world.comment("c3", "another"))
    world.seal()
    go_back(world, point)
    found = recover(world)
    assert found.waiting == len(waiting)
    assert resume(world, found) == Resumed(released=1)
    assert world.action_queue.messages == []
    finish(world)
    assert post(world, "c2").state == "hidden"
    proven(world, tmp_path)


def test_old_and_finished_actions_are_passed_over(world):
    ask(world, "hide")
    finish(world)
    world.pass_time(days=3)
    world.ingest(world.comment("c4", "new"))
    world.judge_all()
    world.seal()
    point = copy.deepcopy(world.table.items)
    world.ingest(world.comment("c5", "newer"))
    world.seal()
    go_back(world, point)
    assert resume(world, recover(world)) == Resumed()
