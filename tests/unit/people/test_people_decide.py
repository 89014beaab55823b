"""What the matrix over HTTP does not reach: unknown roles and states, the clock, and the second person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.people.matrix import ACTING, READING, ROLES, VERBS
from bluelamp.people.model import Access, Principal
from bluelamp.people.rules import decide, two_people

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


class Page:
    def __init__(self, team="north", status="active"):
        self.id, self.team, self.status = "facebook-1", team, status
        self.allowed = {"delete": ("comms",), "reply": ("comms", "local"), "publish": ("comms", "local")}


def access(begins=NOW, ends=NOW + timedelta(hours=1), gives="desk", account="facebook-1"):
    return Access(id="01BX5ZZKBKACTAV9WEVGEMMVRZ", account=account, gives=gives, begins_at=begins, ends_at=ends)


def person(role="local", **more):
    return Principal(id="p", name="P", role=role, at=NOW, **more)


def test_a_role_that_is_not_in_the_table_has_nothing():
    stranger = person().model_copy(update={"role": "chief", "all_accounts": True})
    for verb in VERBS:
        for found in (decide(stranger, verb), decide(stranger, verb, Page())):
            assert (found.allowed, found.reason_code) == (False, "role")
            assert found.for_person.startswith("Refused because this role is not known here; ask ")


@pytest.mark.parametrize("role", ROLES)
def test_a_word_that_is_no_verb_is_refused(role):
    everywhere = person(role, all_accounts=True)
    assert not decide(everywhere, "publish_everything", Page()).allowed
    assert not decide(everywhere, "publish_everything").allowed


@pytest.mark.parametrize("verb", sorted(ACTING))
def test_a_status_that_is_not_known_allows_no_acting(verb):
    found = decide(person("comms", all_accounts=True), verb, Page(status="merged"))
    assert (found.allowed, found.reason_code) == (False, "account_status")
    assert decide(person("comms", all_accounts=True), "see", Page(status="merged")).allowed


@given(
    times=st.tuples(st.integers(-100, 100), st.integers(1, 100), st.integers(-250, 250)),
    gives=st.sampled_from(["desk", "reading"]),
    verb=st.sampled_from(VERBS),
    role=st.sampled_from(ROLES),
)
def test_access_for_a_time_adds_between_its_times_only(times, gives, verb, role):
    begins, lasts, at = times
    start = NOW + timedelta(seconds=begins)
    given_ = access(start, start + timedelta(seconds=lasts), gives)
    moment = NOW + timedelta(seconds=at)
    without, with_ = person(role), person(role, access=(given_,))
    before, after = decide(without, verb, Page(), moment), decide(with_, verb, Page(), moment)
    if not begins <= at < begins + lasts:
        assert after == before
        assert before.reason_code == "out_of_scope"
    elif after.allowed:
        assert after.reason_code == "granted"
        assert gives == "desk" or verb in READING
    else:
        assert after.reason_code != "out_of_scope"
    assert decide(with_, verb, Page(), None) == decide(with_, verb, Page(), NOW)


def test_access_to_one_account_is_to_no_other():
    elsewhere = person(access=(access(account="facebook-2"),))
    assert decide(elsewhere, "see", Page()).reason_code == "out_of_scope"


@pytest.mark.parametrize(
    ("proposer", "decider", "code"),
    [("a", "b", "two_people"), ("a", "a", "same_person"), ("", "", "same_person"), ("", "b", "same_person")],
)
def test_the_second_person_is_another(proposer, decider, code):
    found = two_people(proposer, decider, "disposal")
    assert (found.allowed, found.reason_code) == (code == "two_people", code)
    assert bool(found.for_person) == (not found.allowed)
