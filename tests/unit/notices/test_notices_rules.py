"""Who is meant, over what and when: quiet hours by the clock on the wall, over midnight and when the clocks change."""

from __future__ import annotations

import typing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bluelamp.notices import rules, wording
from bluelamp.notices.model import Delivery, Notice, NoticeKind, Preferences, Quiet, Wishes
from bluelamp.people.model import Person

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
WALLS = st.times().map(lambda one: f"{one:%H:%M}")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def person(who, **fields):
    return Person(
        **{"id": who, "name": "N", "email": f"{who}@x.example", "role": "local", "teams": ("north",)} | fields
    )


def notice(to, *, urgent=False):
    return Notice(id="01J", kind="flagged", to=to, urgent=urgent, at=AT)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (datetime(2026, 11, 22, 20, 59, tzinfo=UTC), datetime(2026, 11, 22, 20, 59, tzinfo=UTC)),
        (datetime(2026, 11, 22, 21, 0, tzinfo=UTC), datetime(2026, 11, 23, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 6, 59, tzinfo=UTC), datetime(2026, 11, 23, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 23, 7, 0, tzinfo=UTC), datetime(2026, 11, 23, 7, 0, tzinfo=UTC)),
        # Summer: nine at night in London is eight in UTC. The nights on which the clocks change end at seven, too.
        (datetime(2026, 7, 1, 20, 0, tzinfo=UTC), datetime(2026, 7, 2, 6, 0, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 21, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_usual_night(moment, until):
    assert rules.quiet_until(moment, Quiet(begin="21:00", end="07:00")) == until


@given(MOMENTS, WALLS, WALLS)
def test_quiet_ends_within_a_day_and_at_its_end(moment, begin, end):
    until = rules.quiet_until(moment, Quiet(begin=begin, end=end))
    assert moment <= until <= moment + timedelta(hours=25)
    if until != moment:
        # In the hour that the clocks leave out there is no such time: quiet ends with the gap.
        local = until.astimezone(rules.LONDON)
        assert f"{local:%H:%M}" == end or (local.month, local.hour) == (3, 2)


def test_no_quiet_is_no_wait():
    assert rules.quiet_until(AT, None) == AT
    assert rules.quiet_until(AT, Quiet(begin="12:00", end="12:00")) == AT


def test_people_are_found_by_id_team_and_role_once_and_only_while_active():
    everybody = [
        person("bob"), person("ann", role="comms", teams=()), person("cat", status="suspended"),
        person("dan", teams=("south",)),
    ]  # fmt: skip
    found = rules.persons(notice(["person:bob", "team:north", "role:comms", "person:nobody"]), everybody)
    assert [one.id for one in found] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("wishes", "on", "expected"),
    [
        (Preferences(), {"mail", "sms"}, ("mail",)),
        (Preferences(urgent=("mail", "sms"), phone="+447700900123"), {"mail", "sms"}, ("mail", "sms")),
        (Preferences(urgent=("sms",)), {"mail", "sms"}, ("mail",)),
        (Preferences(urgent=("sms",), phone="+447700900123"), {"mail", "sms"}, ("sms",)),
        (Preferences(), {"outbox"}, ("outbox",)),
        (Preferences(), set(), ()),
    ],
)
def test_channels(wishes, on, expected):
    assert rules.channels(person("ann"), wishes, urgent=True, on=on) == expected


def test_who_wants_nothing_ordinary_by_another_way_gets_mail():
    assert rules.channels(person("ann"), Preferences(ordinary=()), urgent=False, on={"mail"}) == ("mail",)


def test_urgent_is_due_at_once_and_the_rest_after_the_night():
    wishes = Preferences(quiet=Quiet(begin="12:00", end="14:00"))
    assert rules.due(notice(["person:a"], urgent=True), "mail", wishes) == AT
    assert rules.due(notice(["person:a"]), "mail", wishes) == AT + timedelta(hours=2)
    assert rules.due(notice(["person:a"]), "teams", wishes) == AT + timedelta(minutes=10)


def test_attempts_become_rare_and_end():
    waits = [rules.again(AT, n) for n in range(1, rules.MOST_ATTEMPTS + 1)]
    assert waits[:3] == [AT + timedelta(minutes=n) for n in (1, 2, 4)]
    assert (waits[-2], waits[-1]) == (AT + timedelta(hours=1), None)


@pytest.mark.parametrize("fields", [{"urgent": []}, {"phone": "07700 900123"}, {"quiet": {"begin": "9", "end": "7"}}])
def test_wishes_that_are_none(fields):
    with pytest.raises(ValidationError) as caught:
        Wishes.model_validate(fields)
    assert "900123" not in str(caught.value)


@pytest.mark.parametrize("kind", typing.get_args(NoticeKind))
def test_every_kind_has_words_and_a_link_and_fits_a_text_message(kind):
    one = Delivery(notice="01J", person="a", channel="sms", kind=kind, urgent=True, about={}, due="x", at="x")
    for group in ([one], [one, one]):
        message = wording.message(group, to="a", base="https://bluelamp.example")
        assert message.link.startswith("https://bluelamp.example/#/")
        assert "{" not in message.subject
        assert message.text.count(". ") == 1
        assert len(f"{message.subject}: {message.link}") <= 160
