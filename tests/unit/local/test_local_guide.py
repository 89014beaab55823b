"""The demonstration force's guide: everybody is through the gate but one, and a second start changes nothing."""

from __future__ import annotations

from bluelamp.audit.leaf import Actor
from bluelamp.cli.local import force, seed_guide
from bluelamp.cloud.memory import MemoryTable
from bluelamp.people.rules import decide, principal_of
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.times import utc_now


def test_everybody_but_one_may_act():
    table = MemoryTable()
    people, subjects = People(PeopleStore(table)), {one.email: f"s-{n}" for n, one in enumerate(force.people())}
    for one in force.people():
        people.add_person(
            person_id=subjects[one.email], name=one.name, email=one.email, role=one.role, by=Actor.system("test")
        )
    assert seed_guide.load(table, people, subjects) == len(subjects) - 1
    before = dict(table.items)
    assert seed_guide.load(table, people, subjects) == 0
    assert table.items == before
    gate = people.gate()
    acting = [one for one in people.everybody() if one.role in {"comms", "local"}]
    shut = [one.name for one in acting if not decide(principal_of(one, at=utc_now(), gate=gate), "reply").allowed]
    assert shut == [force.NOT_THROUGH_THE_GATE]
