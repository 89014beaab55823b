"""What tests of the evidence begin with: posts whose hide or delete is under way, and a look under lock at calls."""

from __future__ import annotations

import json

import pytest

from bluelamp.actions.errors import SealingError
from bluelamp.actions.store import ActionStore
from bluelamp.audit import layout
from bluelamp.audit.leaf import Content
from bluelamp.posts.model import Reason
from tests.support.world import World, idem, principal

ABUSE = Reason(code="abuse", ref="WP/2026/7")
HOW = {"hide": {"reason": ABUSE}, "delete": {"reason": ABUSE}, "reply": {"text": "Thank you."}, "unhide": {}}
A, B = "https://scontent.fbcdn.net/a.jpg", "https://scontent.fbcdn.net/b.jpg"
TAKING = ["hide", "delete"]


def leaves(world: World) -> list[dict]:
    """Return what is under lock at this moment, in its order."""
    found = []
    for name in world.evidence.list():
        if layout.parse_entries(name):
            found += [json.loads(body) for body in layout.unpack(world.evidence.objects[name])]
    return found


def of_type(world: World, *kinds: str) -> list[dict]:
    return [leaf for leaf in leaves(world) if leaf["type"] in kinds]


class Watch:
    """Looks into the sealed log at every call of the platform."""

    def __init__(self, world: World) -> None:
        self.calls = 0
        act = world.platform.act

        def watched(verb, target, http, *, text=None, assets=()):
            if verb in TAKING:
                self.calls += 1
                self.check(world, target)
            return act(verb, target, http, text=text, assets=assets)

        world.platform.act = watched

    @staticmethod
    def check(world: World, target) -> None:
        key = world.pseudonyms.post("facebook-1", target.native_id)
        faults = world.faults.before, world.faults.after
        world.faults.before = world.faults.after = None
        sealed = [leaf for leaf in leaves(world) if leaf.get("obj", {}).get("key") == key]
        by_type = {kind: [leaf for leaf in sealed if leaf["type"] == kind] for kind in ("ingest", "intent", "context")}
        (intent,) = [leaf for leaf in by_type["intent"] if leaf["op"]["verb"] in TAKING]
        assert intent["actor"]["kind"] == "person"
        assert intent["reason"] == {"code": "abuse", "ref": "WP/2026/7"}
        assert [leaf["op"]["intent"] for leaf in by_type["context"]] == [intent["id"]] * len(by_type["context"])
        context = json.loads(opened(world, by_type["context"][-1]))
        assert target.native_id in {post["native_id"] for post in context["posts"]}
        # What the platform said, byte for byte.
        assert json.loads(opened(world, by_type["ingest"][0]))["native_id"] == target.native_id
        post = next(p for p in posts(world) if p.native_id == target.native_id)
        media = {leaf["obj"]["digest"] for leaf in sealed if leaf["type"] == "media"}
        assert {world.pseudonyms.words(post.account, post.native_id, "", [m]) for m in post.media} <= media
        world.faults.before, world.faults.after = faults


def opened(world: World, leaf: dict) -> bytes:
    return world.vault.open(leaf["account"], Content(**leaf["content"]))


def posts(world: World) -> list:
    ids = [item["id"] for (_, sk), item in world.table.items.items() if sk == "POST"]
    return list(world.changer.posts.get_many(ids).values())


def only(world: World):
    (post,) = posts(world)
    return post


def arrive(world: World, *urls: str):
    world.account("1", "swindale")
    world.ingest(world.comment("c1", "you idiot", media=[{"kind": "image", "url": url} for url in urls]))
    world.judge_all()
    return only(world)


def ask(world: World, verb: str, **more):
    post = only(world)
    return getattr(world.actions, verb)(principal(), post.id, rev=post.rev, idem=idem(), **HOW[verb], **more)


def action(world: World):
    item = max((i for (_, sk), i in world.table.items.items() if sk.startswith("ACTION#")), key=lambda i: i["id"])
    return ActionStore(world.table).get(item["post_id"], item["id"])


def first_release(world: World, verb: str = "hide", *urls: str) -> dict:
    arrive(world, *urls)
    ask(world, verb)
    world.seal()
    (message,) = world.action_queue.messages
    world.action_queue.messages.clear()
    return message.body


def second_release(world: World, message: dict) -> dict:
    with pytest.raises(SealingError):
        world.acting().act(message)
    world.seal()
    (released,) = world.action_queue.messages
    world.action_queue.messages.clear()
    return released.body
