"""The Graph API: reading pages, posts, comments and conversations, and the way to `graph_writes` for the rest."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request

from sandbox import graph_errors, graph_writes
from sandbox.api import fields, token
from sandbox.clock import SECOND, parse_time
from sandbox.consent import Consent
from sandbox.graph_errors import GraphError, gone, token_error
from sandbox.graph_fields import Wanted, parse_fields, write_fields
from sandbox.graph_nodes import Renderer
from sandbox.graph_publishing import GraphPublishing
from sandbox.state import Doc, Node
from sandbox.world import RefusedError, World

PLATFORM = "facebook"
_MOST = 100
_USUAL = 25
_PAGE_EDGES = ("feed", "posts", "visitor_posts", "conversations")


class Graph:
    """Answers Graph calls for one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._consent = Consent(world)
        self._render = Renderer(world, self._nested)
        self._publishing = GraphPublishing(world)
        self._writes = graph_writes.Writes(world, self.readable, self._publishing)

    def blueprint(self) -> Blueprint:
        """Return the routes, to be mounted at ``/graph``."""
        blueprint = Blueprint("graph", __name__)
        verbs = ["GET", "POST", "DELETE"]
        blueprint.add_url_rule("/<version>/<key>", "node", self.node, methods=verbs)
        blueprint.add_url_rule("/<version>/<key>/<edge>", "edge", self.edge, methods=verbs)
        blueprint.register_error_handler(GraphError, _answer)
        blueprint.register_error_handler(RefusedError, _not_allowed)
        blueprint.after_request(self._headers)
        return blueprint

    def node(self, version: str, key: str) -> Response:
        """Answer ``/{id}``."""
        del version
        page = None if g.account else self._consent.page_of(token(), key)
        if page is not None:
            return jsonify(page)
        account = self._caller()
        key = account["id"] if key == "me" else key
        film = self._publishing.film(account, key)
        if request.method == "POST":
            values = fields()
            if film is not None and "description" in values:
                values["message"] = values["description"]
            return jsonify(self._writes.change(account, _post_of(film, key), values))
        if request.method == "DELETE":
            return jsonify(self._writes.delete(account, _post_of(film, key)))
        return jsonify(self._read(account, key, _wanted(fields().get("fields", ""))))

    def edge(self, version: str, key: str, edge: str) -> Response:
        """Answer ``/{id}/{edge}``."""
        del version
        account = self._caller()
        key = account["id"] if key == "me" else key
        if request.method != "GET" or edge in ("blocked", "subscribed_apps"):
            return jsonify(self._writes.edge(request.method, account, key, edge, fields()))
        query = request.args.to_dict()
        return jsonify(self._list(account, key, edge, query, _wanted(query.pop("fields", ""))))

    def readable(self, account: Doc, key: str) -> Node:
        """Return a node the page may see; raise GraphError 100/33 for any other."""
        node = self._world.store.node(PLATFORM, key)
        if node is None or node.gone or node.account != account["id"]:
            raise gone(key, request.method)
        return node

    def _caller(self) -> Doc:
        account: Doc | None = g.account
        if account is None:
            raise token_error("unknown")
        if account.get("token_state", "valid") != "valid":
            raise token_error(account["token_state"])
        graph_errors.count_call(self._world, account)
        return account

    def _read(self, account: Doc, key: str, wanted: tuple[Wanted, ...]) -> Doc:
        if key == account["id"]:
            return self._render.page(account, wanted)
        known = self._world.store.get("thread", key)
        if known is not None and known["page"] == account["id"]:
            return self._render.conversation(known, wanted)
        author = self._world.store.get("author", f"{PLATFORM}:{key}")
        if author is not None:
            return self._render.user(author, wanted)
        film = self._publishing.film(account, key)
        if film is not None:
            post = self._world.store.node(PLATFORM, film.get("post") or "")
            if post is not None and post.gone:
                raise gone(key, request.method)
            return self._render.film(self._publishing.described(film), wanted)
        return self._render.node(self.readable(account, key), wanted)

    def _nested(self, key: str, edge: str, wanted: Wanted) -> Doc:
        return self._list(g.account, key, edge, dict(wanted.arguments), wanted.inner)

    def _list(self, account: Doc, key: str, edge: str, query: dict[str, str], wanted: tuple[Wanted, ...]) -> Doc:
        render: Callable[[Any], Doc]
        if edge == "conversations" and key == account["id"]:
            items = self._conversations(key, query.get("user_id"))

            def render(item: Any) -> Doc:
                return self._render.conversation(item, wanted)
        elif edge == "videos" and key == account["id"]:
            items = self._films(account, query)

            def render(item: Any) -> Doc:
                return self._render.film(self._publishing.described(item), wanted)
        else:
            items = [((n.created, n.seq), n) for n in _between(self._found(account, key, edge, query), query)]

            def render(item: Any) -> Doc:
                return self._render.node(item, wanted)

        oldest_first = edge == "comments" and query.get("order", "chronological") == "chronological"
        shown, paging = _page(items, query, oldest_first=oldest_first)
        if "next" in paging:
            after = {"access_token": token(), **query, "after": paging["cursors"]["after"]}
            after |= {"fields": write_fields(wanted)} if wanted else {}
            after.pop("before", None)
            version = request.path.split("/")[2]
            paging["next"] = f"{request.host_url}graph/{version}/{key}/{edge}?{urlencode(after)}"
        return {"data": [render(item) for item in shown]} | ({"paging": paging} if paging else {})

    def _films(self, account: Doc, query: dict[str, str]) -> list[tuple[tuple[int, int], Any]]:
        """Return a page's videos that are still there, each beside when it was published."""
        there: list[tuple[tuple[int, int], Any]] = []
        for film in self._publishing.films(account):
            node = self._world.store.node(PLATFORM, film.get("post") or "")
            if node is None or (not node.gone and _between([node], query)):
                there.append(((film["finished"], int(film["id"])), film))
        return there

    def _conversations(self, page: str, person: str | None) -> list[tuple[tuple[int, int], Any]]:
        """Return a page's conversations, each beside when it last changed, which is what they are listed by."""
        placed: list[tuple[tuple[int, int], Any]] = []
        for known in self._world.store.all("thread"):
            written = self._world.store.nodes(PLATFORM, thread=known["id"])
            if known["page"] == page and person in (None, known["person"]) and written:
                changed = max(node.updated for node in written)
                placed.append(((changed // SECOND, int(known["id"].removeprefix("t_"))), known))
        return placed

    def _found(self, account: Doc, key: str, edge: str, query: dict[str, str]) -> list[Node]:
        if edge in _PAGE_EDGES:
            if key != account["id"]:
                raise gone(key, request.method)
            return self._feed(key, edge)
        if edge == "comments":
            return self._comments(self.readable(account, key), query)
        if edge == "messages" and (self._world.store.get("thread", key) or {}).get("page") == account["id"]:
            return [n for n in self._world.store.nodes(PLATFORM, thread=key) if not n.gone]
        raise GraphError(100, f"(#100) Tried accessing nonexisting field ({edge}) on node with id {key}")

    def _feed(self, page: str, edge: str) -> list[Node]:
        found = [n for n in self._world.store.nodes(PLATFORM, account=page, kind="post") if not n.gone]
        if edge == "posts":
            return [n for n in found if n.author == page]
        return found if edge == "feed" else [n for n in found if n.author != page]

    def _comments(self, node: Node, query: dict[str, str]) -> list[Node]:
        if node.kind == "post":
            found = self._world.store.nodes(PLATFORM, thread=node.id)
            stream = query.get("filter") == "stream"
            found = [n for n in found if n.kind != "post" and (stream or n.kind == "comment")]
        else:
            found = self._world.store.nodes(PLATFORM, parent=node.id)
        return [n for n in found if not n.gone]

    def _headers(self, response: Response) -> Response:
        account = g.get("account")
        if "X-App-Usage" not in response.headers:
            percent, minutes = graph_errors.usage(self._world, account) if account else (0, 0)
            graph_errors.add_usage(response, account, percent=percent, minutes=minutes)
        response.headers["x-fb-trace-id"] = self._world.message_id()[2:13]
        response.headers["facebook-api-version"] = request.path.split("/")[2]
        return response


def _post_of(film: Doc | None, key: str) -> str:
    """Return the post that a video stands in, whose words and whose end are the video's."""
    return str((film or {}).get("post") or key)


def _wanted(text: str) -> tuple[Wanted, ...]:
    try:
        return parse_fields(text)
    except ValueError as error:
        raise GraphError(2500, str(error)) from error


def _between(nodes: list[Node], query: dict[str, str]) -> list[Node]:
    try:
        since = parse_time(query["since"]) if query.get("since") else None
        until = parse_time(query["until"]) if query.get("until") else None
    except ValueError as error:
        raise GraphError(100, "(#100) since and until must be Unix timestamps or strtotime values") from error
    return [n for n in nodes if (since is None or n.created >= since) and (until is None or n.created <= until)]


def _page(
    items: list[tuple[tuple[int, int], Any]], query: dict[str, str], *, oldest_first: bool
) -> tuple[list[Any], dict[str, Any]]:
    """Cut one page out of ``items``, each beside its place in time; return it with its ``paging``."""
    try:
        limit = min(_MOST, max(1, int(query.get("limit", _USUAL))))
    except ValueError as error:
        raise GraphError(100, "(#100) Param limit must be an integer") from error
    sign = 1 if oldest_first else -1
    placed = [((sign * place[0], sign * place[1]), item) for place, item in items]
    ordered = sorted(placed, key=lambda entry: entry[0])
    if query.get("after"):
        mark = _place(query["after"], sign)
        ordered = [entry for entry in ordered if entry[0] > mark]
    elif query.get("before"):
        mark = _place(query["before"], sign)
        ordered = [entry for entry in ordered if entry[0] < mark][-limit:]
    shown = ordered[:limit]
    if not shown:
        return [], {}
    cursors = {"before": _cursor(shown[0][0], sign), "after": _cursor(shown[-1][0], sign)}
    # As the platform does: a full page has a next one, even when that turns out empty.
    paging: dict[str, Any] = {"cursors": cursors} | ({"next": ""} if len(shown) == limit else {})
    return [item for _, item in shown], paging


def _cursor(place: tuple[int, int], sign: int) -> str:
    return base64.urlsafe_b64encode(f"{sign * place[0]}:{sign * place[1]}".encode()).decode()


def _place(cursor: str, sign: int) -> tuple[int, int]:
    try:
        first, second = base64.urlsafe_b64decode(cursor.encode()).decode().split(":")
        return sign * int(first), sign * int(second)
    except (ValueError, binascii.Error) as error:
        raise GraphError(100, "(#100) Invalid parameter: the cursor is not one of this list's") from error


def _answer(error: GraphError) -> Response:
    return error.answer()


def _not_allowed(error: RefusedError) -> Response:
    return GraphError(100, f"(#100) {error}").answer()
