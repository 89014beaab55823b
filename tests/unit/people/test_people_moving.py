"""Who moves to another place keeps nothing that was given at the old one; each end has its record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.cursors import Cursors
from bluelamp.people.emergency import Emergency
from bluelamp.people.files import PeopleFiles
from bluelamp.people.granting import Grants
from bluelamp.people.groups import GroupMapping, GroupRule
from bluelamp.people.moving import moves
from bluelamp.people.provisioning import NotPlacedError, Provisioning
from bluelamp.people.tokens import Claims
from bluelamp.roster.model import Cover
from bluelamp.roster.moving import Covers
from bluelamp.roster.past import Book
from bluelamp.roster.store import RosterStore
from tests.support.groups import NORTH, SERGEANTS, SOUTH
from tests.support.world import SECRET, START, idem, principal
from tests.unit.people.test_people_duty import BY, Force

RULES = (
    GroupRule(group=NORTH, role="local", teams=("ben",)),
    GroupRule(group=SOUTH, role="local", teams=("south",)),
    GroupRule(group=SERGEANTS, role="control"),
)


class Moving(Force):
    """Ben of team ben, who was given things, and who signs in through the force's provider."""

    def __init__(self):
        super().__init__()
        self.closed = []
        self.account("2", "east")
        shared = {"covers": Covers(RosterStore(self.table)), "wake": lambda: None, "closing": self.closed.append}
        self.provisioning = Provisioning(self.store, provider="P", clock=self.clock, **shared)
        self.file = PeopleFiles(
            self.store, sign_in=lambda *_: "new", teams=lambda: {"ben", "south"}, clock=self.clock, **shared
        )
        self.grants = Grants(
            self.store,
            accounts=self.accounts,
            cursors=Cursors(SECRET),
            longest=timedelta(days=30),
            wake=lambda: None,
            clock=self.clock,
        )
        self.table.write(self.store.put_groups(GroupMapping(rules=RULES, rev=1)))
        self.change(lead="ann")
        self.cover("c1", "ann", "ben", begin=-60, end=600)
        self.cover("later", "cat", "ben", begin=60)
        self.cover("other", "ann", "cat", begin=700)
        for gives in ("desk", "reading"):
            self.give("facebook-2", gives)
        ben = self.people.get("ben")
        self.people.change_person("ben", rev=ben.rev, by=BY, covers=("facebook-2",))
        self.outbox()

    def give(self, account, gives="desk"):
        return self.grants.give(
            principal("admin"), person="ben", account=account, gives=gives, reason="incident", ref="WP/1",
            begins_at=None, ends_at=self.now + timedelta(days=3), idem=idem(),
        )  # fmt: skip

    def arrive(self, groups=f"[{SOUTH}]"):
        return self.provisioning.arrive(
            Claims(
                sub="ben", email="ben@x.example", name="Ben", provider="P", groups=groups,
                sign_in="s", signed_in_at=self.now, expires_at=self.now + timedelta(hours=1),
            )
        )  # fmt: skip

    def bring(self, **fields):
        values = {"email": "ben@x.example", "name": "Ben", "role": "local", "teams": "south"} | fields
        raw = ",".join(values) + "\n" + ",".join(values.values()) + "\n"
        return self.file.import_file(raw.encode(), Actor(kind="person", sub="ada"), dry_run=False)

    def kept(self):
        ben = self.people.get("ben")
        return bool(ben.access), bool(ben.covers), bool(ben.stands_in)

    def covering(self):
        return {one.id: one.end for one in RosterStore(self.table).since(START) if isinstance(one, Cover)}


@pytest.fixture
def force():
    return Moving()


def told(records):
    return sorted(
        (one["type"], one["obj"]["kind"], one.get("change", {}).get("to") or one.get("change", {}).get("field", ""))
        for one in records
    )


BY_A_MOVE = [
    ("config", "grant", "withdrawn"),
    ("config", "grant", "withdrawn"),
    ("config", "person", "covers"),
    ("config", "person", "teams"),
    ("roster", "roster", ""),
    ("roster", "roster", ""),
]


def test_a_move_by_the_forces_groups_ends_what_the_old_place_gave(force):
    assert force.kept() == (True, True, True)
    moved = force.arrive()
    assert moved == force.people.get("ben")
    assert (moved.teams, force.kept()) == (("south",), (False, False, False))
    records = force.outbox()
    assert told(records) == BY_A_MOVE
    assert {one["reason"]["code"] for one in records if one.get("grant")} == {"moved"}
    assert {one["actor"]["sub"] for one in records} == {"sign-in"}
    # What had begun ends with this minute, what had not never held, and what others stand in for stays.
    left = force.covering()
    assert "later" not in left
    assert left["c1"] == force.now
    assert left["other"] is None
    shown = force.grants.list_for(principal("admin")).grants
    assert {(one.state, one.withdrawn_by) for one in shown} == {("withdrawn", "sign-in")}
    assert force.why("ben") == "out_of_scope"


def test_a_move_by_a_file_does_so_too_in_the_name_of_who_brings_it(force):
    assert force.bring().changed == 1
    assert force.kept() == (False, False, False)
    records = force.outbox()
    assert told(records) == BY_A_MOVE
    assert {one["actor"]["sub"] for one in records} == {"ada"}


def test_the_record_alone_says_that_nobody_is_stood_in_for_any_more(force):
    """The same lines of the log that who-answers is read from name the end of the cover."""
    entries = {("cover", one.id): one for one in RosterStore(force.table).since(START) if isinstance(one, Cover)}
    force.arrive()
    records = [{**one, "at": one["at"]} for one in force.outbox()]
    book = Book()
    assert sum(book.take(one) for one in records if one["type"] == "roster") == 2
    known = book._roster("9", dated_until=None)
    assert known.entries["cover", "c1"].end == force.now < entries["cover", "c1"].end
    assert ("cover", "later") not in known.entries


@pytest.mark.parametrize(
    ("groups", "moved"),
    [(f"[{NORTH}]", False), (f"[{NORTH}, {SOUTH}]", False), (f"[{SERGEANTS}]", True), (f"[{SOUTH}]", True)],
)
def test_more_teams_are_no_move_and_another_role_is(force, groups, moved):
    old = force.people.get("ben")
    force.arrive(groups)
    assert moves(old, force.people.get("ben")) == moved
    assert force.kept() == ((not moved,) * 3)


def test_who_leaves_keeps_nothing_for_the_day_on_which_they_come_back(force):
    with pytest.raises(NotPlacedError):
        force.arrive("[Nothing]")
    assert force.people.get("ben").status == "left"
    assert force.kept() == (False, False, False)
    assert {one["reason"]["code"] for one in force.outbox() if one.get("grant")} == {"person_left"}
    assert force.arrive(f"[{NORTH}]").access == ()


def test_a_suspension_is_no_move(force):
    force.bring(teams="ben", status="suspended")
    assert force.people.get("ben").status == "suspended"
    assert force.kept() == (True, True, True)


def test_an_emergency_ends_with_the_place_too(force):
    desk = Emergency(force.store, accounts=force.accounts, wake=lambda: None, notify=lambda: None, clock=force.clock)
    desk.open(
        force.principal("ben"), account="facebook-2", minutes=60, reason="major_incident", ref="WP/2", idem=idem()
    )
    force.outbox()
    force.arrive()
    assert force.people.get("ben").access == ()
    assert sum(one.get("grant") is not None for one in force.outbox()) == 3  # of two kinds each, and told once


def test_what_has_ended_by_itself_is_not_ended_again(force):
    force.pass_time(days=4)
    force.arrive()
    assert [one for one in force.outbox() if one.get("grant")] == []
    assert force.people.get("ben").access == ()


def test_a_roster_that_changes_meanwhile_costs_nobody_the_move(force):
    force.between(lambda: force.cover("c3", "lea", "ann", begin=900))
    assert force.arrive().teams == ("south",)
    assert force.covering()["c1"] == force.now
    force.outbox()


def test_nothing_is_half_done_when_it_cannot_be_written(force):
    before = dict(force.table.items)
    force.table.transact = lambda *_, **__: (_ for _ in ()).throw(ContentionError("busy"))
    assert force.bring().findings[0].problem.startswith("changed meanwhile")
    assert force.table.items == before


def test_what_they_lead_and_gave_to_others_stays(force):
    force.change(2, lead="ben")
    force.arrive()
    assert force.people.get("ben").answers_for == ("facebook-1",)
    assert force.people.get("cat").stands_in[0].id == "other"
