"""People as a file: each line told, each person whole with the record, and the same when it comes back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.audit.leaf import Actor
from bluelamp.audit.lines import ROSTER, chunks_of
from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.memory import MemoryTable
from bluelamp.people.csvfile import export, parse
from bluelamp.people.files import PeopleFiles
from bluelamp.people.model import Person
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.roster.moving import Covers
from bluelamp.roster.store import RosterStore
from tests.support.world import START

BY = Actor(kind="person", sub="aws:AIDA", role="operator")
HEAD = "email,name,role,teams"


class Desk:
    def __init__(self):
        self.table = MemoryTable()
        self.store = PeopleStore(self.table)
        self.people = People(self.store, lambda: START)
        self.made, self.closed = [], []
        self.files = PeopleFiles(
            self.store, sign_in=self.sign_in, teams=lambda: {"north"}, covers=Covers(RosterStore(self.table)),
            wake=lambda: None, closing=self.closed.append,
            clock=lambda: START,
        )  # fmt: skip
        self.people.add_person(person_id="ann", name="Ann", email="ann@x.example", role="local", teams=["north"], by=BY)
        self.outbox()

    def sign_in(self, email, name):
        if email not in self.made:
            self.made.append(email)
        return f"sub-{email.split('@')[0]}"

    def bring(self, text, *, dry_run=False, **how):
        report = self.files.import_file(text.encode(), BY, dry_run=dry_run, **how)
        self.told = {(f.line, f.column): f.problem for f in report.findings}
        return (report.applied, report.created, report.changed, report.unchanged, report.bad)

    def outbox(self):
        keys = [k for k in self.table.items if k[0].startswith("OUTBOX#")]
        chunks = [Waiting.from_item(self.table.items.pop(k)) for k in sorted(keys, key=lambda k: k[1])]
        return [json.loads(body) for chunk in chunks for body in chunk.bodies()]


@pytest.fixture
def desk():
    return Desk()


def test_joiners_movers_and_leavers(desk):
    text = f"{HEAD},status\nBO@x.example,Bo,comms,,\nann@x.example,Ann,supervisor,north south,suspended\n"
    assert desk.bring(text, dry_run=True, new_teams=True) == (False, 1, 1, 0, 0)
    assert (desk.made, [leaf["type"] for leaf in desk.outbox()]) == ([], ["search"])
    assert desk.bring(text, new_teams=True) == (True, 1, 1, 0, 0)
    ann = desk.people.get("ann")
    assert (ann.role, ann.teams, ann.status, ann.signed_out_at, ann.rev) == (
        "supervisor", ("north", "south"), "suspended", START, 2,
    )  # fmt: skip
    assert desk.people.get("sub-bo").email == "bo@x.example"
    # Who answered for an account at a minute depends on who was there: the roster finds both records by their lines.
    assert set(chunks_of(desk.table, ROSTER)) >= {k[1] for k in desk.table.items if k[0].startswith("OUTBOX#")}
    leaves = desk.outbox()
    assert [(leaf["obj"]["key"], leaf["change"]) for leaf in leaves] == [
        ("sub-bo", {"field": "role", "to": "comms"}),
        ("ann", {"field": "role", "from": "local", "to": "supervisor"}),
        ("ann", {"field": "status", "from": "active", "to": "suspended"}),
        ("ann", {"field": "teams"}),
    ]
    assert desk.closed == ["ann"]  # her open pages
    assert desk.bring(text, new_teams=True) == (True, 0, 0, 2, 0)


BAD = f"""{HEAD},status,id
nobody,N,comms,,,
a@x.example,,comms,,,
b@x.example,B,chief,,,
c@x.example,C,local,,,
d@x.example,D,local,North,,
e@x.example,E,local,nowhere,,
f@x.example,F,comms,,paused,
g@x.example,G,comms,,,ann
i@x.example,I,comms,,,
I@x.example,I,comms,,,
"""


def test_every_bad_line_is_named_and_keeps_the_whole_file_out(desk):
    assert desk.bring(BAD) == (False, 1, 0, 0, 9)
    assert desk.told.keys() == {
        (2, "email"), (3, "name"), (4, "role"), (5, "teams"), (6, "teams"), (7, "teams"), (8, "status"), (9, "id"),
        (11, "email"),
    }  # fmt: skip
    assert (desk.made, len(list(desk.store.everybody()))) == ([], 1)
    assert desk.bring(BAD, keep_going=True)[:2] == (True, 1)
    assert desk.made == ["i@x.example"]


def test_cut_off_after_the_sign_in_and_run_again(desk):
    def dies(name):
        if name == "transact":
            raise KeyboardInterrupt

    text = f"{HEAD}\nbo@x.example,Bo,comms,\n"
    desk.table.faults.before = dies
    with pytest.raises(KeyboardInterrupt):
        desk.bring(text)
    desk.table.faults.before = None
    assert (desk.made, desk.outbox()) == (["bo@x.example"], [])
    assert desk.bring(text) == (True, 1, 0, 0, 0)
    assert (desk.made, len(desk.outbox())) == (["bo@x.example"], 1)


def test_somebody_was_quicker(desk):
    def meanwhile(name):
        if name == "transact":
            desk.table.faults.before = None
            desk.people.change_person("ann", rev=1, by=BY, name="Anne")

    desk.table.faults.before = meanwhile
    assert desk.bring(f"{HEAD}\nann@x.example,Annie,local,north\nbo@x.example,Bo,comms,\n") == (True, 1, 0, 0, 1)
    assert "run the import again" in desk.told[2, ""]
    assert desk.people.get("ann").name == "Anne"


def test_an_export_is_recorded_and_comes_back_unchanged(desk):
    desk.people.change_person("ann", rev=1, by=BY, name="=Ann")
    desk.outbox()
    text = desk.files.export_file(BY)
    (leaf,) = desk.outbox()
    assert (leaf["type"], leaf["query"]["hits"], "'=Ann" in text) == ("export", 1, True)
    assert desk.bring(text) == (True, 0, 0, 1, 0)


def test_who_left_and_came_anew_is_reached_by_the_address_and_not_who_left(desk):
    # Both have one name, so that neither stands before the other by it.
    desk.people.leave("ann", rev=1, by=BY)
    for new in ("abc", "xyz"):
        desk.people.add_person(person_id=new, name="Ann", email="ann@x.example", role="local", teams=["north"], by=BY)
        assert desk.bring(f"{HEAD},status\nann@x.example,Ann,local,north,left\n") == (True, 0, 1, 0, 0)
        assert desk.people.get(new).status == "left"
    assert desk.closed == ["abc", "xyz"]


NAMES = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), max_size=20)
PEOPLE = st.builds(
    Person,
    id=st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True),
    name=NAMES.map(lambda text: " ".join(text.split()) or "N"),
    email=st.from_regex(r"[a-z0-9+=-]{1,12}@x\.example", fullmatch=True),
    role=st.sampled_from(["comms", "local", "auditor"]),
    teams=st.sets(st.from_regex(r"[a-z0-9][a-z-]{0,9}", fullmatch=True), min_size=1, max_size=3).map(tuple),
    status=st.sampled_from(["active", "suspended", "left"]),
    rev=st.integers(1, 99),
)


@given(st.lists(PEOPLE, max_size=4, unique_by=lambda p: p.email))
@settings(max_examples=25)
def test_whatever_is_exported_is_read_as_it_was(people):
    lines = parse(export(people).encode())
    assert lines.findings == ()
    assert [(line.id, line.email, dict(line.values)) for line in lines.good] == [
        (p.id, p.email, {"name": p.name, "role": p.role, "teams": p.teams, "status": p.status}) for p in people
    ]


def test_an_address_that_two_had_one_after_the_other_is_one_line_and_comes_back(desk):
    desk.people.add_person(person_id="old", name="Ann Old", email="ann.twice@x.example", role="comms", by=BY)
    desk.people.leave("old", rev=1, by=BY)
    desk.people.add_person(person_id="new", name="Ann New", email="ann.twice@x.example", role="auditor", by=BY)
    text = desk.files.export_file(BY)
    lines = [line for line in text.splitlines() if "ann.twice" in line]
    assert len(lines) == 1
    assert "Ann New" in lines[0]
    report = desk.files.import_file(text.encode(), BY, dry_run=False)
    assert (report.changed, report.created, report.bad) == (0, 0, 0)
