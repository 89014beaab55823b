"""X: posts, replies and private messages, over API v2, webhooks by the Activity API.

Sources: X API v2 reference (Manage Posts, Hide replies, Likes, Direct Messages), "Response codes and errors" and "Rate
limits". What an account can do: hide and unhide replies to its own posts, delete what it wrote itself, answer and like
anything, write to people in private where they let it. Nobody's post but one's own can be deleted, and nobody can be
shut out, so neither is offered; a private message can only be answered. An answer may carry one picture. Whether a
reply is hidden cannot be read over the API: after a time-out ``read_back`` says ``unknown``, and hiding may simply be
repeated.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from bluelamp.platforms import signatures, x_polling, x_uploads
from bluelamp.platforms import x_events as events
from bluelamp.platforms.contract import (
    AccountRef,
    ActResult,
    Cursor,
    Direction,
    GoneError,
    NotAllowedError,
    ParsedBatch,
    PollPage,
    ReadBack,
    Target,
    Verb,
)
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.publishing import Asset, AssetLimits
from bluelamp.platforms.reading import ident, listing, mapping, moment, text_of
from bluelamp.platforms.signatures import Handshake, PlatformSecrets
from bluelamp.platforms.uploading import only_picture
from bluelamp.platforms.x_dialect import X_API, items, result
from bluelamp.times import Clock, utc_now

_READ_BACK_PAGES = 5
_ABOUT_PEOPLE: frozenset[Verb] = frozenset({"like", "message", "ban", "unban"})
_SAYS: frozenset[Verb] = frozenset({"reply", "message"})
_OFFERED: Mapping[tuple[str, str], frozenset[Verb]] = {
    ("reply", "in"): frozenset({"hide", "unhide", "reply", "like", "message"}),
    ("mention", "in"): frozenset({"reply", "like", "message"}),
    ("message", "in"): frozenset({"reply"}),
    ("post", "out"): frozenset({"delete", "reply"}),
    ("reply", "out"): frozenset({"delete", "reply"}),
}


class X:
    """The connector; `clock` stands in for times that X leaves out."""

    name = events.NAME

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    def capabilities(
        self, kind: str, account: AccountRef | None = None, *, direction: Direction = "in"
    ) -> frozenset[Verb]:
        """Name what an account can do with such a post; the same for every account."""
        del account
        return _OFFERED.get((kind, direction), frozenset())

    def picture_with(self, verb: Verb, kind: str) -> AssetLimits | None:
        """Say what picture may go with an answer, in public or in private."""
        del kind
        return x_uploads.PICTURE if verb in _SAYS else None

    def handshake(self, query: Mapping[str, str], secrets: PlatformSecrets) -> Handshake:
        """See `signatures.handshake_x`."""
        return signatures.handshake_x(query, secrets)

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: PlatformSecrets) -> None:
        """See `signatures.verify_x`."""
        signatures.verify_x(raw, headers, secrets)

    def parse(self, raw: bytes) -> ParsedBatch:
        """See `x_events.parse_webhook`."""
        return events.parse_webhook(raw, self._clock())

    def parse_page(self, kind: str, raw: bytes, account: AccountRef) -> ParsedBatch:
        """See `x_events.parse_page`."""
        return events.parse_page(kind, raw, account.native_id, self._clock())

    def poll(self, account: AccountRef, cursors: Mapping[str, Cursor], http: PlatformHttp) -> Iterator[PollPage]:
        """See `x_polling.poll`."""
        return x_polling.poll(X_API, account, cursors, http)

    def act(
        self,
        verb: Verb,
        target: Target,
        http: PlatformHttp,
        *,
        text: str | None = None,
        assets: tuple[Asset, ...] = (),
    ) -> ActResult:
        """Carry out a verb; what is gone when it should go or be hidden counts as done.

        Raises
        ------
        NotAllowedError
            When X does not offer the verb for such a post; nothing is called then.
        PlatformError
            As the platform answers.
        """
        if verb == "reply":
            say = self._message if target.private else self._reply
            return say(target, http, text or "", assets)
        own = target.author_id == target.account_native
        if verb in _ABOUT_PEOPLE:
            if verb not in self.capabilities(target.kind, direction="out" if own else "in"):
                raise NotAllowedError(f"X cannot {verb} the writer of such a {target.kind}")
            if verb == "like":
                return self._like(target, http)
            return self._message(_writer(target), http, text or "", assets)
        if target.private or (verb == "delete") is not own or (verb != "delete" and target.kind != "reply"):
            raise NotAllowedError(f"X cannot {verb} a {target.kind} of {'this account' if own else 'somebody else'}")
        try:
            if verb == "delete":
                return result(http.write(X_API, "DELETE", f"/2/tweets/{target.native_id}"))
            hidden = {"hidden": verb == "hide"}
            return result(http.write(X_API, "PUT", f"/2/tweets/{target.native_id}/hidden", body=hidden))
        except GoneError:
            if verb == "unhide":
                raise
            return ActResult(status="already")

    def _like(self, target: Target, http: PlatformHttp) -> ActResult:
        body = {"tweet_id": target.native_id}
        return result(http.write(X_API, "POST", f"/2/users/{target.account_native}/likes", body=body))

    def _reply(self, target: Target, http: PlatformHttp, text: str, assets: tuple[Asset, ...]) -> ActResult:
        body: dict[str, Any] = {"text": text, "reply": {"in_reply_to_tweet_id": target.native_id}}
        if assets:
            picture = only_picture(assets, "X")
            body["media"] = {"media_ids": [x_uploads.upload_whole(picture, http, use="tweet")]}
        answer = http.write(X_API, "POST", "/2/tweets", body=body)
        return result(answer, mapping(answer.data.get("data")).get("id"))

    def _message(self, target: Target, http: PlatformHttp, text: str, assets: tuple[Asset, ...]) -> ActResult:
        path = f"/2/dm_conversations/with/{target.thread_native}/messages"
        body: dict[str, Any] = {"text": text}
        if assets:
            picture = only_picture(assets, "X")
            body["attachments"] = [{"media_id": x_uploads.upload_whole(picture, http, use="dm")}]
        answer = http.write(X_API, "POST", path, body=body)
        return result(answer, mapping(answer.data.get("data")).get("dm_event_id"))

    def read_back(
        self, verb: Verb, target: Target, http: PlatformHttp, *, text: str | None = None, since: datetime
    ) -> ReadBack:
        """Look whether a verb has taken effect; a reply is ours when text and place fit and it came after `since`.

        Raises
        ------
        PlatformError
            When the platform cannot be read.
        """
        if verb == "reply" and target.private:
            return _find_message(target, http, text or "", since)
        if verb == "message":
            return _find_message(_writer(target), http, text or "", since)
        if verb == "like":
            return _find_like(target, http)
        try:
            there = bool(mapping(http.read(X_API, f"/2/tweets/{target.native_id}").data.get("data")))
        except GoneError:
            there = False
        if verb == "delete":
            return ReadBack(state="not_done" if there else "done")
        if verb == "reply":
            found = _find_reply(target, http, text or "", since)
            return found if there or found.state == "done" else ReadBack(state="gone")
        return ReadBack(state="unknown" if there else "gone")


def _writer(target: Target) -> Target:
    """Return the private conversation with who wrote a post."""
    if target.author_id is None:
        raise NotAllowedError("X does not say who wrote this, so nobody can be written to")
    return target.model_copy(update={"thread_native": target.author_id})


def _find_like(target: Target, http: PlatformHttp) -> ReadBack:
    """Look among what the account liked last; a like just given is among these."""
    liked = items(http.read(X_API, f"/2/users/{target.account_native}/liked_tweets", {"max_results": "100"}))
    return ReadBack(state="done" if any(ident(one.get("id")) == target.native_id for one in liked) else "not_done")


def _find_reply(target: Target, http: PlatformHttp, text: str, since: datetime) -> ReadBack:
    query = {
        "max_results": "100",
        "tweet.fields": "id,text,note_tweet,created_at,referenced_tweets",
        "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    found, whole = _listed(http, f"/2/users/{target.account_native}/tweets", query, since)
    for post in found:
        links = [mapping(one) for one in listing(post.get("referenced_tweets"))]
        places = {ident(one.get("id")) for one in links if one.get("type") == "replied_to"}
        # A long post stands cut short in its text, and whole in its note.
        shown = text_of(mapping(post.get("note_tweet")).get("text")) or text_of(post.get("text"))
        if target.native_id in places and _same(shown, text):
            return ReadBack(state="done", native_id=ident(post.get("id")))
    return ReadBack(state="not_done" if whole else "unknown")


def _find_message(target: Target, http: PlatformHttp, text: str, since: datetime) -> ReadBack:
    query = {"max_results": "100", "dm_event.fields": "id,text,sender_id,created_at"}
    found, whole = _listed(http, f"/2/dm_conversations/with/{target.thread_native}/dm_events", query, since)
    for message in found:
        if ident(message.get("sender_id")) != target.account_native or not _same(text_of(message.get("text")), text):
            continue
        written = moment(message.get("created_at"))
        if written is None:
            whole = False
        elif written >= since:
            return ReadBack(state="done", native_id=ident(message.get("id")))
    return ReadBack(state="not_done" if whole else "unknown")


def _listed(
    http: PlatformHttp, path: str, query: Mapping[str, str], since: datetime
) -> tuple[list[Mapping[str, Any]], bool]:
    """Return what a listing, newest first, holds since then, and whether it was read back that far."""
    found: list[Mapping[str, Any]] = []
    token = ""
    for _ in range(_READ_BACK_PAGES):
        answer = http.read(X_API, path, {**query, **({"pagination_token": token} if token else {})})
        page = items(answer)
        found += page
        token = text_of(mapping(answer.data.get("meta")).get("next_token"))
        times = [moment(item.get("created_at")) for item in page]
        if not token or any(when is not None and when < since for when in times):
            return found, True
    return found, False


def _same(found: str, ours: str) -> bool:
    """Compare texts as X shows them: escaped, with the names it puts before a reply, and its own links for ours.

    What is attached has a link at the end that we did not write.
    """
    shown, written = _plain(unescape(found)), _plain(ours)
    return shown in (written, [*written, "<link>"])


def _plain(text: str) -> list[str]:
    words = text.split()
    while words and words[0].startswith("@"):
        words = words[1:]
    return ["<link>" if word.startswith(("https://", "http://")) else word for word in words]
