"""Pictures and seal before delete on the deployed stack: what lies under lock, and when the platform was asked."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime

import pytest

from bluelamp.audit import layout
from bluelamp.audit.verify import verify
from bluelamp.ids import post_id
from bluelamp.pseudonyms import Pseudonyms
from tests.support.stack import until

pytestmark = pytest.mark.stack


def said_with(stack, *names, fault=None):
    """Let the public answer with pictures; return the answer's id, the post once judged, and its pseudonym."""
    account = stack.account("facebook")
    if fault:
        stack.public.post("/faults", kind=fault, path=re.escape(names[0]))
    native = stack.public.post(
        "/facebook/comments",
        on=stack.root(account),
        text=f"You are useless idiots {time.time()}",
        author_name="Robin Tester",
        media=[stack.public.medium(name) for name in names],
    )["id"]
    wanted = post_id(account["id"], native)

    def judged():
        answer = stack.desk("comms").try_get(f"/posts/{wanted}")
        found = answer.json()["post"] if answer.ok else None
        return found if found and found["case"]["state"] == "open" else None

    key = Pseudonyms(stack.pseudonym_key()).post(account["id"], native)
    # Right after the start the whole force's first posts stand before it.
    return native, until(judged, f"post {native} judged", seconds=90), key


def sealed_at(directory, key):
    """Return the leaves about a post, each with the time of the commit that it stands in."""
    found = []
    for path in sorted(directory.rglob("*-*")):
        if layout.parse_entries(str(path.relative_to(directory))):
            leaves = [json.loads(body) for body in layout.unpack(path.read_bytes())]
            at = leaves[0]["seal"]["sealed_at"]
            found += [(at, leaf) for leaf in leaves if leaf.get("obj", {}).get("key") == key]
    return found


def of_type(directory, key, kind):
    return [leaf for _, leaf in sealed_at(directory, key) if leaf["type"] == kind]


def test_pictures_are_sealed_soon_after_their_post(stack, tmp_path):
    _, post, key = said_with(stack, f"{time.time_ns()}.jpg")

    def sealed():
        stack.pull(tmp_path)
        return of_type(tmp_path, key, "media")

    (leaf,) = until(sealed, "the picture in the sealed log")
    assert leaf["content"]["length"] > 300
    assert "op" not in leaf
    history = stack.desk("comms").get(f"/posts/{post['id']}/history")["entries"]
    assert [e["detail"] for e in history if e["type"] == "media"] == [{"result": "kept"}]


@pytest.mark.parametrize(("fault", "why"), [("media_redirect", "redirected"), ("media_type", "wrong_type")])
def test_what_cannot_be_kept_is_said(stack, tmp_path, fault, why):
    _, _, key = said_with(stack, f"{time.time_ns()}.png", fault=fault)

    def sealed():
        stack.pull(tmp_path)
        return of_type(tmp_path, key, "media")

    (leaf,) = until(sealed, "the reason in the sealed log")
    assert leaf["op"] == {"error": why}


@pytest.mark.parametrize("verb", ["hide", "delete"])
def test_the_platform_is_asked_after_everything_is_sealed(stack, tmp_path, verb):
    native, post, key = said_with(stack, f"{time.time_ns()}.jpg", f"{time.time_ns()}.png")
    body = {"reason": {"code": "abuse"}, "rev": post["rev"]} | ({"undo_seconds": 0} if verb == "hide" else {})
    began = time.monotonic()
    assert stack.desk("comms").try_post(f"/posts/{post['id']}/{verb}", body).status_code == 202
    wanted = {"hide": "hidden", "delete": "deleted"}[verb]
    until(lambda: stack.public.object("facebook", native)["state"] == wanted, f"{wanted} on the platform")
    print(f"{verb} to platform: {time.monotonic() - began:.2f} s")  # noqa: T201 -- shown by -rP
    until(lambda: stack.desk("comms").get(f"/posts/{post['id']}")["post"]["state"] == wanted, f"{wanted} here")
    calls = [c for c in stack.public.calls(path=f"/{re.escape(native)}$") if c["method"] != "GET"]
    assert len(calls) == 1

    def outcome():
        stack.pull(tmp_path)
        return of_type(tmp_path, key, "outcome")

    until(outcome, "the outcome in the sealed log")
    called = datetime.fromisoformat(calls[0]["at"])
    leaves = sealed_at(tmp_path, key)
    before = {leaf["type"] for at, leaf in leaves if datetime.fromisoformat(at) <= called}
    assert before >= {"ingest", "intent", "media", "context"}
    after = {leaf["type"] for at, leaf in leaves if datetime.fromisoformat(at) > called}
    assert after - {"view"} == {"outcome"}  # this test looked, too
    (intent,), (context,) = (of_type(tmp_path, key, kind) for kind in ("intent", "context"))
    assert context["op"] == {"verb": verb, "intent": intent["id"]}
    assert context["content"]["length"] > 500
    assert verify(tmp_path).failures == []
