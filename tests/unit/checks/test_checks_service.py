"""An account is checked once a day, by somebody who looked; nobody who did not look can say so."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bluelamp.accounts.model import Officer
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.checks.service import Checks, NotLookedError
from bluelamp.checks.store import CheckStore
from bluelamp.cursors import Cursors
from bluelamp.errors import ConflictError, OutOfScopeError, RefusedError
from tests.support.world import SECRET, World, idem, principal

PAGE = "facebook-1"
COMMS = principal("comms")
LOCAL = principal("local", teams=("north",))


class Day(World):
    """The world with one page of the team ``north``, whose lead is the local officer; noon on a Sunday."""

    def __init__(self) -> None:
        super().__init__()
        for native, team in (("1", "north"), ("2", "south")):
            self.accounts.add_account(
                platform="facebook", native_id=native, name="Page", kind="neighbourhood", team=team,
                by=Actor.system("test"), lead=Officer(id=LOCAL.id, name="Lee"),
            )  # fmt: skip
        self.checks = Checks(
            CheckStore(self.table), accounts=self.accounts, cursors=Cursors(SECRET), wake=lambda: None, clock=self.clock
        )

    def look(self, who=LOCAL, account=PAGE):
        return self.posts.queue(who, account=account).looked

    def attest(self, who=LOCAL, account=PAGE, looked=None, key=None):
        return self.checks.attest(who, account, looked=looked or self.look(who, account), idem=key or idem(who.id))

    def leaves(self, kind):
        items = [item for (pk, _), item in sorted(self.table.items.items(), key=lambda one: one[0][1])
                 if pk.startswith("OUTBOX#")]  # fmt: skip
        found = [json.loads(body) for item in items for body in Waiting.from_item(item).bodies()]
        return [leaf for leaf in found if leaf["type"] == kind]


@pytest.fixture
def world():
    return Day()


def test_the_lead_checks_after_having_looked(world):
    done = world.attest()
    assert (done.state, done.capacity, done.by.id, done.at) == ("checked", "lead", LOCAL.id, "2026-11-22T12:00:00.000Z")
    [leaf] = world.leaves("attest")
    assert leaf["account"] == PAGE
    assert leaf["check"] == {"day": "2026-11-22", "result": "checked", "capacity": "lead"}
    assert leaf["actor"]["sub"] == LOCAL.id


def test_who_comes_second_is_told_who_was_first(world):
    world.attest()
    world.now += timedelta(minutes=5)
    second = world.attest(COMMS)
    assert (second.by.id, second.at) == (LOCAL.id, "2026-11-22T12:00:00.000Z")
    assert len(world.leaves("attest")) == 1


def test_the_next_day_is_open_again(world):
    world.attest()
    world.now += timedelta(days=1)
    assert [one.state for one in world.checks.today(LOCAL).checks] == ["open"]
    assert world.attest().state == "checked"
    assert world.checks.month(LOCAL, PAGE).checked == 2


def test_the_list_has_what_is_within_reach(world):
    world.attest()
    assert [(one.account, one.state) for one in world.checks.today(LOCAL).checks] == [(PAGE, "checked")]
    assert [one.account for one in world.checks.today(COMMS).checks] == [PAGE, "facebook-2"]


def test_looking_counts_for_half_an_hour(world):
    looked = world.look()
    world.now += timedelta(minutes=30, milliseconds=1)
    with pytest.raises(NotLookedError, match="Open the account's queue first"):
        world.attest(looked=looked)
    world.now -= timedelta(milliseconds=1)
    assert world.attest(looked=looked).state == "checked"


@pytest.mark.parametrize("forged", ["x", "", "A" * 40])
def test_a_proof_that_we_did_not_make_is_none(world, forged):
    with pytest.raises(NotLookedError):
        world.checks.attest(LOCAL, PAGE, looked=forged, idem=idem())


def test_looking_is_of_a_person_and_an_account(world):
    other = world.look(COMMS)
    with pytest.raises(NotLookedError):
        world.attest(LOCAL, looked=other)
    elsewhere = world.look(COMMS, "facebook-2")
    with pytest.raises(NotLookedError):
        world.attest(COMMS, looked=elsewhere)
    assert world.leaves("attest") == []


def test_only_the_whole_open_queue_of_one_account_proves_anything(world):
    assert world.posts.queue(COMMS).looked is None
    assert world.posts.queue(COMMS, account=PAGE, view="done").looked is None
    assert world.posts.queue(COMMS, account=PAGE, min_risk="high").looked is None


def test_a_line_of_a_longer_queue_proves_nothing(world):
    for n in range(2):
        world.ingest(world.comment(f"1_{n}", "a word"))
        world.judge_all()
    assert world.posts.queue(COMMS, account=PAGE, limit=1).looked is None
    assert world.posts.queue(COMMS, account=PAGE, limit=2).looked is not None
    assert world.posts.queue(COMMS, account=PAGE).looked is not None


def test_another_teams_account_is_not_there_and_a_supervisor_does_not_check(world):
    looked = world.look()
    with pytest.raises(OutOfScopeError):
        world.attest(LOCAL, "facebook-2", looked)
    with pytest.raises(RefusedError, match="Asked for: check"):
        world.attest(principal("supervisor", teams=("north",)), looked=looked)


def test_no_check_is_wanted_of_a_suspended_account(world):
    looked = world.look()
    world.table.items["ACCOUNTS", PAGE]["status"] = "suspended"
    with pytest.raises(ConflictError, match="suspended"):
        world.attest(looked=looked)
    assert world.checks.today(LOCAL).checks == ()


def test_reading_is_recorded(world):
    world.checks.today(LOCAL)
    world.checks.month(LOCAL, PAGE, "2026-11")
    views = [leaf["query"] for leaf in world.leaves("search") if leaf["query"]["view"] == "checks"]
    assert views == [
        {"view": "checks", "filters": {"day": "2026-11-22"}, "hits": 1},
        {"view": "checks", "filters": {"month": "2026-11"}, "hits": 22},
    ]
