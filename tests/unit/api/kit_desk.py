"""What officers do with a post together, behind the routes: the real services, a tag and a saved reply."""

from __future__ import annotations

from typing import Any

from bluelamp.accounts.finder import AccountFinder
from bluelamp.audit.wake import Wake
from bluelamp.cloud.memory import MemoryQueue
from bluelamp.cursors import Cursors
from bluelamp.moderation.naming import fit_to_repeat
from bluelamp.posts.casework import Casework
from bluelamp.posts.changing import Changer
from bluelamp.posts.colleagues import Reach
from bluelamp.posts.conversation import Conversations
from bluelamp.posts.model import PersonName, Tag
from bluelamp.posts.store import PostStore
from bluelamp.posts.tagging import PARTITION, Tags
from bluelamp.posts.worklists import Worklists
from bluelamp.presence.service import Presence
from bluelamp.presence.store import PresenceStore
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.replies.model import SavedReply
from bluelamp.replies.service import Replies
from bluelamp.replies.store import ReplyStore, saved

REPLY = "01C0SVDZZZMMMMMMMMMMMMSVD0"
TEXT = "Thank you. {account} will look into it."
_CHANGED = {"title": "Thanks", "text": "Thank you for telling us.", "rev": 1}
_NEW = {"scope": "force", "title": "Thanks", "text": "Thank you, {name}."}

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("POST", "/posts/{post}/assign"): ("assign", {"person": "comms"}, 200),
    ("POST", "/posts/{post}/unassign"): ("assign", {}, 200),
    ("POST", "/posts/{post}/tag"): ("tag", {"tag": "fair"}, 200),
    ("POST", "/posts/{post}/untag"): ("tag", {"tag": "fair"}, 200),
    ("POST", "/posts/{post}/reference"): ("refer", {"ref": "42/12345/26"}, 200),
    ("POST", "/posts/{post}/presence"): ("see", {}, 200),
    ("GET", "/posts/{post}/author"): ("see", None, 200),
    ("GET", "/posts/{post}/conversation"): ("see", None, 200),
    ("GET", "/posts/{post}/colleagues"): ("see", None, 200),
    ("GET", "/tags"): (None, None, 200),
    ("PUT", "/tags/fair"): ("tags", {"name": "Summer fair", "rev": 1}, 200),
    ("DELETE", "/tags/fair"): ("tags", {}, 200),
    ("GET", "/replies"): (None, None, 422),
    ("POST", "/replies"): ("replies of the force", _NEW, 201),
    ("PUT", f"/replies/{REPLY}"): ("replies of the force", _CHANGED, 200),
    ("DELETE", f"/replies/{REPLY}"): ("replies of the force", {}, 200),
    ("POST", f"/replies/{REPLY}/preview"): ("see", {"post": "pown"}, 200),
}


# What the routes call, by its permission; the core of fakes answers for these.
VERBS = {"assign": "assign", "unassign": "assign", "tag": "tag", "untag": "tag", "refer": "refer"}


class Fixed(PostStore):
    """Posts that are there without being in the table."""

    def __init__(self, table: Any, post_of: Any) -> None:
        super().__init__(table)
        self._post_of = post_of

    def get(self, post_id: str, *, consistent: bool = False) -> Any:
        del consistent
        return self._post_of(post_id)


def equip(world: Any, *, changer: Changer | None = None, post_of: Any = None) -> None:
    """Give a world the services, over its own posts or those of a changer."""
    table, clock = world.table, world.clock
    words = Pseudonyms(b"p" * 32)
    changer = changer or Changer(
        posts=Fixed(table, post_of),
        accounts=AccountFinder(world.accounts, clock),
        offered=lambda post: frozenset({"hide", "unhide", "delete", "reply"}),
        pseudonyms=words,
        wake=Wake(MemoryQueue()),
        live=MemoryQueue(),
        vault=lambda: None,  # type: ignore[arg-type,return-value]  # nothing here has words to keep
        clock=clock,
    )
    world.reach = Reach(people=world.people, changer=changer, clock=clock)
    world.tags = Tags(table, wake=lambda: None, clock=clock)
    world.casework = Casework(changer=changer, reach=world.reach, tags=world.tags, notify=lambda: None)
    world.worklists = Worklists(changer=changer, cursors=Cursors(b"s" * 32), wake=lambda: None)
    world.conversations = Conversations(changer=changer, cursors=Cursors(b"s" * 32), wake=lambda: None)
    world.presence = Presence(PresenceStore(table), accounts=changer.accounts, clock=clock)
    world.replies = Replies(
        ReplyStore(table),
        accounts=world.accounts,
        changer=changer,
        pseudonyms=words,
        wake=lambda: None,
        fit=fit_to_repeat,
        clock=clock,
    )


def put_in(table: Any) -> None:
    """Put a tag and a saved reply into a table."""
    table.items[PARTITION, "fair"] = {"pk": PARTITION, "sk": "fair", **Tag(code="fair", name="Fair").model_dump()}
    by = PersonName(id="comms", name="Comms")
    reply = SavedReply(id=REPLY, scope="force", title="Thanks", text=TEXT, by=by, at="2026-11-22T15:00:00.000Z")
    for write in saved(None, reply):
        table.items[write.key] = write.item


def _deed(verb: str, body: Any) -> Any:
    return lambda _: {"path": f"/posts/pown/{verb}", "body": body}


def _after(verb: str, body: Any, then: str, again: Any) -> Any:
    def scene(whole: Any) -> dict[str, Any]:
        answer = whole.call("POST", f"/posts/pown/{verb}", by="comms", body=body)
        assert answer.status == 200, answer.body
        return {"path": f"/posts/pown/{then}", "body": again}

    return scene


def _nothing(_: Any) -> dict[str, Any]:
    return {}


def _at(path: str, body: Any = None, query: dict[str, str] | None = None) -> Any:
    return lambda _: {"path": path, "body": body, "query": query}


FAIR = {"tag": "fair"}
ROWS: list[tuple[str, str, tuple[str, ...], str, Any]] = [
    ("POST", "/posts/{post_id}/assign", ("assign",), "comms", _deed("assign", {"person": "local"})),
    (
        "POST",
        "/posts/{post_id}/unassign",
        ("assign",),
        "comms",
        _after("assign", {"person": "local"}, "unassign", {}),
    ),
    ("POST", "/posts/{post_id}/tag", ("tag",), "comms", _deed("tag", FAIR)),
    ("POST", "/posts/{post_id}/untag", ("tag",), "comms", _after("tag", FAIR, "untag", FAIR)),
    ("POST", "/posts/{post_id}/reference", ("reference",), "comms", _deed("reference", {"ref": "42/12345/26"})),
    ("POST", "/posts/{post_id}/presence", (), "comms", _deed("presence", {"writing": True})),
    ("POST", "/posts/{post_id}/presence", (), "comms", _deed("presence", {})),
    ("GET", "/posts/{post_id}/author", ("search",), "comms", _nothing),
    ("GET", "/posts/{post_id}/conversation", ("view", "search"), "comms", _nothing),
    ("GET", "/posts/{post_id}/colleagues", ("search",), "comms", _nothing),
    ("PUT", "/tags/{tag}", ("config",), "admin", _at("/tags/fair", {"name": "Summer fair", "rev": 1})),
    ("DELETE", "/tags/{tag}", ("config",), "admin", _at("/tags/fair", {})),
    ("GET", "/replies", ("search",), "comms", _at("/replies", None, {"account": "facebook-1"})),
    ("POST", "/replies", ("config",), "comms", _at("/replies", _NEW)),
    ("PUT", "/replies/{reply_id}", ("config",), "comms", _at(f"/replies/{REPLY}", _CHANGED)),
    ("DELETE", "/replies/{reply_id}", ("config",), "comms", _at(f"/replies/{REPLY}", {})),
    ("POST", "/replies/{reply_id}/preview", ("view",), "comms", _at(f"/replies/{REPLY}/preview", {"post": "pown"})),
]
# Heartbeats leave no record: see `bluelamp.presence.service`.
QUIET_ROUTES = {("POST", "/posts/{post_id}/presence")}
