"""Calls behind the routes: the real service, with one call that waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bluelamp.calls import rules
from bluelamp.calls.model import Ask, Call
from bluelamp.calls.service import Calls
from bluelamp.calls.store import CallStore
from bluelamp.digests.service import Digests
from bluelamp.posts.model import PersonName
from bluelamp.posts.store import PostStore
from bluelamp.roster.model import Responsible
from bluelamp.times import iso

CALL = "01C0CA11ZZMMMMMMMMMMMMCA10"
_BODY = {"to": "duty", "reason": {"code": "threat"}, "rev": 1}

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/digest"): ("see", None, 200),
    ("GET", "/calls"): ("see", None, 200),
    ("POST", "/posts/{post}/call"): ("flag", _BODY, 201),
    ("POST", f"/calls/{CALL}/acknowledge"): ("claim", {}, 200),
}


def a_call(now: datetime) -> Call:
    """Return a call that waits for the team of the first page since now."""
    call = Call(
        id=CALL, post="pown", account="facebook-1", to="duty", reason="threat",
        by=PersonName(id="comms", name="Comms"), at=iso(now), next_at=iso(now),
        line=(Ask(who="team:north", minutes=10), rules.LAST),
    )  # fmt: skip
    return rules.begun(call, now)


class Core:
    """Changes of posts as calls need them: scope and permission are the real rules, the rest is canned."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.clock = world.clock
        self.posts = PostStore(world.table)

    def load(self, principal: Any, verb: Any, post_id: str, *, rev: int) -> Any:
        return self.world.core._write_to(principal, verb, post_id, rev)

    @staticmethod
    def can(_principal: Any, _post: Any) -> set[str]:
        return {"flag"}

    def searched(self, _principal: Any, _query: Any, *, account: str | None) -> None:
        assert account is None

    def commit(self, _old: Any, new: Any, _entry: Any, *, also: Any, idem: Any, answer: Any) -> Any:
        self.world.table.transact([*also(None), idem.put(answer(new))])
        self.world.core.calls.append(("call", new.id, {}))
        return new


def digests(world: Any, changer: Any) -> Digests:
    """Return the digests of a world."""
    return Digests(changer=changer, accounts=world.accounts, calls=CallStore(world.table).waiting, notes=lambda _: ())


def calls(world: Any, changer: Any) -> Calls:
    """Return the calls of a world, in which one of the first page's posts waits for its team."""
    store = CallStore(world.table)
    world.table.write(store.put(a_call(world.clock()), None))
    return Calls(
        store, changer=changer, accounts=world.accounts, people=world.people,
        responsible=lambda account: Responsible(who=f"team:{account.team}", capacity="control"),
        wake=lambda: None, notify=lambda: None,
    )  # fmt: skip
