"""Facebook: Pages and their Messenger, over Meta's Graph API.

Sources: Graph API reference (Page feed, Comment, Conversation), "Handling errors", "Rate limits", Messenger Platform
"Send API" and "Message tags". What a Page can do: hide, delete and answer comments; delete and answer visitors' posts
(which Graph does not hide); answer mentions elsewhere and private messages, the latter within 24 hours, then for seven
days with the ``HUMAN_AGENT`` tag, which is for answers written by a person: ours always are. An answer to a comment
may carry one picture. What a Page can do about people is in `facebook_people`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bluelamp.platforms import facebook_events as events
from bluelamp.platforms import facebook_people as people
from bluelamp.platforms import facebook_polling, facebook_uploads, signatures
from bluelamp.platforms.contract import (
    AccountRef,
    ActResult,
    Cursor,
    Direction,
    GoneError,
    NotAllowedError,
    OutsideWindowError,
    ParsedBatch,
    PollPage,
    ReadBack,
    Target,
    Verb,
)
from bluelamp.platforms.graph import GRAPH, following, items, result
from bluelamp.platforms.http import Answer, PlatformHttp
from bluelamp.platforms.publishing import Asset, AssetLimits
from bluelamp.platforms.reading import ident, listing, mapping, moment, text_of
from bluelamp.platforms.signatures import Handshake, PlatformSecrets
from bluelamp.platforms.uploading import only_picture
from bluelamp.times import Clock, utc_now

_READ_BACK_LIMIT = "100"
_READ_BACK_MORE = 4
_COMMENT: frozenset[Verb] = frozenset({"hide", "unhide", "delete", "reply", *people.VERBS})
_OFFERED: Mapping[tuple[str, str], frozenset[Verb]] = {
    ("comment", "in"): _COMMENT,
    ("reply", "in"): _COMMENT,
    ("post", "in"): frozenset({"delete", "reply", "ban", "unban", "message"}),
    ("mention", "in"): frozenset({"reply", "ban", "unban"}),
    ("message", "in"): frozenset({"reply", "ban", "unban"}),
    ("comment", "out"): frozenset({"delete", "reply"}),
    ("reply", "out"): frozenset({"delete", "reply"}),
    ("post", "out"): frozenset({"delete", "reply"}),
}


class Facebook:
    """The connector; `clock` stands in for times that Facebook leaves out."""

    name = events.NAME

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    def capabilities(
        self, kind: str, account: AccountRef | None = None, *, direction: Direction = "in"
    ) -> frozenset[Verb]:
        """Name what a Page can do with such a post; the same for every Page."""
        del account
        return _OFFERED.get((kind, direction), frozenset())

    def picture_with(self, verb: Verb, kind: str) -> AssetLimits | None:
        """Say what picture may go with an answer: with comments, as a private message is words or a picture."""
        return facebook_uploads.PICTURE if verb == "reply" and kind != "message" else None

    def handshake(self, query: Mapping[str, str], secrets: PlatformSecrets) -> Handshake:
        """See `signatures.handshake_facebook`."""
        return signatures.handshake_facebook(query, secrets)

    def verify(self, raw: bytes, headers: Mapping[str, str], secrets: PlatformSecrets) -> None:
        """See `signatures.verify_facebook`."""
        signatures.verify_facebook(raw, headers, secrets)

    def parse(self, raw: bytes) -> ParsedBatch:
        """See `facebook_events.parse_webhook`."""
        return events.parse_webhook(raw, self._clock())

    def parse_page(self, kind: str, raw: bytes, account: AccountRef) -> ParsedBatch:
        """See `facebook_events.parse_page`."""
        return events.parse_page(kind, raw, account.native_id, self._clock())

    def poll(self, account: AccountRef, cursors: Mapping[str, Cursor], http: PlatformHttp) -> Iterator[PollPage]:
        """See `facebook_polling.poll`."""
        return facebook_polling.poll(GRAPH, account, cursors, http)

    def act(
        self,
        verb: Verb,
        target: Target,
        http: PlatformHttp,
        *,
        text: str | None = None,
        assets: tuple[Asset, ...] = (),
    ) -> ActResult:
        """Carry out a verb; what is so already, or gone when it should go, counts as done.

        Raises
        ------
        NotAllowedError
            When Facebook does not offer the verb for such a post; nothing is called then.
        PlatformError
            As the platform answers.
        """
        if verb == "reply":
            say = self._message if target.private else self._comment
            return say(target, http, text or "", assets)
        if verb in people.VERBS:
            if verb not in self.capabilities(target.kind, direction=_direction(target)):
                raise NotAllowedError(f"Facebook cannot {verb} the writer of such a {target.kind}")
            if assets:
                raise NotAllowedError("Facebook sends words or a picture in a private message, not both at once")
            return people.act(verb, target, http, text or "")
        if target.kind not in ("comment", "reply") and not (verb == "delete" and target.kind == "post"):
            raise NotAllowedError(f"Facebook cannot {verb} a {target.kind}")
        try:
            if self._settled(verb, target, http):
                return ActResult(status="already")
            if verb == "delete":
                answer = http.write(GRAPH, "DELETE", f"/{target.native_id}")
            else:
                hidden = {"is_hidden": "true" if verb == "hide" else "false"}
                answer = http.write(GRAPH, "POST", f"/{target.native_id}", form=hidden)
        except GoneError:
            if verb == "unhide":
                raise
            return ActResult(status="already")
        return result(answer)

    def _settled(self, verb: Verb, target: Target, http: PlatformHttp) -> bool:
        if target.kind == "post":
            return False
        answer = http.read(GRAPH, f"/{target.native_id}", {"fields": "id,is_hidden,can_hide,can_remove"})
        if verb == "delete":
            allowed = answer.data.get("can_remove")
        else:
            if answer.data.get("is_hidden") is (verb == "hide"):
                return True
            allowed = answer.data.get("can_hide") if verb == "hide" else True
        if allowed is False:
            raise NotAllowedError(f"Facebook does not let this Page {verb} the {target.kind}")
        return False

    def _comment(self, target: Target, http: PlatformHttp, text: str, assets: tuple[Asset, ...]) -> ActResult:
        form = {"message": text}
        if assets:
            picture = only_picture(assets, "Facebook")
            form["attachment_id"] = facebook_uploads.upload_picture(picture, target.account_native, http)
        answer = http.write(GRAPH, "POST", f"/{target.native_id}/comments", form=form)
        return result(answer, answer.data.get("id"))

    def _message(self, target: Target, http: PlatformHttp, text: str, assets: tuple[Asset, ...]) -> ActResult:
        if assets:
            raise NotAllowedError("Facebook sends words or a picture in a private message, not both at once")
        message: dict[str, Any] = {
            "recipient": {"id": target.thread_native},
            "message": {"text": text},
            "messaging_type": "RESPONSE",
        }
        path = f"/{target.account_native}/messages"
        try:
            answer = http.write(GRAPH, "POST", path, body=message)
        except OutsideWindowError:
            # Refused, so nothing was sent. The tag may be used because a person wrote the answer.
            tagged = {**message, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
            answer = http.write(GRAPH, "POST", path, body=tagged)
        return result(answer, answer.data.get("message_id"))

    def read_back(
        self, verb: Verb, target: Target, http: PlatformHttp, *, text: str | None = None, since: datetime
    ) -> ReadBack:
        """Look whether a verb has taken effect; a reply is ours when text and place fit and it came after `since`.

        Facebook hangs an answer to a reply on the comment above, beside the answers to that comment's other replies:
        the same words there may be any of these, and that is ``unknown``.

        Raises
        ------
        PlatformError
            When the platform cannot be read.
        """
        try:
            if verb == "reply":
                find = _find_message if target.private else _find_comment
                return find(target, http, text or "", since)
            if verb == "message":
                writer = target.model_copy(update={"thread_native": people.author(target)})
                return _find_message(writer, http, text or "", since)
            if verb in people.VERBS:
                return people.read_back(verb, target, http)
            fields = "id" if verb == "delete" else "id,is_hidden"
            answer = http.read(GRAPH, f"/{target.native_id}", {"fields": fields})
        except GoneError:
            return ReadBack(state="done" if verb == "delete" else "gone")
        done = verb != "delete" and answer.data.get("is_hidden") is (verb == "hide")
        return ReadBack(state="done" if done else "not_done")


def _direction(target: Target) -> Direction:
    return "out" if target.author_id == target.account_native else "in"


def _find_comment(target: Target, http: PlatformHttp, text: str, since: datetime) -> ReadBack:
    http.read(GRAPH, f"/{target.native_id}", {"fields": "id"})
    found, whole = _listed(
        http,
        f"/{target.thread_native}/comments",
        {
            "filter": "stream",
            "order": "reverse_chronological",
            "fields": "id,message,from,parent,created_time",
            "limit": _READ_BACK_LIMIT,
        },
        since,
    )
    # An answer to a post hangs on nothing but the post.
    is_root = target.kind == "post" or target.native_id == target.thread_native
    own = None if is_root else target.native_id
    shared = {target.parent_native} if target.kind in ("reply", "mention") else set()
    ours = [c for c in found if _is_ours(c, target, text, since)]
    certain = [c for c in ours if _hangs_on(c) in {own, target.native_id} and _written(c)]
    unsure = [c for c in ours if c not in certain and _hangs_on(c) in {own, target.native_id, *shared}]
    return _seen(certain, whole=whole and not unsure)


def _find_message(target: Target, http: PlatformHttp, text: str, since: datetime) -> ReadBack:
    about = {"user_id": target.thread_native, "fields": "id"}
    answer = http.read(GRAPH, f"/{target.account_native}/conversations", about)
    known = True
    for conversation in items(answer):
        found, whole = _listed(
            http,
            f"/{ident(conversation.get('id'))}/messages",
            {"fields": "id,message,from,to,created_time", "limit": _READ_BACK_LIMIT},
            since,
        )
        ours = [m for m in found if target.thread_native in _people(m) and _is_ours(m, target, text, since)]
        certain = [m for m in ours if _written(m)]
        if certain:
            return _seen(certain, whole=whole)
        known = known and whole and not ours
    return _seen([], whole=known)


def _seen(certain: list[Mapping[str, Any]], *, whole: bool) -> ReadBack:
    if certain:
        return ReadBack(state="done", native_id=ident(certain[0].get("id")))
    return ReadBack(state="not_done" if whole else "unknown")


def _listed(
    http: PlatformHttp, path: str, query: Mapping[str, str], since: datetime
) -> tuple[list[Mapping[str, Any]], bool]:
    """Return what a listing, newest first, holds since then, and whether it was read back that far."""
    answer = http.read(GRAPH, path, query)
    found = items(answer)
    for _ in range(_READ_BACK_MORE):
        if _reaches(answer, since):
            break
        answer = http.follow(GRAPH, following(answer))
        found += items(answer)
    return found, _reaches(answer, since)


def _reaches(answer: Answer, since: datetime) -> bool:
    times = [_written(item) for item in items(answer)]
    return not following(answer) or any(when is not None and when < since for when in times)


def _is_ours(item: Mapping[str, Any], target: Target, text: str, since: datetime) -> bool:
    """Tell whether the account wrote these words, not before `since`; Facebook may trim and join white space."""
    written = _written(item)
    by = ident(mapping(item.get("from")).get("id"))
    same = text_of(item.get("message")).split() == text.split()
    return by == target.account_native and same and (written is None or written >= since)


def _written(item: Mapping[str, Any]) -> datetime | None:
    return moment(item.get("created_time"))


def _hangs_on(comment: Mapping[str, Any]) -> str | None:
    return ident(mapping(comment.get("parent")).get("id"))


def _people(message: Mapping[str, Any]) -> set[str | None]:
    others = listing(mapping(message.get("to")).get("data"))
    return {ident(mapping(person).get("id")) for person in (message.get("from"), *others)}
