"""What a policy has approved: never sent twice, never by its author, never unsealed, and void after a week."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bluelamp.accounts.model import Officer, Policy
from bluelamp.actions.errors import LaterError, NotSealedError, SealingError, WaitingError
from bluelamp.actions.store import WAITING, ActionStore
from bluelamp.audit.archive import pull
from bluelamp.audit.outbox import Waiting
from bluelamp.audit.verify import verify
from bluelamp.errors import BluelampError, ConflictError, NotFoundError
from bluelamp.ids import post_id
from bluelamp.people.rules import NotPermittedError
from bluelamp.posts.model import Reason
from bluelamp.presence.service import BeingWrittenError
from tests.support.world import World, idem, principal

COMMS = principal("comms")
OTHER = principal("comms", name="Bo Officer").model_copy(update={"id": "sub-bo"})
NORTH = principal("supervisor", teams=("north",), name="Una Supervisor")
SOUTH = principal("supervisor", teams=("south",))
LEAD = principal("local", teams=("north",), name="Lea Lead")
WHY = Reason(code="hate", ref="WP/2026/7")
PAST = timedelta(days=7, seconds=1)


class Desk(World):
    """One account whose policy asks for somebody's word."""

    def __init__(self, approver="supervisor", *, lead=None):
        super().__init__()
        self.account("1", "north")
        item = self.table.items["ACCOUNTS", "facebook-1"]
        policy = Policy(delete=("comms", "local"), approve_delete=approver, approve_reply=approver)
        item["policy"] = policy.model_dump(mode="json")
        item["lead"] = lead
        self.post_id = self.judged("n1")

    def judged(self, native):
        self.ingest(self.comment(native, "You idiot"))
        self.judge_all()
        self.seal()
        return post_id("facebook-1", native)

    @property
    def post(self):
        return self.changer.posts.get(self.post_id, consistent=True)

    def action(self, action_id):
        return ActionStore(self.table).get(self.post_id, action_id)

    def delete(self, by=COMMS):
        return self.actions.delete(by, self.post_id, reason=WHY, rev=self.post.rev, idem=idem()).action.id

    def reply(self, by=COMMS, text="Thank you for telling us."):
        return self.actions.reply(by, self.post_id, text=text, rev=self.post.rev, idem=idem()).action.id

    def approve(self, action_id, by=NORTH, rev=None):
        return self.approving.approve(by, self.post_id, action_id, rev=rev or self.post.rev, idem=idem())

    def work(self):
        for _ in range(6):
            self.seal()
            self.act_all()

    def log(self):
        return [leaf for leaf in self._records() if leaf["type"] in {"decide", "intent", "outcome"}]

    def _records(self):
        chunks = [item for key, item in self.table.items.items() if key[0].startswith("OUTBOX#")]
        waiting = [Waiting.from_item(item) for item in sorted(chunks, key=lambda item: item["sk"])]
        return [json.loads(body) for chunk in waiting for body in chunk.bodies()]


@pytest.fixture
def desk():
    return Desk()


def test_an_answer_is_not_approved_while_somebody_writes_another():
    desk = Desk()
    action = desk.reply()
    desk.presence.beat(OTHER, desk.post_id, writing=True)
    with pytest.raises(BeingWrittenError, match="Bo Officer is writing a reply"):
        desk.approve(action)
    assert desk.action(action).state == "proposed"
    # To delete is no answer, and the pen stops nobody.
    desk.presence.beat(OTHER, desk.post_id)
    assert desk.approve(action).action.state == "pending"
    other = Desk()
    deletion = other.delete()
    other.presence.beat(OTHER, other.post_id, writing=True)
    assert other.approve(deletion).action.state == "pending"


def test_whoever_approves_puts_their_own_pen_down():
    desk = Desk("comms")
    action = desk.reply()
    desk.presence.beat(OTHER, desk.post_id, writing=True)
    desk.approve(action, by=OTHER)
    assert desk.presence.beat(COMMS, desk.post_id).writing is None


def test_asking_sends_nothing_and_shows_as_waiting(desk):
    action = desk.delete()
    (leaf,) = desk.log()
    assert (leaf["type"], leaf["change"], leaf["correlation"]) == (
        "decide", {"field": "proposal", "to": "delete"}, action,
    )  # fmt: skip
    desk.work()
    assert desk.platform.calls == []
    assert (desk.post.state, desk.post.pending, desk.post.case.state) == ("visible", None, "open")
    shown = desk.changer.summary(COMMS, desk.post)
    assert (shown.proposed.action, shown.proposed.verb) == (action, "delete")
    assert {"delete", "reply", "approve"} & set(shown.can) == set()
    assert {"hide", "withdraw"} <= set(shown.can)
    assert "approve" in desk.changer.summary(NORTH, desk.post).can
    assert {"approve", "withdraw"} & set(desk.changer.summary(OTHER, desk.post).can) == set()


@pytest.mark.parametrize("verb", ["delete", "reply"])
def test_an_approval_is_the_intent_and_is_carried_out_once(desk, verb, tmp_path):
    action = getattr(desk, verb)()
    desk.pass_time(hours=30)
    done = desk.approve(action)
    assert done.action.state == "pending"
    assert done.action.decided_by.name == "Una Supervisor"
    asked, intent = desk.log()
    assert (intent["type"], intent["op"]["verb"], intent["actor"]["role"]) == ("intent", verb, "supervisor")
    assert asked["correlation"] == intent["correlation"] == action
    desk.work()
    assert desk.action(action).state == "done"
    assert len([c for c in desk.platform.calls if verb in c]) == 1
    assert desk.post.case.decided_by == desk.action(action).by
    with pytest.raises(ConflictError, match="decided already: it is approved"):
        desk.approve(action)
    pull(desk.evidence, tmp_path)
    assert [str(f) for f in verify(tmp_path).failures] == []


@pytest.mark.parametrize(
    ("who", "error", "code"),
    [
        (COMMS, NotPermittedError, "not_approver"),
        (OTHER, NotPermittedError, "not_approver"),
        (SOUTH, NotFoundError, ""),
    ],
)
def test_it_takes_whom_the_policy_names(desk, who, error, code):
    action = desk.delete()
    with pytest.raises(error) as refusal:
        desk.approve(action, by=who)
    assert getattr(refusal.value, "reason_code", "") == code


def test_nobody_approves_what_he_proposed():
    desk = Desk("comms")
    action = desk.delete()
    with pytest.raises(NotPermittedError) as refusal:
        desk.approve(action, by=COMMS)
    assert refusal.value.reason_code == "same_person"
    with pytest.raises(NotPermittedError):
        desk.approving.reject(COMMS, desk.post_id, action, reason="wording", idem=idem())
    assert desk.approve(action, by=OTHER).action.state == "pending"


def test_the_lead_or_the_deputy_approves_and_is_told():
    desk = Desk("lead", lead=Officer(id=LEAD.id, name=LEAD.name).model_dump())
    action = desk.delete()
    (notice,) = [item for key, item in desk.table.items.items() if key[0] == "NOTICES"]
    assert (notice["kind"], notice["to"]) == ("approval_wanted", [f"person:{LEAD.id}"])
    assert desk.approve(action, by=LEAD).action.state == "pending"
    desk.post_id = desk.judged("n2")
    with pytest.raises(NotPermittedError, match="nobody but you") as refusal:
        desk.delete(by=LEAD)
    assert refusal.value.reason_code == "no_approver"
    assert desk.post.proposed is None


def test_a_post_that_changed_is_looked_at_again(desk):
    action, seen = desk.delete(), desk.post.rev
    desk.pass_time(minutes=1)
    desk.ingest(desk.comment("n1", "You fool", edited=True))
    with pytest.raises(ConflictError, match="words are others than those") as conflict:
        desk.approve(action, rev=seen)
    assert conflict.value.rev == desk.post.rev
    assert desk.approving.list_for(NORTH).approvals[0].changed
    assert desk.approve(action).action.state == "pending"


def test_what_cannot_be_done_any_more_is_not_approved(desk):
    action = desk.delete()
    desk.actions.hide(OTHER, desk.post_id, reason=WHY, rev=desk.post.rev, idem=idem())
    with pytest.raises(ConflictError, match="hiding already"):
        desk.approve(action)
    desk.table.items["ACCOUNTS", "facebook-1"]["status"] = "suspended"
    desk.pass_time(minutes=1)
    with pytest.raises(NotPermittedError) as refusal:
        desk.approve(action)
    assert refusal.value.reason_code == "account_suspended"
    ended = desk.approving.reject(NORTH, desk.post_id, action, reason="another_way", idem=idem())
    assert (ended.action.state, ended.post.proposed) == ("rejected", None)


def test_only_the_author_withdraws(desk):
    action = desk.reply()
    with pytest.raises(NotPermittedError) as refusal:
        desk.approving.withdraw(OTHER, desk.post_id, action, idem=idem())
    assert refusal.value.reason_code == "not_proposer"
    desk.approving.withdraw(COMMS, desk.post_id, action, idem=idem())
    assert desk.action(action).state == "withdrawn"
    with pytest.raises(ConflictError, match="it is withdrawn"):
        desk.approve(action)
    with pytest.raises(NotFoundError):
        desk.approve("01BX5ZZKBKACTAV9WEVGEMMVRZ")


def test_one_proposal_at_a_time(desk):
    desk.delete()
    with pytest.raises(ConflictError, match="proposed 'delete' for this post already"):
        desk.reply(by=OTHER)


def test_after_a_week_it_is_void_and_can_be_proposed_anew(desk):
    first = desk.delete()
    desk.pass_time(seconds=PAST.total_seconds())
    with pytest.raises(ConflictError, match="within 7 days"):
        desk.approve(first)
    assert (desk.action(first).state, desk.post.proposed) == ("expired", None)
    assert desk.log()[-1]["change"] == {"field": "proposal", "from": "delete", "to": "expired"}
    second = desk.reply()
    desk.pass_time(seconds=PAST.total_seconds())
    third = desk.delete(by=OTHER)
    assert [desk.action(one).state for one in (first, second, third)] == ["expired", "expired", "proposed"]
    desk.pass_time(seconds=PAST.total_seconds())
    assert desk.approving.list_for(NORTH).approvals == ()
    assert desk.action(third).state == "expired"
    assert not [key for key in desk.table.items if key[0] == WAITING]


def test_the_list_is_of_those_who_decide_and_of_the_author(desk):
    action = desk.reply()
    (waiting,) = desk.approving.list_for(NORTH).approvals
    assert (waiting.id, waiting.text, waiting.own) == (action, "Thank you for telling us.", False)
    (own,) = desk.approving.list_for(COMMS).approvals
    assert own.own
    for other in (OTHER, SOUTH):
        assert desk.approving.list_for(other).approvals == ()
    with pytest.raises(NotPermittedError):
        desk.approving.list_for(principal("auditor"))


PEOPLE = st.sampled_from([COMMS, OTHER, NORTH])


class Decisions(RuleBasedStateMachine):
    """Two officers and a supervisor who ask and decide, while the public edits and messages come twice."""

    def __init__(self):
        super().__init__()
        self.desk = Desk("comms")
        self.asked = []
        self.approved = {}
        self.seen = []

    @rule(who=PEOPLE, verb=st.sampled_from(["delete", "reply"]))
    def ask(self, who, verb):
        with suppress(BluelampError):
            self.asked.append((getattr(self.desk, verb)(by=who), who.id))

    @rule(n=st.integers(0, 9), who=PEOPLE, stale=st.booleans())
    def approve(self, n, who, stale):
        if self.asked:
            action, author = self.asked[n % len(self.asked)]
            with suppress(BluelampError):
                self.desk.approve(action, by=who, rev=self.desk.post.rev - stale)
                assert not stale
                assert who.id != author
                assert action not in self.approved
                self.approved[action] = who.id

    @rule(n=st.integers(0, 9), who=PEOPLE, step=st.sampled_from(["reject", "withdraw"]))
    def end(self, n, who, step):
        if self.asked:
            action, author = self.asked[n % len(self.asked)]
            given = {"reason": "wording"} if step == "reject" else {}
            with suppress(BluelampError):
                getattr(self.desk.approving, step)(who, self.desk.post_id, action, idem=idem(), **given)
                assert (who.id == author) == (step == "withdraw")
                assert action not in self.approved

    @rule()
    def edit(self):
        self.desk.pass_time(minutes=1)
        self.desk.ingest(self.desk.comment("n1", f"idiot at {self.desk.now}", edited=True))
        self.desk.judge_all()

    @rule(days=st.integers(1, 8))
    def wait(self, days):
        self.desk.pass_time(days=days)

    @rule()
    def list_them(self):
        for who in (COMMS, OTHER):
            self.desk.approving.list_for(who)

    @rule()
    def seal(self):
        self.desk.seal()

    @rule()
    def act(self):
        self.seen += [message.body for message in self.desk.action_queue.messages]
        self.desk.act_all()

    @rule(n=st.integers(0, 9))
    def act_again(self, n):
        if self.seen:
            with suppress(LaterError, NotSealedError, SealingError, WaitingError):
                self.desk.acting().act(self.seen[n % len(self.seen)])

    @invariant()
    def only_what_was_approved_was_sent_and_once(self):
        assert len(self.desk.platform.replies) <= sum(
            self.desk.action(action).verb == "reply" for action in self.approved
        )
        for action, _ in self.asked:
            found = self.desk.action(action)
            assert (found.state in {"pending", "sending", "done", "failed", "unknown"}) == (action in self.approved)
            assert bool(found.intent) == (action in self.approved)

    @invariant()
    def what_waits_is_on_the_list_and_on_the_post(self):
        waiting = {key[1] for key in self.desk.table.items if key[0] == WAITING}
        proposed = {action for action, _ in self.asked if self.desk.action(action).state == "proposed"}
        post = self.desk.post
        assert waiting == proposed == ({post.proposed.action} if post.proposed else set())

    def teardown(self):
        self.desk.work()
        assert len(self.desk.platform.replies) == sum(
            self.desk.action(one).verb == "reply" and self.desk.action(one).state == "done" for one in self.approved
        )


TestDecisions = Decisions.TestCase
TestDecisions.settings = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow],
)
TestDecisions.pytestmark = [pytest.mark.slow]


# whoever is not there any more ----------------------------------------------------------------------------------------


def leads(desk, status="active"):
    desk.people.add_person(person_id=LEAD.id, name=LEAD.name, email="lead@example.org", role="local", by=COMMS.actor())
    person = desk.people.get(LEAD.id)
    if status != "active":
        getattr(desk.people, {"suspended": "suspend", "left": "leave"}[status])(
            LEAD.id, rev=person.rev, by=COMMS.actor()
        )


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_nothing_is_proposed_to_somebody_who_is_not_there_any_more(status):
    desk = Desk("lead", lead=Officer(id=LEAD.id, name=LEAD.name).model_dump())
    leads(desk, status)
    with pytest.raises(NotPermittedError, match="nobody but you is left to"):
        desk.delete()
    assert desk.post.proposed is None


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_an_approver_who_leaves_before_deciding_strands_it_and_its_proposer_sees_that(status):
    desk = Desk("lead", lead=Officer(id=LEAD.id, name=LEAD.name).model_dump())
    action = desk.delete()
    assert [one.stranded for one in desk.approving.list_for(COMMS).approvals] == [False]
    leads(desk, status)
    (shown,) = desk.approving.list_for(COMMS).approvals
    assert (shown.id, shown.stranded) == (action, True)
    desk.approving.withdraw(COMMS, desk.post_id, action, idem=idem())
    assert desk.post.proposed is None


def test_who_approved_and_who_asked_are_told_when_the_post_changed_before_it_was_sent():
    desk = Desk("supervisor")
    action = desk.delete()
    desk.approve(action)
    desk.pass_time(seconds=5)
    desk.ingest(desk.comment("n1", "Good morning", edited=True))
    desk.work()
    assert desk.action(action).state == "overtaken"
    told = [
        set(item["to"])
        for (pk, _), item in desk.table.items.items()
        if pk == "NOTICES" and item["kind"] == "action_overtaken"
    ]
    assert told == [{f"person:{COMMS.id}", f"person:{NORTH.id}"}]


def test_a_proposal_is_withdrawn_and_not_taken_back():
    desk = Desk()
    action = desk.delete()
    with pytest.raises(ConflictError, match="withdraw it"):
        desk.endings.cancel(COMMS, desk.post_id, action, idem=idem())
    assert desk.action(action).state == "proposed"
