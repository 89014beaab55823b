"""X: posts, replies and private messages, over API v2, webhooks by the Activity API.

Sources: X API v2 reference (Manage Posts, Hide replies, Direct Messages), "Response codes and errors", "Rate limits".
What an account can do: hide and unhide replies to its own posts, delete what it wrote itself, answer anything. Nobody's
post but one's own can be deleted, so that is not offered; a private message can only be answered. Whether a reply is
hidden cannot be read over the API: after a time-out ``read_back`` says ``unknown``, and hiding may simply be repeated.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from bluelamp.platforms import signatures, x_polling
from bluelamp.platforms import x_events as events
from bluelamp.platforms.contract import (
    AccountRef,
    ActResult,
    BrokenPayloadError,
    Cursor,
    Direction,
    GoneError,
    NotAllowedError,
    ParsedBatch,
    PlatformError,
    PollPage,
    ReadBack,
    ReauthoriseError,
    Target,
    ThrottledError,
    TryAgainError,
    Verb,
)
from bluelamp.platforms.http import Answer, PlatformHttp
from bluelamp.platforms.reading import ident, listing, load, mapping, moment, text_of
from bluelamp.platforms.signatures import Handshake, PlatformSecrets
from bluelamp.times import Clock, utc_now

_REST = timedelta(minutes=15)
_READ_BACK_PAGES = 5
_OFFERED: Mapping[tuple[str, str], frozenset[Verb]] = {
    ("reply", "in"): frozenset({"hide", "unhide", "reply"}),
    ("mention", "in"): frozenset({"reply"}),
    ("message", "in"): frozenset({"reply"}),
    ("post", "out"): frozenset({"delete", "reply"}),
    ("reply", "out"): frozenset({"delete", "reply"}),
}
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER_FAILED = 401, 403, 404, 429, 500


class XDialect:
    """How X speaks of failure: HTTP statuses with problem objects, allowances by endpoint in headers."""

    request_id_header = "x-transaction-id"
    whole_account = False

    def failure(self, answer: Answer, now: datetime) -> PlatformError | None:
        """Return the error that the answer stands for."""
        if answer.status < 300:  # noqa: PLR2004 -- the successes of HTTP
            return None
        try:
            _, problem = load(answer.body)
        except BrokenPayloadError:
            problem = {}
        first = mapping(next(iter(listing(problem.get("errors"))), None))
        said = text_of(problem.get("detail")) or text_of(first.get("message")) or f"HTTP {answer.status}"
        about: dict[str, Any] = {
            "platform_code": str(answer.status),
            "request_id": answer.headers.get(self.request_id_header),
        }
        if answer.status == _TOO_MANY:
            return ThrottledError(
                f"X throttles the account: {said[:200]}", until=_reset(answer) or now + _REST, **about
            )
        return _kind_of(answer.status, said)(f"X refused: {said[:200]}", **about)

    def regain(self, answer: Answer, now: datetime) -> datetime | None:
        """Return when polling may go on, once the endpoint's window is used up."""
        used_up = answer.headers.get("x-rate-limit-remaining") == "0"
        return (_reset(answer) or now + _REST) if used_up else None


def _kind_of(status: int, said: str) -> type[PlatformError]:
    if status == _UNAUTHORISED:
        return ReauthoriseError
    if status == _NOT_FOUND or (status == _FORBIDDEN and "deleted" in said.lower()):
        return GoneError
    if status == _FORBIDDEN:
        return NotAllowedError
    return TryAgainError if status >= _SERVER_FAILED else PlatformError


def _reset(answer: Answer) -> datetime | None:
    return moment(answer.headers.get("x-rate-limit-reset", ""))


X_API = XDialect()


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

    def act(self, verb: Verb, target: Target, http: PlatformHttp, *, text: str | None = None) -> ActResult:
        """Carry out a verb; what is gone when it should go or be hidden counts as done.

        Raises
        ------
        NotAllowedError
            When X does not offer the verb for such a post; nothing is called then.
        PlatformError
            As the platform answers.
        """
        if verb == "reply":
            return self._message(target, http, text or "") if target.private else self._reply(target, http, text or "")
        own = target.author_id == target.account_native
        if target.private or (verb == "delete") is not own or (verb != "delete" and target.kind != "reply"):
            raise NotAllowedError(f"X cannot {verb} a {target.kind} of {'this account' if own else 'somebody else'}")
        try:
            if verb == "delete":
                return _result(http.write(X_API, "DELETE", f"/2/tweets/{target.native_id}"))
            hidden = {"hidden": verb == "hide"}
            return _result(http.write(X_API, "PUT", f"/2/tweets/{target.native_id}/hidden", body=hidden))
        except GoneError:
            if verb == "unhide":
                raise
            return ActResult(status="already")

    def _reply(self, target: Target, http: PlatformHttp, text: str) -> ActResult:
        body = {"text": text, "reply": {"in_reply_to_tweet_id": target.native_id}}
        answer = http.write(X_API, "POST", "/2/tweets", body=body)
        return _result(answer, mapping(answer.data.get("data")).get("id"))

    def _message(self, target: Target, http: PlatformHttp, text: str) -> ActResult:
        path = f"/2/dm_conversations/with/{target.thread_native}/messages"
        answer = http.write(X_API, "POST", path, body={"text": text})
        return _result(answer, mapping(answer.data.get("data")).get("dm_event_id"))

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
        page = _data(answer)
        found += page
        token = text_of(mapping(answer.data.get("meta")).get("next_token"))
        times = [moment(item.get("created_at")) for item in page]
        if not token or any(when is not None and when < since for when in times):
            return found, True
    return found, False


def _same(found: str, ours: str) -> bool:
    """Compare texts as X shows them: escaped, with the names it puts before a reply, and its own links for ours."""
    return _plain(unescape(found)) == _plain(ours)


def _plain(text: str) -> list[str]:
    words = text.split()
    while words and words[0].startswith("@"):
        words = words[1:]
    return ["<link>" if word.startswith(("https://", "http://")) else word for word in words]


def _data(answer: Answer) -> list[Mapping[str, Any]]:
    return [mapping(item) for item in listing(answer.data.get("data"))]


def _result(answer: Answer, native: Any = None) -> ActResult:
    return ActResult(
        status="done",
        native_id=ident(native),
        request_id=answer.headers.get(X_API.request_id_header),
        response=answer.body,
    )
