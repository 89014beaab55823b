"""Answers in one thread are published in the order in which they were asked for, and none waits for ever."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bluelamp.actions.errors import LaterError, WaitingError
from bluelamp.actions.model import FINAL
from bluelamp.actions.store import ActionStore
from bluelamp.errors import BluelampError
from bluelamp.ids import post_id
from bluelamp.platforms.contract import NotAllowedError, TimedOutError, TryAgainError
from bluelamp.posts.model import Reason
from tests.support.world import World, idem, principal

ANN = principal()
ABUSE = Reason(code="abuse")


class Thread(World):
    """One thread with three comments."""

    def __init__(self) -> None:
        super().__init__()
        self.account("1", "swindale")
        self.ids = [post_id("facebook-1", f"c{n}") for n in range(3)]
        for n in range(3):
            self.ingest(self.comment(f"c{n}", "you idiot"))
        self.judge_all()

    def post(self, n):
        return self.changer.posts.get(self.ids[n], consistent=True)

    def reply(self, n, **more):
        self.pass_time(seconds=0.01)
        post = self.post(n)
        return self.actions.reply(ANN, post.id, text=f"Answer {n}", rev=post.rev, idem=idem(), **more).action.id

    def actions_there(self):
        store = ActionStore(self.table)
        return [store.get(item["post_id"], item["id"]) for (_, sk), item in list(self.table.items.items())
                if sk.startswith("ACTION#")]  # fmt: skip


def test_the_second_waits_for_the_first_that_is_held_back():
    world = Thread()
    world.reply(0, undo_seconds=10)
    world.reply(1)
    world.seal()
    held, second = world.action_queue.messages
    world.action_queue.messages = []
    with pytest.raises(WaitingError):
        world.acting().act(second.body)
    (again,) = world.action_queue.messages
    assert world.platform.replies == []
    world.pass_time(seconds=10)
    world.acting().act(held.body)
    world.acting().act(again.body)
    assert [native for native, _ in world.platform.replies] == ["c0", "c1"]


@pytest.mark.parametrize("end", ["cancelled", "failed", "unknown"])
def test_whatever_became_of_the_first_the_second_goes(end):
    world = Thread()
    first = world.reply(0, undo_seconds=10)
    world.reply(1)
    if end == "cancelled":
        world.endings.cancel(ANN, world.ids[0], first, idem=idem())
    elif end == "failed":
        world.platform.next_error = [NotAllowedError("no")]
    else:
        world.platform.next_error = [TimedOutError("no"), NotAllowedError("no")]
    for _ in range(5):
        world.seal()
        world.act_all()
    assert [native for native, _ in world.platform.replies] in (["c1"], ["c0", "c1"])


def test_a_first_whose_message_was_lost_holds_nobody_up_for_ever():
    world = Thread()
    world.reply(0)
    world.seal()
    world.action_queue.messages.clear()
    world.reply(1)
    world.seal()
    for _ in range(60):
        world.seal()
        world.act_all(rounds=1)
    assert [native for native, _ in world.platform.replies] == ["c1"]


def test_another_thread_waits_for_nobody():
    world = Thread()
    world.reply(0, undo_seconds=10)
    world.ingest(world.comment("other", "you idiot", thread_native="elsewhere"))
    world.judge_all()
    post = world.changer.posts.get(post_id("facebook-1", "other"))
    world.actions.reply(ANN, post.id, text="Answer", rev=post.rev, idem=idem())
    world.seal()
    world.acting().act(world.action_queue.messages[-1].body)
    assert [native for native, _ in world.platform.replies] == ["other"]


class EverythingThatMayHappen(RuleBasedStateMachine):
    """An action's states, whatever comes in between: asked, taken back, edited, lost, refused, read back, settled."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Thread()
        self.edits = 0

    def _try(self, work):
        try:
            return work()
        except BluelampError:
            return None

    @rule(n=st.integers(0, 2), verb=st.sampled_from(["hide", "delete", "ban", "like", "message"]))
    def ask(self, n, verb):
        post = self.world.post(n)
        how = {"message": {"text": "Hello"}, "like": {}}.get(verb, {"reason": ABUSE})
        self._try(lambda: getattr(self.world.actions, verb)(ANN, post.id, rev=post.rev, idem=idem(), **how))

    @rule(n=st.integers(0, 2), held=st.sampled_from([0, 10]))
    def reply(self, n, held):
        self._try(lambda: self.world.reply(n, undo_seconds=held))

    @rule(n=st.integers(0, 2))
    def edit(self, n):
        self.edits += 1
        self.world.pass_time(seconds=5)
        self.world.ingest(self.world.comment(f"c{n}", f"you idiot {self.edits}", edited=True))
        self.world.judge_all()

    @rule(n=st.integers(0, 2))
    def take_back(self, n):
        post = self.world.post(n)
        if post.pending:
            self._try(lambda: self.world.endings.cancel(ANN, post.id, post.pending, idem=idem()))

    @rule(error=st.sampled_from([TimedOutError("no"), TryAgainError("no"), NotAllowedError("no")]))
    def fail_next(self, error):
        self.world.platform.next_error = [error]

    @rule()
    def seal(self):
        self.world.seal()

    @precondition(lambda self: self.world.action_queue.messages)
    @rule(data=st.data(), twice=st.booleans())
    def deliver(self, data, twice):
        messages = self.world.action_queue.messages
        message = messages.pop(data.draw(st.integers(0, len(messages) - 1)))
        self.world.pass_time(seconds=message.delay_seconds)
        work = self.world.reconciling().look if message.body.get("look") else self.world.acting().act
        for _ in range(1 + twice):
            try:
                work(dict(message.body))
            except WaitingError:
                continue
            except LaterError:
                messages.append(message)
                self.world.pass_time(seconds=80)

    @rule(minutes=st.sampled_from([1, 6, 60]))
    def tick(self, minutes):
        self.world.pass_time(minutes=minutes)
        self.world.unsettled().run()

    @rule(happened=st.booleans())
    def settle(self, happened):
        for action in self.world.actions_there():
            if action.state == "unknown":
                post = self.world.changer.posts.get(action.post_id)
                self._try(lambda a=action, p=post: self.world.endings.settle(
                    ANN, p.id, a.id, happened=happened, rev=p.rev, idem=idem()))  # fmt: skip
                return

    @invariant()
    def a_post_waits_for_a_living_action_alone(self):
        alive = {one.id for one in self.world.actions_there() if one.state not in FINAL}
        pending = {self.world.post(n).pending for n in range(3)} - {None}
        assert pending == alive

    @invariant()
    def nothing_is_said_twice(self):
        replies = self.world.platform.replies
        asked = [one for one in self.world.actions_there() if one.verb == "reply"]
        assert len(replies) <= len(asked)

    @invariant()
    def each_action_ends_once_and_is_known_once_more_at_the_most(self):
        for n in range(3):
            ends = {}
            for pointer in self.world.post(n).trail:
                if pointer.type == "outcome" and pointer.detail.get("result") != "deferred":
                    ends.setdefault(pointer.detail["verb"], []).append(pointer.detail["result"])
            asked = [one for one in self.world.actions_there() if one.post_id == self.world.ids[n]]
            for verb, results in ends.items():
                made = [one for one in asked if one.verb == verb]
                assert len(results) - results.count("unknown") <= len(made)

    def teardown(self):
        for _ in range(300):
            self.world.seal()
            if not self.world.action_queue.messages:
                break
            message = self.world.action_queue.messages.pop(0)
            self.world.pass_time(seconds=message.delay_seconds)
            self.world.platform.next_error = []
            work = self.world.reconciling().look if message.body.get("look") else self.world.acting().act
            try:
                work(dict(message.body))
            except WaitingError:
                continue
            except LaterError:
                self.world.action_queue.messages.append(message)
                self.world.pass_time(seconds=80)
        assert all(one.state in FINAL for one in self.world.actions_there())


TestEverythingThatMayHappen = pytest.mark.slow(EverythingThatMayHappen.TestCase)
EverythingThatMayHappen.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
