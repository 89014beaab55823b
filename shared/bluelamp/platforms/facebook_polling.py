"""What Facebook's webhooks lost, found by reading a Page's feed, comments and conversations.

A poll costs what is new. The feed is read newest first; a post's comments are read on from where the last poll left
them. Posts of the last three days are looked at every time, older ones when Facebook says that they changed; and once
an hour the comments of a young post are read from the start, which finds edits and what appeared out of order.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bluelamp.platforms.contract import AccountRef, Cursor, GoneError, PlatformError, PollPage
from bluelamp.platforms.http import Answer, Dialect, PlatformHttp
from bluelamp.platforms.reading import ident, listing, mapping, moment, text_of
from bluelamp.times import iso

FEED_FIELDS = "id,message,created_time,updated_time,from,permalink_url,attachments"
COMMENT_FIELDS = "id,message,created_time,from,parent,is_hidden,permalink_url,attachment"
CONVERSATION_FIELDS = "id,updated_time"
MESSAGE_FIELDS = "id,message,created_time,from,to,attachments"
_LIMIT = "100"
_BAD_PARAMETER = "100"
_FEED_PAGES = 2
_PAGES = 20
_CONVERSATIONS = 300
# Graph's times are whole seconds: a conversation that changed just now may change again without looking different.
_SETTLES = timedelta(seconds=5)
_UNSETTLED = "~"
_YOUNG = timedelta(days=3)
_READ_AGAIN = timedelta(hours=1)


def poll(
    dialect: Dialect, account: AccountRef, cursors: Mapping[str, Cursor], http: PlatformHttp
) -> Iterator[PollPage]:
    """Yield feed, comment and message pages that hold something new; cursors for ``feed`` and ``messages``."""
    yield from _feed(dialect, account, cursors.get("feed", {}), http)
    yield from _messages(dialect, account, cursors.get("messages", {}), http)


def _feed(dialect: Dialect, account: AccountRef, cursor: Cursor, http: PlatformHttp) -> Iterator[PollPage]:
    known: dict[str, Any] = dict(mapping(cursor.get("posts")))
    posts: dict[str, Mapping[str, Any]] = {}
    path = f"/{account.native_id}/feed"
    cut = False
    for answer in _pages(dialect, http, path, {"fields": FEED_FIELDS, "limit": _LIMIT}, _FEED_PAGES):
        found = {native: post for post in _data(answer) if (native := ident(post.get("id")))}
        posts |= found
        cut = bool(_next(answer))
        if any(_updated(post) != mapping(known.get(native)).get("updated") for native, post in found.items()):
            yield PollPage(stream="feed", kind="feed", raw=answer.body, cursor={"posts": dict(known)})
    # Newest first: where none of a full read was there the last time, the two do not join up.
    lost = cut and bool(known) and not known.keys() & posts.keys()
    known = {native: state for native, state in known.items() if native in posts}
    if lost:
        yield PollPage(stream="feed", kind="", raw=b"", cursor={"posts": dict(known)}, lost=True)
    for native, post in posts.items():
        before = mapping(known.get(native))
        if _due(post, before, http.clock()):
            yield from _comments(dialect, http, native, post, known)


def _due(post: Mapping[str, Any], before: Mapping[str, Any], now: datetime) -> bool:
    written = moment(post.get("created_time"))
    return not before or before.get("updated") != _updated(post) or written is None or written > now - _YOUNG


def _comments(
    dialect: Dialect, http: PlatformHttp, native: str, post: Mapping[str, Any], known: dict[str, Any]
) -> Iterator[PollPage]:
    """Read on from where the last poll left this post; `known` is brought up to date page by page."""
    before, now = mapping(known.get(native)), http.clock()
    begun = moment(before.get("begun"))
    again = begun is None or begun <= now - _READ_AGAIN
    after = "" if again else text_of(before.get("after"))
    state = {"updated": text_of(before.get("updated")), "begun": iso(now) if again or not begun else iso(begun)}
    params = {"filter": "stream", "order": "chronological", "fields": COMMENT_FIELDS, "limit": _LIMIT}
    if after:
        params["after"] = after
    cut = False
    try:
        for answer in _pages(dialect, http, f"/{native}/comments", params, _PAGES):
            cut = bool(_next(answer))
            after = text_of(mapping(mapping(answer.data.get("paging")).get("cursors")).get("after")) or after
            known[native] = {**state, "after": after}
            if _data(answer):
                yield PollPage(stream="feed", kind=f"comments:{native}", raw=answer.body, cursor={"posts": dict(known)})
    except PlatformError as error:
        lost = "after" in params and (error.platform_code or "").startswith(_BAD_PARAMETER)
        if not lost and not isinstance(error, GoneError):
            raise
        # The post went between two calls, or Facebook does not know our place any more: if it is there, the next poll
        # begins at its first comment.
        known.pop(native, None)
        yield PollPage(stream="feed", kind="", raw=b"", cursor={"posts": dict(known)}, more=lost)
        return
    # Cut short, it still counts as changed: the next poll reads on.
    known[native] = {**state, "after": after, "updated": state["updated"] if cut else _updated(post)}
    yield PollPage(stream="feed", kind="", raw=b"", cursor={"posts": dict(known)}, more=cut)


def _messages(dialect: Dialect, account: AccountRef, cursor: Cursor, http: PlatformHttp) -> Iterator[PollPage]:
    known: dict[str, Any] = dict(mapping(cursor.get("conversations")))
    changed: dict[str, str] = {}
    lost = False
    params = {"fields": CONVERSATION_FIELDS, "limit": _LIMIT}
    for answer in _pages(dialect, http, f"/{account.native_id}/conversations", params, _FEED_PAGES):
        found = {native: _updated(one) for one in _data(answer) if (native := ident(one.get("id")))}
        fresh = {native: updated for native, updated in found.items() if known.get(native) != updated}
        changed |= fresh
        lost = bool(known and _next(answer))
        if len(fresh) < len(found):
            lost = False
            break  # newest first: what follows has not changed
    for native, updated in changed.items():
        seen = moment(text_of(known.get(native)).removesuffix(_UNSETTLED))
        params = {"fields": MESSAGE_FIELDS, "limit": _LIMIT}
        cut = False
        for answer in _pages(dialect, http, f"/{native}/messages", params, _PAGES):
            if _data(answer):
                yield PollPage(
                    stream="messages", kind="messages", raw=answer.body, cursor={"conversations": dict(known)}
                )
            times = [when for one in _data(answer) if (when := moment(one.get("created_time")))]
            cut = bool(seen and _next(answer))
            if seen and times and min(times) < seen:
                cut = False
                break
        changed_at = moment(updated)
        settled = changed_at is not None and changed_at < http.clock() - _SETTLES
        known[native] = updated if settled else updated + _UNSETTLED
        known = dict(sorted(known.items(), key=lambda item: str(item[1]))[-_CONVERSATIONS:])
        yield PollPage(stream="messages", kind="", raw=b"", cursor={"conversations": dict(known)}, lost=cut or lost)


def _pages(dialect: Dialect, http: PlatformHttp, path: str, params: Mapping[str, str], most: int) -> Iterator[Answer]:
    answer = http.read(dialect, path, params)
    for _ in range(most - 1):
        yield answer
        following = _next(answer)
        if not following:
            return
        answer = http.follow(dialect, following)
    yield answer


def _next(answer: Answer) -> str:
    return text_of(mapping(answer.data.get("paging")).get("next"))


def _data(answer: Answer) -> list[Mapping[str, Any]]:
    return [mapping(item) for item in listing(answer.data.get("data"))]


def _updated(item: Mapping[str, Any]) -> str:
    return text_of(item.get("updated_time")) or text_of(item.get("created_time"))
