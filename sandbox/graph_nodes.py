"""Pages, posts, comments, conversations and messages as the Graph API writes them.

Without ``fields`` only the platform's few default fields come back; a field a node does not have is an error, as it is
there; a field without a value is left out.
"""

from collections.abc import Callable
from typing import Any

from sandbox.clock import graph_time
from sandbox.facebook import Facebook
from sandbox.facebook_events import permalink
from sandbox.films import is_film, still
from sandbox.graph_errors import GraphError
from sandbox.graph_fields import Wanted
from sandbox.graph_publishing import attachment, attachments
from sandbox.state import Doc, Node
from sandbox.world import World

Edge = Callable[[str, str, Wanted], Doc]

_DEFAULTS = {
    "page": ("name", "id"),
    "user": ("name", "id"),
    "video": ("id", "description", "created_time"),
    "post": ("created_time", "message", "id"),
    "comment": ("created_time", "from", "message", "id"),
    "conversation": ("id", "link", "updated_time"),
    "message": ("id", "created_time"),
}
_EDGES = {
    "page": ("feed", "posts", "conversations"),
    "user": (),
    "video": (),
    "post": ("comments",),
    "comment": ("comments",),
    "conversation": ("messages",),
    "message": (),
}


class Renderer:
    """Writes nodes; ``edge`` reads a list that ``fields`` asks for inside a node."""

    def __init__(self, world: World, edge: Edge) -> None:
        self._world = world
        self._edge = edge
        self._facebook = Facebook(world)

    def node(self, node: Node, wanted: tuple[Wanted, ...]) -> Doc:
        """Write a post, comment or message."""
        if node.kind == "message":
            return self._pick("message", node.id, self._message(node), wanted)
        if node.kind == "post":
            return self._pick("post", node.id, self._post(node), wanted)
        return self._pick("comment", node.id, self._comment(node), wanted)

    def page(self, page: Doc, wanted: tuple[Wanted, ...]) -> Doc:
        """Write a page."""
        link = f"https://www.facebook.com/{page['handle']}"
        values = {"id": page["id"], "name": page["name"], "username": page["handle"], "link": link}
        values |= {"access_token": page["token"], "category": "Police station", "fan_count": 12043}
        return self._pick("page", page["id"], values, wanted)

    def film(self, film: Doc, wanted: tuple[Wanted, ...]) -> Doc:
        """Write a video of the page's."""
        return self._pick("video", film["id"], film, wanted)

    def user(self, person: Doc, wanted: tuple[Wanted, ...]) -> Doc:
        """Write a person, of whom little may be seen."""
        return self._pick("user", person["id"], {"id": person["id"], "name": person["name"]}, wanted)

    def conversation(self, known: Doc, wanted: tuple[Wanted, ...]) -> Doc:
        """Write a conversation."""
        ever = self._world.store.nodes("facebook", thread=known["id"])
        written = [n for n in ever if not n.gone]
        both = (self._world.person("facebook", known["person"]), self._world.person("facebook", known["page"]))
        people = [{"name": p["name"], "email": f"{p['id']}@facebook.com", "id": p["id"]} for p in both]
        values = {
            "id": known["id"],
            "link": f"/{known['page']}/inbox/{known['id'][2:]}/",
            "updated_time": graph_time(max((n.updated for n in ever), default=0)),
            "message_count": len(written),
            "unread_count": 0,
            "can_reply": True,
            "participants": {"data": people},
            "senders": {"data": people},
            "snippet": written[-1].text[:100] if written else None,
        }
        return self._pick("conversation", known["id"], values, wanted)

    def _post(self, node: Node) -> Doc:
        return {
            "id": node.id,
            "message": node.text,
            "created_time": graph_time(node.created),
            "updated_time": graph_time(node.updated),
            "from": self._from(node),
            "to": {"data": [{"id": node.account, "name": self._world.person("facebook", node.account)["name"]}]},
            "permalink_url": permalink(node),
            "is_hidden": node.state == "hidden",
            "is_published": True,
            "full_picture": attachment(node.media[0])["media"]["image"]["src"] if node.media else None,
            "attachments": attachments(node),
            "can_reply_privately": self._facebook.answerable(node),
            "status_type": "mobile_status_update",
        }

    def _comment(self, node: Node) -> Doc:
        return {
            "id": node.id,
            "message": node.text,
            "created_time": graph_time(node.created),
            "from": self._from(node),
            "parent": self._parent(node),
            "object": {"id": node.thread},
            "is_hidden": node.state == "hidden",
            "is_private": False,
            "can_hide": node.author != node.account,
            "can_remove": True,
            "can_comment": True,
            "can_like": True,
            "can_reply_privately": self._facebook.answerable(node),
            "comment_count": sum(not n.gone for n in self._world.store.nodes("facebook", parent=node.id)),
            "like_count": int(self._facebook.likes(node)),
            "user_likes": self._facebook.likes(node),
            "permalink_url": permalink(node),
            "attachment": attachment(node.media[0]) if node.media else None,
        }

    def _message(self, node: Node) -> Doc:
        person = self._world.person("facebook", node.extra["person"])
        page = self._world.person("facebook", node.account)
        sender, receiver = (page, person) if node.author == node.account else (person, page)
        sent = [_sent(url) for url in node.media]
        return {
            "id": node.id,
            "created_time": graph_time(node.created),
            "from": {"name": sender["name"], "email": f"{sender['id']}@facebook.com", "id": sender["id"]},
            "to": {
                "data": [{"name": receiver["name"], "email": f"{receiver['id']}@facebook.com", "id": receiver["id"]}]
            },
            "message": node.text,
            "attachments": {"data": sent} if sent else None,
            "tags": {"data": [{"name": "inbox"}]},
        }

    def _from(self, node: Node) -> Doc | None:
        person = self._world.person("facebook", node.author)
        return None if person.get("nameless") else {"name": person["name"], "id": person["id"]}

    def _parent(self, node: Node) -> Doc | None:
        if node.kind != "reply" or node.parent is None:
            return None
        parent = self._world.store.node("facebook", node.parent)
        return None if parent is None or parent.gone else {"id": parent.id, "message": parent.text}

    def _pick(self, kind: str, key: str, values: Doc, wanted: tuple[Wanted, ...]) -> Doc:
        names = wanted or tuple(Wanted(name) for name in _DEFAULTS[kind])
        body: dict[str, Any] = {}
        for field in names:
            if field.name in _EDGES[kind]:
                body[field.name] = self._edge(key, field.name, field)
            elif field.name not in values:
                raise GraphError(
                    100, f"(#100) Tried accessing nonexisting field ({field.name}) on node type ({kind.capitalize()})"
                )
            elif values[field.name] is not None:
                body[field.name] = _inner(values[field.name], field.inner)
        return {**body, "id": key}


def _sent(url: str) -> Doc:
    if is_film(url):
        return {"mime_type": "video/mp4", "video_data": {"url": url, "preview_url": still(url)}}
    return {"mime_type": "image/jpeg", "image_data": {"url": url}}


def _inner(value: Any, wanted: tuple[Wanted, ...]) -> Any:
    if not wanted:
        return value
    if isinstance(value, list):
        return [_inner(entry, wanted) for entry in value]
    if isinstance(value, dict):
        if set(value) == {"data"}:
            return {"data": _inner(value["data"], wanted)}
        return {field.name: _inner(value[field.name], field.inner) for field in wanted if field.name in value}
    return value
