"""The gate itself: whoever acts has the guide in force and each course in date, by the days of the United Kingdom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.people.gate import shut, state
from bluelamp.people.matrix import ACTING, GATED, VERBS
from bluelamp.people.model import Gate, GuideDue, Principal
from bluelamp.people.rules import NotPermittedError, authorise, decide, require

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
DAY = NOW.date()


class Page:
    id, team, status, allowed = "facebook-1", "north", "active", {"delete": ("comms",), "reply": ("comms",)}


def due(version, days):
    return GuideDue(version=version, day=DAY + timedelta(days=days))


def officer(gate=None, at=NOW, **more):
    return Principal(id="p", name="P", role="comms", all_accounts=True, at=at, gate=gate or Gate(), **more)


def test_whatever_reaches_a_platform_is_behind_the_gate():
    assert ACTING <= GATED <= set(VERBS)
    sent = {"hide", "unhide", "delete", "reply", "reply_saved", "ban", "unban", "like", "message", "publish"}
    assert (
        sent | {"dismiss", "approve", "bulk", "approve_bulk", "approve_publication", "appeal", "approve_appeal"}
        == GATED
    )


@given(
    offsets=st.lists(st.integers(-40, 40), max_size=5).map(sorted),
    mine=st.integers(-1, 5),
    courses=st.sets(st.sampled_from(["law", "media", "first_aid"])),
    until=st.dictionaries(st.sampled_from(["law", "media", "other"]), st.integers(-3, 3)),
    what=st.tuples(st.sampled_from(VERBS), st.sampled_from([None, Page()])),
)
def test_the_gate_is_open_just_when_guide_and_training_are_there(offsets, mine, courses, until, what):
    verb, page = what
    gate = Gate(guides=[due(f"2026.{n + 1}", days) for n, days in enumerate(offsets)], courses=sorted(courses))
    held = f"2026.{mine + 1}" if mine >= 0 else None
    trained = {course: DAY + timedelta(days=days) for course, days in until.items()}
    decision = decide(officer(gate, guide_version=held, trained_until=trained), verb, page)
    needed = max((n for n, days in enumerate(offsets) if days <= 0), default=None)
    read = needed is None or (needed <= mine < len(offsets))
    taught = all(until.get(course, -1) >= 0 for course in courses)
    by_role = decide(officer(), verb, page).allowed
    assert decision.allowed == (by_role and (verb not in GATED or (read and taught)))
    if verb in GATED and by_role and not decision.allowed:
        assert (decision.reason_code == "guide_not_acknowledged") == (not read)
        assert decision.see == "/#/guide"


def test_the_refusal_names_the_guide_and_says_what_to_do():
    gate = Gate(guides=[due("2026.1", -1)])
    with pytest.raises(NotPermittedError) as caught:
        authorise(officer(gate), "hide", Page())
    assert caught.value.reason_code == "guide_not_acknowledged"
    assert caught.value.see == "/#/guide"
    assert caught.value.account == "facebook-1"
    assert str(caught.value) == (
        "Refused because you have not acknowledged Force Media Guide 2026.1, which is in force; read and acknowledge "
        "it on the page Guide. Asked for: hide."
    )
    with pytest.raises(NotPermittedError) as caught:
        require(officer(gate), "hide")
    assert caught.value.see == "/#/guide"


def test_training_that_ran_out_says_when():
    gate = Gate(courses=["law"])
    assert "no training 'law' is entered" in decide(officer(gate), "reply").for_person
    expired = decide(officer(gate, trained_until={"law": date(2026, 11, 21)}), "reply")
    assert expired.reason_code == "training_expired"
    assert "ran out on 21 November 2026" in expired.for_person
    assert state(officer(gate)).detail.startswith("No training 'law' is entered for you: the page Guide")


def test_who_is_out_of_reach_is_told_nothing_of_the_gate():
    stranger = Principal(id="p", name="P", role="local", at=NOW, gate=Gate(guides=[due("2026.1", -1)]))
    assert decide(stranger, "hide", Page()).reason_code == "out_of_scope"


def test_a_day_is_one_of_the_united_kingdom():
    # In summer it is the first of July there while UTC still has the thirtieth of June.
    gate, late = Gate(guides=[GuideDue(version="2026.1", day=date(2026, 7, 1))]), datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert shut(officer(gate), late - timedelta(seconds=1)) is None
    assert shut(officer(gate), late) is not None
    trained = officer(Gate(courses=["law"]), trained_until={"law": date(2026, 6, 30)})
    assert shut(trained, late - timedelta(seconds=1)) is None
    assert shut(trained, late).code == "training_expired"


def test_without_a_time_the_strictest_day_holds():
    gate = Gate(guides=[due("2026.1", -1), due("2026.2", 30)])
    assert shut(officer(gate, at=None, guide_version="2026.1"), None).code == "guide_not_acknowledged"
    assert shut(officer(gate, at=None, guide_version="2026.2"), None) is None
