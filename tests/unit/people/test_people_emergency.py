"""Break-glass: one account or all, an hour at most, once at a time, seen by those who must see it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.unit.api.conftest as _api
from bluelamp.audit.leaf import Actor
from bluelamp.errors import BluelampError
from bluelamp.people.emergency import Emergency
from bluelamp.people.rules import NotPermittedError
from tests.support.world import idem
from tests.unit.api.kit import World

whole = _api.whole
BODY = {"reason": "threat_to_life", "ref": "WP/2026/7"}
ONE, ALL = BODY | {"account": "facebook-2"}, BODY | {"all": True}


def opened(whole, by, body=ONE):
    return whole.call("POST", "/break-glass", by=by, body=body)


def test_one_account_for_an_hour_to_read_and_to_work_on(whole, capsys):
    assert whole.call("GET", "/posts/pforeign", by="local").status == 404
    made = opened(whole, "local")
    assert (made.status, made.json["glass"], made.json["state"]) == (201, True, "in_force")
    assert [one for one in capsys.readouterr().out.splitlines() if '"BreakGlass":[1.0]' in one]
    (leaf,) = [one for one in whole.outbox() if one["type"] == "config"]
    assert (leaf["change"]["to"], leaf["account"], leaf["reason"]) == (
        "break_glass", "facebook-2", {"code": "threat_to_life", "ref": "WP/2026/7"},
    )  # fmt: skip
    (notice,) = [
        item for key, item in whole.table.items.items() if key[0] == "NOTICES" and item["kind"] == "break_glass"
    ]
    assert (notice["kind"], notice["to"], notice["urgent"]) == ("break_glass", ["role:auditor", "role:admin"], True)
    assert whole.call("GET", "/posts/pforeign", by="local").status == 200
    assert whole.call("POST", "/posts/pforeign/claim", by="local", body={}).status == 200
    (claim,) = [one for one in whole.outbox() if one["type"] == "claim"]
    assert claim["actor"]["grants"] == [made.json["id"]]
    whole.clock.now += timedelta(minutes=60)
    assert whole.call("GET", "/posts/pforeign", by="local").status == 404


def test_all_accounts_for_whoever_answers_for_a_command(whole):
    refused = opened(whole, "local", ALL)
    assert (refused.status, [one["reason"]["code"] for one in whole.outbox()]) == (403, ["role"])
    assert opened(whole, "supervisor", ALL).status == 201
    assert whole.call("GET", "/posts/pforeign", by="supervisor").status == 200
    assert len(whole.call("GET", "/queue", by="supervisor").json["posts"]) == 2
    assert len(whole.call("GET", "/accounts", by="supervisor").json["accounts"]) == 2


def test_an_administrator_looks_and_does_nothing(whole):
    assert whole.call("GET", "/queue", by="admin").status == 403
    assert opened(whole, "admin", ALL).status == 201
    assert len(whole.call("GET", "/queue", by="admin").json["posts"]) == 2
    assert whole.call("GET", "/posts/pown", by="admin").status == 200
    assert whole.call("POST", "/posts/pown/claim", by="admin", body={}).status == 403


def test_once_at_a_time(whole):
    assert opened(whole, "local").status == 201
    assert opened(whole, "local", BODY | {"account": "facebook-1"}).status == 409
    whole.clock.now += timedelta(minutes=60)
    assert opened(whole, "local").status == 201


@pytest.mark.parametrize("by", ["auditor", "admin"])
def test_it_is_in_the_list_of_access_and_can_be_ended(whole, by):
    made = opened(whole, "supervisor", ALL).json
    listed = whole.call("GET", "/grants", by=by).json["grants"]
    assert [(one["id"], one["account"], one["glass"]) for one in listed if one["glass"]] == [
        (made["id"], "force", True)
    ]
    if by == "admin":
        assert whole.call("DELETE", f"/grants/{made['id']}", by=by, body={}).status == 200
        assert whole.call("GET", "/posts/pforeign", by="supervisor").status == 404


@pytest.mark.parametrize("by", ["comms", "control", "auditor"])
def test_who_has_no_need_of_it_is_refused(whole, by):
    assert opened(whole, by).status == 403


@pytest.mark.parametrize(
    "body",
    [BODY, ONE | {"all": True}, ONE | {"minutes": 61}, ONE | {"reason": "curiosity"}, ONE | {"ref": "a note"}],
)
def test_what_is_not_said_properly_is_refused(whole, body):
    assert opened(whole, "local", body).status == 422


def test_an_account_that_there_is_not(whole):
    assert opened(whole, "local", BODY | {"account": "facebook-99"}).status == 404


def test_who_was_suspended_since_the_request_came_is_not_let_in():
    world = World()
    principal = world.sessions.create(world.people.get("local"))[1]
    world.people.suspend("local", rev=world.people.get("local").rev, by=Actor.system("test"))
    with pytest.raises(NotPermittedError, match="suspended"):
        world.emergency.open(
            principal, account="facebook-2", minutes=60, reason="security", ref="WP/1", idem=idem("local")
        )
    assert not world.people.get("local").access


@given(minutes=st.integers(-5, 500))
def test_never_longer_than_an_hour(minutes):
    world = World()
    service: Emergency = world.emergency
    principal = world.sessions.create(world.people.get("local"))[1]
    view = service.open(
        principal, account="facebook-2", minutes=minutes, reason="security", ref="WP/1", idem=idem("local")
    )
    assert timedelta(0) < view.ends_at - view.begins_at <= timedelta(hours=1)
    with pytest.raises(BluelampError):
        service.open(principal, account="facebook-1", minutes=1, reason="security", ref="WP/1", idem=idem("local"))
    assert json.loads(view.model_dump_json())["account"] == "facebook-2"
