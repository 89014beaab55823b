"""A post that changed between decision and action, and whatever else may happen to its people or its account."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bluelamp.actions.errors import SealingError, WaitingError
from bluelamp.actions.store import ActionStore
from bluelamp.audit import layout
from bluelamp.errors import ConflictError, UnsupportedError
from bluelamp.people.rules import OutsideScopeError
from bluelamp.platforms.contract import ReauthoriseError, ThrottledError, TimedOutError
from bluelamp.posts.model import Reason
from tests.support.killing import killed
from tests.support.world import OFFERED, World, idem, principal

ABUSE = Reason(code="abuse")
ANN = principal()
BO = principal(name="Bo Officer").model_copy(update={"id": "sub-bo"})
HOW = {
    "hide": {"reason": ABUSE},
    "delete": {"reason": ABUSE},
    "ban": {"reason": ABUSE},
    "unban": {"reason": ABUSE},
    "like": {},
    "reply": {"text": "Thank you."},
    "message": {"text": "Please ring us."},
    "unhide": {},
}


class Desk(World):
    """One account with one post that was judged."""

    def __init__(self) -> None:
        super().__init__()
        self.account("1", "swindale")
        self.ingest(self.comment("c1", "you idiot"))
        self.judge_all()

    @property
    def post(self):
        ids = [item["id"] for (_, sk), item in self.table.items.items() if sk == "POST"]
        return self.changer.posts.get(ids[0], consistent=True)

    def ask(self, verb, by=ANN, **more):
        made = getattr(self.actions, verb)(by, self.post.id, rev=self.post.rev, idem=idem(), **HOW[verb] | more)
        return made.action.id

    def action(self, action_id):
        return ActionStore(self.table).get(self.post.id, action_id)

    def edit(self, text):
        self.pass_time(seconds=5)
        self.ingest(self.comment("c1", text, edited=True))

    def work(self, rounds=6):
        for _ in range(rounds):
            self.seal()
            self.act_all()

    def told(self):
        notices = [i for (pk, _), i in self.table.items.items() if pk == "NOTICES"]
        return [(i["kind"], tuple(i["to"])) for i in notices if i["to"] != ["systems"]]

    def leaves(self, kind):
        self.seal()
        names = [name for name in self.evidence.list() if layout.parse_entries(name)]
        bodies = [json.loads(b) for name in names for b in layout.unpack(self.evidence.objects[name])]
        return [leaf for leaf in bodies if leaf["type"] == kind]


@pytest.mark.parametrize("verb", ["hide", "delete", "ban", "like"])
@pytest.mark.parametrize("when", ["before its seal", "after its seal", "after its evidence"])
def test_what_was_decided_on_other_words_is_not_sent(verb, when):
    desk = Desk()
    made = desk.ask(verb)
    if when != "before its seal":
        desk.seal()
    if when == "after its evidence" and verb in {"hide", "delete"}:
        message = desk.action_queue.messages.pop().body
        with pytest.raises(SealingError):
            desk.acting().act(message)
    desk.edit("good morning")
    desk.work()
    action = desk.action(made)
    assert (action.state, action.error) == ("overtaken", "post_edited")
    assert desk.platform.calls == []
    assert (desk.post.state, desk.post.pending) == ("visible", None)
    desk.judge_all()
    assert desk.post.case.state == "open"
    assert desk.told() == [("action_overtaken", (f"person:{ANN.id}",))]
    assert desk.notified == 1
    assert "Read it again" in action.view().why
    (outcome,) = desk.leaves("outcome")
    assert (outcome["op"]["result"], outcome["reason"]["code"]) == ("cancelled", "post_edited")


def test_a_person_may_ask_anew_on_the_new_words():
    desk = Desk()
    desk.ask("hide")
    desk.edit("you utter idiot")
    desk.work()
    desk.judge_all()
    again = desk.ask("hide")
    desk.work()
    assert desk.action(again).state == "done"
    assert desk.post.state == "hidden"


@pytest.mark.parametrize("verb", ["reply", "message"])
def test_what_is_said_is_said_whatever_became_of_the_words(verb):
    desk = Desk()
    made = desk.ask(verb)
    desk.edit("you fool")
    desk.work()
    assert desk.action(made).state == "done"


def test_what_may_have_happened_is_not_called_overtaken():
    desk = Desk()
    made = desk.ask("like")
    desk.seal()
    message = desk.action_queue.messages.pop().body
    desk.platform.lose_answer = 1
    seen, desk.platform.read_back = desk.platform.read_back, _cannot_say
    with pytest.raises(WaitingError):
        desk.acting().act(message)
    desk.action_queue.messages.clear()
    desk.edit("something else")
    desk.platform.read_back = seen
    desk.pass_time(seconds=90)
    assert desk.acting().act(message).state == "done"
    assert desk.action(made).error is None


def _cannot_say(*_args, **_more):
    raise TimedOutError("no answer")


def test_a_release_that_comes_again_finds_it_ended():
    desk = Desk()
    made = desk.ask("hide")
    desk.edit("good morning")
    desk.seal()
    body = desk.action_queue.messages.pop().body
    assert desk.acting().act(body).state == desk.acting().act(body).state == "overtaken"
    assert len(desk.leaves("outcome")) == 1
    assert desk.action(made).state == "overtaken"


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_killed_while_it_says_so_says_it_once(side):
    def scene():
        desk = Desk()
        desk.ask("hide")
        desk.edit("good morning")
        desk.seal()
        desk.body = desk.action_queue.messages.pop().body
        return desk, lambda: desk.acting().act(desk.body)

    for desk, _ in killed(side, scene):
        assert desk.acting().act(desk.body).state == "overtaken"
        assert len(desk.leaves("outcome")) == len(desk.told()) == 1
        assert desk.post.pending is None


# others ---------------------------------------------------------------------------------------------------------------


def test_the_second_of_two_who_decide_oppositely_is_told_who_was_first():
    desk = Desk()
    rev = desk.post.rev
    desk.actions.hide(ANN, desk.post.id, reason=ABUSE, rev=rev, idem=idem())
    with pytest.raises(ConflictError, match="Pat Officer was quicker") as found:
        desk.posts.dismiss(BO, desk.post.id, reason=Reason(code="no_action"), rev=rev, idem=idem())
    assert found.value.by == "Pat Officer"
    with pytest.raises(ConflictError, match="hiding already"):
        desk.ask("like", BO)


def test_a_colleague_may_take_back_what_waits_and_the_first_sees_who_did():
    desk = Desk()
    made = desk.ask("delete", undo_seconds=10)
    desk.endings.cancel(BO, desk.post.id, made, idem=idem())
    desk.work()
    assert desk.action(made).state == "cancelled"
    assert desk.platform.calls == []
    assert desk.post.trail[-1].by.name == "Bo Officer"


@pytest.mark.parametrize("verb", ["hide", "delete"])
def test_what_is_gone_already_is_where_it_was_wanted(verb):
    desk = Desk()
    made = desk.ask(verb)
    desk.platform.gone.add("c1")
    desk.work()
    assert (desk.action(made).state, desk.action(made).view().why) == ("done", None)
    assert desk.post.state == {"hide": "removed", "delete": "deleted"}[verb]


@pytest.mark.parametrize("verb", ["reply", "like", "message"])
def test_what_cannot_be_said_to_a_post_that_is_gone_says_so(verb):
    desk = Desk()
    made = desk.ask(verb)
    desk.platform.gone.add("c1")
    desk.work()
    assert desk.action(made).state == "failed"
    assert "not on the platform any more" in desk.action(made).view().why
    assert desk.told() == [("action_unfinished", (f"person:{ANN.id}",))]


def test_a_token_revoked_in_the_middle_ends_each_action_with_words_on_what_to_do():
    desk = Desk()
    made = desk.ask("reply")
    desk.platform.next_error = [ThrottledError("429", until=desk.now + timedelta(seconds=30)), ReauthoriseError("no")]
    desk.work()
    action = desk.action(made)
    assert (action.state, action.error) == ("failed", "platform_reauthorise")
    assert "connect the account again" in action.view().why
    assert desk.told() == [("action_unfinished", (f"person:{ANN.id}",))]


def test_what_an_approver_approved_before_leaving_is_sent_and_what_was_not_is_not():
    desk = Desk()
    item = desk.table.items["ACCOUNTS", "facebook-1"]
    item["policy"] = {"delete": [], "publish": [], "reply": ["comms"], "approve_reply": "supervisor"}
    desk.pass_time(minutes=1)
    una = principal("supervisor", teams=("swindale",), name="Una Supervisor")
    made = desk.ask("reply")
    assert desk.action(made).state == "proposed"
    desk.work()
    assert desk.platform.calls == []
    away = una.model_copy(update={"teams": frozenset()})  # who left reaches nothing any more
    with pytest.raises(OutsideScopeError):
        desk.approving.approve(away, desk.post.id, made, rev=desk.post.rev, idem=idem())
    desk.approving.approve(una, desk.post.id, made, rev=desk.post.rev, idem=idem())
    desk.work()  # and from here on it does not matter whether Una is still there
    assert desk.action(made).state == "done"


# undo and what is not offered -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["hide", "delete", "reply", "ban", "message"])
def test_everything_can_be_taken_back_while_it_is_held_back(verb):
    desk = Desk()
    before = desk.post
    made = desk.ask(verb, undo_seconds=10)
    desk.seal()
    assert [message.delay_seconds for message in desk.action_queue.messages] == [10]
    assert desk.action(made).view().undo_until is not None
    assert "cancel" in desk.changer.can(ANN, desk.post)
    desk.endings.cancel(ANN, desk.post.id, made, idem=idem())
    desk.act_all()
    assert desk.action(made).state == "cancelled"
    assert desk.platform.calls == []
    assert (desk.post.state, desk.post.case, desk.post.pending) == (before.state, before.case, None)


def test_what_was_sent_cannot_be_taken_back():
    desk = Desk()
    made = desk.ask("reply")
    desk.work()
    with pytest.raises(ConflictError, match="no longer be taken back: it is done"):
        desk.endings.cancel(ANN, desk.post.id, made, idem=idem())


def test_a_post_removed_while_its_hide_waits_stays_removed_when_that_is_taken_back():
    desk = Desk()
    made = desk.ask("hide", undo_seconds=10)
    desk.ingest({"is": "gone", "platform": "facebook", "account_native": "1", "native_id": "c1"}
                | {"event_at": desk.clock().isoformat()})  # fmt: skip
    desk.endings.cancel(ANN, desk.post.id, made, idem=idem())
    assert desk.post.state == "removed"


def test_what_a_platform_does_not_do_is_answered_with_what_it_does():
    desk = Desk()
    desk.platform.capabilities = lambda *_, **__: frozenset({"hide", "reply"})
    with pytest.raises(UnsupportedError, match="report it to the platform") as found:
        desk.ask("delete")
    assert found.value.instead == ("hide", "report_post")


def test_a_ban_is_marked_and_taken_back():
    desk = Desk()
    desk.ask("ban")
    desk.work()
    assert desk.post.banned
    assert desk.platform.banned == {"a1"}
    assert desk.post.case.state == "open"  # what they wrote is still to be decided about
    with pytest.raises(ConflictError, match="nothing left to do"):
        desk.ask("ban")
    desk.ask("unban")
    desk.work()
    assert not desk.post.banned
    assert desk.platform.banned == set()


def test_an_author_of_a_hidden_or_removed_post_can_be_banned():
    desk = Desk()
    desk.ask("hide")
    desk.work()
    desk.ask("ban")
    desk.work()
    assert (desk.post.state, desk.post.banned) == ("hidden", True)


def test_a_private_message_answers_the_case_and_needs_what_an_answer_needs():
    desk = Desk()
    item = desk.table.items["ACCOUNTS", "facebook-1"]
    item["policy"] = {"delete": [], "publish": [], "reply": ["comms"], "approve_reply": "supervisor"}
    desk.pass_time(minutes=1)
    made = desk.ask("message")
    assert desk.action(made).state == "proposed"
    una = principal("supervisor", teams=("swindale",))
    desk.approving.approve(una, desk.post.id, made, rev=desk.post.rev, idem=idem())
    desk.work()
    assert desk.platform.messages == [("a1", "Please ring us.")]
    assert desk.post.case.decision == "replied"


def test_a_report_keeps_the_platforms_number_and_calls_nothing():
    desk = Desk()
    made = desk.endings.report(
        ANN, desk.post.id, reason=ABUSE, reference="FB/2026/7", rev=desk.post.rev, idem=idem()
    ).action
    desk.work()
    assert (made.state, made.reference) == ("done", "FB/2026/7")
    assert desk.platform.calls == []
    (leaf,) = desk.leaves("decide")
    assert (leaf["change"]["field"], leaf["reason"]["ref"]) == ("reported", "FB/2026/7")


def test_the_fake_offers_what_the_contract_names():
    assert set(HOW) == OFFERED


def test_the_forces_systems_hear_of_each_end():
    desk = Desk()
    made = desk.ask("like")
    desk.work()
    (notice,) = [i for (pk, _), i in desk.table.items.items() if pk == "NOTICES"]
    assert (notice["kind"], notice["to"]) == ("action_ended", ["systems"])
    assert notice["about"] | {"action": made, "verb": "like", "result": "done"} == notice["about"]
