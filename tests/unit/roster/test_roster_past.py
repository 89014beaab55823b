"""The sealed record agrees with the table, for any changes and any minute; and tells then from now."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluelamp.errors import BluelampError
from bluelamp.people.model import Person
from bluelamp.roster import past, rules
from bluelamp.roster.model import Posting, Responsible
from bluelamp.roster.past import Answers, Book, key_of, matters, part_of, responsible_then
from bluelamp.roster.wall import minute_of
from bluelamp.times import parse_iso
from tests.support.world import idem
from tests.unit.roster.roster_kit import ADMIN, BY, LOCAL, NORTH, STAFF, WEEK, Duty


def registered(at: str, rev: int = 1, lead: str | None = "ann", deputy: str | None = "bob") -> dict:
    """Return what the record of an account's registration says of who answers for it."""
    told = {"rev": rev, "team": "north", "kind": "neighbourhood", "status": "active", "lead": lead, "deputy": deputy}
    return {"type": "config", "at": at, "account": NORTH, "registration": {k: v for k, v in told.items() if v}}


def sealed(duty: Duty) -> list[dict]:
    duty.seal()
    log = duty.log()
    told = any("registration" in record for record in log)
    return log if told else [registered("2026-11-22T11:00:00.000Z"), *log]


def then(duty: Duty, minute: datetime):
    return responsible_then(sealed(duty), NORTH, minute)


def test_sickness_recorded_late_is_told_apart():
    duty = Duty()
    monday = duty.in_days(1)
    duty.pass_time(days=2)
    duty.put(duty.absence("ann", -1.5, 1, reason="sickness"))
    found = then(duty, monday)
    assert (found.recorded.who, found.known.who) == ("person:ann", "person:bob")
    found = then(duty, duty.in_days(0))
    assert found.recorded == found.known
    assert found.known.why == ("hours_unset", "lead_absent")


def test_what_was_put_in_by_mistake_never_held():
    duty = Duty()
    entry = duty.put(duty.absence("ann", 0, 3)).entry
    monday = duty.in_days(1)
    duty.pass_time(days=2)
    duty.rosters.withdraw(ADMIN, "absence", entry.id, rev=1, idem=idem())
    found = then(duty, monday)
    assert (found.recorded.who, found.known.who) == ("person:bob", "person:ann")


def test_a_change_without_a_time_of_its_own_moves_nothing_of_before():
    duty = Duty()
    before = duty.in_days(0.5)
    duty.pass_time(days=1)
    duty.people.suspend("ann", rev=1, by=BY)
    duty.put(duty.office(hours=WEEK[:1]))
    duty.put(duty.chain("person:eve"))
    records = [*sealed(duty), registered("2026-11-23T13:00:00.000Z", rev=2, lead="cat")]
    for answers in (responsible_then(records, NORTH, before),):
        assert answers.recorded == answers.known
        assert (answers.known.who, answers.known.chain[0].who) == ("person:ann", "team:control")
    assert responsible_then(records, NORTH, datetime(2026, 11, 23, 12, 30, tzinfo=UTC)).known.who == "person:bob"
    assert responsible_then(records, NORTH, datetime(2026, 11, 23, 14, tzinfo=UTC)).known.who == "person:cat"
    assert responsible_then(records, NORTH, datetime(2026, 11, 24, 14, tzinfo=UTC)).known.why == ("office_closed",)


def test_before_anything_was_recorded_the_control_room_answers():
    found = responsible_then([], NORTH, datetime(2026, 1, 1, tzinfo=UTC)).known
    why = ("hours_unset", "account_unknown", "no_chain")
    assert found == Responsible(who="team:control", capacity="control", why=why)


def test_a_record_that_comes_twice_or_belatedly_changes_nothing():
    duty = Duty()
    entry = duty.put(duty.absence("ann", 0, 3)).entry
    duty.put(entry.model_copy(update={"end": duty.in_days(1)}), rev=1)
    records = [one for one in sealed(duty) if one["type"] == "roster"]
    book = Book()
    assert [book.take(one) for one in (*records, *records, {"type": "view"})] == [True, True, False, False, False]
    book.take(registered("2026-11-22T11:00:00.000Z"))
    assert book.answers(NORTH, duty.in_days(2)).known.who == "person:ann"


def test_an_entry_comes_out_of_the_record_as_it_went_in():
    duty = Duty()
    entries = [
        duty.absence("ann"), duty.absence("bob", last=None), duty.cover("ann", "cat"), duty.shift("person:eve"),
        duty.chain("person:eve", "team:press"),
        duty.weekly("person:cat", "force", 0, 40, nation="scotland", duty="control"),
        duty.weekly("person:dan", "team:south", 0, 40, skip=(duty.in_days(3).date(),)),
        duty.office(closed=(duty.in_days(9).date(),)),
    ]  # fmt: skip
    for entry in entries:
        assert key_of(entry).startswith(entry.kind)
        body = part_of(entry).model_dump_json(by_alias=True, exclude_none=True)
        assert "reason" not in body
        duty.put(entry)
    book = Book()
    for record in sealed(duty):
        book.take(record)
    found = book._roster("9", dated_until=None)
    assert {key: one.model_copy(update={"head": None}) for key, one in found.entries.items()} == {
        (one.kind, one.id): one for one in entries
    }
    assert found.postings[NORTH] == Posting(NORTH, "north", "ann", "bob")


def test_the_page_asks_the_sealed_record_for_what_is_over():
    duty = Duty()
    minute = duty.in_days(0)
    duty.pass_time(hours=2)
    duty.put(duty.absence("ann", -0.5, 1, reason="sickness"))
    found = duty.rosters.responsible_for(LOCAL, NORTH, at=minute)
    assert found.sealed
    assert found.waiting > 0  # nothing is sealed yet
    duty.seal()
    found = duty.rosters.responsible_for(LOCAL, NORTH, at=minute)
    assert (found.sealed, found.waiting, found.minute) == (True, 0, "2026-11-22T12:00:00.000Z")
    assert not duty.rosters.responsible_for(LOCAL, NORTH).sealed


def test_what_does_not_matter_is_passed_over_by_its_bytes():
    duty = Duty()
    duty.put(duty.absence("ann"))
    duty.rosters.list_for(ADMIN)
    duty.seal()
    bodies = {leaf_type: b'{"type":"%s"}' % leaf_type.encode() for leaf_type in ("roster", "config", "view", "search")}
    assert [matters(body) for body in bodies.values()] == [True, True, False, False]


class Random:
    """Does what an administrator may do, by lot, and remembers what the table answered at each minute."""

    def __init__(self, seed: int) -> None:
        self.lot = random.Random(seed)  # noqa: S311 -- not for secrets
        self.duty = Duty()
        self.people = [*STAFF]
        self.answered: dict[datetime, Responsible] = {}

    def step(self) -> None:
        duty, lot = self.duty, self.lot
        duty.pass_time(minutes=lot.randint(1, 3000), seconds=lot.randint(0, 59))
        do = lot.choice([self.enter, self.enter, self.enter, self.alter, self.withdraw, self.person])
        with suppress(BluelampError):  # an overlap, a circle: refused, and then it may not be in the record either
            do()
        account = duty.accounts.get(NORTH)
        self.answered[minute_of(duty.clock())] = duty.answering.answer(account).answer

    def enter(self) -> None:
        duty, lot = self.duty, self.lot
        one, two = lot.sample(self.people, 2)
        first, last = sorted(lot.sample(range(-3, 6), 2))
        made = lot.choice(
            [
                lambda: duty.absence(one, first, lot.choice([last, None])),
                lambda: duty.cover(one, two, first, last),
                lambda: duty.shift(f"person:{one}", lot.choice(["force", "team:north"]), first / 4, last / 4),
                lambda: duty.weekly(f"person:{one}", lot.choice(["force", "team:south"]), first, last),
                lambda: duty.chain(f"person:{one}", f"person:{two}", scope=lot.choice(["force", f"account:{NORTH}"])),
            ]
        )
        duty.put(made())

    def entries(self):
        return list(self.duty.rosters._store.since(self.duty.in_days(-30)))

    def alter(self) -> None:
        duty, lot = self.duty, self.lot
        found = [one for one in self.entries() if one.kind in {"absence", "cover", "office"}]
        if not found or lot.random() < 0.3:
            office = next((one for one in found if one.kind == "office"), None)
            hours = tuple(lot.sample(WEEK, lot.randint(0, 5)))
            duty.put(duty.office(hours=hours), rev=office.rev if office else 0)
            return
        one = lot.choice(found)
        if one.kind != "office":
            duty.put(one.model_copy(update={"end": one.begin + timedelta(hours=lot.randint(1, 90))}), rev=one.rev)

    def withdraw(self) -> None:
        if found := self.entries():
            one = self.lot.choice(found)
            self.duty.rosters.withdraw(ADMIN, one.kind, one.id, rev=one.rev, idem=idem())

    def person(self) -> None:
        people = self.duty.people
        one: Person = people.get(self.lot.choice(self.people))
        verb = people.suspend if one.active else people.reinstate
        verb(one.id, rev=one.rev, by=BY)


def disagreements(seed: int) -> list[datetime]:
    """Return the minutes at which the sealed record says anything else than the table said then."""
    world = Random(seed)
    for _ in range(12):
        world.step()
    records = sealed(world.duty)
    found = {minute: responsible_then(records, NORTH, minute) for minute in world.answered}
    last = max(found)
    # What is known now is what the table says now, as long as nothing more is changed.
    late = [last] if found[last].known != world.answered[last] else []
    return late + [minute for minute, answers in found.items() if answers.recorded != world.answered[minute]]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_the_record_agrees_with_the_table_at_any_minute(seed):
    assert disagreements(seed) == []


@pytest.mark.parametrize("broken", ["answers", "fields"])
def test_the_comparison_would_notice_a_reader_that_is_wrong(broken, monkeypatch):
    """A reader that lets later records count, or one that forgets when an entry ends, does not agree."""
    if broken == "answers":
        monkeypatch.setattr(Book, "answers", _twisted)
    else:
        monkeypatch.setattr(past, "_fields", _endless)
    assert any(disagreements(seed) for seed in range(30))


def _twisted(book, account, minute):
    found = rules.responsible(book._roster("9", dated_until=None), account, minute)
    return Answers(found, found)


def _endless(part, name, rev):
    fields = {key: value for key, value in part.items() if key not in {"from", "to"}}
    if "from" in part:
        fields["begin"] = parse_iso(part["from"])
    return fields | {"id": name, "rev": rev, "end": datetime(2099, 1, 1, tzinfo=UTC)}
