"""Hooks behind the routes: the real service, with one hook there."""

from __future__ import annotations

from typing import Any

from bluelamp.hooks.model import Hook
from bluelamp.hooks.service import Hooks
from bluelamp.hooks.store import HookStore
from bluelamp.media.addresses import Allowed
from bluelamp.notices.store import NoticeStore
from bluelamp.posts.model import PersonName
from bluelamp.pseudonyms import Pseudonyms

HOOK = "01C0H00KMMMMMMMMMMMMMMMMMM"
NEW = {"name": "Command and control", "url": "https://cad.force.example/in", "kinds": ["flagged", "case_opened"]}
CHANGED = {**NEW, "name": "Control room", "active": True, "rev": 1}
ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/hooks"): ("hooks", None, 200),
    ("POST", "/hooks"): ("hooks", NEW, 201),
    ("PUT", f"/hooks/{HOOK}"): ("hooks", CHANGED, 200),
    ("POST", f"/hooks/{HOOK}/rotate"): ("hooks", {"rev": 1}, 200),
    ("POST", f"/hooks/{HOOK}/test"): ("hooks", {}, 200),
    ("GET", f"/hooks/{HOOK}/deliveries"): ("hooks", None, 200),
    ("POST", f"/hooks/{HOOK}/redrive"): ("hooks", {}, 200),
}


def _at(path: str, body: Any = None) -> Any:
    return lambda _: {"path": path} | ({"body": body} if body is not None else {})


ROWS = (
    ("GET", "/hooks", ("search",), _at("/hooks")),
    ("POST", "/hooks", ("config",), _at("/hooks", NEW)),
    ("PUT", "/hooks/{hook_id}", ("config",), _at(f"/hooks/{HOOK}", CHANGED)),
    ("POST", "/hooks/{hook_id}/rotate", ("config",), _at(f"/hooks/{HOOK}/rotate", {"rev": 1})),
    ("POST", "/hooks/{hook_id}/test", ("config",), _at(f"/hooks/{HOOK}/test", {})),
    ("GET", "/hooks/{hook_id}/deliveries", ("search",), _at(f"/hooks/{HOOK}/deliveries")),
    ("POST", "/hooks/{hook_id}/redrive", ("config",), _at(f"/hooks/{HOOK}/redrive", {})),
)


def hooks(world: Any) -> Hooks:
    """Return the hooks of a world, one of them there already."""
    store = HookStore(world.table)
    by = PersonName(id="ada", name="Ada Admin")
    there = Hook(id=HOOK, name="CAD", url=NEW["url"], kinds=("flagged",), by=by, at="2026-11-01T00:00:00.000Z")
    if store.get(HOOK) is None:
        store.table.write(store.saved(None, there))
    return Hooks(
        store,
        newest=NoticeStore(world.table).newest,
        key=lambda: bytes(32),
        allowed=Allowed.parse("force.example"),
        pseudonyms=Pseudonyms(bytes(32)),
        wake=lambda: None,
        notify=lambda: None,
        clock=world.clock,
    )
