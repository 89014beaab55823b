"""A call is asked along its line until somebody takes it on: nobody is left out, asked twice, or asked after that."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.calls import rules
from bluelamp.calls.escalating import Escalating
from bluelamp.calls.service import MOST_WAITING, Calls, NotCallableError, TooManyCallsError
from bluelamp.calls.store import CallStore
from bluelamp.errors import ConflictError, NotFoundError, OutOfScopeError, RefusedError
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.posts.model import Reason
from bluelamp.posts.store import PostStore
from bluelamp.roster.model import Responsible, Step
from tests.support.world import World, idem, principal

BY = Actor.system("test")
COMMS, CONTROL = principal("comms"), principal("control")
NORTH, SOUTH = principal("local", teams=("north",)), principal("local", teams=("south",))
THREAT = Reason(code="threat")


class Desk(World):
    """The world with a post that arrived on a page of the team ``north``, whose lead is away."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts.add_account(
            platform="facebook", native_id="1", name="Page", kind="neighbourhood", team="north", by=BY
        )
        self.people = People(PeopleStore(self.table), self.clock)
        for who, team in (("ann", "north"), ("bob", "south"), ("cat", "north")):
            self.people.add_person(
                person_id=who, name=who.title(), email=f"{who}@x.example", role="local", teams=[team], by=BY
            )
        self.people.suspend("cat", rev=1, by=BY)
        self.answer = Responsible(
            who="person:ann",
            capacity="deputy",
            chain=(Step(who="team:north", minutes=5), Step(who="team:control", minutes=5)),
        )
        self.store = CallStore(self.table)
        self.notified = 0
        self.calls = Calls(
            self.store, changer=self.changer, accounts=self.accounts, people=self.people,
            responsible=lambda _: self.answer, wake=lambda: None, notify=self.notify,
        )  # fmt: skip
        self.escalating = Escalating(
            self.store, posts=PostStore(self.table).get_many, wake=lambda: None, notify=self.notify, clock=self.clock
        )
        self.post = self.arrive()

    def arrive(self):
        self.ingest(self.comment("1_1", "He has a knife"))
        self.judge_all()
        return next(item["id"] for (pk, sk), item in self.table.items.items() if sk == "POST")

    def notify(self):
        self.notified += 1

    def call(self, who=COMMS, to="duty", key=None):
        post = PostStore(self.table).get(self.post)
        return self.calls.call(who, self.post, to=to, reason=THREAT, rev=post.rev, idem=key or idem(who.id))

    def pass_minutes(self, n):
        asked = 0
        for _ in range(n):
            self.now += timedelta(minutes=1)
            asked += self.escalating.run()
        return asked

    def told(self):
        items = [item for (pk, _), item in sorted(self.table.items.items()) if pk == "NOTICES"]
        return [(item["kind"], item["to"][0], item["urgent"]) for item in items]

    def flags(self):
        items = [item for (pk, _), item in sorted(self.table.items.items(), key=lambda one: one[0][1])
                 if pk.startswith("OUTBOX#")]  # fmt: skip
        found = [json.loads(body) for item in items for body in Waiting.from_item(item).bodies()]
        return [leaf for leaf in found if leaf["type"] == "flag"]


@pytest.fixture
def desk():
    return Desk()


def test_a_post_has_five_calls_at_most_and_room_again_once_one_is_taken_on(desk):
    calls = [desk.call() for _ in range(MOST_WAITING)]
    before = len(desk.told())
    with pytest.raises(TooManyCallsError, match="5 calls wait for this post already"):
        desk.call()
    assert (len(desk.told()), len(desk.store.waiting())) == (before, MOST_WAITING)
    desk.calls.acknowledge(CONTROL, calls[0].id, idem=idem(CONTROL.id))
    assert desk.call().state == "waiting"


def test_who_is_on_duty_is_asked_then_the_chain_then_the_control_room_until_somebody_answers(desk):
    call = desk.call()
    assert (call.asked, call.state, call.by.id) == ("person:ann", "waiting", COMMS.id)
    assert desk.pass_minutes(9) == 0
    assert desk.pass_minutes(1) == 1
    assert desk.pass_minutes(5) == 1
    assert desk.pass_minutes(30) == 2
    assert desk.told() == [
        ("flagged", "person:ann", True), ("escalated", "team:north", True),
        *[("escalated", "role:control", True)] * 3,
    ]  # fmt: skip
    assert [leaf["change"] for leaf in desk.flags()] == [
        {"field": "call", "to": "person:ann"}, {"field": "escalate", "to": "team:north"},
        *[{"field": "escalate", "to": "role:control"}] * 3,
    ]  # fmt: skip
    assert {leaf["correlation"] for leaf in desk.flags()} == {call.id}


def test_a_call_raises_the_risk_and_stands_in_the_posts_history(desk):
    desk.call(to="person:ann")
    post = PostStore(desk.table).get(desk.post)
    assert post.case.risk == "high"
    assert post.trail[-1].type == "flag"


def test_whoever_takes_it_on_ends_it(desk):
    call = desk.call()
    desk.now += timedelta(minutes=3)
    done = desk.calls.acknowledge(NORTH, call.id, idem=idem(NORTH.id))
    assert (done.state, done.ended_by.id, done.ended_at, done.next_at) == (
        "acknowledged", NORTH.id, "2026-11-22T12:03:00.000Z", None,
    )  # fmt: skip
    assert desk.pass_minutes(60) == 0
    assert desk.calls.list_for(COMMS).calls == ()
    assert desk.flags()[-1]["change"] == {"field": "acknowledge"}
    assert ("CALLED#facebook-1", call.id) in desk.table.items
    with pytest.raises(NotFoundError, match="No such call waits"):
        desk.calls.acknowledge(COMMS, call.id, idem=idem(COMMS.id))


def test_two_take_it_on_at_once_and_one_of_them_is_told(desk):
    call = desk.call()

    def quick(name):
        if name.startswith("transact"):
            desk.faults.before = None
            desk.calls.acknowledge(COMMS, call.id, idem=idem(COMMS.id))

    desk.faults.before = quick
    with pytest.raises(ConflictError, match="moved on or was taken on"):
        desk.calls.acknowledge(NORTH, call.id, idem=idem(NORTH.id))
    assert desk.table.items["CALLED#facebook-1", call.id]["ended_by"]["id"] == COMMS.id


def test_a_post_that_is_closed_ends_its_calls(desk):
    call = desk.call()
    post = PostStore(desk.table).get(desk.post)
    desk.posts.dismiss(COMMS, desk.post, reason=Reason(code="no_action"), rev=post.rev, idem=idem(COMMS.id))
    assert desk.pass_minutes(10) == 0
    assert desk.table.items["CALLED#facebook-1", call.id]["state"] == "closed"
    assert [kind for kind, *_ in desk.told()] == ["flagged"]
    with pytest.raises(ConflictError, match="closed"):
        desk.call()


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("person:nobody", "nobody with this id"),
        ("person:cat", "nobody with this id"),
        ("person:bob", "Bob does not reach"),
        ("team:south", "of the team north"),
    ],
)
def test_who_could_not_open_the_post_is_not_called(desk, to, why):
    with pytest.raises(NotCallableError, match=why):
        desk.call(to=to)
    assert desk.told() == []
    assert desk.store.waiting() == []


def test_calls_are_seen_and_taken_on_within_reach(desk):
    call = desk.call()
    assert [one.id for one in desk.calls.list_for(NORTH).calls] == [call.id]
    assert desk.calls.list_for(SOUTH).calls == ()
    with pytest.raises(OutOfScopeError):
        desk.calls.acknowledge(SOUTH, call.id, idem=idem(SOUTH.id))
    with pytest.raises(RefusedError):
        desk.calls.list_for(principal("auditor"))
    with pytest.raises(RefusedError):
        desk.call(who=principal("auditor"))


class KilledError(Exception):
    """The process ends here."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_call_the_next_one_is_asked_once(when):
    whole, calls = Desk(), []
    whole.call()
    whole.now += timedelta(minutes=10)
    whole.faults.before = calls.append
    assert whole.escalating.run() == 1
    for n in range(len(calls)):
        desk, seen = Desk(), []
        desk.call()
        desk.now += timedelta(minutes=10)

        def kill(name, seen=seen, n=n):
            seen.append(name)
            if len(seen) == n + 1:
                raise KilledError

        setattr(desk.faults, when, kill)
        with pytest.raises(KilledError):
            desk.escalating.run()
        setattr(desk.faults, when, None)
        desk.escalating.run()
        assert [one for one in desk.told() if one[0] == "escalated"] == [("escalated", "team:north", True)], n


WHO = st.sampled_from(["person:a", "person:b", "team:north", "team:south", "team:control"])


@given(
    to=st.one_of(st.just("duty"), WHO),
    who=WHO,
    chain=st.lists(st.builds(Step, who=WHO, minutes=st.integers(1, 60)), max_size=6),
)
def test_every_line_asks_each_once_in_order_and_ends_with_the_control_room(to, who, chain):
    line = rules.line_of(to, Responsible(who=who, capacity="on_call", chain=tuple(chain)))
    asked = [ask.who for ask in line]
    assert asked[-1] == "role:control"
    assert "team:control" not in asked
    assert len(asked) == len(set(asked))
    wanted = [one for one in ([] if to == "duty" else [to]) + [who] + [s.who for s in chain] if one != "team:control"]
    assert asked[:-1] == list(dict.fromkeys(wanted))
