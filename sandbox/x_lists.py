"""How the X API writes what it found: the fields asked for, the objects they point at, one page of them."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox import x_events as events
from sandbox.clock import parse_time, x_time
from sandbox.state import Doc, Node
from sandbox.world import World
from sandbox.x_errors import XError, invalid, missing

PLATFORM = "x"
_TWEET = ("id", "text", "edit_history_tweet_ids")
_USER = ("id", "name", "username")
_MEDIA = ("media_key", "type")
_MESSAGE = ("id", "event_type", "text")


def page(nodes: Sequence[Node], query: Mapping[str, str], *, least: int, usual: int = 10) -> tuple[list[Node], Doc]:
    """Cut one page out of nodes that come newest first; return it with ``meta``."""
    value = query.get("max_results", str(usual))
    if not value.isdigit() or not least <= int(value) <= 100:  # noqa: PLR2004 - the most X gives
        raise invalid("max_results", value, f"is not between {least} and 100")
    token = query.get("pagination_token") or query.get("next_token")
    if token:
        before = _read_token(token)
        nodes = [n for n in nodes if int(n.id) < before]
    shown = list(nodes[: int(value)])
    meta: Doc = {"result_count": len(shown)}
    if shown:
        meta |= {"newest_id": shown[0].id, "oldest_id": shown[-1].id}
    if len(nodes) > len(shown):
        meta["next_token"] = base64.urlsafe_b64encode(f"next:{shown[-1].id}".encode()).decode().rstrip("=")
    return shown, meta


def between(nodes: Sequence[Node], query: Mapping[str, str]) -> list[Node]:
    """Keep what lies between the ids and times asked for."""
    for name in ("since_id", "until_id"):
        if query.get(name) and not query[name].isdigit():
            raise invalid(name, query[name], "is not a valid Post ID")
    since, until = int(query.get("since_id") or 0), int(query.get("until_id") or 2**63)
    try:
        start = parse_time(query["start_time"]) if query.get("start_time") else 0
        end = parse_time(query["end_time"]) if query.get("end_time") else 2**63
    except ValueError as error:
        raise invalid("start_time", query.get("start_time"), "is not an ISO 8601 time") from error
    return [n for n in nodes if since < int(n.id) < until and start <= n.created < end]


def tweets(world: World, nodes: Sequence[Node], query: Mapping[str, str]) -> Doc:
    """Write posts with their includes; what cannot be found is told in ``errors`` beside ``data``."""
    wanted = _named(_TWEET, query.get("tweet.fields"))
    body: Doc = {"data": [_pick(events.tweet(node), wanted) for node in nodes]}
    includes = _Includes(world, query)
    for node in nodes:
        includes.of_tweet(node)
    return body | includes.written()


def messages(world: World, nodes: Sequence[Node], query: Mapping[str, str]) -> Doc:
    """Write direct messages as ``dm_events``."""
    wanted = _named(_MESSAGE, query.get("dm_event.fields"))
    body: Doc = {"data": [_pick(_message(node), wanted) for node in nodes]}
    includes = _Includes(world, query)
    for node in nodes:
        includes.of_message(node)
    return body | includes.written()


def user(person: Doc, query: Mapping[str, str]) -> Doc:
    """Write a user with the fields asked for."""
    return _pick(events.user(person), _named(_USER, query.get("user.fields")))


class _Includes:
    """Collects what ``expansions`` asks for."""

    def __init__(self, world: World, query: Mapping[str, str]) -> None:
        self._world = world
        self._query = query
        self._asked = set(filter(None, query.get("expansions", "").split(",")))
        self._users: dict[str, Doc] = {}
        self._tweets: dict[str, Doc] = {}
        self._media: dict[str, Doc] = {}
        self._errors: dict[str, Doc] = {}

    def of_tweet(self, node: Node) -> None:
        """Collect what a post points at."""
        if "author_id" in self._asked:
            self._user(node.author)
        if "in_reply_to_user_id" in self._asked and node.parent:
            self._user(node.extra["reply_to_user"])
        if "entities.mentions.username" in self._asked:
            for mention in node.extra["mentions"]:
                self._user(mention["id"])
        if "attachments.media_keys" in self._asked:
            for url in node.media:
                media = events.media(url)
                self._media[media["media_key"]] = _pick(media, _named(_MEDIA, self._query.get("media.fields")))
        if node.parent and self._asked & {"referenced_tweets.id", "referenced_tweets.id.author_id"}:
            self._referenced(node.parent)

    def of_message(self, node: Node) -> None:
        """Collect whom a message is between."""
        if "sender_id" in self._asked:
            self._user(node.author)
        if "participant_ids" in self._asked:
            self._user(node.account)
            self._user(node.extra["person"])

    def written(self) -> Doc:
        """Return ``includes`` and ``errors``, each only when there are some."""
        named = {"users": self._users, "tweets": self._tweets, "media": self._media}
        includes = {name: list(found.values()) for name, found in named.items() if found}
        body: Doc = {"includes": includes} if includes else {}
        return body | ({"errors": list(self._errors.values())} if self._errors else {})

    def _user(self, key: str) -> None:
        self._users[key] = user(self._world.person(PLATFORM, key), self._query)

    def _referenced(self, key: str) -> None:
        found = self._world.store.node(PLATFORM, key)
        if found is None or found.gone:
            self._errors[key] = missing("tweet", "referenced_tweets.id", key)
            return
        self._tweets[key] = _pick(events.tweet(found), _named(_TWEET, self._query.get("tweet.fields")))
        if "referenced_tweets.id.author_id" in self._asked:
            self._user(found.author)


def _message(node: Node) -> Doc:
    body: dict[str, Any] = {
        "id": node.id,
        "event_type": "MessageCreate",
        "text": node.text,
        "created_at": x_time(node.created),
        "dm_conversation_id": node.thread,
        "sender_id": node.author,
        "participant_ids": [node.account, node.extra["person"]],
    }
    if node.media:
        body["attachments"] = {"media_keys": [events.media_key(url) for url in node.media]}
    return body


def _named(usual: tuple[str, ...], asked: str | None) -> tuple[str, ...]:
    return (*usual, *filter(None, (asked or "").split(",")))


def _pick(values: Doc, names: tuple[str, ...]) -> Doc:
    return {name: value for name, value in values.items() if name in names}


def _read_token(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return int(text.removeprefix("next:"))
    except (ValueError, binascii.Error) as error:
        raise XError(400, "The `pagination_token` is not one this list gave out.") from error
