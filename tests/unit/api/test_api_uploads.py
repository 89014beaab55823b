"""The bounds of uploads at the border: which status, which code, that a repeat counts once, and what to do."""

from __future__ import annotations

from bluelamp.assets.tally import MOST_UNDER_WAY
from bluelamp.assets.upload import MOST_FILM

PICTURE = {"type": "image/jpeg", "size": 5}
FILM = {"type": "video/mp4", "size": MOST_FILM}


def begun(world):
    return sum(pk.startswith("ASSET#") and sk == "ASSET" for pk, sk in world.table.items)


def test_the_twenty_first_at_a_time_is_a_conflict_with_what_to_do(world):
    for _ in range(MOST_UNDER_WAY):
        assert world.call("POST", "/assets", by="comms", body=PICTURE).status == 201
    before = begun(world)
    answer = world.call("POST", "/assets", by="comms", body=PICTURE)
    assert (answer.status, answer.json["code"]) == (409, "too_many_uploads")
    assert "give some up" in answer.json["detail"]
    assert begun(world) == before
    assert world.call("POST", "/assets", by="control", body=PICTURE).status == 201


def test_more_bytes_than_a_day_takes_are_a_conflict_that_says_when_there_is_room(world):
    for _ in range(10):
        assert world.call("POST", "/assets", by="comms", body=FILM).status == 201
    answer = world.call("POST", "/assets", by="comms", body=PICTURE)
    assert (answer.status, answer.json["code"]) == (409, "uploads_spent")
    assert "There is room for it again at" in answer.json["detail"]


def test_a_repeat_is_answered_as_before_also_where_there_is_no_room_any_more(world):
    first = world.call("POST", "/assets", by="comms", body=PICTURE, key="k")
    for _ in range(MOST_UNDER_WAY - 1):
        world.call("POST", "/assets", by="comms", body=PICTURE)
    again = world.call("POST", "/assets", by="comms", body=PICTURE, key="k")
    assert (again.status, again.json) == (201, first.json)
    assert world.call("POST", "/assets", by="comms", body=PICTURE).status == 409
