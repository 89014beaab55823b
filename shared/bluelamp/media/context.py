"""What stood around a post at the moment before it is taken away: the thread, as JSON that a person can read.

A court asks what was answered to what. The post itself and what it answers come first, then its thread from the newest
backwards, as much as fits; what had to be left out is counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bluelamp.media.model import Mark, media_key
from bluelamp.posts.model import Post

VERSION = 1
MOST_POSTS = 100
MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Entry:
    """A post as JSON, its place in the order of a context, and its size in bytes."""

    place: tuple[str, str]
    text: str
    size: int


class Shown:
    """Posts as contexts show them. Each is put into words once, in however many contexts of one thread it stands."""

    def __init__(self) -> None:
        self._known: dict[str, _Entry] = {}

    def of(self, post: Post) -> _Entry:
        """Return a post that stands around another."""
        if post.id not in self._known:
            self._known[post.id] = _entry(post, _shown(post))
        return self._known[post.id]


def context_of(
    post: Post,
    thread: Iterable[Post],
    marks: Mapping[str, Mark],
    *,
    at: str,
    verb: str,
    thread_is_cut: bool = False,
    shown: Shown | None = None,
) -> bytes:
    """Return the context of a post.

    Parameters
    ----------
    post
        The post that is to be hidden or deleted.
    thread
        Its thread, in any order; the post itself and those it answers may be among them.
    marks
        What is known of the post's own media.
    at, verb
        When it is kept, and what is to be done.
    thread_is_cut
        Whether the thread has more posts than were read.
    shown
        What other contexts of the same reading have put into words.
    """
    words = shown or Shown()
    others = {one.id: one for one in thread if one.id != post.id}
    above = list(_above(post, others))
    near = {one.id for one in above}
    rest = sorted((o for o in others.values() if o.id not in near), key=lambda o: (o.event_at, o.id), reverse=True)
    entries = [_entry(post, _shown(post) | {"media": _media(post, marks)})]
    size = entries[0].size
    for other in (*above, *rest):
        entry = words.of(other)
        size += entry.size
        if len(entries) == MOST_POSTS or size > MOST_BYTES:
            break
        entries.append(entry)
    left_out = 1 + len(others) - len(entries)
    head = {
        "v": VERSION,
        "at": at,
        "verb": verb,
        "post": post.id,
        "account": post.account,
        "platform": post.platform,
        "thread": post.thread_native,
        "case": post.case.model_dump(mode="json", exclude_defaults=True),
        "cut": left_out > 0 or thread_is_cut,
        "left_out": left_out,
    }
    posts = ",".join(entry.text for entry in sorted(entries, key=lambda entry: entry.place))
    return f'{_json(head)[:-1]},"posts":[{posts}]}}'.encode("utf-8", "surrogatepass")


def _entry(post: Post, shown: Mapping[str, Any]) -> _Entry:
    text = _json(shown)
    return _Entry((post.event_at, post.id), text, len(text.encode("utf-8", "surrogatepass")))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _above(post: Post, others: Mapping[str, Post]) -> Iterable[Post]:
    """Yield what the post answers, from the nearest to the first."""
    seen = {post.id}
    parent = post.parent
    while parent is not None and parent not in seen and parent in others:
        seen.add(parent)
        yield others[parent]
        parent = others[parent].parent


def _shown(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "native_id": post.native_id,
        "kind": post.kind,
        "direction": post.direction,
        "parent": post.parent,
        "author": post.author.model_dump(mode="json", exclude={"key"}),
        "text": post.text,
        "media": [{"kind": m.kind, "url": m.url} for m in post.media],
        "permalink": post.permalink,
        "event_at": post.event_at,
        "received_at": post.received_at,
        "edited": post.edited,
        "state": post.state,
        "rev": post.rev,
        "head": post.head,
    }


def _media(post: Post, marks: Mapping[str, Mark]) -> list[dict[str, Any]]:
    """Return the post's media with the record of each, so that picture and post are bound together."""
    found = []
    for medium in post.media:
        mark = marks.get(media_key(medium.url)) if medium.url else None
        entry: dict[str, Any] = {"kind": medium.kind, "url": medium.url}
        if mark is not None:
            entry |= {"state": mark.state, "leaf": mark.pointers[-1].leaf, "type": mark.type, "why": mark.why}
        found.append(entry)
    return found
