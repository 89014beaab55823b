from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.cloud.memory import Faults, MemoryTable
from bluelamp.errors import ConflictError, NotFoundError, NotSignedInError
from bluelamp.people.service import People
from bluelamp.people.sessions import EXTEND_AFTER, IDLE, LAST_TOKEN, LONGEST, Sessions
from bluelamp.people.store import PeopleStore, RefusalCounts
from bluelamp.people.tokens import Claims

BY = Actor.system("test")


class Desk:
    def __init__(self):
        self.now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
        self.calls = []
        faults = Faults()
        faults.before = self.calls.append
        self.table = MemoryTable(faults)
        self.woken = 0
        store = PeopleStore(self.table)
        self.people = People(store, lambda: self.now)
        self.sessions = Sessions(store, wake=self.wake, clock=lambda: self.now)
        self.person = self.people.add_person(
            person_id="p-1", name="Pat Young", email="p@example.org", role="local", teams=["north"], by=BY
        )

    def wake(self):
        self.woken += 1

    def after(self, **time):
        self.now += timedelta(**time)
        self.calls.clear()

    def leaves(self):
        return sum(k[0].startswith("OUTBOX#") for k in self.table.items)


@pytest.fixture
def desk():
    return Desk()


def test_a_session_opens_and_loads(desk):
    before = desk.leaves()
    cookie, principal = desk.sessions.create(desk.person)
    assert desk.leaves() == before + 1
    assert desk.woken == 1
    desk.calls.clear()
    assert desk.sessions.load(cookie) == principal
    assert desk.calls == ["batch_get"]
    assert (principal.id, principal.role, principal.teams, principal.all_accounts) == ("p-1", "local", {"north"}, False)
    assert principal.account_ids == frozenset()
    assert cookie.split(".")[1] not in str(desk.table.items)


def test_two_sessions_differ(desk):
    first, second = desk.sessions.create(desk.person), desk.sessions.create(desk.person)
    assert first[0] != second[0]
    desk.sessions.end(first[1])
    with pytest.raises(NotSignedInError):
        desk.sessions.load(first[0])
    assert desk.sessions.load(second[0]).id == "p-1"


def test_use_moves_the_end_at_most_every_five_minutes(desk):
    cookie, _ = desk.sessions.create(desk.person)
    desk.after(minutes=4, seconds=59)
    desk.sessions.load(cookie)
    assert desk.calls == ["batch_get"]
    desk.after(seconds=1)
    assert desk.sessions.load(cookie).expires_at == desk.now + IDLE
    assert desk.calls == ["batch_get", "write"]
    (item,) = [i for k, i in desk.table.items.items() if k[1].startswith("SESSION#")]
    assert item["ttl"] == int((desk.now + IDLE).timestamp())
    assert EXTEND_AFTER < IDLE


def test_unused_it_ends_after_an_hour(desk):
    cookie, _ = desk.sessions.create(desk.person)
    desk.now += IDLE - timedelta(milliseconds=1)
    desk.sessions.load(cookie)
    desk.now += IDLE
    with pytest.raises(NotSignedInError):
        desk.sessions.load(cookie)


def test_used_it_ends_after_twelve_hours(desk):
    cookie, _ = desk.sessions.create(desk.person)
    start = desk.now
    while desk.now + timedelta(minutes=30) < start + LONGEST:
        desk.now += timedelta(minutes=30)
        assert desk.sessions.load(cookie).expires_at <= start + LONGEST
    desk.now = start + LONGEST
    with pytest.raises(NotSignedInError):
        desk.sessions.load(cookie)


@pytest.mark.parametrize("cookie", ["", ".", "p-1", "p-1.", "p-1.short", "p-1." + "A" * 43, "x" * 65 + "." + "A" * 43])
def test_cookies_that_are_none(desk, cookie):
    with pytest.raises(NotSignedInError):
        desk.sessions.load(cookie)


def test_suspension_counts_at_once_and_for_good(desk):
    cookie, _ = desk.sessions.create(desk.person)
    desk.now += timedelta(seconds=5)
    desk.people.suspend("p-1", rev=2, by=BY)
    with pytest.raises(NotSignedInError):
        desk.sessions.load(cookie)
    desk.people.reinstate("p-1", rev=3, by=BY)
    with pytest.raises(NotSignedInError):
        desk.sessions.load(cookie)
    desk.now += timedelta(seconds=1)
    fresh, _ = desk.sessions.create(desk.people.get("p-1"))
    assert desk.sessions.load(fresh).id == "p-1"


def test_suspended_while_signing_in(desk):
    desk.people.suspend("p-1", rev=1, by=BY)
    with pytest.raises(NotSignedInError):
        desk.sessions.create(desk.person)
    assert not [k for k in desk.table.items if k[1].startswith("SESSION#")]


def test_ended_while_being_extended(desk):
    cookie, principal = desk.sessions.create(desk.person)
    desk.now += EXTEND_AFTER
    desk.table.faults.before = lambda name: (
        name == "write" and desk.table.items.pop(("PERSON#p-1", f"SESSION#{principal.session_id}"), None)
    )
    with pytest.raises(NotSignedInError):
        desk.sessions.load(cookie)
    assert not [k for k in desk.table.items if k[1].startswith("SESSION#")]


def claims(desk, signed_in_at=None, sub="p-1"):
    return Claims(
        sub=sub,
        sign_in="o-1",
        signed_in_at=signed_in_at or desk.now,
        expires_at=desk.now + timedelta(hours=1),
        email="",
    )


def test_a_token_stands_for_a_person(desk):
    principal = desk.sessions.of_token(claims(desk))
    assert (principal.id, principal.session_id, principal.expires_at) == ("p-1", "o-1", desk.now + timedelta(hours=1))
    with pytest.raises(NotSignedInError):
        desk.sessions.of_token(claims(desk, sub="nobody"))


def test_a_token_from_before_the_sign_out_is_refused(desk):
    old = claims(desk)
    desk.now += timedelta(minutes=1)
    desk.people.suspend("p-1", rev=1, by=BY)
    with pytest.raises(NotSignedInError):
        desk.sessions.of_token(claims(desk, desk.now + timedelta(minutes=1)))
    desk.people.reinstate("p-1", rev=2, by=BY)
    with pytest.raises(NotSignedInError):
        desk.sessions.of_token(old)
    assert desk.sessions.of_token(claims(desk, desk.now + timedelta(minutes=1))).id == "p-1"


def test_adding_twice_changes_nothing(desk):
    leaves = desk.leaves()
    again = desk.people.add_person(person_id="p-1", name="Another", email="", role="admin", by=BY)
    assert again == desk.person
    assert desk.leaves() == leaves


def test_people_by_name(desk):
    for person_id, name in (("p-2", "alex Zed"), ("p-3", "Zoe Able")):
        desk.people.add_person(person_id=person_id, name=name, email="", role="comms", by=BY)
    assert [p.name for p in desk.people.everybody()] == ["alex Zed", "Pat Young", "Zoe Able"]


def test_changes_are_recorded_and_one_at_a_time(desk):
    leaves = desk.leaves()
    changed = desk.people.change_person("p-1", rev=1, by=BY, role="comms", teams=["south"])
    assert (changed.rev, changed.role, changed.teams) == (2, "comms", ("south",))
    assert desk.people.get("p-1") == changed
    assert desk.leaves() == leaves + 1
    with pytest.raises(ConflictError):
        desk.people.change_person("p-1", rev=1, by=BY, role="admin")
    assert desk.people.leave("p-1", rev=2, by=BY).status == "left"
    with pytest.raises(NotFoundError):
        desk.people.get("p-9")


def test_a_change_that_another_overtakes(desk):
    desk.table.faults.before = lambda name: (
        name == "transact" and desk.table.items["PERSON#p-1", "PERSON"].update(rev=9)
    )
    with pytest.raises(ConflictError):
        desk.people.change_person("p-1", rev=1, by=BY, name="X")


def test_refusals_are_counted_by_the_minute(desk):
    counts = RefusalCounts(desk.table, lambda: desk.now)
    for _ in range(3):
        counts.add("api.no_credential")
    desk.now += timedelta(minutes=1)
    counts.add("api.no_credential")
    found = {k[0]: i["n"] for k, i in desk.table.items.items() if k[0].startswith("COUNT#")}
    assert found == {"COUNT#2026-11-22T08:00:00.000Z": 3, "COUNT#2026-11-22T08:01:00.000Z": 1}


def test_an_open_line_lives_as_long_as_the_sign_in(desk):
    cookie, principal = desk.sessions.create(desk.person)
    assert desk.sessions.still(principal) == desk.sessions.load(cookie)
    desk.sessions.end(principal)
    assert desk.sessions.still(principal) is None
    _, principal = desk.sessions.create(desk.person)
    desk.after(hours=2)
    assert desk.sessions.still(principal) is None
    _, principal = desk.sessions.create(desk.person)
    desk.people.suspend("p-1", rev=desk.people.get("p-1").rev, by=BY)
    assert desk.sessions.still(principal) is None


def test_an_open_line_by_token_lives_as_long_as_the_token(desk):
    principal = desk.sessions.of_token(claims(desk))
    assert desk.sessions.still(principal) == principal
    desk.after(days=2)
    assert desk.sessions.still(principal) is None


def test_a_sign_in_by_token_leaves_one_login_however_many_tokens_and_processes(desk):
    before = desk.leaves()
    for _ in range(3):
        desk.sessions.of_token(claims(desk))
    other_process = Sessions(PeopleStore(desk.table), wake=desk.wake, clock=lambda: desk.now)
    other_process.of_token(claims(desk))
    assert desk.leaves() == before + 1


def test_signing_out_by_token_ends_every_token_of_that_sign_in(desk):
    principal = desk.sessions.of_token(claims(desk))
    before = desk.leaves()
    desk.sessions.end(principal)
    desk.sessions.end(principal)
    assert desk.leaves() == before + 1
    other_process = Sessions(PeopleStore(desk.table), wake=desk.wake, clock=lambda: desk.now)
    for sessions in (desk.sessions, other_process):
        with pytest.raises(NotSignedInError):
            sessions.of_token(claims(desk))
        assert sessions.still(principal) is None
    another = claims(desk).sign_in.replace("1", "2")
    assert desk.sessions.of_token(replace(claims(desk), sign_in=another)).session_id == another


def test_a_sign_in_that_ended_is_remembered_as_long_as_its_tokens_live(desk):
    signed_in = desk.now
    principal = desk.sessions.of_token(claims(desk))
    (mark,) = (i for k, i in desk.table.items.items() if k[1].startswith("TOKEN#"))
    assert mark["ttl"] >= (signed_in + LAST_TOKEN).timestamp()
    desk.sessions.end(principal)
    (ended,) = (i for k, i in desk.table.items.items() if k[1].startswith("TOKEN#"))
    assert ended["ttl"] == mark["ttl"]


def test_a_line_opened_by_a_token_ends_when_its_owner_is_signed_out_everywhere(desk):
    principal = desk.sessions.of_token(claims(desk))
    desk.after(minutes=1)
    desk.people.sign_out("p-1", rev=desk.people.get("p-1").rev, by=BY)
    assert desk.sessions.still(principal) is None
    desk.after(minutes=1)
    anew = desk.sessions.of_token(replace(claims(desk, desk.now), sign_in="o-2"))
    assert desk.sessions.still(anew) == anew
