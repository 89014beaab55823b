"""On the deployed stack: held back and taken back, reported by hand, and nothing left under way."""

from __future__ import annotations

import pytest

from bluelamp.ids import post_id
from tests.support.stack import until

pytestmark = pytest.mark.stack


@pytest.fixture
def comment(stack):
    """A comment that was judged: the desk, the post's id, and a way to read it."""
    account = stack.account("facebook")
    post = post_id(account["id"], stack.say("facebook", "You lying idiot", account=account))
    desk = stack.desk("comms")

    def judged():
        answer = desk.try_get(f"/posts/{post}")
        return answer.ok and answer.json()["post"]["case"]["state"] == "open"

    until(judged, "the post is judged", seconds=120)
    return desk, post, lambda: desk.get(f"/posts/{post}")


def test_what_is_held_back_is_taken_back_and_never_sent(comment):
    desk, post, read = comment
    body = {"reason": {"code": "abuse"}, "undo_seconds": 10, "rev": read()["post"]["rev"]}
    made = desk.post(f"/posts/{post}/delete", body)["action"]
    assert made["undo_until"]
    taken = desk.post(f"/posts/{post}/actions/{made['id']}/cancel", {})
    assert (taken["action"]["state"], taken["post"]["state"]) == ("cancelled", "visible")
    refused = desk.try_post(f"/posts/{post}/actions/{made['id']}/cancel", {})
    assert refused.status_code == 409


def test_a_report_by_hand_is_recorded_with_its_number(comment):
    desk, post, read = comment
    body = {"reason": {"code": "abuse"}, "reference": "FB/2026/7", "rev": read()["post"]["rev"]}
    made = desk.post(f"/posts/{post}/report", body)["action"]
    assert (made["state"], made["reference"]) == ("done", "FB/2026/7")
    assert all(one["post"]["id"] != post for one in desk.get("/actions")["actions"])
