"""What Facebook says: Page feed changes, Messenger messages and Graph pages, read into events.

Sources: Meta, "Webhooks Reference: Page", "Messenger Platform: Webhook Events", Graph API reference. Not everything on
the wire is documented; the cases below were met: ``value`` missing, ``sender_id`` (a bare number) instead of ``from``,
removals without text, no author at all, echoes and unsent messages under one ``mid``, feeds in seconds and messages
in milliseconds. An entry is routed by its ``id``, whatever ``object`` says.

Ratings are read as mentions: the public's words about the Page, which the Page can answer but neither hide nor delete.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from bluelamp.platforms.contract import (
    Event,
    ParsedBatch,
    PostEvent,
    PostKind,
    StateChange,
    Tombstone,
)
from bluelamp.platforms.facebook_media import in_change, in_message, in_node
from bluelamp.platforms.reading import (
    Batch,
    OddError,
    ident,
    latest,
    listing,
    load,
    mapping,
    moment,
    text_of,
    words_of,
)
from bluelamp.platforms.slices import Sources

NAME = "facebook"
_NOISE_ITEMS = frozenset({"reaction", "like"})
_NOISE_VERBS = frozenset({"block", "unblock", "follow", "mute"})
_NOISE_MESSAGES = ("reaction", "read", "delivery")
_WRITTEN = {"add": False, "edit": True, "edited": True, "update": True}
_REMOVED = frozenset({"remove", "delete"})
_FIELDS = frozenset({"feed", "mention", "ratings"})


class _Entry(NamedTuple):
    account: str
    at: datetime | None
    now: datetime


def parse_webhook(raw: bytes, now: datetime) -> ParsedBatch:
    """Read a webhook; `now` stands in for a time that the platform left out."""
    text, body = load(raw)
    batch = Batch()
    entries = body.get("entry")
    if not isinstance(entries, list):
        batch.keep(text, "a body without a list of entries")
        return batch.done()
    sources = Sources(lambda: text, "entry")
    for number, entry in enumerate(entries):
        _read_entry(batch, entry, partial(sources.at, number), now)
    return batch.done()


def _read_entry(batch: Batch, entry: Any, source: Callable[[], str], now: datetime) -> None:
    account = ident(mapping(entry).get("id"))
    if account is None:
        batch.keep(source(), "an entry without an id")
        return
    known = _Entry(account, moment(entry.get("time")), now)
    parts = [part for part in ("changes", "messaging", "standby") if part in entry]
    if not parts:
        batch.keep(source(), f"account {account}: an entry without changes or messages")
    for part in parts:
        if not isinstance(entry[part], list):
            batch.keep(source(), f"account {account}: {part} is no list")
            continue
        read = _change if part == "changes" else _message
        sources = Sources(source, part)
        for number, piece in enumerate(entry[part]):
            batch.take(partial(read, known, piece), partial(sources.at, number))


def _change(entry: _Entry, change: Any) -> Iterator[Event]:
    field, value = text_of(mapping(change).get("field")), mapping(change).get("value")
    if field not in _FIELDS:
        raise OddError(f"account {entry.account}: unknown field {field!r}")
    if not isinstance(value, dict):
        raise OddError(f"account {entry.account}: a change of {field} without a value")
    item, verb = text_of(value.get("item")), text_of(value.get("verb"))
    if item in _NOISE_ITEMS or verb in _NOISE_VERBS:
        return
    native = _native_id(field, value)
    if native is None:
        raise OddError(f"account {entry.account}: {verb!r} of a {item!r} without an id")
    at = latest(entry.at, moment(value.get("created_time")), otherwise=entry.now)
    if verb in _WRITTEN:
        post = _post(entry, field, value, native, edited=_WRITTEN[verb])
        yield post
        if value.get("is_hidden") is True:
            yield _state(entry, native, post.event_at, hidden=True)
    elif verb in _REMOVED:
        yield Tombstone(platform=NAME, account_native=entry.account, native_id=native, event_at=at)
    elif verb in ("hide", "unhide"):
        yield _state(entry, native, at, hidden=verb == "hide")
    else:
        raise OddError(f"account {entry.account}: unknown verb {verb!r} of a {item!r}")


def _state(entry: _Entry, native: str, at: datetime, *, hidden: bool) -> StateChange:
    return StateChange(
        platform=NAME,
        account_native=entry.account,
        native_id=native,
        state="hidden" if hidden else "visible",
        event_at=at,
    )


def _native_id(field: str, value: Mapping[str, Any]) -> str | None:
    if value.get("item") == "comment":
        return ident(value.get("comment_id"))
    if field == "ratings":
        return ident(value.get("open_graph_story_id")) or ident(value.get("post_id"))
    return ident(value.get("post_id"))


def _post(entry: _Entry, field: str, value: Mapping[str, Any], native: str, *, edited: bool) -> PostEvent:
    author = mapping(value.get("from"))
    author_id = ident(author.get("id")) or ident(value.get("sender_id")) or ident(value.get("reviewer_id"))
    root = ident(value.get("post_id")) or native
    parent = ident(value.get("parent_id"))
    is_comment = value.get("item") == "comment"
    kind: PostKind = "post"
    if field in ("mention", "ratings"):
        kind = "mention"
    elif is_comment:
        kind = "reply" if parent not in (None, root) else "comment"
    created = moment(value.get("created_time"))
    return PostEvent(
        platform=NAME,
        account_native=entry.account,
        native_id=native,
        kind=kind,
        direction="out" if author_id == entry.account else "in",
        thread_native=root,
        parent_native=(parent or root) if is_comment else None,
        author_id=author_id,
        author_name=words_of(author.get("name")) or words_of(value.get("sender_name") or value.get("reviewer_name")),
        text=text_of(value.get("message")) or text_of(value.get("review_text")),
        media=in_change(value),
        permalink=words_of(value.get("permalink_url")) or words_of(mapping(value.get("post")).get("permalink_url")),
        # An edit happens at the entry's time, a new post when it was written, however late the news of it.
        event_at=latest(entry.at, created, otherwise=entry.now) if edited else created or entry.at or entry.now,
        edited=edited,
    )


def _message(entry: _Entry, item: Any) -> Iterator[Event]:
    item = mapping(item)
    if any(noise in item for noise in _NOISE_MESSAGES):
        return
    edit = item.get("message_edit")
    message = mapping(item.get("message") if edit is None else edit)
    native = ident(message.get("mid"))
    if native is None:
        names = ", ".join(sorted(text_of(key) for key in item)[:6])
        raise OddError(f"account {entry.account}: a messaging event that is no message ({names})")
    at = moment(item.get("timestamp")) or entry.at or entry.now
    if message.get("is_deleted") is True:
        yield Tombstone(platform=NAME, account_native=entry.account, native_id=native, event_at=at)
        return
    sender = ident(mapping(item.get("sender")).get("id"))
    recipient = ident(mapping(item.get("recipient")).get("id"))
    outgoing = message.get("is_echo") is True or sender == entry.account
    # An echo swaps the two; the person is whichever of them is not the Page.
    person = next((one for one in (sender, recipient) if one not in (None, entry.account)), None)
    if person is None:
        raise OddError(f"account {entry.account}: a message without anybody's id")
    reply = mapping(message.get("reply_to"))
    yield PostEvent(
        platform=NAME,
        account_native=entry.account,
        native_id=native,
        kind="message",
        direction="out" if outgoing else "in",
        thread_native=person,
        parent_native=ident(reply.get("mid")),
        author_id=entry.account if outgoing else person,
        text=text_of(message.get("text")),
        media=in_message(message),
        event_at=at,
        edited=edit is not None,
        private=True,
    )


def parse_page(kind: str, raw: bytes, account: str, now: datetime) -> ParsedBatch:
    """Read a polled page: ``feed``, ``comments:<post id>`` or ``messages``."""
    text, body = load(raw)
    batch = Batch()
    name, _, root = kind.partition(":")
    read = {"feed": _graph_post, "comments": _graph_comment, "messages": _graph_message}.get(name)
    if read is None or not isinstance(body.get("data"), list):
        batch.keep(text, f"account {account}: a page of kind {kind!r} without data")
        return batch.done()
    sources = Sources(lambda: text, "data")
    known = _Entry(account, None, now)
    for number, item in enumerate(body["data"]):
        batch.take(partial(read, known, mapping(item), root), partial(sources.at, number))
    return batch.done()


def _graph_post(entry: _Entry, item: Mapping[str, Any], _root: str) -> Iterator[Event]:
    native = _graph_id(entry, item)
    yield _graph_event(entry, item, native, kind="post", thread=native, parent=None)


def _graph_comment(entry: _Entry, item: Mapping[str, Any], root: str) -> Iterator[Event]:
    native = _graph_id(entry, item)
    thread = root or ident(mapping(item.get("object")).get("id")) or native
    parent = ident(mapping(item.get("parent")).get("id"))
    kind: PostKind = "reply" if parent else "comment"
    post = _graph_event(entry, item, native, kind=kind, thread=thread, parent=parent or thread)
    yield post
    if item.get("is_hidden") is True:
        yield _state(entry, native, post.event_at, hidden=True)


def _graph_message(entry: _Entry, item: Mapping[str, Any], _root: str) -> Iterator[Event]:
    native = _graph_id(entry, item)
    sender = ident(mapping(item.get("from")).get("id"))
    others = [ident(mapping(one).get("id")) for one in listing(mapping(item.get("to")).get("data"))]
    person = next((one for one in (sender, *others) if one not in (None, entry.account)), None)
    if person is None:
        raise OddError(f"account {entry.account}: a message without anybody's id")
    yield _graph_event(entry, item, native, kind="message", thread=person, parent=None)


def _graph_id(entry: _Entry, item: Mapping[str, Any]) -> str:
    native = ident(item.get("id"))
    if native is None:
        raise OddError(f"account {entry.account}: an object without an id")
    return native


def _graph_event(
    entry: _Entry, item: Mapping[str, Any], native: str, *, kind: PostKind, thread: str, parent: str | None
) -> PostEvent:
    author = mapping(item.get("from"))
    author_id = ident(author.get("id"))
    return PostEvent(
        platform=NAME,
        account_native=entry.account,
        native_id=native,
        kind=kind,
        direction="out" if author_id == entry.account else "in",
        thread_native=thread,
        parent_native=parent,
        author_id=author_id,
        author_name=words_of(author.get("name")),
        text=text_of(item.get("message")),
        media=in_node(item),
        permalink=words_of(item.get("permalink_url")),
        event_at=moment(item.get("created_time")) or entry.now,
        private=kind == "message",
    )
