"""Shut out, let in and signed out: what is open ends with the next request, on the record, and does not come back."""

from __future__ import annotations

import pytest

from tests.unit.api.kit import token


def by(cookie):
    return {"Cookie": f"__Host-sid={cookie}"}


def suspend(world, person="local", **sent):
    return world.call("POST", f"/people/{person}/suspend", by="admin", body={"reason": "security"}, **sent)


def test_who_is_suspended_is_out_with_the_next_request_and_stays_out(world):
    header = {"Authorization": f"Bearer {token('local')}"}
    world.clock.now = world.clock().replace(year=2099)  # a token's time is the real one
    cookie = by(world.cookie("local"))
    for credential in (cookie, header):
        assert world.call("GET", "/me", headers=credential).status == 200
    principal = world.sessions.load(cookie["Cookie"].split("=", 1)[1])
    answer = suspend(world)
    assert (answer.status, answer.json["status"]) == (200, "suspended")
    assert world.call("GET", "/me", headers=cookie).status == 401
    assert world.call("GET", "/me", headers=header).status == 401
    assert world.sessions.still(principal) is None  # the open line of a page
    assert world.call("POST", "/people/local/resume", by="admin", body={}).json["status"] == "active"
    assert world.call("GET", "/me", headers=cookie).status == 401
    assert world.call("GET", "/me", by="local").status == 200


def test_the_record_says_who_whom_and_why(world):
    world.call("POST", "/people/local/suspend", by="admin", body={"reason": "investigation", "ref": "PSD/2026/3"})
    (leaf,) = world.outbox()
    assert (leaf["type"], leaf["actor"]["sub"], leaf["obj"]) == ("config", "admin", {"kind": "person", "key": "local"})
    assert leaf["change"] == {"field": "status", "from": "active", "to": "suspended"}
    assert leaf["reason"] == {"code": "investigation", "ref": "PSD/2026/3"}


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/people/admin/suspend", {"reason": "security"}, 403, "oneself"),
        ("/people/away/suspend", {"reason": "security"}, 409, "conflict"),
        ("/people/local/resume", {}, 409, "conflict"),
        ("/people/nobody/suspend", {"reason": "security"}, 404, "not_found"),
        ("/people/local/suspend", {"reason": "he left in anger"}, 422, "invalid_input"),
        ("/people/local/suspend", {"reason": "other", "ref": "Ada Marsh"}, 422, "invalid_input"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(world, path, body, status, code):
    person = path.split("/")[2]
    before = world.table.items.get((f"PERSON#{person}", "PERSON"), {}).get("status")
    answer = world.call("POST", path, by="admin", body=body)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert world.table.items.get((f"PERSON#{person}", "PERSON"), {}).get("status") == before
    assert [leaf["type"] for leaf in world.outbox()] == (["denied"] if status == 403 else [])


def test_ones_own_sign_ins_are_listed_and_ended(world):
    old, new = by(world.cookie("local")), by(world.cookie("local"))
    world.call("GET", "/me", by="local", bearer=True)
    shown = world.call("GET", "/me/sessions", headers=new).json["sessions"]
    assert sorted(one["kind"] for one in shown) == ["browser", "browser", "token"]
    assert [one["this"] for one in shown].count(True) == 1
    assert all(secret not in str(shown) for secret in (old["Cookie"].split(".")[-1], new["Cookie"].split(".")[-1]))
    world.outbox()
    assert world.call("DELETE", "/people/local/sessions", headers=new, body={}).status == 200
    (leaf,) = world.outbox()
    assert leaf["change"] == {"field": "sign_ins", "to": "ended"}
    for cookie in (old, new):
        assert world.call("GET", "/me", headers=cookie).status == 401
    assert len(world.call("GET", "/me/sessions", by="local").json["sessions"]) == 1


def test_an_administrator_sees_and_ends_the_sign_ins_of_somebody(world):
    cookie = by(world.cookie("comms"))
    assert len(world.call("GET", "/people/comms/sessions", by="admin").json["sessions"]) == 1
    assert world.outbox()[0]["query"] == {"view": "sign_ins", "filters": {}, "hits": 1}
    ended = [world.call("DELETE", "/people/comms/sessions", by="admin", body={}, key="k") for _ in range(2)]
    assert [answer.status for answer in ended] == [200, 200]
    assert ended[0].json == ended[1].json
    assert world.call("GET", "/me", headers=cookie).status == 401
    assert world.call("GET", "/people/comms/sessions", by="admin").json["sessions"] == []
    assert world.call("DELETE", "/people/admin/sessions", by="comms", body={}).status == 403
