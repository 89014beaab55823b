"""On the deployed stack: held back and taken back, reported by hand, answered with a picture, not left under way."""

from __future__ import annotations

import io

import pytest
import requests
from PIL import Image

from bluelamp.cli.attaching import attach
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


@pytest.mark.parametrize("platform", ["facebook", "x"])
def test_an_answer_goes_out_with_its_picture(stack, platform, tmp_path):
    account = stack.account(platform)
    native = stack.say(platform, "Is the road closed?", account=account)
    post, desk = post_id(account["id"], native), stack.desk("comms")
    until(lambda: desk.try_get(f"/posts/{post}").ok, "the post is there", seconds=120)
    opened = desk.get(f"/posts/{post}")
    assert "image/png" in next(one for one in opened["pictures"] if one["verb"] == "reply")["types"]

    path = tmp_path / "map.png"
    Image.new("RGB", (64, 40), (90, 20, 30)).save(path)
    asset = attach(desk, path)
    picture = {"id": asset["id"], "alt": "A map of the closed road"}
    body = {"text": "Yes, until noon.", "picture": picture, "rev": opened["post"]["rev"]}
    action = desk.post(f"/posts/{post}/reply", body)["action"]
    shown = desk.get(f"/posts/{post}/actions/{action['id']}/picture")
    assert Image.open(io.BytesIO(requests.get(shown["link"], timeout=30).content)).size == (64, 40)

    def sent():
        actions = desk.get(f"/posts/{post}")["actions"]
        return next(one for one in actions if one["id"] == action["id"])["state"] == "done"

    until(sent, "the answer is out", seconds=120)
    (reply,) = stack.public.get(f"/objects/{platform}/{native}")["replies"]
    said = stack.public.get(f"/objects/{platform}/{reply}")
    assert said["text"].startswith("Yes, until noon.")
    assert len(said["media"]) == 1
