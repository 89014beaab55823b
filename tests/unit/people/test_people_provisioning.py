"""Joiners, movers and leavers by groups: each on the record, and no suspension lifted."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.audit.lines import ROSTER, chunks_of
from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.memory import MemoryQueue, MemoryTable
from bluelamp.cloud.sqs import QueueError
from bluelamp.errors import ConflictError
from bluelamp.people.closing import Closing
from bluelamp.people.groups import GroupMapping, GroupRule
from bluelamp.people.mapping import GroupMappings
from bluelamp.people.model import Principal
from bluelamp.people.provisioning import NotPlacedError, Provisioning
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.people.tokens import Claims
from bluelamp.roster.moving import Covers
from bluelamp.roster.store import RosterStore
from tests.support.groups import COMMS, ELSEWHERE, NORTH
from tests.support.world import START, idem

BY = Actor(kind="person", sub="admin", role="admin")
RULES = (
    GroupRule(group=NORTH, role="local", teams=("north",)),
    GroupRule(group=COMMS, role="comms"),
)


class Desk:
    def __init__(self, rules=RULES, provider="EntraOIDC"):
        self.table = MemoryTable()
        self.store = PeopleStore(self.table)
        self.people = People(self.store, lambda: START)
        self.closed: list[str] = []
        self.provisioning = Provisioning(
            self.store,
            provider=provider,
            covers=Covers(RosterStore(self.table)),
            wake=lambda: None,
            closing=self.closed.append,
            clock=lambda: START,
        )
        if rules:
            self.table.write(self.store.put_groups(GroupMapping(rules=rules, rev=3)))

    def arrive(self, groups=f"[{NORTH}]", **other):
        said = {"sub": "ann", "email": "Ann@X.example", "name": " Ann  Hill ", "provider": "EntraOIDC"} | other
        return self.provisioning.arrive(
            Claims(sign_in="s", signed_in_at=START, expires_at=START + timedelta(hours=1), groups=groups, **said)
        )

    def refused(self, *given, **other):
        with pytest.raises(NotPlacedError) as refusal:
            self.arrive(*given, **other)
        return refusal.value

    def outbox(self):
        keys = [k for k in self.table.items if k[0].startswith("OUTBOX#")]
        chunks = [Waiting.from_item(self.table.items.pop(k)) for k in sorted(keys, key=lambda k: k[1])]
        return [json.loads(body) for chunk in chunks for body in chunk.bodies()]

    def changes(self):
        return [leaf["change"] for leaf in self.outbox()]


@pytest.fixture
def desk():
    return Desk()


def test_a_joiner_is_made_with_the_record_of_it(desk):
    person = desk.arrive()
    assert (person.name, person.email, person.role, person.teams) == ("Ann Hill", "ann@x.example", "local", ("north",))
    assert desk.people.get("ann") == person
    assert set(chunks_of(desk.table, ROSTER)) == {k[1] for k in desk.table.items if k[0].startswith("OUTBOX#")}
    (leaf,) = desk.outbox()
    assert (leaf["type"], leaf["actor"], leaf["obj"]) == (
        "config", {"kind": "system", "sub": "sign-in"}, {"kind": "person", "key": "ann"},
    )  # fmt: skip
    assert (leaf["change"], leaf["reason"]) == ({"field": "role", "to": "local"}, {"code": "groups"})
    assert leaf["rule"] == {"id": "groups", "version": "3"}
    assert "Hill" not in str(leaf)
    assert desk.arrive() == person
    assert desk.outbox() == []


def test_a_mover_gets_what_the_groups_give_now(desk):
    desk.arrive()
    desk.outbox()
    person = desk.arrive(f"[{COMMS}, {ELSEWHERE}]", name="Ann Marsh", email="ann.marsh@x.example")
    assert (person.role, person.teams, person.name, person.email, person.rev) == (
        "comms", (), "Ann Marsh", "ann.marsh@x.example", 2,
    )  # fmt: skip
    assert desk.changes() == [
        {"field": "role", "from": "local", "to": "comms"},
        {"field": "name"},
        {"field": "email"},
        {"field": "teams"},
    ]
    assert desk.closed == []


def test_a_leaver_is_refused_signed_out_and_comes_back_with_the_group(desk):
    desk.arrive()
    desk.outbox()
    refusal = desk.refused(f"[{ELSEWHERE}]")
    assert refusal.reason_code == "no_group"
    assert refusal.principal.id == "ann"
    assert "none of your groups" in str(refusal)
    gone = desk.people.get("ann")
    assert (gone.status, gone.signed_out_at) == ("left", START)
    assert desk.closed == ["ann"]
    assert desk.changes() == [{"field": "status", "from": "active", "to": "left"}]
    desk.refused("[]")
    assert desk.changes() == []  # once is enough
    assert desk.arrive().status == "active"
    assert desk.changes() == [{"field": "status", "from": "left", "to": "active"}]


def test_no_sign_in_lifts_a_suspension_or_changes_who_is_suspended(desk):
    desk.arrive()
    desk.people.suspend("ann", rev=1, by=BY)
    desk.outbox()
    assert desk.arrive(f"[{COMMS}]").status == "suspended"
    desk.refused("[]")
    assert desk.people.get("ann").status == "suspended"
    assert desk.outbox() == []


@pytest.mark.parametrize("provider", ["", "Another"])
def test_a_sign_in_that_is_not_the_forces_own_is_left_as_it_is(desk, provider):
    assert desk.arrive(provider=provider) is None
    ann = desk.people.add_person(person_id="ann", name="A", email="a@x.example", role="auditor", by=BY)
    assert desk.arrive(f"[{COMMS}]", provider=provider) == ann
    assert desk.arrive(None, provider=provider) == ann


@pytest.mark.parametrize("desk", [Desk(rules=()), Desk(provider="")], ids=["no mapping", "no provider"])
def test_without_a_mapping_or_a_provider_nothing_changes(desk):
    assert desk.arrive() is None
    ann = desk.people.add_person(person_id="ann", name="A", email="a@x.example", role="auditor", by=BY)
    assert desk.arrive("[]", provider="") == ann


def test_groups_that_were_not_sent_are_a_matter_of_the_set_up_and_make_nobody_leave(desk):
    desk.arrive()
    desk.outbox()
    assert desk.refused(None).reason_code == "no_groups_sent"
    assert desk.people.get("ann").status == "active"
    assert desk.outbox() == []


def test_a_joiner_needs_an_address_that_nobody_else_has(desk):
    assert desk.refused(email=" ").reason_code == "no_address"
    desk.people.add_person(person_id="old", name="Ann", email="ann@x.example", role="admin", by=BY)
    desk.outbox()
    assert desk.refused().reason_code == "address_taken"
    assert (desk.people.everybody()[0].role, desk.outbox()) == ("admin", [])
    desk.people.leave("old", rev=1, by=BY)
    assert desk.arrive().id == "ann"


def test_two_first_sign_ins_at_once_make_one_person(desk):
    real = desk.store.person
    answers = [None]
    desk.store.person = lambda who: answers.pop() if answers else real(who)
    desk.people.add_person(person_id="ann", name="Ann Hill", email="n@x.example", role="local", by=BY)
    assert desk.arrive().email == "ann@x.example"
    assert len(desk.people.everybody()) == 1


def test_changes_without_end_are_told(desk):
    desk.people.add_person(person_id="ann", name="Ann", email="n@x.example", role="local", by=BY)
    stale = desk.people.get("ann").model_copy(update={"rev": 7})
    desk.store.person = lambda _: stale
    with pytest.raises(ConflictError, match="Sign in again"):
        desk.arrive()


def test_open_pages_are_told_of_by_the_live_queue(caplog):
    queue = MemoryQueue()
    Closing(queue)("ann")
    assert [one.body for one in queue.messages] == [{"v": 1, "person": "ann"}]

    def broken(_):
        raise QueueError("no queue")

    queue.send = broken
    Closing(queue)("ann")
    assert "next sign of life: queue" in caplog.text
    assert "ann" not in caplog.text


def test_an_address_that_is_somebody_elses_is_not_taken_over():
    desk = Desk()
    desk.people.add_person(person_id="bob", name="Bob", email="bob@x.example", role="comms", by=BY)
    desk.arrive()
    assert desk.arrive(email="Bob@X.example").email == "ann@x.example"
    assert desk.arrive(email="annie@x.example").email == "annie@x.example"


class TestNobodyGivesThemselvesAnything:
    """For whoever set the mapping, the newest that somebody else set holds."""

    COMMS_TOO = (GroupRule(group=NORTH, role="comms"),)

    def put(self, desk, who, rules, rev):
        actor = Principal(id=who, name=who, role="admin", teams=frozenset(), all_accounts=False)
        mappings = GroupMappings(desk.store, wake=lambda: None, clock=lambda: START)
        mappings.put(actor, rules, rev=rev, idem=idem())

    def leaves_of(self, desk):
        return [
            (one["change"]["to"], one["rule"]["version"])
            for one in desk.outbox()
            if "rule" in one and "to" in one["change"]
        ]

    def test_another_hand_holds(self, desk):
        desk.arrive()
        self.put(desk, "ann", self.COMMS_TOO, 3)
        self.put(desk, "ann", (), 4)
        self.put(desk, "ann", self.COMMS_TOO, 5)
        desk.outbox()
        assert desk.arrive().role == "local"
        assert desk.arrive(sub="bob", email="bob@x.example").role == "comms"  # for everybody else it holds
        assert self.leaves_of(desk) == [("comms", "6")]

    def test_it_holds_once_somebody_else_set_it_too(self, desk):
        desk.arrive()
        self.put(desk, "ann", self.COMMS_TOO, 3)
        desk.outbox()
        self.put(desk, "bob", self.COMMS_TOO, 4)
        assert desk.store.groups().confirmed
        assert desk.arrive().role == "comms"
        assert self.leaves_of(desk) == [("comms", "5")]

    def test_whoever_confirms_is_bound_by_what_the_first_had_set(self, desk):
        desk.arrive()
        self.put(desk, "bob", self.COMMS_TOO, 3)
        self.put(desk, "ann", self.COMMS_TOO, 4)
        assert desk.arrive().role == "comms"
        assert ("comms", "4") in self.leaves_of(desk)  # bob's, not her own

    def test_the_directory_moves_whoever_set_the_mapping_all_the_same(self, desk):
        desk.arrive()
        self.put(desk, "ann", RULES, 3)
        assert desk.arrive(f"[{COMMS}]").role == "comms"
        desk.refused(f"[{ELSEWHERE}]")
        assert desk.people.get("ann").status == "left"

    def test_without_another_hand_groups_only_take_away(self):
        desk = Desk(rules=())
        desk.people.add_person(person_id="ann", name="Ann", email="ann@x.example", role="admin", by=BY)
        self.put(desk, "ann", self.COMMS_TOO, 0)
        assert desk.arrive().role == "admin"
        desk.refused(f"[{ELSEWHERE}]")
        assert desk.people.get("ann").status == "left"
        assert desk.arrive().status == "left"  # nor does her own mapping bring her back
