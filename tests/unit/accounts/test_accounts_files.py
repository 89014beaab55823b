"""The register as a file: tried first, told line by line, each account whole, and the same when it comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.accounts.csvfile import COLUMNS, export, parse
from bluelamp.accounts.importing import Known, plan
from bluelamp.accounts.model import Account, Officer, Policy
from bluelamp.accounts.registering import TOGETHER, Author
from bluelamp.audit.leaf import Actor
from bluelamp.people.model import Person
from bluelamp.people.rules import NotPermittedError
from bluelamp.tabular.reading import TableError
from tests.support.world import START, principal
from tests.unit.accounts.register_kit import ADMIN, Desk

HEAD = "platform,native_id,name,kind,team"
OPERATOR = Author(Actor(kind="person", sub="aws:AIDA", role="operator"))


@pytest.fixture
def desk():
    return Desk()


def bring(desk, text, *, dry_run=False, **how):
    raw = text if isinstance(text, bytes) else text.encode()
    return desk.files.import_file(raw, OPERATOR, dry_run=dry_run, **how)


def numbers(report):
    return (report.created, report.changed, report.unchanged, report.bad)


def told(report):
    return {(f.line, f.column): f.problem for f in report.findings}


def test_a_dry_run_tells_and_writes_nothing(desk):
    text = f"{HEAD},lead\nx,5,Five,community,north,LEA@x.example\nfacebook,1,New name,neighbourhood,north,\n"
    before = {k: v for k, v in desk.table.items.items() if not k[0].startswith("OUTBOX#")}
    report = bring(desk, text, dry_run=True)
    assert (report.applied, numbers(report)) == (False, (1, 1, 0, 0))
    assert [leaf["type"] for leaf in desk.outbox()] == ["search"]
    assert desk.table.items == before


def test_applied_then_again(desk):
    text = (
        f"{HEAD},lead,may_delete\nx,5,Five,community,north,LEA@x.example,local comms\nx,6,Six,community,north,,comms\n"
    )
    report = bring(desk, text)
    assert (report.applied, numbers(report)) == (True, (2, 0, 0, 0))
    five = desk.accounts.get("x-5")
    assert (five.lead, five.policy.delete) == (Officer(id="lea", name="Lea"), ("comms", "local"))
    assert [(leaf["type"], leaf["account"]) for leaf in desk.outbox()] == [("config", "x-5"), ("config", "x-6")]
    before = dict(desk.table.items)
    again = bring(desk, text)
    assert (again.applied, numbers(again)) == (True, (0, 0, 2, 0))
    assert {k: v for k, v in desk.table.items.items() if k in before} == before


def test_columns_that_are_not_there_change_nothing(desk):
    desk.change(lead="lea", handle="h", policy=Policy(reply=("comms",)))
    bring(desk, f"{HEAD}\nfacebook,1,New name,neighbourhood,north\n")
    found = desk.accounts.get("facebook-1")
    assert (found.name, found.lead.id, found.handle, found.policy.reply) == ("New name", "lea", "h", ("comms",))
    bring(desk, f"{HEAD},lead,handle\nfacebook,1,New name,neighbourhood,north,,\n")
    assert (desk.accounts.get("facebook-1").lead, desk.accounts.get("facebook-1").handle) == (None, None)


BAD = f"""{HEAD},id,handle,lead,deputy,status,may_reply,approve_delete,rev
mastodon,5,Five,community,north,,,,,,,,
x,1E+15,Six,community,north,,,,,,,,
x,7,,community,north,,,,,,,,
x,8,Eight,circus,north,,,,,,,,
x,9,Nine,community,North Team,,,,,,,,
x,10,Ten,community,nowhere,,,,,,,,
x,11,Eleven,community,north,x-12,,,,,,,
x,12,Twelve,community,north,,@handle,,,,,,
x,13,Thirteen,community,north,,,nobody@x.example,,,,,
x,14,Fourteen,community,north,,,,gone@x.example,,,,
x,15,Fifteen,community,north,,,lea@x.example,LEA,,,,
x,16,Sixteen,community,north,,,,,paused,,,
x,17,Seventeen,community,north,,,,,,everybody,,
x,18,Eighteen,community,north,,,,,,,me,
x,19,Nineteen,community,north,,,,,,,,two
x,20,Twenty,community,north,,,,,,,,
x,20,Twenty again,community,north,,,,,,,,
x,21,Fine,community,north,,,,,,,,
"""
PLACES = {
    (2, "platform"), (3, "native_id"), (4, "name"), (5, "kind"), (6, "team"), (7, "team"), (8, "id"), (9, "handle"),
    (10, "lead"), (11, "deputy"), (12, "deputy"), (13, "status"), (14, "may_reply"), (15, "approve_delete"),
    (16, "rev"), (18, "native_id"),
}  # fmt: skip


def test_every_bad_line_is_named_and_keeps_the_whole_file_out(desk):
    report = bring(desk, BAD)
    assert (report.applied, numbers(report)) == (False, (2, 0, 0, 16))
    assert told(report).keys() == PLACES
    assert "line 17 again" in told(report)[18, "native_id"]
    assert "is left" in told(report)[11, "deputy"]
    assert [a.id for a in desk.accounts.all()] == ["facebook-1"]
    assert [leaf["type"] for leaf in desk.outbox()] == ["search"]


def test_the_good_lines_alone(desk):
    report = bring(desk, BAD, keep_going=True)
    assert (report.applied, numbers(report)) == (True, (2, 0, 0, 16))
    assert [a.id for a in desk.accounts.all()] == ["facebook-1", "x-20", "x-21"]


def test_new_teams_when_they_are_meant(desk):
    text = f"{HEAD}\nx,10,Ten,community,nowhere\n"
    assert numbers(bring(desk, text)) == (0, 0, 0, 1)
    assert numbers(bring(desk, text, new_teams=True)) == (1, 0, 0, 0)


def test_an_export_that_others_overtook_is_told_and_one_that_says_the_same_is_not(desk):
    text = desk.files.export_file(OPERATOR)
    mine = text.replace("North Police", "My name")
    desk.change(kind="community")
    report = bring(desk, mine)
    assert report.bad == 1
    assert "is 1, and 2 is in force by now (name is North Police; kind is community)" in told(report)[2, "rev"]
    fresh = desk.files.export_file(OPERATOR)
    desk.change(2, handle="h")
    desk.change(3, handle=None)
    assert numbers(bring(desk, fresh)) == (0, 0, 1, 0)


def test_cut_off_in_the_middle_and_run_again(desk):
    text = HEAD + "".join(f"\nx,{n},Page {n},community,north" for n in range(100, 100 + 2 * TOGETHER + 5))
    done = []

    def dies(name):
        if name == "transact":
            done.append(name)
            if len(done) == 3:
                raise KeyboardInterrupt

    desk.faults.before = dies
    with pytest.raises(KeyboardInterrupt):
        bring(desk, text)
    desk.faults.before = None
    assert len(desk.accounts.all()) == 1 + 2 * TOGETHER
    assert len(desk.outbox()) == 2 * TOGETHER
    assert numbers(bring(desk, text)) == (5, 0, 2 * TOGETHER, 0)
    assert len(desk.outbox()) == 5


def test_one_account_that_somebody_takes_meanwhile_costs_no_other(desk):
    text = f"{HEAD}\nfacebook,1,Mine,neighbourhood,north\nx,5,Five,community,north\nx,6,Six,community,north\n"
    desk.between(lambda: desk.change(name="Theirs"))
    report = bring(desk, text)
    assert numbers(report) == (2, 0, 0, 1)
    assert "name is Theirs" in told(report)[2, ""]
    assert desk.accounts.get("facebook-1").name == "Theirs"
    assert [leaf["account"] for leaf in desk.outbox()] == ["facebook-1", "x-5", "x-6"]


def test_an_import_that_suspends_is_a_change_of_status(desk):
    bring(desk, f"{HEAD},status\nfacebook,1,North Police,neighbourhood,north,suspended\n")
    (leaf,) = desk.outbox()
    assert leaf["change"] == {"field": "status", "from": "active", "to": "suspended"}
    assert desk.accounts.get("facebook-1").status == "suspended"


def test_an_export_is_recorded_and_comes_back_unchanged(desk):
    desk.change(name="=cmd|' /C calc'!A0", lead="lea", policy=Policy(delete=(), approve_reply="lead"))
    desk.outbox()
    text = desk.files.export_for(ADMIN)
    assert "'=cmd" in text
    assert "lea@x.example" in text
    (leaf,) = desk.outbox()
    assert (leaf["type"], leaf["dpa62"], leaf["query"]["hits"]) == ("export", "disclosure", 1)
    assert numbers(bring(desk, text)) == (0, 0, 1, 0)


def test_for_administrators_alone(desk):
    how = {"dry_run": True, "keep_going": False, "new_teams": False}
    with pytest.raises(NotPermittedError):
        desk.files.import_for(principal("comms"), HEAD, **how)
    with pytest.raises(NotPermittedError):
        desk.files.export_for(principal("auditor"))
    with pytest.raises(TableError, match="not in UTF-8"):
        desk.files.import_for(ADMIN, f"{HEAD}\nx,5,\ud800,community,north", **how)


NAMES = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=30)
PEOPLE = [Person(id=f"s-{n}", name=f"P {n}", email=f"p{n}@x.example", role="comms") for n in range(3)]
OFFICERS = [Officer(id=p.id, name=p.name) for p in PEOPLE]
ROLES = st.sets(st.sampled_from(["comms", "local", "control"])).map(tuple)
APPROVERS = st.sampled_from([None, "lead", "comms", "supervisor"])
POLICIES = st.builds(
    Policy, delete=ROLES, publish=ROLES, reply=ROLES, approve_delete=APPROVERS, approve_publish=APPROVERS,
    approve_reply=APPROVERS,
)  # fmt: skip


@st.composite
def accounts(draw):
    native = draw(st.integers(0, 10**24).map(str))
    lead, deputy = draw(st.permutations([*OFFICERS, None]))[:2]
    return Account(
        id=f"x-{native}", platform="x", native_id=native, name=" ".join(draw(NAMES).split()) or "N",
        handle=draw(st.none() | st.from_regex(r"[=+-]?[a-z.]{1,20}", fullmatch=True)), kind="community",
        team=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,10}", fullmatch=True)), lead=lead, deputy=deputy,
        status=draw(st.sampled_from(["active", "suspended", "archived"])), policy=draw(POLICIES), rev=3,
    )  # fmt: skip


@given(st.lists(accounts(), max_size=4, unique_by=lambda a: a.id))
@settings(max_examples=25)
def test_whatever_is_exported_is_imported_as_it_was(found):
    text = export(found, {p.id: p.email for p in PEOPLE})
    lines = parse(text.encode(), ["x"])
    assert lines.findings == ()
    at = START
    known = Known.of(found, PEOPLE)
    assert plan(lines.good, known, by=None, at=at, new_teams=False).unchanged == len(found)
    empty = Known.of([], PEOPLE)
    made = [step.new for step in plan(lines.good, empty, by=None, at=at, new_teams=True).steps]
    assert [_said(a) for a in made] == [_said(a) for a in found]


def _said(account):
    return account.model_dump(exclude={"rev", "since", "changed_at", "changed_by"})


def test_the_columns_are_told_in_the_documentation(request):
    page = (request.config.rootpath / "docs" / "accounts.md").read_text(encoding="utf-8")
    assert all(f"`{column}`" in page for column in COLUMNS)
