"""What nobody knows the end of: read back for a day, settled once, by what is seen or by a person who looked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.actions.acting import PATIENCE
from bluelamp.actions.rules import LOOKS, STUCK
from bluelamp.audit.archive import pull
from bluelamp.audit.leaf import Op
from bluelamp.audit.verify import verify
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.people.rules import NotPermittedError
from bluelamp.platforms.contract import NotAllowedError, ReadBack, ThrottledError, TimedOutError
from bluelamp.posts.changing import Entry
from tests.support.killing import killed
from tests.support.world import idem, principal
from tests.unit.actions.test_actions_edited import ANN, BO, Desk


class Doubt(Desk):
    """A desk with a reply of which nobody knows whether it was published."""

    def __init__(self, verb="reply") -> None:
        super().__init__()
        self.made = self.ask(verb)
        self.seen, self.platform.read_back = self.platform.read_back, lambda *_, **__: ReadBack(state="unknown")
        self.platform.next_error = [TimedOutError("no answer"), NotAllowedError("no")]
        self.work()
        self.platform.calls.clear()
        assert self.action(self.made).state == "unknown"

    def minute(self):
        """Let the schedule run, and the function that it wakes."""
        found = self.unsettled().run()
        for message in self.action_queue.messages:
            assert message.body["look"]
            self.reconciling().look(message.body)
        self.action_queue.messages.clear()
        return found

    def shows(self, state):
        self.platform.read_back = lambda *_, **__: ReadBack(state=state)


def verified(desk, tmp_path):
    desk.seal()
    pull(desk.evidence, tmp_path / "copy")
    return verify(tmp_path / "copy")


def test_it_is_read_back_after_a_minute_and_settled_by_a_second_outcome():
    desk = Doubt()
    assert desk.minute() == 0
    desk.platform.replies.append(("c1", "Thank you."))
    desk.platform.read_back = desk.seen
    desk.pass_time(minutes=1)
    assert desk.minute() == 1
    assert desk.action(desk.made).state == "done"
    assert desk.platform.calls == []
    assert [leaf["op"]["result"] for leaf in desk.leaves("outcome")] == ["unknown", "done"]
    assert desk.post.case.decision == "replied"
    desk.pass_time(minutes=10)
    assert desk.minute() == 0


def test_what_is_not_there_once_is_looked_for_again_before_it_has_failed():
    desk = Doubt()
    desk.shows("not_done")
    desk.pass_time(minutes=1)
    desk.minute()
    assert desk.action(desk.made).state == "unknown"
    desk.pass_time(minutes=5)
    desk.minute()
    assert desk.action(desk.made).state == "failed"
    assert desk.post.case.state == "open"


def test_it_is_looked_for_less_and_less_often_and_not_after_a_day():
    desk = Doubt()
    looks = 0
    for _ in range(26 * 60):
        desk.pass_time(minutes=1)
        looks += desk.minute()
    assert looks == len(LOOKS)
    assert desk.action(desk.made).state == "unknown"


def test_a_platform_that_does_not_answer_costs_a_look_and_nothing_else():
    desk = Doubt()

    def throttled(*_args, **_more):
        raise ThrottledError("429", until=desk.now + timedelta(hours=1))

    desk.platform.read_back = throttled
    desk.pass_time(minutes=1)
    desk.minute()
    assert (desk.action(desk.made).state, desk.action(desk.made).looks) == ("unknown", 1)
    assert desk.minute() == 0


def test_a_hide_whose_post_is_gone_is_settled():
    desk = Doubt("hide")
    desk.shows("gone")
    desk.pass_time(minutes=1)
    desk.minute()
    assert desk.action(desk.made).state == "done"


@pytest.mark.parametrize(("happened", "state"), [(True, "done"), (False, "failed")])
def test_a_person_who_looked_says_what_happened(happened, state):
    desk = Doubt()
    answer = desk.endings.settle(BO, desk.post.id, desk.made, happened=happened, rev=desk.post.rev, idem=idem())
    assert (answer.action.state, answer.action.settled_by.name) == (state, "Bo Officer")
    leaf = desk.leaves("outcome")[-1]
    assert (leaf["actor"]["sub"], leaf["reason"]["code"]) == (BO.id, "looked")
    desk.pass_time(minutes=5)
    assert desk.minute() == 0
    with pytest.raises(ConflictError, match="Nothing is left to say"):
        desk.endings.settle(ANN, desk.post.id, desk.made, happened=True, rev=desk.post.rev, idem=idem())


def test_the_schedule_and_a_person_settle_it_once_between_them():
    desk = Doubt()
    desk.pass_time(minutes=1)
    desk.unsettled().run()
    message = desk.action_queue.messages.pop().body
    desk.endings.settle(BO, desk.post.id, desk.made, happened=True, rev=desk.post.rev, idem=idem())
    desk.shows("not_done")
    assert desk.reconciling().look(message).state == "done"
    assert [leaf["op"]["result"] for leaf in desk.leaves("outcome")] == ["unknown", "done"]


def test_what_was_decided_since_stands_when_it_turns_out_to_have_happened():
    desk = Doubt("hide")
    desk.platform.read_back = desk.seen
    desk.ask("delete")
    desk.work()
    desk.endings.settle(BO, desk.post.id, desk.made, happened=True, rev=desk.post.rev, idem=idem())
    assert desk.post.state == "deleted"


def test_the_verifier_takes_what_was_settled(tmp_path):
    desk = Doubt()
    desk.endings.settle(BO, desk.post.id, desk.made, happened=True, rev=desk.post.rev, idem=idem())
    assert [str(one) for one in verified(desk, tmp_path).failures] == []


@pytest.mark.parametrize(("first", "second"), [("done", "failed"), ("unknown", "unknown"), ("failed", "done")])
def test_the_verifier_takes_no_other_second_outcome(tmp_path, first, second):
    desk = Desk()
    made = desk.ask("like")
    desk.seal()
    action = desk.action(made)
    for result in (first, second):
        entry = Entry(type="outcome", actor=ANN.actor(), op=Op(intent=action.intent, result=result))
        desk.changer.commit(desk.post, desk.post, entry)
        desk.seal()
    assert [one.code for one in verified(desk, tmp_path).failures] == ["outcome"]


def test_the_verifier_takes_no_third_outcome(tmp_path):
    desk = Doubt()
    intent = desk.action(desk.made).intent
    for result in ("done", "failed"):
        entry = Entry(type="outcome", actor=ANN.actor(), op=Op(intent=intent, result=result))
        desk.changer.commit(desk.post, desk.post, entry)
        desk.seal()
    assert [one.code for one in verified(desk, tmp_path).failures] == ["outcome"]


def test_nobody_settles_what_is_not_there_or_not_theirs():
    desk = Doubt()
    with pytest.raises(NotFoundError):
        desk.endings.settle(
            BO, desk.post.id, "01C0ACTZZZMMMMMMMMMMMMACT0", happened=True, rev=desk.post.rev, idem=idem()
        )
    with pytest.raises(NotPermittedError):
        desk.endings.settle(
            principal("supervisor", teams=("swindale",)),
            desk.post.id, desk.made, happened=True, rev=desk.post.rev, idem=idem(),
        )  # fmt: skip


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_killed_while_it_reads_back_settles_it_once(side):
    def scene():
        desk = Doubt()
        desk.shows("done")
        desk.pass_time(minutes=1)
        desk.unsettled().run()
        desk.body = desk.action_queue.messages.pop().body
        return desk, lambda: desk.reconciling().look(desk.body)

    for desk, _ in killed(side, scene):
        assert desk.reconciling().look(desk.body).state == "done"
        assert len(desk.leaves("outcome")) == 2


# what is stuck --------------------------------------------------------------------------------------------------------


def listed(desk, by=ANN):
    return [(one.trouble, one.action.verb, one.can) for one in desk.under_way.list_for(by).actions]


def test_who_asked_is_told_once_of_what_is_stuck():
    desk = Desk()
    made = desk.ask("reply")
    desk.seal()
    desk.action_queue.messages.clear()  # lost
    assert listed(desk) == []
    desk.pass_time(seconds=STUCK.total_seconds() + 1)
    for _ in range(3):
        desk.unsettled().run()
        for message in desk.action_queue.messages:
            desk.reconciling().look(message.body)
        desk.action_queue.messages.clear()
        desk.pass_time(minutes=1)
    assert desk.told() == [("action_unfinished", (f"person:{ANN.id}",))]
    assert listed(desk) == [("stuck", "reply", ("cancel",))]
    desk.endings.cancel(ANN, desk.post.id, made, idem=idem())
    assert listed(desk) == []


def test_the_list_tells_what_is_unknown_failed_or_deferred_within_reach():
    desk = Doubt()
    assert listed(desk) == [("unknown", "reply", ("settle",))]
    assert listed(desk, principal("supervisor", teams=("swindale",))) == [("unknown", "reply", ())]
    assert listed(desk, principal("local", teams=("elsewhere",))) == []
    desk.endings.settle(BO, desk.post.id, desk.made, happened=False, rev=desk.post.rev, idem=idem())
    assert [one[0] for one in listed(desk)] == ["failed"]
    desk.pass_time(hours=25)
    assert listed(desk) == []
    with pytest.raises(NotPermittedError):
        desk.under_way.list_for(principal("admin"))


def test_a_throttled_action_is_listed_as_deferred():
    desk = Desk()
    desk.ask("reply")
    desk.seal()
    desk.platform.next_error = [ThrottledError("429", until=desk.now + PATIENCE / 2)]
    desk.act_all(rounds=1)
    assert [one[0] for one in listed(desk)] == ["deferred"]


# whoever dies in the middle of it -------------------------------------------------------------------------------------


def cancelling(desk):
    made = desk.ask("message", undo_seconds=10)
    return made, lambda: desk.endings.cancel(ANN, desk.post.id, made, idem=idem())


def settling(desk):
    made = desk.ask("message")
    desk.platform.read_back = lambda *_, **__: ReadBack(state="unknown")
    desk.platform.next_error = [TimedOutError("no answer"), NotAllowedError("no")]
    desk.work()
    return made, lambda: desk.endings.settle(BO, desk.post.id, made, happened=True, rev=desk.post.rev, idem=idem())


def telling(desk):
    made = desk.ask("message")
    desk.pass_time(minutes=5)
    return made, lambda: desk.reconciling().look({"post_id": desk.post.id, "action_id": made})


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("scene", [cancelling, settling, telling])
def test_what_a_person_ends_is_written_whole_or_not_at_all(scene, side):
    def begun():
        desk = Desk()
        desk.made, work = scene(desk)
        desk.before = desk.action(desk.made), len(desk.post.trail), len(desk.told())
        return desk, work

    for desk, died in killed(side, begun):
        before, records, notices = desk.before
        changed = desk.action(desk.made) != before
        if scene is telling:
            assert (len(desk.told()) > notices) == changed == desk.action(desk.made).told
        else:
            assert (len(desk.post.trail) > records) == changed
        assert changed or died
