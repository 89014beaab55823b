"""What the demonstration force's desk begins with: put in once, with records, and left alone afterwards."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.cli.local import force, seed, seed_desk
from bluelamp.cloud.memory import MemoryTable
from bluelamp.ids import account_id
from bluelamp.posts.tagging import PARTITION
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.roster.model import OnCall
from tests.support.world import idem, principal


@pytest.fixture
def desk() -> Any:
    """The force with its people and accounts, and the services over one table."""
    table = MemoryTable()
    # Writing replies reads no post, so whatever would load one may be missing.
    made = seed_desk.over(table, Pseudonyms(b"p" * 32), changer=None)
    subjects = {one.email: f"s-{n}" for n, one in enumerate(force.people())}
    for one in force.people():
        made.people.add_person(
            person_id=subjects[one.email], name=one.name, email=one.email, role=one.role, teams=one.teams,
            by=Actor.system("test"),
        )  # fmt: skip
    seed._load_accounts(made.accounts, made.people, subjects)
    return SimpleNamespace(services=made, subjects=subjects, table=table, load=lambda: seed_desk.load(made, subjects))


def demo(handle: str) -> str:
    return next(account_id(one.platform, one.native_id) for one in force.accounts() if one.handle == handle)


def leaves(table: MemoryTable) -> int:
    return sum(1 for pk, _ in table.items if pk.startswith("OUTBOX"))


def test_everything_is_put_in_with_its_record(desk):
    before = leaves(desk.table)
    assert desk.load() == 2 + 3 + 4 + 2
    assert leaves(desk.table) == before + 11
    made = desk.services
    assert {tag.code: tag.name for tag in made.tags.listed().tags} == seed_desk.TAGS
    replies = made.reply_store.every()
    assert {one.title: one.text for one in replies} == seed_desk.REPLIES
    assert {one.scope for one in replies} == {"force"}
    assert {one.by.name for one in replies} == {"Amara Lindqvist"}


def test_a_second_start_changes_nothing(desk):
    desk.load()
    before = dict(desk.table.items)
    assert desk.load() == 0
    assert desk.table.items == before


def test_what_was_changed_afterwards_stays_so(desk):
    desk.load()
    made, comms = desk.services, principal("comms")
    made.tags.retire(comms, "appeal", idem=idem())
    reply, other, *_ = made.reply_store.every()
    made.replies.retire(comms, reply.id, idem=idem())
    made.replies.change(comms, other.id, title="Put otherwise", text=other.text, rev=other.rev, idem=idem())
    made.rosters.withdraw(comms, "chain", seed_desk.CHAIN, rev=1, idem=idem())
    assert desk.load() == 0
    assert desk.table.items[PARTITION, "appeal"]["retired"]


def test_a_start_that_was_cut_off_is_completed(desk, monkeypatch):
    with monkeypatch.context() as cut:
        cut.setattr(seed_desk, "REPLIES", dict(list(seed_desk.REPLIES.items())[:2]))
        cut.setattr(seed_desk, "_roster", lambda *_: 0)
        desk.load()
    assert desk.load() == 2 + 2


def test_one_account_of_each_wants_a_second_person(desk):
    desk.load()
    every = {account.id: account for account in desk.services.accounts.all()}
    delete, reply = every[demo(force.DELETE_APPROVED)], every[demo(force.REPLY_APPROVED)]
    assert delete.policy.approver("delete") == "supervisor"
    assert reply.policy.approver("reply") == "lead"
    others = [one for one in every.values() if one.id not in {delete.id, reply.id}]
    assert len(others) == 66
    assert {one.policy.approver(act) for one in others for act in ("delete", "reply")} == {None}
    assert {one.rev for one in others} == {1}
    # The first accounts are those that `bluelamp demo` and the tests of the stack act on.
    for platform in ("facebook", "x"):
        first = [one for one in sorted(every) if one.startswith(platform)][:3]
        assert not {delete.id, reply.id} & set(first)


def test_a_supervisor_reaches_the_account_that_asks_for_one(desk):
    team = next(one.team for one in force.accounts() if one.handle == force.DELETE_APPROVED)
    assert any(one.role == "supervisor" and team in one.teams for one in force.people())


def test_a_policy_that_was_set_by_somebody_is_left(desk):
    desk.load()
    made, name = desk.services, demo(force.DELETE_APPROVED)
    account = made.accounts.get(name)
    policy = account.policy.model_copy(update={"approve_delete": None})
    author = seed_desk.Author(Actor.system("test"))
    made.registrar.write(made.registrar.stepped(account, {"policy": policy}, author), author)
    assert desk.load() == 0
    assert made.accounts.get(name).policy.approve_delete is None


def test_the_chain_begins_with_an_officer_and_ends_with_the_control_room(desk):
    desk.load()
    chain = next(one for one in desk.services.roster_store.since(seed_desk.utc_now()) if isinstance(one, OnCall))
    who = [step.who for step in chain.steps]
    ben = next(desk.subjects[one.email] for one in force.people() if one.name == seed_desk.ON_CALL)
    assert who == [f"person:{ben}", "team:communications", "team:control"]


def test_without_anybody_in_communications_the_start_goes_on(desk, monkeypatch):
    people = desk.services.people
    left = [one for one in people.everybody() if one.role != "comms"]
    monkeypatch.setattr(people, "everybody", lambda: left)
    assert desk.load() == 2
    assert desk.services.reply_store.every() == []


def test_over_a_stack_the_words_are_bound_with_its_own_key(desk):
    class Manager:
        def get_secret_value(self, **asked: str) -> dict[str, str]:
            return {"SecretString": '{"key": "%s"}' % ("ab" * 32)} if asked == {"SecretId": "p"} else {}

    cloud = SimpleNamespace(client=lambda name: Manager() if name == "secretsmanager" else None)
    outputs = {"PseudonymSecret": "p", "SealQueueUrl": "s", "LiveQueueUrl": "l"}
    made = seed_desk.services(cloud, outputs, desk.table)
    assert seed_desk.load(made, desk.subjects) == 11
    kept = [item for (pk, _), item in desk.table.items.items() if pk.startswith("OUTBOX")]
    key_id = Pseudonyms(bytes.fromhex("ab" * 32)).key_id
    assert sum(key_id in b"".join(Waiting.from_item(item).bodies()).decode() for item in kept) == len(seed_desk.REPLIES)
