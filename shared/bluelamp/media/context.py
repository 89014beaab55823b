"""What stood around a post at the moment before it is taken away: the thread, as JSON that a person can read.

A court asks what was answered to what. The post itself and what it answers come first, then its thread from the newest
backwards, as much as fits; what had to be left out is counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bluelamp.media.model import Mark, media_key
from bluelamp.posts.model import Post

VERSION = 1
MOST_POSTS = 100
MOST_BYTES = 256 * 1024


def context_of(
    post: Post,
    thread: Iterable[Post],
    marks: Mapping[str, Mark],
    *,
    at: str,
    verb: str,
    thread_is_cut: bool = False,
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
    """
    others = {one.id: one for one in thread if one.id != post.id}
    above = list(_above(post, others))
    rest = sorted((o for o in others.values() if o not in above), key=lambda o: (o.event_at, o.id), reverse=True)
    shown = [_shown(post) | {"media": _media(post, marks)}]
    size = _size(shown[0])
    for other in (*above, *rest):
        entry = _shown(other)
        size += _size(entry)
        if len(shown) == MOST_POSTS or size > MOST_BYTES:
            break
        shown.append(entry)
    left_out = 1 + len(others) - len(shown)
    body = {
        "v": VERSION,
        "at": at,
        "verb": verb,
        "post": post.id,
        "account": post.account,
        "platform": post.platform,
        "thread": post.thread_native,
        "case": post.case.model_dump(mode="json", exclude_defaults=True),
        "posts": sorted(shown, key=lambda entry: (entry["event_at"], entry["id"])),
        "cut": left_out > 0 or thread_is_cut,
        "left_out": left_out,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


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


def _size(entry: Mapping[str, Any]) -> int:
    return len(json.dumps(entry, ensure_ascii=False).encode("utf-8", "surrogatepass"))
