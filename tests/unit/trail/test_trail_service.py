"""The audit trail as it is searched: out of the sealed log, by filters, within a person's reach, and recorded."""

from __future__ import annotations

import json

import pytest

from bluelamp.audit.leaf import Actor, Leaf, draft
from bluelamp.audit.outbox import Chunk, Waiting
from bluelamp.cursors import CursorError, Cursors
from bluelamp.errors import InvalidInputError, NotFoundError, OutOfScopeError, RefusedError
from bluelamp.ids import post_id
from bluelamp.people.rules import NotPermittedError
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.posts.model import Reason
from bluelamp.times import iso
from bluelamp.trail.model import Filters
from bluelamp.trail.rules import meant
from bluelamp.trail.service import Trail
from tests.support.world import SECRET, World, idem, principal

BY = Actor.system("seed")
AUDITOR, OFFICER, CONTROL = principal("auditor"), principal("comms"), principal("control")
NORTH, SOUTH = principal("local", teams=("north",)), principal("supervisor", teams=("south",))
POST = post_id("facebook-1", "n1")


class Desk(World):
    """Two pages with a post on each, some work done on them, and all of it sealed."""

    def __init__(self) -> None:
        super().__init__()
        self.people = People(PeopleStore(self.table), self.clock)
        self.people.add_person(person_id=OFFICER.id, name="Pat Officer", email="p@x.example", role="comms", by=BY)
        for native, team in (("1", "north"), ("2", "south")):
            self.account(native, team)
        self.ingest(self.comment("n1", "You idiot"), self.comment("s1", "Thank you", page="2"))
        self.judge_all()
        self.seal()
        self.posts.open_post(NORTH, POST)
        rev = self.changer.posts.get(POST).rev
        self.actions.hide(OFFICER, POST, reason=Reason(code="abuse"), rev=rev, idem=idem())
        self.posts.queue(CONTROL)
        self.settle()

    def settle(self) -> None:
        for _ in range(4):
            self.pass_time(seconds=30)
            self.seal()
            self.act_all()
        self.seal()

    def trail(self) -> Trail:
        return Trail(
            table=self.table,
            evidence=self.evidence,
            accounts=self.accounts,
            people=self.people,
            changer=self.changer,
            cursors=Cursors(SECRET),
            pseudonyms=self.pseudonyms,
            wake=lambda: None,
            clock=self.clock,
        )

    def search(self, who=AUDITOR, cursor=None, limit=100, **filters):
        return self.trail().search(who, filters=Filters(**filters), cursor=cursor, limit=limit)

    def outbox(self):
        """Return the records written since the last time, and take them away."""
        keys = sorted((k for k in self.table.items if k[0].startswith("OUTBOX#")), key=lambda k: k[1])
        chunks = [Waiting.from_item(self.table.items.pop(key)) for key in keys]
        return [json.loads(body) for chunk in chunks for body in chunk.bodies()]


@pytest.fixture
def desk():
    made = Desk()
    made.outbox()
    return made


def types(page):
    return [record.type for record in page.records]


def test_everything_newest_first_with_the_names_of_officers(desk):
    page = desk.search()
    places = [(record.year, record.seq) for record in page.records]
    assert places == sorted(places, reverse=True)
    assert places[-1] == (2026, 0)
    assert {"commit", "config", "ingest", "classify", "view", "search", "intent", "context", "outcome"} <= set(
        types(page)
    )
    by = {record.type: record.officer for record in page.records}
    assert (by["intent"].id, by["intent"].name) == (OFFICER.id, "Pat Officer")
    assert (by["view"].id, by["view"].name) == (NORTH.id, None)  # nobody of that id is known any more
    assert by["ingest"] is by["commit"] is None
    assert (page.next, page.searched_back_to.seq) == (None, 0)
    assert all(record.record["id"] == record.id for record in page.records)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"type": "intent"}, ["intent"]),
        ({"officer": OFFICER.id}, ["intent"]),
        ({"officer": OFFICER.id, "type": "view"}, []),
        ({"account": "facebook-2"}, ["classify", "ingest", "config"]),
        ({"post": post_id("facebook-2", "s1")}, ["classify", "ingest"]),
        ({"post": POST, "account": "facebook-2"}, []),
        ({"rule": "ruleset"}, ["classify", "classify"]),
        ({"rule": "test.rule"}, ["classify"]),
        ({"until": "2026-11-21"}, []),
        ({"since": "2026-11-23"}, []),
        ({"since": "2026-11-22T12:00:00+00:00", "until": "2026-11-22", "type": "outcome"}, ["outcome"]),
        ({"until": "2026-11-22T12:00:10Z", "type": "ingest"}, ["ingest", "ingest"]),
        ({"until": "2026-11-22T12:00:10Z", "type": "outcome"}, []),
    ],
    ids=str,
)
def test_filters(desk, filters, found):
    assert types(desk.search(**filters)) == found


def test_what_belongs_together(desk):
    (intent,) = desk.search(type="intent").records
    together = desk.search(correlation=intent.record["correlation"])
    assert types(together)[-1] == "intent"
    assert types(together)[0] == "outcome"


def test_pages_go_on_where_the_last_one_ended(desk):
    whole = [(record.year, record.seq) for record in desk.search().records]
    found, cursor = [], None
    while True:
        page = desk.search(cursor=cursor, limit=3)
        found += [(record.year, record.seq) for record in page.records]
        cursor = page.next
        if cursor is None:
            break
        desk.seal()  # what comes meanwhile stands in front and disturbs nothing
    assert found == whole


def test_a_cursor_is_of_its_person_and_its_query(desk):
    cursor = desk.search(limit=1).next
    for who, filters in ((OFFICER, {}), (AUDITOR, {"type": "view"})):
        with pytest.raises(CursorError):
            desk.search(who, cursor=cursor, **filters)
    with pytest.raises(CursorError):
        desk.search(cursor=cursor[:-2] + "AA")


def test_what_waits_is_counted(desk):
    assert desk.search().waiting.records == 0
    assert desk.search().waiting.records == 1  # the search before
    desk.settle()
    assert desk.search(limit=4).waiting.model_dump() == {"records": 0, "more": False}


# who is shown what ---------------------------------------------------------------------------------------------------


def test_other_teams_and_the_force_itself_are_left_out(desk):
    everything = desk.search().records
    for who, reach in ((NORTH, {"facebook-1"}), (SOUTH, {"facebook-2"}), (CONTROL, {"facebook-1", "facebook-2"})):
        wanted = [record.seq for record in everything if record.account in reach]
        assert [record.seq for record in desk.search(who).records] == wanted
        assert wanted
    assert desk.search(OFFICER).records == everything


def test_who_may_not_search(desk):
    with pytest.raises(NotPermittedError):
        desk.search(principal("admin"))
    for filters in ({"account": "facebook-2"}, {"post": post_id("facebook-2", "s1")}):
        with pytest.raises(OutOfScopeError):
            desk.search(NORTH, **filters)
    for filters in ({"account": "facebook-9"}, {"post": "pnowhere"}):
        with pytest.raises(NotFoundError):
            desk.search(**filters)
    for filters in ({"since": "yesterday"}, {"until": "2026-11-22T12:00:00"}, {"since": "2026-13-01"}):
        with pytest.raises(InvalidInputError):
            desk.search(**filters)
    assert desk.outbox() == []


# what is recorded ----------------------------------------------------------------------------------------------------


def test_a_search_is_recorded_with_its_filters(desk):
    desk.search(type="ingest", account="facebook-1", since="2026-11-22", limit=1)
    (leaf,) = desk.outbox()
    assert (leaf["type"], leaf["dpa62"], leaf["account"]) == ("search", "consultation", "facebook-1")
    filters = {"type": "ingest", "since": "2026-11-22T00:00:00.000Z"}
    assert leaf["query"] == {"view": "audit", "filters": filters, "hits": 1}
    assert leaf["actor"]["sub"] == AUDITOR.id


def test_a_later_page_says_where_it_begins(desk):
    page = desk.search(limit=2)
    desk.search(limit=2, cursor=page.next)
    first, second = desk.outbox()
    assert first["query"]["filters"] == {}
    assert second["query"]["filters"] == {"before": f"2026/{page.searched_back_to.seq}"}


def test_a_post_is_recorded_by_its_pseudonym(desk):
    desk.search(post=POST)
    (leaf,) = desk.outbox()
    assert leaf["obj"]["key"] == desk.pseudonyms.post("facebook-1", "n1")
    assert POST not in json.dumps(leaf)
    assert leaf["account"] == "facebook-1"


@pytest.mark.parametrize("name", ["officer", "rule", "correlation"])
def test_what_the_log_does_not_have_is_recorded_by_its_digest(desk, name):
    desk.search(**{name: "Jane.Plantedname"})
    (leaf,) = desk.outbox()
    assert leaf["query"]["filters"] == {name: desk.pseudonyms.content("audit", b"Jane.Plantedname")}
    known = {
        "officer": OFFICER.id,
        "rule": "ruleset",
        "correlation": desk.search(type="intent").records[0].record["correlation"],
    }
    desk.outbox()
    desk.search(**{name: known[name]})
    (leaf,) = desk.outbox()
    assert leaf["query"]["filters"] == {name: known[name]}


def test_an_officer_without_hits_is_named_all_the_same(desk):
    desk.search(officer=OFFICER.id, type="export")
    (leaf,) = desk.outbox()
    assert leaf["query"]["filters"] == {"officer": OFFICER.id, "type": "export"}


# one record ----------------------------------------------------------------------------------------------------------


def test_a_record_comes_with_its_proof_and_is_recorded(desk):
    (wanted,) = desk.search(type="intent").records
    desk.outbox()
    record, proof = desk.trail().record(AUDITOR, wanted.year, wanted.seq)
    assert record == wanted
    assert (proof.index, json.loads(proof.leaf)) == (wanted.seq, wanted.record)
    (leaf,) = desk.outbox()
    assert (leaf["type"], leaf["account"]) == ("prove", "facebook-1")
    assert leaf["obj"] == {"kind": "record", "key": f"2026/{wanted.seq}"}


def test_records_that_are_not_there_or_not_for_this_person(desk):
    size = desk.search().records[0].seq + 1
    desk.outbox()
    for year, seq in ((2026, size), (2025, 0), (2026, 10**12)):
        with pytest.raises(NotFoundError):
            desk.trail().record(AUDITOR, year, seq)
    (foreign,) = desk.search(account="facebook-2", type="ingest").records
    desk.outbox()
    with pytest.raises(OutOfScopeError) as caught:
        desk.trail().record(NORTH, foreign.year, foreign.seq)
    assert caught.value.account == "facebook-2"
    with pytest.raises(OutOfScopeError):
        desk.trail().record(NORTH, 2026, 0)  # the commit itself, on no account
    with pytest.raises(RefusedError):
        desk.trail().record(principal("admin"), 2026, 0)
    assert desk.outbox() == []


@pytest.mark.parametrize(
    "record", [{}, {"actor": None, "obj": None, "rule": None, "judgement": None}, {"rule": {}}], ids=str
)
def test_a_record_with_parts_missing_is_simply_not_meant(record):
    assert not meant(record, Filters(officer="x"), None)
    assert not meant(record, Filters(rule="x"), None)
    assert meant(record, Filters(), None)


def test_a_record_of_a_newer_version_is_shown_as_it_is(desk):
    body = draft(type="config", at=desk.now, actor=BY, account="facebook-1").body
    newer = body.replace(b'"v":1', b'"v":2,"zeal":"high"')
    leaf = Leaf(id=json.loads(body)["id"], type="config", at=iso(desk.now), body=newer)
    desk.table.write(Chunk.of([leaf]).put())
    desk.seal()
    found = desk.search(type="config", account="facebook-1", limit=1).records[0]
    assert found.record == json.loads(newer)
