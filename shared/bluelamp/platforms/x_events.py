"""What X says: Activity API events, the older Account Activity payloads and API v2 pages, read into events.

Sources: X, "X Activity API event payloads", "Account Activity API data objects" (deprecated, still met), API v2 data
dictionary. Met on the wire: private messages arrive through the Activity API in the older shape (``payload.
direct_message_events``), included users sometimes stand under ``data``, deletions carry no time, and one 200 may hold
``data`` and ``errors``. A post that both answers and mentions is delivered once for each.

An edit on X is a new post with its own id: it is read as a post of its own, marked as edited, so that what was hidden
or recorded under the first id stays what it was.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from bluelamp.platforms.contract import Event, MediaRef, ParsedBatch, PostEvent, PostKind, Tombstone
from bluelamp.platforms.reading import (
    Batch,
    OddError,
    ident,
    listing,
    load,
    mapping,
    moment,
    text_of,
    words_of,
)
from bluelamp.platforms.slices import Beside, Sources, members
from bluelamp.platforms.x_films import film_of

NAME = "x"
GONE_TYPE = "https://api.twitter.com/2/problems/resource-not-found"
_NOISE = re.compile(
    r"(profile\.update|follow|like|mute|block|spaces|news)\..*|dm\.(read|indicate_typing)|post\.repost\.create"
)
_LEGACY_NOISE = (
    "favorite_events",
    "follow_events",
    "block_events",
    "mute_events",
    "direct_message_indicate_typing_events",
    "direct_message_mark_read_events",
)
_ACTIVITY_ABOUT = frozenset({"data", "includes", "meta"})
_LEGACY_ABOUT = frozenset({"for_user_id", "users", "apps", "user_has_blocked"})


class _Frame(NamedTuple):
    """What stands around an event: whose it is, and the people, media and posts that came with it."""

    account: str
    now: datetime
    users: Mapping[str, Mapping[str, Any]] = {}
    media: Mapping[str, Mapping[str, Any]] = {}
    posts: Mapping[str, Mapping[str, Any]] = {}


def _frame(account: str, now: datetime, includes: Any) -> _Frame:
    held = mapping(includes)

    def by(part: str, key: str) -> dict[str, Mapping[str, Any]]:
        inner = [mapping(mapping(one).get("data")) or mapping(one) for one in listing(held.get(part))]
        return {known: one for one in inner if (known := ident(one.get(key)))}

    return _Frame(account, now, by("users", "id"), by("media", "media_key"), by("tweets", "id"))


def parse_webhook(raw: bytes, now: datetime) -> ParsedBatch:
    """Read a webhook of either API; `now` stands in for a time that X left out."""
    text, body = load(raw)
    batch = Batch()
    sources = Sources(lambda: text, "data")
    if isinstance(body.get("data"), list):
        for number, event in enumerate(body["data"]):
            _read_activity(batch, event, partial(sources.at, number), now)
    elif "data" in body:
        _read_activity(batch, body["data"], partial(sources.at, 0), now)
    elif "for_user_id" in body:
        _read_legacy(batch, text, body, now)
    else:
        batch.keep(text, "neither an Activity nor an Account Activity event")
        return batch.done()
    if "data" in body and body.keys() - _ACTIVITY_ABOUT:
        beside = ", ".join(sorted(text_of(key) for key in body.keys() - _ACTIVITY_ABOUT))
        batch.keep(text, f"unknown parts beside an Activity event: {beside}")
    return batch.done()


def _read_activity(batch: Batch, event: Any, source: Callable[[], str], now: datetime) -> None:
    payload = mapping(mapping(event).get("payload"))
    account = ident(mapping(mapping(event).get("filter")).get("user_id"))
    if account and isinstance(payload.get("direct_message_events"), list):
        frame = _Frame(account, now, _keyed_users(payload.get("users")))
        inner = Sources(lambda: members(source())["payload"], "direct_message_events")
        beside = Beside(lambda: _keyed_sources(members(source())["payload"]))
        for number, message in enumerate(payload["direct_message_events"]):
            exact = partial(_with_sender, beside, inner, number, message)
            batch.take(partial(_legacy_message, frame, message), source, exact=exact)
    else:
        batch.take(partial(_activity, mapping(event), account, now), source)


def _activity(event: Mapping[str, Any], account: str | None, now: datetime) -> Iterator[Event]:
    kind = text_of(event.get("event_type"))
    if _NOISE.fullmatch(kind):
        return
    if account is None:
        raise OddError(f"an event {kind!r} without the account it is about")
    payload = mapping(event.get("payload"))
    frame = _frame(account, now, event.get("includes"))
    if kind == "post.delete":
        yield _tombstone(frame, payload.get("id"), event.get("created_at"))
    elif kind in ("post.create", "post.reply.create", "post.mention.create", "post.quote.create"):
        yield from _post(frame, payload, answers=kind == "post.reply.create")
    elif kind in ("dm.received", "dm.sent"):
        yield from _message(frame, payload)
    else:
        raise OddError(f"account {account}: unknown event {kind!r}")


def _tombstone(frame: _Frame, value: Any, at: Any) -> Tombstone:
    native = ident(value)
    if native is None:
        raise OddError(f"account {frame.account}: a deletion without an id")
    return Tombstone(platform=NAME, account_native=frame.account, native_id=native, event_at=moment(at) or frame.now)


def _post(frame: _Frame, post: Mapping[str, Any], *, answers: bool = False) -> Iterator[Event]:
    native, author = ident(post.get("id")), ident(post.get("author_id"))
    if native is None:
        raise OddError(f"account {frame.account}: a post without an id")
    links = {text_of(mapping(one).get("type")): ident(mapping(one).get("id")) for one in _links(post)}
    if "retweeted" in links:
        return
    parent = links.get("replied_to") or ident(post.get("in_reply_to_tweet_id"))
    thread = ident(post.get("conversation_id")) or parent or native
    answered = ident(post.get("in_reply_to_user_id")) or ident(frame.posts.get(parent or "", {}).get("author_id"))
    versions = [ident(one) for one in listing(post.get("edit_history_tweet_ids"))]
    keys = listing(mapping(post.get("attachments")).get("media_keys"))
    person = frame.users.get(author or "", {})
    yield PostEvent(
        platform=NAME,
        account_native=frame.account,
        native_id=native,
        kind=_kind(
            frame, author, parent, answers=_in_our_thread(frame, thread, told=answers or answered == frame.account)
        ),
        direction="out" if author == frame.account else "in",
        thread_native=thread,
        parent_native=parent,
        author_id=author,
        author_name=words_of(person.get("name")),
        author_handle=words_of(person.get("username")),
        text=text_of(mapping(post.get("note_tweet")).get("text")) or text_of(post.get("text")),
        media=_media(frame.media.get(key, {}) for key in map(text_of, keys)),
        permalink=f"https://x.com/i/web/status/{native}",
        event_at=moment(post.get("created_at")) or frame.now,
        edited=len(versions) > 1 and versions[0] != native,
    )


def _links(post: Mapping[str, Any]) -> list[Any]:
    return listing(post.get("referenced_tweets"))


def _in_our_thread(frame: _Frame, thread: str, *, told: bool) -> bool:
    """Say whether the account began the conversation, which is where X lets it hide what others write.

    Known when the conversation's first post came along; else whoever answers the account is taken to be at home.
    """
    root = ident(frame.posts.get(thread, {}).get("author_id"))
    return root == frame.account if root else told


def _kind(frame: _Frame, author: str | None, parent: str | None, *, answers: bool) -> PostKind:
    if author == frame.account:
        return "reply" if parent else "post"
    return "reply" if answers else "mention"


def _media(found: Iterable[Mapping[str, Any]]) -> tuple[MediaRef, ...]:
    """Return the pictures and stills, then the films: what is small is fetched before what may take all the time."""
    media = list(found)
    return (*map(_still, media), *filter(None, map(film_of, media)))


def _still(media: Mapping[str, Any]) -> MediaRef:
    url = text_of(media.get("url")) or text_of(media.get("preview_image_url")) or text_of(media.get("media_url_https"))
    kind = text_of(media.get("type")) or "media"
    return MediaRef(kind="image" if kind == "photo" else kind, url=url)


def _message(frame: _Frame, message: Mapping[str, Any]) -> Iterator[Event]:
    kind = message.get("event_type", "MessageCreate")
    if kind != "MessageCreate":
        raise OddError(f"account {frame.account}: a message event of type {text_of(kind)!r}")
    keys = listing(mapping(message.get("attachments")).get("media_keys"))
    sender = ident(message.get("sender_id"))
    conversation = ident(message.get("dm_conversation_id"))
    people = [*(conversation or "").split("-"), *map(ident, listing(message.get("participant_ids")))]
    yield _private(
        frame,
        native=ident(message.get("id")),
        sender=sender,
        # Between two people the conversation is the other person; in a group it is the group.
        people=people if len(people) > 1 else [conversation],
        text=text_of(message.get("text")),
        media=_media(frame.media.get(key, {}) for key in map(text_of, keys)),
        at=moment(message.get("created_at")),
    )


def _legacy_message(frame: _Frame, message: Any) -> Iterator[Event]:
    created = mapping(mapping(message).get("message_create"))
    if not created:
        raise OddError(f"account {frame.account}: a direct message event that creates no message")
    data = mapping(created.get("message_data"))
    media = mapping(mapping(data.get("attachment")).get("media"))
    yield _private(
        frame,
        native=ident(message.get("id")),
        sender=ident(created.get("sender_id")),
        people=[ident(mapping(created.get("target")).get("recipient_id"))],
        text=text_of(data.get("text")),
        media=_media([media] if media else []),
        at=moment(message.get("created_timestamp")),
    )


def _private(
    frame: _Frame,
    *,
    native: str | None,
    sender: str | None,
    people: list[str | None],
    text: str,
    media: tuple[MediaRef, ...],
    at: datetime | None,
) -> PostEvent:
    person = next((one for one in (sender, *people) if one not in (None, "", frame.account)), None)
    if native is None or person is None:
        raise OddError(f"account {frame.account}: a message without an id or without anybody's id")
    author = frame.users.get(sender or "", {})
    return PostEvent(
        platform=NAME,
        account_native=frame.account,
        native_id=native,
        kind="message",
        direction="out" if sender == frame.account else "in",
        thread_native=person,
        author_id=sender,
        author_name=words_of(author.get("name")),
        author_handle=words_of(author.get("username")) or words_of(author.get("screen_name")),
        text=text,
        media=media,
        event_at=at or frame.now,
        private=True,
    )


def _keyed_users(value: Any) -> dict[str, Mapping[str, Any]]:
    return {key: mapping(mapping(one).get("data")) or mapping(one) for key, one in mapping(value).items()}


def _keyed_sources(text: str) -> dict[str, str]:
    return members(members(text).get("users", ""))


def _with_sender(beside: Beside, sources: Sources, number: int, message: Any) -> str:
    """Return a message of the older shape with what was said of its sender, who stands apart from it."""
    sender = ident(mapping(mapping(message).get("message_create")).get("sender_id"))
    return beside.joined(sources.at(number), [sender] if sender else [])


def _read_legacy(batch: Batch, text: str, body: Mapping[str, Any], now: datetime) -> None:
    account = ident(body.get("for_user_id"))
    if account is None:
        batch.keep(text, "an Account Activity event without the account it is about")
        return
    frame = _Frame(account, now, _keyed_users(body.get("users")))
    beside = Beside(lambda: _keyed_sources(text))
    readers: dict[str, Callable[[_Frame, Any], Iterator[Event]]] = {
        "tweet_create_events": _legacy_post,
        "tweet_delete_events": _legacy_delete,
        "direct_message_events": _legacy_message,
        **dict.fromkeys(_LEGACY_NOISE, _noise),
    }
    for part, value in body.items():
        if part in _LEGACY_ABOUT:
            continue
        read = readers.get(part)
        if read is None or not isinstance(value, list):
            batch.keep(text, f"account {account}: unknown part {part!r}")
            continue
        sources = Sources(lambda: text, part)
        for number, piece in enumerate(value):
            exact = partial(_with_sender, beside, sources, number, piece)
            batch.take(partial(read, frame, piece), partial(sources.at, number), exact=exact)


def _noise(_frame: _Frame, _piece: Any) -> Iterator[Event]:
    return iter(())


def _legacy_post(frame: _Frame, post: Any) -> Iterator[Event]:
    post = mapping(post)
    native = ident(post.get("id_str")) or ident(post.get("id"))
    if native is None:
        raise OddError(f"account {frame.account}: a post without an id")
    if "retweeted_status" in post:
        return
    user = mapping(post.get("user"))
    author = ident(user.get("id_str")) or ident(user.get("id"))
    parent = ident(post.get("in_reply_to_status_id_str")) or ident(post.get("in_reply_to_status_id"))
    answered = ident(post.get("in_reply_to_user_id_str")) or ident(post.get("in_reply_to_user_id"))
    extended = mapping(post.get("extended_tweet"))
    entities = mapping(extended.get("extended_entities")) or mapping(post.get("extended_entities"))
    yield PostEvent(
        platform=NAME,
        account_native=frame.account,
        native_id=native,
        kind=_kind(frame, author, parent, answers=parent is not None and answered == frame.account),
        direction="out" if author == frame.account else "in",
        thread_native=ident(post.get("conversation_id_str")) or parent or native,
        parent_native=parent,
        author_id=author,
        author_name=words_of(user.get("name")),
        author_handle=words_of(user.get("screen_name")),
        text=text_of(extended.get("full_text")) or text_of(post.get("full_text")) or text_of(post.get("text")),
        media=_media(map(mapping, listing(entities.get("media")))),
        permalink=f"https://x.com/i/web/status/{native}",
        event_at=moment(post.get("timestamp_ms")) or moment(post.get("created_at")) or frame.now,
    )


def _legacy_delete(frame: _Frame, event: Any) -> Iterator[Event]:
    status = mapping(mapping(event).get("status"))
    yield _tombstone(frame, status.get("id_str") or status.get("id"), mapping(event).get("timestamp_ms"))


def parse_page(kind: str, raw: bytes, account: str, now: datetime) -> ParsedBatch:
    """Read a polled page: ``mentions``, ``search``, ``messages``, or ``check``, where what is missing was deleted."""
    text, body = load(raw)
    batch = Batch()
    if kind not in ("mentions", "search", "messages", "check"):
        batch.keep(text, f"account {account}: a page of kind {kind!r}")
        return batch.done()
    frame = _frame(account, now, body.get("includes"))
    if kind == "check":
        for number, problem in enumerate(listing(body.get("errors"))):
            batch.take(partial(_missing, frame, problem), partial(Sources(lambda: text, "errors").at, number))
        return batch.done()
    # Only conversations that the account began are searched.
    read = _message if kind == "messages" else partial(_post, answers=kind == "search")
    sources = Sources(lambda: text, "data")
    beside = Beside(lambda: _included_sources(text, body))
    for number, item in enumerate(listing(body.get("data"))):
        exact = partial(_with_included, beside, sources, number, mapping(item))
        batch.take(partial(read, frame, mapping(item)), partial(sources.at, number), exact=exact)
    return batch.done()


def _included_sources(text: str, body: Mapping[str, Any]) -> dict[str, str]:
    """Return the exact sources of the people and media of a page, by kind and id; a post beside it is another's."""
    held = mapping(body.get("includes"))
    found: dict[str, str] = {}
    for part, key in (("users", "id"), ("media", "media_key")):
        sources = Sources(lambda: members(text)["includes"], part)
        for number, one in enumerate(listing(held.get(part))):
            known = ident((mapping(mapping(one).get("data")) or mapping(one)).get(key))
            if known:
                found[f"{part} {known}"] = sources.at(number)
    return found


def _with_included(beside: Beside, sources: Sources, number: int, item: Mapping[str, Any]) -> str:
    """Return a post of a page with what the page says of its author and media, which stand apart from it."""
    author = ident(item.get("author_id")) or ident(item.get("sender_id"))
    keys = listing(mapping(item.get("attachments")).get("media_keys"))
    return beside.joined(sources.at(number), [f"users {author}", *(f"media {text_of(key)}" for key in keys)])


def _missing(frame: _Frame, problem: Any) -> Iterator[Event]:
    problem = mapping(problem)
    if problem.get("type") == GONE_TYPE:
        yield _tombstone(frame, problem.get("resource_id") or problem.get("value"), None)
