"""Putting in, changing and withdrawing: each with its record, and two people at once lose nothing."""

import json

import pytest

from bluelamp.audit.leaf import Content
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.people.model import Access
from bluelamp.people.rules import NotPermittedError
from bluelamp.roster.errors import CircularCoverError, OverlapError
from bluelamp.roster.store import PARTITION
from tests.support.world import idem, principal
from tests.unit.roster.roster_kit import ADMIN, BY, LOCAL, NORTH, NORTHERN, SOUTH, Duty


@pytest.fixture
def duty():
    return Duty()


def stored(duty):
    return {key: item for key, item in duty.table.items.items() if key[0] == PARTITION}


def roster_records(duty):
    duty.seal()
    return [record for record in duty.log() if record["type"] == "roster"]


def test_the_deputy_takes_over_while_the_lead_is_away_and_only_then(duty):
    absence = duty.put(duty.absence("ann", 1, 3)).entry
    assert [duty.who(at=duty.in_days(n)) for n in (0, 1, 2.9, 3)] == [
        "person:ann",
        "person:bob",
        "person:bob",
        "person:ann",
    ]
    early = absence.model_copy(update={"end": duty.in_days(2)})
    changed = duty.put(early, rev=1).entry
    assert changed.rev == 2
    assert duty.who(at=duty.in_days(2.5)) == "person:ann"
    duty.rosters.withdraw(ADMIN, "absence", changed.id, rev=2, idem=idem())
    assert duty.who(at=duty.in_days(1)) == "person:ann"
    assert stored(duty) == {}


def test_who_left_counts_as_away(duty):
    duty.people.suspend("ann", rev=1, by=BY)
    assert duty.who() == "person:bob"
    duty.people.leave("bob", rev=1, by=BY)
    assert duty.who() == "team:control"
    duty.put(duty.chain("person:bob", "person:eve"))
    assert duty.who() == "person:eve"


def test_each_change_has_its_record_with_ids_alone(duty):
    absence = duty.put(duty.absence("ann", 1, 3, reason="sickness")).entry
    duty.put(absence.model_copy(update={"end": None}), rev=1)
    duty.put(duty.office())
    duty.put(duty.chain("person:eve", "team:press", scope="team:north"))
    duty.rosters.withdraw(ADMIN, "absence", absence.id, rev=2, idem=idem())
    found = roster_records(duty)
    assert [(one["roster"]["kind"], one["obj"]["rev"], one["roster"].get("withdrawn")) for one in found] == [
        ("absence", 1, None), ("absence", 2, None), ("office", 1, None), ("chain", 1, None), ("absence", 3, True),
    ]  # fmt: skip
    first, second, *_, last = found
    assert first["roster"] == {"kind": "absence", "who": "person:ann", "from": "2026-11-23T12:00:00.000Z",
                               "to": "2026-11-25T12:00:00.000Z"}  # fmt: skip
    assert "prev" not in first["obj"]
    assert second["obj"]["key"] == last["obj"]["key"] == f"absence/{absence.id}"
    assert second["obj"]["prev"] == absence.head
    text = json.dumps(found)
    assert "sick" not in text
    assert "Ann" not in text


def test_two_who_change_one_entry_at_once(duty):
    absence = duty.put(duty.absence("ann")).entry
    duty.put(absence.model_copy(update={"end": duty.in_days(5)}), rev=1)
    with pytest.raises(ConflictError) as refused:
        duty.put(absence.model_copy(update={"end": duty.in_days(1)}), rev=1)
    assert refused.value.rev == 2
    with pytest.raises(ConflictError):
        duty.rosters.withdraw(ADMIN, "absence", absence.id, rev=1, idem=idem())
    (item,) = stored(duty).values()
    assert item["end"].startswith("2026-11-27")
    assert len(roster_records(duty)) == 2


def test_two_who_put_in_what_contradicts_at_the_very_same_moment(duty, monkeypatch):
    present = duty.rosters._present
    rivals = [duty.cover("bob", "ann")]

    def meanwhile():
        found = present()
        if rivals:
            duty.put(rivals.pop())
        return found

    monkeypatch.setattr(duty.rosters, "_present", meanwhile)
    with pytest.raises(CircularCoverError, match="person:ann, person:bob, person:ann"):
        duty.put(duty.cover("ann", "bob"))
    assert [item["who"] for item in stored(duty).values()] == ["person:bob"]
    assert len(roster_records(duty)) == 1


def test_a_rival_who_contradicts_nothing_holds_nobody_up(duty, monkeypatch):
    present = duty.rosters._present
    rivals = [duty.absence("eve")]

    def meanwhile():
        found = present()
        if rivals:
            duty.put(rivals.pop())
        return found

    monkeypatch.setattr(duty.rosters, "_present", meanwhile)
    duty.put(duty.absence("ann"))
    assert {item["who"] for item in stored(duty).values()} == {"person:eve", "person:ann"}


def test_what_contradicts_is_refused_and_nothing_is_written(duty):
    duty.put(duty.absence("ann"))
    before = dict(duty.table.items)
    for wrong in (duty.absence("ann", 2, 8), duty.shift("person:ann")):
        with pytest.raises(OverlapError, match="Change or withdraw that one first"):
            duty.put(wrong)
    with pytest.raises(InvalidInputError, match="nobody: there is no such person"):
        duty.put(duty.absence("nobody"))
    with pytest.raises(InvalidInputError, match="facebook-9"):
        duty.put(duty.shift("team:web", "account:facebook-9"))
    with pytest.raises(NotFoundError):
        duty.put(duty.absence("eve"), rev=3)
    with pytest.raises(NotFoundError):
        duty.rosters.withdraw(ADMIN, "absence", "gone", rev=1, idem=idem())
    assert duty.table.items == before
    duty.put(duty.absence("ann", 3, 8))


def test_office_hours_are_changed_and_not_withdrawn(duty):
    duty.put(duty.office())
    assert duty.who() == "team:control"  # a Sunday
    with pytest.raises(InvalidInputError, match="not withdrawn"):
        duty.rosters.withdraw(ADMIN, "office", "force", rev=1, idem=idem())
    with pytest.raises(ConflictError):
        duty.put(duty.office(nation="scotland"))
    duty.put(duty.office(hours=()), rev=1)
    assert duty.who() == "person:ann"


def test_the_same_request_twice_is_one_change(duty):
    key, absence = idem(), duty.absence("ann")
    duty.rosters.put(ADMIN, absence, rev=0, idem=key)
    again = duty.absence("eve")
    with pytest.raises(ConflictError):  # the API answers a twin from what the first was answered
        duty.rosters.put(ADMIN, again, rev=0, idem=key)
    assert [item["who"] for item in stored(duty).values()] == ["person:ann"]


def test_a_supervisor_changes_what_is_of_their_teams(duty):
    duty.put(duty.absence("ann"), by=NORTHERN)
    duty.put(duty.shift("team:web", f"account:{NORTH}"), by=NORTHERN)
    duty.put(duty.chain("person:eve", scope="team:north"), by=NORTHERN)
    for foreign in (duty.absence("eve"), duty.shift("team:web", f"account:{SOUTH}"), duty.cover("ann", "eve")):
        with pytest.raises(NotFoundError):
            duty.put(foreign, by=NORTHERN)
    for whole in (duty.office(), duty.chain("person:ann")):
        with pytest.raises(NotPermittedError):
            duty.put(whole, by=NORTHERN)
    southern = duty.put(duty.absence("eve")).entry
    with pytest.raises(NotFoundError):
        duty.rosters.withdraw(NORTHERN, "absence", southern.id, rev=1, idem=idem())
    assert {one.kind for one in duty.rosters.list_for(NORTHERN).entries} == {"absence", "shift", "chain"}
    assert len(duty.rosters.list_for(ADMIN).entries) == 4


def test_a_supervisor_lets_nobody_in_to_accounts_of_other_teams_by_cover(duty):
    # Ann and Bob lead and deputise a southern account, too: whoever stands in for them would reach it.
    for who in ("ann", "bob"):
        duty.table.transact([duty.people.changed(duty.people.get(who), answers_for=(NORTH, SOUTH))])
    for who, by in (("ann", "cat"), ("bob", "cat")):
        with pytest.raises(NotPermittedError):
            duty.put(duty.cover(who, by), by=NORTHERN)
    # Cat leads nothing, but is to stand in for Ann: whoever stands in for Cat reaches Ann's accounts by way of that.
    duty.put(duty.cover("cat", "bob", first=40, last=50), by=NORTHERN)
    duty.put(duty.cover("ann", "cat", first=20, last=30))
    with pytest.raises(NotPermittedError):
        duty.put(duty.cover("cat", "bob", last=5), by=NORTHERN)
    both = principal("supervisor", teams=("north", "south"))
    assert duty.put(duty.cover("cat", "bob", last=5), by=both).entry.rev == 1


def test_what_somebody_was_given_to_read_gives_no_say_in_its_roster(duty):
    given = Access(id="1", account=SOUTH, gives="reading", begins_at=duty.in_days(-1), ends_at=duty.in_days(1))
    guest = NORTHERN.model_copy(update={"access": (given,), "at": duty.clock()})
    with pytest.raises(NotFoundError):
        duty.put(duty.shift("person:ann", f"account:{SOUTH}"), by=guest)


@pytest.mark.parametrize("role", ["local", "control", "auditor"])
def test_others_change_nothing(duty, role):
    who = principal(role, teams=("north",))
    with pytest.raises(NotPermittedError):
        duty.put(duty.absence("ann"), by=who)
    with pytest.raises(NotPermittedError):
        duty.rosters.list_for(who)
    assert stored(duty) == {}


def test_a_local_team_asks_for_its_own_accounts(duty):
    found = duty.rosters.responsible_for(LOCAL, NORTH)
    assert (found.answer.who, found.answer.capacity) == ("person:ann", "lead")
    assert [one.name for one in found.people] == ["Ann"]
    with pytest.raises(NotFoundError):
        duty.rosters.responsible_for(LOCAL, SOUTH)


def test_a_hand_over_note_is_kept_and_its_words_are_in_no_record(duty):
    note = duty.rosters.hand_over(LOCAL, NORTH, text="  Watch the bridge thread. ", idem=idem())
    assert duty.rosters.notes(LOCAL, NORTH).notes == (note,)
    assert note.text == "Watch the bridge thread."
    (record,) = roster_records(duty)
    assert record["roster"] == {"kind": "note"}
    assert "bridge" not in json.dumps(record)

    assert duty.vault.open(NORTH, Content.model_validate(record["content"])) == note.text.encode()
    with pytest.raises(InvalidInputError):
        duty.rosters.hand_over(LOCAL, NORTH, text="  ", idem=idem())
    with pytest.raises(NotFoundError):
        duty.rosters.hand_over(LOCAL, SOUTH, text="x", idem=idem())


def test_years_of_leave_that_is_over_are_not_read(duty):
    for _ in range(5):
        duty.put(duty.absence("ann", 0, 1))
        duty.pass_time(days=2)
    assert duty.rosters.list_for(ADMIN).entries == ()
    assert len(stored(duty)) == 5
    # What has ended can still be put right.
    one = min(stored(duty).values(), key=lambda item: item["begin"])
    with pytest.raises(OverlapError):
        duty.put(duty.absence("ann", -10, -9.5))
    duty.rosters.withdraw(ADMIN, "absence", one["id"], rev=1, idem=idem())
    duty.put(duty.absence("ann", -10, -9.5))
