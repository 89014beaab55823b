"""The register over HTTP: two administrators at once, files that are too much, and what is not valid told by field."""

from __future__ import annotations

import json

import pytest

HEAD = "platform,native_id,name,kind,team\n"


def test_who_is_second_gets_409_with_what_is_there_now(world):
    first = world.call(
        "PATCH", "/accounts/facebook-1", by="admin", body={"name": "Zeb's page", "team": "west", "rev": 1}
    )
    assert (first.status, first.json["rev"], first.json["team"]) == (200, 2, "west")
    second = world.call("PATCH", "/accounts/facebook-1", by="admin", body={"team": "south", "rev": 1})
    assert (second.status, second.json["rev"], second.json["by"]) == (409, 2, "Admin")
    assert "team is west" in second.json["detail"]
    assert world.call("GET", "/accounts/facebook-1", by="admin").json["account"]["team"] == "west"
    leaves = [leaf for leaf in world.outbox() if leaf["type"] == "config"]
    assert len(leaves) == 1
    assert "Zeb" not in json.dumps(leaves)


def test_a_write_that_is_sent_twice_happens_once(world):
    body = {"platform": "x", "native_id": "9", "name": "Nine", "kind": "community", "team": "north"}
    answers = [world.call("POST", "/accounts", by="admin", body=body, key="k") for _ in range(2)]
    assert [a.status for a in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    assert [leaf["type"] for leaf in world.outbox()] == ["config"]


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"rev": 1, "name": ""}, "name"),
        ({"rev": 1, "name": None}, "body"),
        ({"rev": 1, "team": "North Team"}, "team"),
        ({"rev": 1, "status": "archived"}, "status"),
        ({"rev": 1, "policy": {"delete": ["chief"]}}, "policy.delete.0"),
        ({"name": "N"}, "rev"),
        ({"rev": 1, "name": "a\u202eb"}, "name"),
    ],
)
def test_what_is_not_valid_is_told_by_field(world, body, at):
    answer = world.call("PATCH", "/accounts/facebook-1", by="admin", body=body)
    assert (answer.status, [e["at"] for e in answer.json["errors"]]) == (422, [at])
    assert [leaf["type"] for leaf in world.outbox()] == []


def test_none_takes_a_deputy_away(world):
    world.call("PATCH", "/accounts/facebook-1", by="admin", body={"lead": "comms", "deputy": "local", "rev": 1})
    answer = world.call("PATCH", "/accounts/facebook-1", by="admin", body={"deputy": None, "rev": 2})
    assert (answer.json["lead"]["name"], answer.json["deputy"]) == ("Comms", None)


def test_a_file_is_tried_unless_it_is_said_otherwise(world):
    text = HEAD + "x,5,Five,community,north\nx,6,Six,circus,north\n"
    tried = world.call("POST", "/accounts/import", by="admin", body={"csv": text})
    assert (tried.status, tried.json["applied"], tried.json["created"], tried.json["bad"]) == (200, False, 1, 1)
    assert (tried.json["findings"][0]["line"], tried.json["findings"][0]["column"]) == (3, "kind")
    body = {"csv": text, "dry_run": False, "keep_going": True}
    assert world.call("POST", "/accounts/import", by="admin", body=body).json["applied"] is True
    listed = world.call("GET", "/accounts", by="admin", query={"platform": "x"})
    assert [a["id"] for a in listed.json["accounts"]] == ["x-5"]


@pytest.mark.parametrize(("csv", "status"), [("x" * 70_000, 413), ("a|b\n", 422), ("\ud800", 422)])
def test_a_file_that_cannot_be_taken(world, csv, status):
    assert world.call("POST", "/accounts/import", by="admin", body={"csv": csv}).status == status
    assert world.outbox() == []


def test_an_export_is_a_file(world):
    answer = world.call("GET", "/accounts/export", by="admin")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert "attachment" in answer.headers["Content-Disposition"]
    again = world.call("POST", "/accounts/import", by="admin", body={"csv": answer.body, "dry_run": False})
    assert (again.json["unchanged"], again.json["bad"]) == (2, 0)


def test_a_list_by_pages(world):
    first = world.call("GET", "/accounts", by="comms", query={"limit": "1"})
    rest = world.call("GET", "/accounts", by="comms", query={"limit": "1", "cursor": first.json["next"]})
    assert [a["id"] for page in (first, rest) for a in page.json["accounts"]] == ["facebook-1", "facebook-2"]
    assert world.call("GET", "/accounts", by="comms", query={"limit": "501"}).status == 422


@pytest.mark.parametrize(
    ("rev", "header", "status"),
    [(None, '"1"', 200), (1, 'W/"1"', 200), (None, '"2"', 409), (1, '"2"', 422), (None, "1", 422), (None, "*", 422)],
)
def test_the_revision_may_stand_in_a_header(world, rev, header, status):
    body = {"name": "Renamed"} | ({"rev": rev} if rev else {})
    answer = world.call("PATCH", "/accounts/facebook-1", by="admin", body=body, headers={"If-Match": header})
    assert answer.status == status, answer.body


def test_a_change_without_the_revision_that_was_seen_is_refused(world):
    answer = world.call("PATCH", "/accounts/facebook-1", by="admin", body={"name": "Renamed"})
    assert (answer.status, "If-Match" in answer.json["detail"]) == (422, True)
