"""What a page's app may do through the Graph API, and the refusals it meets."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.facebook import PLATFORM, Facebook
from sandbox.graph_errors import GraphError, gone
from sandbox.graph_publishing import GraphPublishing
from sandbox.state import Doc, Node
from sandbox.world import World

Readable = Callable[[Doc, str], Node]

_DONE = {"success": True}
_WINDOW_SUBCODE = 2018278
_NO_USER = 2018001
_TRUE = ("true", "1", True, 1)


class Writes:
    """Carries out the writes; ``readable`` finds a node the page may see."""

    def __init__(self, world: World, readable: Readable, publishing: GraphPublishing) -> None:
        self._world = world
        self._publishing = publishing
        self._readable = readable
        self._facebook = Facebook(world)

    def change(self, account: Doc, key: str, values: Doc) -> Doc:
        """``POST /{comment}`` with ``is_hidden`` or ``message``."""
        node = self._readable(account, key)
        _permitted(account)
        if "is_hidden" in values:
            if node.kind not in ("comment", "reply"):
                raise GraphError(100, "(#100) The parameter is_hidden is not supported on this object")
            if node.author == node.account:
                raise GraphError(200, "(#200) This comment cannot be hidden by its own page", status=403)
            self._facebook.hide(node, hidden=values["is_hidden"] in _TRUE)
            return _DONE
        if "message" in values:
            if node.author != node.account:
                raise GraphError(200, "(#200) Only the author can edit this", status=403)
            self._facebook.edit(node, str(values["message"]), by="api")
            return _DONE
        raise GraphError(100, "(#100) Missing parameter: is_hidden or message")

    def delete(self, account: Doc, key: str) -> Doc:
        """``DELETE /{comment}`` or ``DELETE /{post}``."""
        node = self._readable(account, key)
        _permitted(account)
        if node.kind == "message":
            raise GraphError(100, "(#100) Messages cannot be deleted by the page")
        self._facebook.delete(node, by="api")
        return _DONE

    def edge(self, method: str, account: Doc, key: str, edge: str, values: Doc) -> Doc:
        """Answer everything below an object but reading."""
        if edge == "comments" and method == "POST":
            node = self._readable(account, key)
            _permitted(account)
            return self._comment(account, node, values)
        if edge == "likes" and method in ("POST", "DELETE"):
            node = self._readable(account, key)
            _permitted(account)
            self._facebook.like(node, account["id"], liked=method == "POST")
            return _DONE
        if key != account["id"]:
            raise gone(key, method)
        if edge in ("feed", "photos", "videos") and method == "POST":
            _permitted(account)
            publish = {"feed": self._publishing.feed, "photos": self._publishing.photos}
            return publish.get(edge, self._publishing.videos)(account, values)
        if edge == "messages" and method == "POST":
            return self._send(account, values)
        if edge == "blocked":
            return self._blocked(method, account, values)
        if edge == "subscribed_apps":
            return self._subscribed(method, account, values)
        raise GraphError(100, f"(#100) Unsupported {method.lower()} request on edge {edge}")

    def _comment(self, account: Doc, node: Node, values: Doc) -> Doc:
        media = []
        if values.get("attachment_id"):
            media = [self._publishing.use(self._publishing.picture(account, str(values["attachment_id"])))]
        text = str(values.get("message") or "").strip() if media else _text(values, "message")
        return {"id": self._facebook.comment(node.id, account, text, media=media).id}

    def _answer_privately(self, account: Doc, node: Node, message: Doc) -> Doc:
        """Write to who wrote a comment or post: once, within seven days."""
        if node.extra.get("answered"):
            raise GraphError(10900, "(#10900) Activity already replied to")
        if not self._facebook.answerable(node):
            raise GraphError(10, "(#10) This message is sent outside of allowed window.", subcode=_WINDOW_SUBCODE)
        person = self._world.person(PLATFORM, node.author)
        sent = self._facebook.message(account["id"], person, _text(message, "text"), outgoing=True)
        node.extra["answered"] = sent.id
        self._world.store.write(node)
        return {"recipient_id": person["id"], "message_id": sent.id}

    def _send(self, account: Doc, values: Doc) -> Doc:
        recipient, message = _object(values, "recipient"), _object(values, "message")
        about = recipient.get("comment_id") or recipient.get("post_id")
        if about is not None:
            node = self._readable(account, str(about))
            _permitted(account)
            return self._answer_privately(account, node, message)
        person = self._world.store.get("author", f"{PLATFORM}:{recipient.get('id')}")
        if person is None:
            raise GraphError(100, "(#100) No matching user found", subcode=_NO_USER)
        _permitted(account)
        human = values.get("tag") == "HUMAN_AGENT" and values.get("messaging_type") == "MESSAGE_TAG"
        if not self._facebook.window_open(account["id"], person["id"], human_agent=human):
            text = "(#10) This message is sent outside of allowed window."
            raise GraphError(10, text, subcode=_WINDOW_SUBCODE)
        node = self._facebook.message(account["id"], person, _text(message, "text"), outgoing=True)
        return {"recipient_id": person["id"], "message_id": node.id}

    def _blocked(self, method: str, account: Doc, values: Doc) -> Doc:
        if method == "GET":
            asked = values.get("user") or values.get("uid")
            blocked = [key for key in self._facebook.blocked(account["id"]) if asked in (None, key)]
            people = [self._world.person(PLATFORM, key) for key in blocked]
            return {"data": [{"id": p["id"], "name": p["name"]} for p in people]}
        _permitted(account)
        key = str(values.get("user") or values.get("psid") or values.get("asid") or "")
        if self._world.store.get("author", f"{PLATFORM}:{key}") is None:
            raise GraphError(100, "(#100) Param user must be a person who has been on this page")
        self._facebook.block(account["id"], key, blocked=method == "POST")
        return {key: True} if method == "POST" else _DONE

    def _subscribed(self, method: str, account: Doc, values: Doc) -> Doc:
        if method == "GET":
            app = {"id": "1517776481860111", "name": "Bluelamp", "category": "Utilities"}
            app |= {"subscribed_fields": account.get("subscribed_fields", ["feed", "messages"])}
            return {"data": [app] if account.get("subscribed", True) else []}
        account["subscribed"] = method == "POST"
        if values.get("subscribed_fields"):
            account["subscribed_fields"] = str(values["subscribed_fields"]).split(",")
        self._world.save_account(account)
        return _DONE


def _permitted(account: Doc) -> None:
    if not account.get("permitted", True):
        raise GraphError(200, "(#200) Requires pages_manage_engagement permission to manage the object", status=403)


def _text(values: Doc, name: str) -> str:
    text = str(values.get(name) or "").strip()
    if not text:
        raise GraphError(100, f"(#100) Missing or empty parameter: {name}")
    return text


def _object(values: Doc, name: str) -> Doc:
    value: Any = values.get(name)
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise GraphError(100, f"(#100) Param {name} must be a JSON object") from error
    if not isinstance(value, dict):
        raise GraphError(100, f"(#100) Param {name} must be a JSON object")
    return value
