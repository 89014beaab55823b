"""Access for a time: it begins and ends by the clock, each use names it, and nobody gives it to himself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bluelamp.audit.leaf import Actor
from bluelamp.people.access import OneselfError
from bluelamp.people.model import Person
from bluelamp.people.rules import decide, permissions_on, principal_of
from tests.unit.api.kit import FOREIGN, OWN
from tests.unit.api.kit_access import GRANTED

SOUTH = GRANTED | {"person": "local", "account": FOREIGN}
BY = Actor.system("test")


def give(world, by="admin", **changed):
    return world.call("POST", "/grants", by=by, body=SOUTH | changed)


def opened(world, post="pforeign", by="local"):
    return world.call("GET", f"/posts/{post}", by=by).status


def grants_of(world, person="local"):
    return [item for (pk, _), item in world.table.items.items() if pk == "GRANTS" and item["person"] == person]


def leaves(world, kind):
    return [leaf for leaf in world.outbox() if leaf["type"] == kind]


def test_it_opens_the_account_until_its_end_and_not_a_moment_longer(whole):
    assert opened(whole) == 404
    assert give(whole, until=(whole.clock() + timedelta(hours=1)).isoformat()).status == 201
    assert opened(whole) == 200
    assert {a["id"] for a in whole.call("GET", "/accounts", by="local").json["accounts"]} == {OWN, FOREIGN}
    whole.clock.now += timedelta(minutes=59, seconds=59)
    assert opened(whole) == 200
    whole.clock.now += timedelta(seconds=1)
    assert opened(whole) == 404
    assert [a["id"] for a in whole.call("GET", "/accounts", by="local").json["accounts"]] == [OWN]
    # The item is still here, with the person too: it does nothing.
    assert len(grants_of(whole)) == 1
    assert len(whole.table.items["PERSON#local", "PERSON"]["access"]) == 1


def test_before_it_begins_it_gives_nothing(whole):
    begins = whole.clock() + timedelta(hours=2)
    assert give(whole, **{"from": begins.isoformat()}).json["state"] == "to_come"
    assert opened(whole) == 404
    whole.clock.now = begins
    assert opened(whole) == 200


def test_the_record_has_the_grant_its_use_and_its_end(whole):
    made = give(whole).json
    (given,) = leaves(whole, "config")
    assert given["grant"] == {
        "person": "local", "gives": "desk", "from": made["begins_at"].replace("Z", "")[:23] + "Z",
        "to": "2026-11-24T16:00:00.000Z",
    }  # fmt: skip
    assert (given["account"], given["reason"]) == (FOREIGN, {"code": "cover", "ref": "WP/2026/7"})
    assert (given["actor"]["sub"], given["obj"]["key"], given["obj"]["rev"]) == ("admin", made["id"], 1)
    opened(whole)
    (used,) = leaves(whole, "view")
    assert (used["actor"]["sub"], used["actor"]["grants"], used["account"]) == ("local", [made["id"]], FOREIGN)
    whole.clock.now += timedelta(hours=1)
    answer = whole.call("DELETE", f"/grants/{made['id']}", by="supervisor", body={})
    assert answer.status == 404  # another command's account
    answer = whole.call("DELETE", f"/grants/{made['id']}", by="admin", body={}, query={"reason": "misuse"})
    assert answer.json["state"] == "withdrawn"
    (ended,) = leaves(whole, "config")
    assert ended["obj"] == given["obj"] | {"rev": 2, "prev": ended["obj"]["prev"]}
    assert (ended["reason"]["code"], ended["change"]["to"]) == ("misuse", "withdrawn")
    assert given["grant"]["to"] > ended["grant"]["to"] > ended["grant"]["from"]
    assert opened(whole) == 404
    (leaf,) = leaves(whole, "denied")
    assert "grants" not in leaf["actor"]


def test_to_read_is_to_look_and_nothing_else(whole):
    assert give(whole, gives="reading").status == 201
    assert opened(whole) == 200
    assert whole.call("GET", "/queue", by="local", query={"account": FOREIGN}).status == 200
    refused = whole.call("POST", "/posts/pforeign/claim", by="local", body={})
    assert refused.status == 403
    assert "given this account to read" in refused.json["detail"]
    assert opened(whole, by="auditor") == 403
    assert give(whole, person="auditor", gives="reading", reason="audit").status == 201
    assert opened(whole, by="auditor") == 200
    assert opened(whole, "pown", by="auditor") == 403


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"person": "admin"}, 403, "refused"),
        ({"person": "nobody"}, 404, "not_found"),
        ({"person": "away"}, 404, "not_found"),
        ({"account": "facebook-nowhere"}, 404, "not_found"),
        ({"person": "comms"}, 422, "invalid_input"),
        ({"until": "2026-11-22T15:59:59Z"}, 422, "grant_times"),
        ({"until": "2026-12-06T16:00:01Z"}, 422, "grant_times"),
        ({"until": "2026-11-24T16:00:00"}, 422, "grant_times"),
        ({"from": "2026-11-25T16:00:00Z"}, 422, "grant_times"),
        ({"from": "2027-11-22T16:00:00Z", "until": "2027-11-23T16:00:00Z"}, 422, "grant_times"),
        ({"reason": "because he asked"}, 422, "invalid_input"),
        ({"ref": "Smith"}, 422, "invalid_input"),
        ({"gives": "everything"}, 422, "invalid_input"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(world, changed, status, code):
    before = {key for key in world.table.items if key[0] in {"GRANTS", "PERSON#local"}}
    answer = give(world, **changed)
    assert answer.status == status, answer.body
    assert answer.json["code"] == (OneselfError.code if changed == {"person": "admin"} else code)
    assert {key for key in world.table.items if key[0] in {"GRANTS", "PERSON#local"}} == before
    assert leaves(world, "config") == []


def test_a_supervisor_gives_what_is_of_the_own_command_and_hands_nothing_on(world):
    assert give(world, by="supervisor").status == 404
    assert give(world, by="supervisor", person="another", account=OWN).status == 201
    assert give(world, person="supervisor").status == 201
    refused = give(world, by="supervisor")
    assert refused.status == 403
    assert "hands on" in refused.json["detail"]
    assert world.outbox()[-1]["reason"]["code"] == "lent"
    shown = world.call("GET", "/grants", by="supervisor").json["grants"]
    assert {g["account"] for g in shown} >= {OWN}
    assert [g["id"] for g in shown] == sorted((g["id"] for g in shown), reverse=True)


def test_sent_twice_it_is_given_once(world):
    first = world.call("POST", "/grants", by="admin", body=SOUTH, key="one")
    again = world.call("POST", "/grants", by="admin", body=SOUTH, key="one")
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    assert len(grants_of(world)) == 1
    gone = [world.call("DELETE", f"/grants/{first.json['id']}", by="admin", body={}, key=k) for k in ("a", "a", "b")]
    assert [answer.status for answer in gone] == [200, 200, 409]


def test_a_person_changed_meanwhile_is_a_conflict_and_nothing_is_half_written(world):
    person = world.people.get("local")

    def meanwhile(name):
        if name == "transact":
            world.table.faults.before = None
            world.people.change_person("local", rev=person.rev, by=BY, name="Renamed")

    cookie = {"Cookie": f"__Host-sid={world.cookie('admin')}"}
    world.table.faults.before = meanwhile
    answer = world.call("POST", "/grants", headers=cookie, body=SOUTH)
    assert answer.status == 409
    assert grants_of(world) == []
    assert (world.people.get("local").name, world.people.get("local").access) == ("Renamed", ())


def test_a_person_has_twenty_at_most_and_ended_ones_do_not_count(world):
    for n in range(20):
        assert world.call("POST", "/grants", by="admin", body=SOUTH, key=f"n{n}").status == 201
    assert world.call("POST", "/grants", by="admin", body=SOUTH, key="more").status == 409
    world.clock.now += timedelta(days=3)
    later = SOUTH | {"until": (world.clock() + timedelta(days=1)).isoformat()}
    assert world.call("POST", "/grants", by="admin", body=later, key="later").status == 201
    assert len(world.people.get("local").access) == 1


def test_without_a_time_it_gives_nothing(world):
    give(world)
    person = world.people.get("local")
    account = world.accounts.get(FOREIGN)
    assert permissions_on(principal_of(person), account) == frozenset()
    now = world.clock()
    assert decide(principal_of(person), "see", account, now).allowed
    assert decide(principal_of(person, at=now), "see", account).reason_code == "granted"
    assert not decide(principal_of(person, at=now), "see", account, now + timedelta(days=9)).allowed


def test_an_old_item_of_a_person_without_access_is_read():
    item = {"id": "p", "name": "P", "email": "p@x", "role": "local"}
    assert Person.model_validate(item).access == ()
