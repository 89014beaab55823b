"""The X API v2: what a desk reads of its account, and what it may do with it."""

import hashlib
import re

from flask import Blueprint, Response, g, jsonify, request

from sandbox import x_lists as lists
from sandbox.api import json_body
from sandbox.clock import HOUR
from sandbox.state import Doc, Node
from sandbox.world import RefusedError, World, snowflake_time
from sandbox.x_errors import Windows, XError, invalid, missing
from sandbox.x_media import XMedia, read_poll, weighted
from sandbox.x_platform import LONGEST, PLATFORM, X
from sandbox.x_query import matches

_SEARCH_HOURS = 7 * 24
_MOST_IDS = 100
_LONGEST_QUERY = 512


class XApi:
    """Answers X calls for one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._x = X(world)
        self._media = XMedia(world)
        self._windows = Windows(world)

    def blueprint(self) -> Blueprint:
        """Return the routes, to be mounted at ``/x/2``."""
        blueprint = Blueprint("x", __name__)
        for method, rule, view in (
            ("GET", "/users/<key>", self.user),
            ("GET", "/users/by/username/<handle>", self.user_by_handle),
            ("GET", "/users/<key>/mentions", self.mentions),
            ("GET", "/users/<key>/tweets", self.own_tweets),
            ("GET", "/tweets/search/recent", self.search),
            ("GET", "/tweets", self.tweets),
            ("GET", "/tweets/<key>", self.tweet),
            ("POST", "/tweets", self.post),
            ("PUT", "/tweets/<key>/hidden", self.hide),
            ("DELETE", "/tweets/<key>", self.delete),
            ("POST", "/users/<key>/likes", self.like),
            ("DELETE", "/users/<key>/likes/<post>", self.like),
            ("GET", "/users/<key>/liked_tweets", self.liked),
            ("POST", "/media/upload/initialize", self._media.initialize),
            ("POST", "/media/upload/<key>/append", self._media.append),
            ("POST", "/media/upload/<key>/finalize", self._media.finalize),
            ("GET", "/media/upload", self._media.status),
            ("POST", "/media/metadata", self._media.metadata),
            ("GET", "/dm_events", self.messages),
            ("GET", "/dm_conversations/with/<key>/dm_events", self.messages),
            ("POST", "/dm_conversations/with/<key>/messages", self.send),
        ):
            blueprint.add_url_rule(rule, f"{method} {rule}".replace(".", "_"), view, methods=[method])
        blueprint.before_request(self._enter)
        blueprint.after_request(self._headers)
        blueprint.register_error_handler(XError, _answer)
        blueprint.register_error_handler(RefusedError, _refused)
        return blueprint

    def user(self, key: str) -> Response:
        """Answer ``GET /users/:id`` and ``/users/me``."""
        key = g.account["id"] if key == "me" else key
        known = self._world.account(PLATFORM, key) or self._world.store.get("author", f"{PLATFORM}:{key}")
        if known is None:
            return jsonify({"errors": [missing("user", "id", key)]})
        return jsonify({"data": lists.user(known, request.args)})

    def user_by_handle(self, handle: str) -> Response:
        """Answer ``GET /users/by/username/:username``."""
        for person in (*self._world.store.all("account"), *self._world.store.all("author")):
            if person["platform"] == PLATFORM and person["handle"].lower() == handle.lower():
                return jsonify({"data": lists.user(person, request.args)})
        return jsonify({"errors": [missing("user", "username", handle)]})

    def mentions(self, key: str) -> Response:
        """Answer ``GET /users/:id/mentions``: explicit mentions and direct replies."""
        self._own(key)
        found = [n for n in self._x.timeline() if n.author != key and _concerns(n, key)]
        return self._tweets(found, least=5)

    def own_tweets(self, key: str) -> Response:
        """Answer ``GET /users/:id/tweets``."""
        return self._tweets([n for n in self._x.timeline() if n.author == key], least=5)

    def search(self) -> Response:
        """Answer ``GET /tweets/search/recent``: seven days, newest first."""
        query = request.args.get("query", "").strip()
        if not query:
            raise invalid("query", query, "can not be empty")
        if len(query) > _LONGEST_QUERY:
            raise invalid("query", query, f"is longer than {_LONGEST_QUERY} characters")
        since = self._world.clock() - _SEARCH_HOURS * HOUR
        since_id = request.args.get("since_id", "")
        if since_id.isdigit() and snowflake_time(since_id) < since:
            raise invalid("since_id", since_id, "must be a Post ID created within the last seven days")
        people = {p["id"]: p for kind in ("account", "author") for p in self._world.store.all(kind)}
        try:
            found = [n for n in self._x.timeline() if n.created >= since and matches(query, n, people)]
        except ValueError as error:
            raise invalid("query", query, f"cannot be read: {error}") from error
        return self._tweets(found, least=10)

    def tweets(self) -> Response:
        """Answer ``GET /tweets?ids=``."""
        keys = request.args.get("ids", "").split(",")
        if not all(key.isdigit() for key in keys) or len(keys) > _MOST_IDS:
            raise invalid("ids", request.args.get("ids"), "is not a list of 1 to 100 Post IDs")
        found = {key: node for key in keys if (node := self._there(key)) is not None}
        body = lists.tweets(self._world, list(found.values()), request.args) if found else {}
        errors = [missing("tweet", "ids", key) for key in keys if key not in found]
        return jsonify(body | ({"errors": [*body.get("errors", []), *errors]} if errors else {}))

    def tweet(self, key: str) -> Response:
        """Answer ``GET /tweets/:id``; a missing one is a 200 with ``errors``."""
        if not key.isdigit():
            raise invalid("id", key, "is not valid")
        node = self._there(key)
        if node is None:
            return jsonify({"errors": [missing("tweet", "id", key)]})
        body = lists.tweets(self._world, [node], request.args)
        return jsonify(body | {"data": body["data"][0]})

    def post(self) -> tuple[Response, int]:
        """Answer ``POST /tweets``."""
        self._permitted()
        body = json_body()
        poll, media = read_poll(body.get("poll")), body.get("media")
        if poll and media:
            raise XError(400, "A Tweet can have a poll or media, not both.")
        text = str(body.get("text") or "").strip() if media else _text(body)
        reply_to = (body.get("reply") or {}).get("in_reply_to_tweet_id")
        if reply_to is not None and self._there(str(reply_to)) is None:
            raise XError(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
        if not media and self._x.said_before(g.account["id"], text, reply_to):
            raise XError(403, "You are not allowed to create a Tweet with duplicate content.")
        attached = self._media.usable(media.get("media_ids")) if media else []
        extra = {"said": text, "uploads": [one["id"] for one in attached]} | ({"poll": poll} if poll else {})
        with self._world.store.atomic():
            urls = self._media.use(attached)
            node = self._x.post(g.account, _shown(text, urls), reply_to=reply_to, media=urls, extra=extra)
        return jsonify({"data": {"id": node.id, "text": node.text, "edit_history_tweet_ids": [node.id]}}), 201

    def like(self, key: str, post: str | None = None) -> Response:
        """Answer ``POST /users/:id/likes`` and ``DELETE /users/:id/likes/:tweet_id``."""
        self._own(key)
        self._permitted()
        post = post or str(json_body().get("tweet_id") or "")
        node = self._there(post)
        if node is None:
            raise XError(404, f"Could not find tweet with id: [{post}].")
        liked = request.method == "POST"
        self._x.like(node, key, liked=liked)
        return jsonify({"data": {"liked": liked}})

    def liked(self, key: str) -> Response:
        """Answer ``GET /users/:id/liked_tweets``, the latest like first."""
        found = self._x.liked(key)[: int(request.args.get("max_results", "100"))]
        body = lists.tweets(self._world, found, request.args)
        return jsonify(_list(body, {"result_count": len(found)}))

    def hide(self, key: str) -> Response:
        """Answer ``PUT /tweets/:id/hidden``."""
        self._permitted()
        hidden = json_body().get("hidden")
        if not isinstance(hidden, bool):
            raise XError(400, "The `hidden` field is required and must be true or false.")
        node = self._there(key)
        if node is None:
            raise XError(404, f"Could not find tweet with id: [{key}].")
        root = self._world.store.node(PLATFORM, node.thread)
        if node.parent is None or root is None or root.author != g.account["id"]:
            raise XError(403, "The Tweet is not a reply to a conversation started by the authenticated user.")
        return jsonify({"data": {"hidden": self._x.hide(node, hidden=hidden).state == "hidden"}})

    def delete(self, key: str) -> Response:
        """Answer ``DELETE /tweets/:id``: own posts only."""
        self._permitted()
        node = self._there(key)
        if node is None:
            raise XError(404, f"Could not find tweet with id: [{key}].")
        if node.author != g.account["id"]:
            raise XError(403, "You are not authorized to delete this Tweet.")
        self._x.delete(node, by="api")
        return jsonify({"data": {"deleted": True}})

    def messages(self, key: str | None = None) -> Response:
        """Answer ``GET /dm_events``, of one conversation or of all."""
        nodes = self._world.store.nodes(PLATFORM, account=g.account["id"], kind="message")
        found = [n for n in nodes if not n.gone and key in (None, n.extra["person"])]
        if "MessageCreate" not in request.args.get("event_types", "MessageCreate"):
            found = []
        found.sort(key=lambda n: int(n.id), reverse=True)
        shown, meta = lists.page(found, request.args, least=1, usual=100)
        return jsonify(_list(lists.messages(self._world, shown, request.args), meta))

    def send(self, key: str) -> tuple[Response, int]:
        """Answer ``POST /dm_conversations/with/:id/messages``."""
        self._permitted()
        person = self._world.store.get("author", f"{PLATFORM}:{key}")
        if person is None:
            raise XError(403, "You do not have permission to DM one or more participants.")
        body = json_body()
        attached = body.get("attachments")
        usable = self._media.usable([one.get("media_id") for one in attached], use="dm") if attached else []
        text = str(body.get("text") or "").strip() if usable else _text(body, 10_000)
        urls = self._media.use(usable)
        node = self._x.message(g.account["id"], person, text, outgoing=True, media=urls)
        return jsonify({"data": {"dm_conversation_id": node.thread, "dm_event_id": node.id}}), 201

    def _enter(self) -> None:
        if g.account is None or g.account.get("token_state", "valid") != "valid" or self._over(g.account):
            raise XError(401)
        self._windows.count(g.account, self._endpoint())

    def _over(self, account: Doc) -> bool:
        return 0 < int(account.get("token_until", 0)) <= self._world.clock()

    def _endpoint(self) -> str:
        return f"{request.method} {request.url_rule.rule if request.url_rule else ''}"

    def _headers(self, response: Response) -> Response:
        fault = next((f for f in g.get("faults", []) if f["kind"] == "throttle"), None)
        response.headers["x-transaction-id"] = self._world.message_id()[2:18]
        response.headers.update(self._windows.headers(g.get("account"), self._endpoint(), fault))
        return response

    def _own(self, key: str) -> None:
        if key != g.account["id"]:
            raise XError(403, "You are not permitted to view this user's mentions.")

    def _permitted(self) -> None:
        if not g.account.get("permitted", True):
            raise XError(403, "You are not permitted to perform this action.")

    def _there(self, key: str) -> Node | None:
        node = self._world.store.node(PLATFORM, key)
        return None if node is None or node.gone or node.kind == "message" else node

    def _tweets(self, found: list[Node], *, least: int) -> Response:
        shown, meta = lists.page(lists.between(found, request.args), request.args, least=least)
        return jsonify(_list(lists.tweets(self._world, shown, request.args), meta))


def _list(body: Doc, meta: Doc) -> Doc:
    # An empty list has no `data` at all on X.
    return (body if body["data"] else {}) | {"meta": meta}


def _concerns(node: Node, key: str) -> bool:
    return node.extra.get("reply_to_user") == key or any(m["id"] == key for m in node.extra["mentions"])


def _text(body: Doc, longest: int = LONGEST) -> str:
    text = str(body.get("text") or "").strip()
    if not text or weighted(text) > longest:
        raise XError(400, f"The `text` field must have 1 to {longest} characters.")
    return text


def _shown(text: str, media: list[str]) -> str:
    """Return a post's words as X shows them: links are its own, and one at the end stands for what is attached."""
    words = re.sub(r"https?://[^\s]+", lambda found: _short(found[0]), text)
    return f"{words} {_short(media[0])}".strip() if media else words


def _short(address: str) -> str:
    return f"https://t.co/{hashlib.sha256(address.encode()).hexdigest()[:10]}"


def _answer(error: XError) -> Response:
    return error.answer()


def _refused(error: RefusedError) -> Response:
    return XError(404 if error.missing else 403, str(error)).answer()
