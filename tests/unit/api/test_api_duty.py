"""Shifts over HTTP: one that repeats, and as what somebody is on duty, on /me and in the history."""

from __future__ import annotations

import pytest

# The clock of the world stands at noon on Sunday, 22 November 2026.
WEEKLY = {
    "kind": "repeating", "who": "person:comms", "scope": "force", "duty": "control", "days": [6, 0],
    "starts": "11:00", "ends": "13:00", "first": "2026-11-01", "last": "2027-06-30", "nation": "england_wales",
}  # fmt: skip


def put_in(whole, **other):
    return whole.call("POST", "/roster/entries", by="admin", body={"entry": WEEKLY | other})


def test_a_shift_that_repeats_is_put_in_changed_and_withdrawn(whole):
    made = put_in(whole)
    entry = made.json["entry"]
    assert made.status == 201
    assert (entry["kind"], entry["begin"], entry["end"]) == ("shift", "2026-11-01T11:00:00Z", "2027-06-28T12:00:00Z")
    assert entry["weekly"]["days"] == [0, 6]
    assert entry in whole.call("GET", "/roster", by="admin").json["entries"]
    assert whole.call("GET", "/me", by="comms").json["on_duty_as"] == "control"
    path = f"/roster/entries/{entry['id']}"
    body = {"entry": WEEKLY | {"skip": ["2026-11-22"]}, "rev": 1}
    changed = whole.call("PUT", path, by="admin", body=body)
    assert (changed.status, changed.json["entry"]["rev"]) == (200, 2)
    assert whole.call("GET", "/me", by="comms").json["on_duty_as"] is None
    assert whole.call("PUT", path, by="admin", body=body).json["code"] == "conflict"
    gone = whole.call("POST", f"{path}/withdraw", by="admin", body={"kind": "shift", "rev": 2})
    assert (gone.status, gone.json["entry"]) == (200, None)
    assert whole.people.get("comms").shifts == ()


def test_the_history_of_a_post_says_as_what_somebody_was_on_duty(whole):
    post = "/posts/pown"
    whole.call("POST", f"{post}/claim", by="comms", body={})
    put_in(whole)
    whole.call("POST", f"{post}/release", by="comms", body={})
    entries = whole.call("GET", f"{post}/history", by="comms").json["entries"]
    said = {one["type"]: one["actor"]["on_duty_as"] for one in entries}
    assert (said["claim"], said["release"]) == (None, "control")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"first": "2026-11-24", "last": "2026-11-26"}, "none of its days"),
        ({"days": [7]}, "days"),
        ({"starts": "24:00"}, "starts"),
        ({"last": "2030-01-01"}, "two years"),
        ({"duty": "boss"}, "duty"),
        ({"from": "2026-11-24T10:00"}, "from"),
    ],
)
def test_one_that_makes_no_sense_is_refused_in_words_and_leaves_nothing(whole, wrong, word):
    answer = put_in(whole, **wrong)
    assert answer.status == 422
    assert word in answer.body
    assert whole.people.get("comms").shifts == ()


def test_a_supervisor_gives_shifts_for_the_own_teams_alone(whole):
    entry = WEEKLY | {"who": "person:local", "scope": "team:south"}
    assert whole.call("POST", "/roster/entries", by="supervisor", body={"entry": entry}).status in {403, 404}
