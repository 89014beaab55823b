"""Who answers: leave, sickness, night, bank holidays, summer time, circles; and that somebody always does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bluelamp.roster import rules
from bluelamp.roster.errors import WallTimeError
from bluelamp.roster.model import Absence, Cover, Hours, Office, OnCall, Posting, Roster, Shift, Step
from bluelamp.roster.wall import from_wall, instant, on_wall

PAGE = "facebook-1"
WEEK = tuple(Hours(day=day, opens="09:00", closes="17:00") for day in range(5))
OFFICE = Office(id="force", nation="england_wales", hours=WEEK)
CHAIN = OnCall(id="c", scope="force", steps=(Step(who="person:duty", minutes=10), Step(who="team:press", minutes=20)))
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)


def roster(*entries, lead="ann", deputy="bob", gone=()):
    return Roster(
        {(one.kind, one.id): one for one in entries},
        {PAGE: Posting(PAGE, "north", lead, deputy)},
        frozenset(gone),
    )


def away(who, begin=MONDAY, end=None, name=None):
    return Absence(id=name or f"a-{who}", who=f"person:{who}", begin=begin - timedelta(days=1), end=end)


def cover(who, by):
    return Cover(id=f"{who}-{by}", who=f"person:{who}", by=f"person:{by}", begin=MONDAY - timedelta(days=1))


def shift(who, scope="force", begin=MONDAY, hours=8):
    return Shift(id=f"{who[-3:]}-{scope[:4]}", who=who, scope=scope, begin=begin, end=begin + timedelta(hours=hours))


def said(found, at=MONDAY):
    answer = rules.responsible(found, PAGE, at)
    return answer.who, answer.capacity, answer.why


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (roster(OFFICE), ("person:ann", "lead", ())),
        (roster(), ("person:ann", "lead", ("hours_unset",))),
        (roster(OFFICE, away("ann")), ("person:bob", "deputy", ("lead_absent",))),
        (roster(OFFICE, away("ann", end=MONDAY)), ("person:ann", "lead", ())),
        (roster(OFFICE, gone=["ann"]), ("person:bob", "deputy", ("lead_left",))),
        (roster(OFFICE, lead=None), ("person:bob", "deputy", ("no_lead",))),
        (
            roster(OFFICE, away("ann"), away("bob"), cover("bob", "cat")),
            ("person:cat", "cover", ("lead_absent", "deputy_absent")),
        ),
        (
            roster(OFFICE, away("ann"), away("bob"), away("cat"), cover("bob", "cat"), cover("cat", "dan")),
            ("person:dan", "cover", ("lead_absent", "deputy_absent", "cover_absent")),
        ),
        (
            roster(OFFICE, away("ann"), cover("ann", "cat"), deputy=None),
            ("person:cat", "cover", ("lead_absent", "no_deputy")),
        ),
        (
            roster(OFFICE, CHAIN, away("ann"), gone=["bob"]),
            ("person:duty", "on_call", ("lead_absent", "deputy_left", "no_cover")),
        ),
        (
            roster(OFFICE, CHAIN, away("ann"), away("bob"), away("duty")),
            ("team:press", "on_call", ("lead_absent", "deputy_absent", "no_cover")),
        ),
        (
            roster(OFFICE, away("ann"), away("bob"), cover("bob", "ann")),
            ("team:control", "control", ("lead_absent", "deputy_absent", "cover_circular", "no_cover", "no_chain")),
        ),
        (roster(OFFICE, shift("person:eve")), ("person:eve", "cover", ("on_shift",))),
        (roster(OFFICE, shift("person:bob")), ("person:bob", "deputy", ("on_shift",))),
        (roster(OFFICE, shift("person:eve"), away("eve")), ("person:ann", "lead", ("shift_absent",))),
        (
            roster(OFFICE, shift("person:eve"), shift("team:web", f"account:{PAGE}")),
            ("team:web", "cover", ("on_shift",)),
        ),
        (Roster({("office", "force"): OFFICE}), ("team:control", "control", ("account_unknown", "no_chain"))),
    ],
)
def test_who_answers_while_the_office_is_open(found, wanted):
    assert said(found) == wanted


def test_the_control_room_answers_when_the_office_is_closed():
    assert said(roster(OFFICE), NIGHT) == ("team:control", "control", ("office_closed",))
    assert said(roster(OFFICE, shift("person:eve", begin=NIGHT)), NIGHT)[0] == "person:eve"
    at_christmas = datetime(2026, 12, 25, 12, tzinfo=UTC)
    assert said(roster(OFFICE), at_christmas) == ("team:control", "control", ("bank_holiday",))
    easter_monday = datetime(2026, 4, 6, 12, tzinfo=UTC)
    scottish = OFFICE.model_copy(update={"nation": "scotland", "control": "team:radio"})
    assert said(roster(OFFICE), easter_monday)[2] == ("bank_holiday",)
    assert said(roster(scottish), easter_monday) == ("person:ann", "lead", ())
    own = OFFICE.model_copy(update={"closed": (date(2026, 11, 23),)})
    assert said(roster(own)) == ("team:control", "control", ("bank_holiday",))


def test_the_office_keeps_the_time_on_the_wall():
    # The clock went back on 25 October 2026: 09:00 was 08:00 UTC on the Friday and 09:00 UTC on the Monday after.
    eight = datetime(2026, 10, 23, 8, tzinfo=UTC)
    assert said(roster(OFFICE), eight)[1] == "lead"
    assert said(roster(OFFICE), eight + timedelta(days=3))[1] == "control"
    assert said(roster(OFFICE), eight + timedelta(days=3, hours=1))[1] == "lead"


def test_the_chain_goes_on_behind_whoever_answers_and_ends_in_the_control_room():
    found = rules.responsible(roster(OFFICE, CHAIN), PAGE, MONDAY)
    assert [step.who for step in found.chain] == ["person:duty", "team:press", "team:control"]
    found = rules.responsible(roster(OFFICE, CHAIN, away("ann"), away("bob"), away("duty")), PAGE, MONDAY)
    assert [step.who for step in found.chain] == ["team:control"]
    assert rules.responsible(roster(OFFICE), PAGE, NIGHT).chain == ()


def test_the_nearest_chain_is_asked():
    near = OnCall(id="n", scope="team:north", steps=(Step(who="person:near", minutes=5),))
    assert said(roster(OFFICE, CHAIN, near, away("ann"), away("bob")))[0] == "person:near"


def test_who_may_come_to_answer():
    found = roster(OFFICE, CHAIN, cover("bob", "cat"), cover("cat", "dan"), cover("x", "y"), shift("person:eve"))
    assert rules.people_of(found, PAGE) == {"ann", "bob", "cat", "dan", "duty", "eve"}


def test_a_circle_is_found_only_where_its_parts_meet():
    chain = [cover("a", "b"), cover("b", "c")]
    assert rules.circle(chain, cover("c", "a")) == ("person:c", "person:a", "person:b")
    assert rules.circle(chain, cover("c", "d")) == ()
    over = Cover(
        id="l", who="person:c", by="person:a", begin=MONDAY - timedelta(days=9), end=MONDAY - timedelta(days=2)
    )
    assert rules.circle(chain, over) == ()


def test_what_clashes():
    assert rules.clash([away("ann")], away("ann", name="b"))
    assert not rules.clash([away("ann")], away("ann"))
    assert not rules.clash([away("ann")], away("bob"))
    assert rules.clash([away("ann")], shift("person:ann"))
    assert not rules.clash([shift("person:ann")], away("ann"))
    assert rules.clash([shift("person:eve")], shift("person:bob"))
    assert not rules.clash([shift("person:eve")], shift("person:bob", "team:north"))
    assert rules.clash([cover("ann", "x")], cover("ann", "y"))
    assert rules.clash([CHAIN], CHAIN.model_copy(update={"id": "d"}))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Hours(day=1, opens="17:00", closes="09:00"),
        lambda: Office(id="force", nation="scotland", hours=(WEEK[0], WEEK[0])),
        lambda: away("ann", end=MONDAY - timedelta(days=2)),
        lambda: Absence(id="a", who="person:ann", begin=MONDAY.replace(second=1)),
        lambda: Absence(id="a", who="Ann Other", begin=MONDAY),
        lambda: cover("ann", "ann"),
        lambda: OnCall(id="c", scope="force", steps=(CHAIN.steps[0], CHAIN.steps[0])),
    ],
)
def test_entries_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        wrong()


def test_times_that_the_clock_leaves_out_or_has_twice_are_refused_with_a_way_out():
    with pytest.raises(WallTimeError, match=r"no 01:30 on 29 March 2026.*2026-03-29T01:30Z if you mean 02:30"):
        instant("2026-03-29T01:30")
    with pytest.raises(WallTimeError, match=r"twice.*2026-10-25T00:30Z for the first, or 2026-10-25T01:30Z"):
        instant("2026-10-25T01:30")
    assert instant("2026-10-25T01:30+01:00") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant("2026-07-01T10:00") == datetime(2026, 7, 1, 9, tzinfo=UTC)
    for wrong in ("tomorrow", "2026-07-01T10:00:30", "1066-10-14T09:00", "2026-07-01T25:00"):
        with pytest.raises(WallTimeError):
            instant(wrong)


def test_a_night_shift_over_the_change_is_an_hour_shorter_or_longer():
    def hours(begin, end):
        return (instant(end) - instant(begin)) / timedelta(hours=1)

    assert hours("2026-03-28T22:00", "2026-03-29T06:00") == 7
    assert hours("2026-10-24T22:00", "2026-10-25T06:00") == 9
    assert hours("2026-11-24T22:00", "2026-11-25T06:00") == 8


FIRST, LAST = datetime(2000, 1, 1), datetime(2199, 12, 31)  # noqa: DTZ001 -- on the wall


@given(st.datetimes(FIRST, LAST))
def test_a_time_on_the_wall_is_one_instant_or_is_refused(wall):
    wall = wall.replace(second=0, microsecond=0)
    there = [moment for n in range(3) if on_wall(moment := wall.replace(tzinfo=UTC) - timedelta(hours=n - 1)) == wall]
    try:
        assert there == [from_wall(wall)]
    except WallTimeError:
        assert len(there) != 1


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)), st.integers(1, 30))
def test_a_shift_holds_for_as_long_as_it_lasts_whatever_the_clock_does(begin, hours):
    begin = begin.replace(second=0, microsecond=0)
    one = shift("person:eve", begin=begin, hours=hours)
    first, last = begin, begin + timedelta(hours=hours, minutes=-1)
    minutes = [first - timedelta(minutes=1), first, first + (last - first) // 2, last, last + timedelta(minutes=1)]
    held = [rules.responsible(roster(one), PAGE, minute).who == "person:eve" for minute in minutes]
    assert held == [False, True, True, True, False]


WHO = st.sampled_from(["ann", "bob", "cat", "dan", "duty"])


@pytest.mark.slow
@given(
    st.sets(WHO), st.sets(WHO), st.lists(st.tuples(WHO, WHO).filter(lambda p: p[0] != p[1]), max_size=8),
    st.booleans(), st.sampled_from([MONDAY, NIGHT]),
)  # fmt: skip
def test_somebody_who_is_there_always_answers(absent, gone, pairs, chained, at):
    entries = [OFFICE, *(away(who) for who in absent), *(cover(*pair) for pair in pairs), *([CHAIN] if chained else [])]
    found = rules.responsible(roster(*entries, gone=gone), PAGE, at)
    assert found.who.startswith("team:") or rules.id_of(found.who) not in absent | gone
    assert all(rules.id_of(step.who) not in absent | gone for step in found.chain)
    assert "team:control" in {found.who, *(step.who for step in found.chain)}
    if at == NIGHT:
        assert found.capacity == "control"
