"""What X's webhooks lost or never send: mentions, answers deep in a conversation, own posts, messages, deletions.

Webhooks tell of direct replies and explicit mentions only. So the account's own posts are listed, and the conversations
they began in the last seven days are searched. Nobody tells of other people's deletions either: the latest posts seen
here are looked up again, and one that is missing is a removal.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bluelamp.platforms.contract import AccountRef, Cursor, PlatformError, PollPage
from bluelamp.platforms.http import Answer, Dialect, PlatformHttp
from bluelamp.platforms.reading import ident, listing, mapping, text_of

POST_FIELDS = (
    "id,text,author_id,created_at,conversation_id,in_reply_to_user_id,referenced_tweets,attachments,note_tweet,"
    "edit_history_tweet_ids"
)
_POSTS = {
    "tweet.fields": POST_FIELDS,
    "user.fields": "id,name,username",
    "media.fields": "media_key,type,url,preview_image_url,variants,duration_ms",
    "expansions": "author_id,attachments.media_keys,referenced_tweets.id",
    "max_results": "100",
}
_MESSAGES = {
    "dm_event.fields": "id,text,event_type,created_at,sender_id,dm_conversation_id,participant_ids,attachments",
    "user.fields": "id,name,username",
    "media.fields": "media_key,type,url,preview_image_url,variants,duration_ms",
    "expansions": "sender_id,attachments.media_keys",
    "event_types": "MessageCreate",
    "max_results": "100",
}
_PAGES = 10
_CHECKED = 100
_CONVERSATIONS = 48
# A query may be 512 characters long; "conversation_id:" and 19 digits, with " OR ", make 39.
_CONVERSATIONS_A_QUERY = 12
_BAD_REQUEST = "400"
# The search looks back seven days; an older since_id is refused. X's ids hold the time: milliseconds << 22.
_SEARCHED = timedelta(days=6, hours=20)
_X_EPOCH_MS = 1_288_834_974_657
_ID_SHIFT = 22
_OVERLAP_MS = 300_000


def poll(
    dialect: Dialect, account: AccountRef, cursors: Mapping[str, Cursor], http: PlatformHttp
) -> Iterator[PollPage]:
    """Yield pages with something new; cursors for ``mentions``, ``posts``, ``search``, ``messages`` and ``check``."""
    user = f"/2/users/{account.native_id}"
    seen: list[str] = []
    for page, found in _stream(dialect, http, "mentions", f"{user}/mentions", cursors.get("mentions", {})):
        seen += [native for post in found if (native := ident(post.get("id")))]
        yield page
    begun = [text_of(one) for one in listing(mapping(cursors.get("posts", {})).get("begun"))]
    for page, found in _stream(dialect, http, "posts", f"{user}/tweets", cursors.get("posts", {})):
        begun = [*begun, *sorted(_begun(found), key=int)][-_CONVERSATIONS:]
        yield page.model_copy(update={"cursor": {**page.cursor, "begun": begun}})
    for page, found in _search(dialect, http, _young(begun, http.clock()), cursors.get("search", {})):
        seen += [native for post in found if (native := ident(post.get("id")))]
        yield page
    yield from _messages(dialect, http, cursors.get("messages", {}))
    yield from _check(dialect, http, seen, cursors.get("check", {}))


def _stream(
    dialect: Dialect, http: PlatformHttp, stream: str, path: str, cursor: Cursor
) -> Iterator[tuple[PollPage, list[Mapping[str, Any]]]]:
    """Read what is newer than ``since``, newest first; a walk that breaks off goes on at its ``token``."""
    since, newest, token, before = (text_of(cursor.get(part)) for part in ("since", "newest", "token", "before"))
    place = dict(cursor)
    for _ in range(_PAGES):
        query = {**_POSTS, **({"since_id": since} if since else {}), **({"pagination_token": token} if token else {})}
        try:
            answer = http.read(dialect, path, query)
        except PlatformError as error:
            if error.platform_code != _BAD_REQUEST or not (since or token):
                raise
            # X does not take our place any more: read from the newest post again, and know it all by its ids.
            before = before or since or newest
            since = token = newest = ""
            continue
        found = _data(answer)
        newest = _newest(found, newest or since)
        token = text_of(mapping(answer.data.get("meta")).get("next_token"))
        # Until a walk without a place meets what the last one had, or something older, it has not joined up with it.
        before = "" if _meets(found, before) else before
        place = {"since": since, "newest": newest, "token": token} if token else {"since": newest}
        place |= {"before": before} if token and before else {}
        kind = "mentions" if stream == "mentions" else "search"
        yield _page(stream, kind, answer, place, lost=bool(before and not token)), found
        if not token:
            return
    yield PollPage(stream=stream, kind="", raw=b"", cursor=place, more=True), []


def _search(
    dialect: Dialect, http: PlatformHttp, conversations: list[str], cursor: Cursor
) -> Iterator[tuple[PollPage, list[Mapping[str, Any]]]]:
    """Search the conversations that the account began, from a little before the newest post of the last search."""
    since = text_of(cursor.get("since"))
    newest, cut = since, False
    oldest = _id_at(http.clock() - _SEARCHED)
    floor = max(int(since) - (_OVERLAP_MS << _ID_SHIFT), oldest) if since.isdigit() else 0
    for start in range(0, len(conversations), _CONVERSATIONS_A_QUERY):
        group = conversations[start : start + _CONVERSATIONS_A_QUERY]
        query = {**_POSTS, "query": " OR ".join(f"conversation_id:{one}" for one in group)}
        if floor:
            query["since_id"] = str(floor)
        for _ in range(_PAGES):
            answer = http.read(dialect, "/2/tweets/search/recent", query)
            found = _data(answer)
            newest = _newest(found, newest)
            if found:
                # The place moves only when every conversation has been searched.
                yield _page("search", "search", answer, {"since": since}), found
            token = text_of(mapping(answer.data.get("meta")).get("next_token"))
            if not token:
                break
            query["next_token"] = token
        else:
            cut = True
    yield PollPage(stream="search", kind="", raw=b"", cursor={"since": newest}, lost=cut), []


def _messages(dialect: Dialect, http: PlatformHttp, cursor: Cursor) -> Iterator[PollPage]:
    since = text_of(cursor.get("since"))
    newest, query, cut = since, dict(_MESSAGES), False
    for _ in range(_PAGES):
        answer = http.read(dialect, "/2/dm_events", query)
        found = _data(answer)
        ids = [int(native) for one in found if (native := ident(one.get("id"))) and native.isdigit()]
        newest = _newest(found, newest)
        if found and (not since.isdigit() or max(ids, default=0) > int(since)):
            yield _page("messages", "messages", answer, {"since": since})
        token = text_of(mapping(answer.data.get("meta")).get("next_token"))
        if not token or (since.isdigit() and min(ids, default=0) <= int(since)):
            break
        query["pagination_token"] = token
    else:
        cut = since.isdigit()
    yield PollPage(stream="messages", kind="", raw=b"", cursor={"since": newest}, lost=cut)


def _check(dialect: Dialect, http: PlatformHttp, seen: list[str], cursor: Cursor) -> Iterator[PollPage]:
    before = [text_of(one) for one in listing(cursor.get("ids"))]
    watched = list(dict.fromkeys([*before, *seen]))[-_CHECKED:]
    if not before:
        yield PollPage(stream="check", kind="", raw=b"", cursor={"ids": watched})
        return
    answer = http.read(dialect, "/2/tweets", {"ids": ",".join(before), "tweet.fields": "id"})
    there = {ident(post.get("id")) for post in _data(answer)}
    missing = {ident(mapping(one).get("resource_id")) for one in listing(answer.data.get("errors"))}
    left = [native for native in watched if native in there or native not in missing]
    if missing & set(before):
        yield _page("check", "check", answer, {"ids": left})
    else:
        yield PollPage(stream="check", kind="", raw=b"", cursor={"ids": left})


def _page(stream: str, kind: str, answer: Answer, cursor: Cursor, *, lost: bool = False) -> PollPage:
    # An empty page moves the cursor and is not worth keeping.
    held = bool(_data(answer)) or kind == "check"
    raw = answer.body if held else b""
    return PollPage(stream=stream, kind=kind if held else "", raw=raw, cursor=cursor, lost=lost)


def _meets(found: list[Mapping[str, Any]], before: str) -> bool:
    """Return whether a page holds the post `before`, or an older one."""
    ids = [int(native) for post in found if (native := ident(post.get("id"))) and native.isdigit()]
    return before.isdigit() and min(ids, default=int(before) + 1) <= int(before)


def _begun(found: list[Mapping[str, Any]]) -> set[str]:
    pairs = ((ident(post.get("id")), ident(post.get("conversation_id"))) for post in found)
    return {native for native, conversation in pairs if native and native == conversation and native.isdigit()}


def _young(begun: list[str], now: datetime) -> list[str]:
    oldest = _id_at(now - _SEARCHED)
    return [native for native in dict.fromkeys(begun) if native.isdigit() and int(native) >= oldest]


def _id_at(when: datetime) -> int:
    return max(int(when.timestamp() * 1000) - _X_EPOCH_MS, 0) << _ID_SHIFT


def _newest(found: list[Mapping[str, Any]], before: str) -> str:
    ids = [native for post in found if (native := ident(post.get("id"))) and native.isdigit()]
    return max([*ids, before], key=lambda native: int(native) if native.isdigit() else 0)


def _data(answer: Answer) -> list[Mapping[str, Any]]:
    return [mapping(item) for item in listing(answer.data.get("data"))]
