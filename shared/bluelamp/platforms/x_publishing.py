"""Publishing on X: words counted its way, links, up to four pictures or a video, answers to choose from.

Sources, read on 2026-11-23: X, API v2 version 2.167, "Create Post", "Media" and its "Best practices" (4 pictures of
5 MB, or a video of 512 MB and 140 seconds, H.264 with AAC), "Counting characters"; X Help, "How to share and watch
videos" (1920 by 1200, lying or standing). Accounts that pay may write and film longer, which the API does not tell, so
it is not relied on. A post on X is not edited here: an edit makes a new post with a new id, within an hour, for paying
accounts.

X refuses the same words again within a short while (`x_dialect.DUPLICATE`), which is a second wall against publishing
twice. It shows a short link of its own for every link, and one more at the end for what is attached.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from bluelamp.platforms import x_counting, x_uploads
from bluelamp.platforms.contract import (
    AccountRef,
    ActResult,
    GoneError,
    NotAllowedError,
    PlatformError,
    ReadBack,
)
from bluelamp.platforms.fitting import fit
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.publishing import (
    AssetLimits,
    Limits,
    Outgoing,
    PollLimits,
    Progress,
    Shown,
    UploadLostError,
)
from bluelamp.platforms.reading import ident, listing, mapping, text_of
from bluelamp.platforms.uploading import known, lost, read_back
from bluelamp.platforms.x_dialect import X_API, data, items, result

NAME = "x"
_PAGES = 5
_INVALID = "400"
_PATH_OF_MISSING = "resource-not-found"
_LIMITS = Limits(
    characters=280,
    picture=x_uploads.PICTURE,
    video=AssetLimits(
        count=1,
        size=512 * 1024 * 1024,
        types=frozenset({"video/mp4", "video/quicktime"}),
        seconds=140,
        width=1920,
        height=1200,
        codecs=frozenset({"avc1", "mp4a"}),
    ),
    poll=PollLimits(options=4, option_characters=25, minutes=(5, 10_080)),
    together=False,
    edits=False,
    source="X API v2 2.167 (Create Post, Media best practices) and X Help (videos), read on 2026-11-23",
)


class XPublisher:
    """The publisher of accounts on X."""

    name = NAME

    def limits(self) -> Limits:
        """Say what any account may publish."""
        return _LIMITS

    def length(self, text: str, link: str | None = None) -> int:
        """Count the words as X does, with a link that is not among them at their end."""
        return x_counting.length(_words(text, link))

    def check(self, outgoing: Outgoing) -> None:
        """Raise ``UnfitError`` for the first thing that X would not take."""
        fit(outgoing, _LIMITS, "X", self.length)

    def prepare(
        self, outgoing: Outgoing, account: AccountRef, http: PlatformHttp, progress: Progress
    ) -> Iterator[Progress]:
        """Upload what belongs to it in parts, wait until X has looked at it, and describe pictures.

        Raises
        ------
        UnfitError
            When X has looked at a video and does not want it.
        PlatformError
            As the platform answers; nothing is public then.
        """
        del account
        media = known(progress, "media")
        for asset in outgoing.assets:
            for now in x_uploads.upload(asset, http, media.get(asset.id)):
                media = {**media, asset.id: now}
                yield {"media": media}

    def publish(self, outgoing: Outgoing, account: AccountRef, http: PlatformHttp, progress: Progress) -> ActResult:
        """Post with one call.

        Raises
        ------
        UploadLostError
            When X does not know, or never got whole, what was uploaded.
        PlatformError
            As the platform answers; ``NotAllowedError`` when it has the same words from this account already.
        """
        del account
        body: dict[str, Any] = {"text": _words(outgoing.text, outgoing.link)} if outgoing.text or outgoing.link else {}
        if outgoing.assets:
            body["media"] = {"media_ids": _media_ids(outgoing, http, progress)}
        if outgoing.poll is not None:
            body["poll"] = {"options": list(outgoing.poll.options), "duration_minutes": outgoing.poll.minutes}
        try:
            answer = http.write(X_API, "POST", "/2/tweets", body=body)
        except PlatformError as error:
            if not outgoing.assets or error.platform_code != _INVALID or "media" not in str(error).lower():
                raise
            raise lost(error) from error
        return result(answer, data(answer).get("id"))

    def find(
        self, outgoing: Outgoing, account: AccountRef, http: PlatformHttp, progress: Progress, *, since: datetime
    ) -> ReadBack:
        """Look for the post among the account's own: what is attached by its id, words by being the same.

        Raises
        ------
        PlatformError
            When the account's posts cannot be read.
        """
        query = {
            "max_results": "100",
            "tweet.fields": "id,text,note_tweet,created_at,attachments,referenced_tweets",
            "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        media = {entry["id"] for entry in known(progress, "media").values()}
        ours: list[Mapping[str, Any]] = []
        token = ""
        for _ in range(_PAGES):
            more = {"pagination_token": token} if token else {}
            answer = http.read(X_API, f"/2/users/{account.native_id}/tweets", {**query, **more})
            ours += [post for post in items(answer) if _is_ours(post, outgoing, media)]
            token = text_of(mapping(answer.data.get("meta")).get("next_token"))
            if not token:
                break
        return read_back([ident(post.get("id")) for post in ours], whole=not token)

    def edit(self, native_id: str, text: str, account: AccountRef, http: PlatformHttp) -> ActResult:
        """Refuse; nothing is called.

        Raises
        ------
        NotAllowedError
            Always.
        """
        del native_id, text, account, http
        raise NotAllowedError("a post on X is not edited: take it down, and publish what is right")

    def take_down(self, native_id: str, account: AccountRef, http: PlatformHttp) -> ActResult:
        """Delete a post.

        Raises
        ------
        PlatformError
            As the platform answers; ``GoneError`` when it is not there any more.
        """
        del account
        return result(http.write(X_API, "DELETE", f"/2/tweets/{native_id}"), native_id)

    def show(self, native_id: str, account: AccountRef, http: PlatformHttp) -> Shown:
        """Say what the public sees; of what X does not show without saying that it is gone, nothing is known.

        Raises
        ------
        PlatformError
            When it cannot be read.
        """
        try:
            answer = http.read(X_API, f"/2/tweets/{native_id}", {"tweet.fields": "id,text,note_tweet"})
        except GoneError:
            return Shown(state="gone")
        found = data(answer)
        if not found:
            problems = [text_of(mapping(one).get("type")) for one in listing(answer.data.get("errors"))]
            missing = any(problem.endswith(_PATH_OF_MISSING) for problem in problems)
            return Shown(state="gone" if missing else "unknown")
        link = f"https://x.com/{account.handle or 'i'}/status/{native_id}"
        return Shown(state="there", text=_shown(found), permalink=link)


def _words(text: str, link: str | None) -> str:
    return text if link is None or link in text else f"{text}\n\n{link}".strip()


def _media_ids(outgoing: Outgoing, http: PlatformHttp, progress: Progress) -> list[str]:
    media = known(progress, "media")
    for place, asset in enumerate(outgoing.assets):
        if not x_uploads.is_ready(media.get(asset.id), http):
            raise UploadLostError(f"attachment {place + 1} of {len(outgoing.assets)} is not uploaded, or has lapsed")
    return [str(media[asset.id]["id"]) for asset in outgoing.assets]


def _is_ours(post: Mapping[str, Any], outgoing: Outgoing, media: set[str]) -> bool:
    if any(mapping(one).get("type") == "replied_to" for one in listing(post.get("referenced_tweets"))):
        return False
    attached = mapping(post.get("attachments"))
    keys = [text_of(key).partition("_")[2] for key in listing(attached.get("media_keys"))]
    if media and keys:
        return bool(media.intersection(keys))
    same = _same(_shown(post), _words(outgoing.text, outgoing.link), attached=bool(outgoing.assets))
    polls = len(listing(attached.get("poll_ids")))
    return same and len(keys) == len(outgoing.assets) and polls == (outgoing.poll is not None)


def _shown(post: Mapping[str, Any]) -> str:
    """Return a post's words: a long one stands cut short in its text, and whole in its note."""
    return unescape(text_of(mapping(post.get("note_tweet")).get("text")) or text_of(post.get("text")))


def _same(found: str, ours: str, *, attached: bool) -> bool:
    """Compare words whose links X has replaced by its own, with one more at the end for what is attached."""
    shown, written = _plain(found), _plain(ours)
    return shown == written or (attached and shown == [*written, "<link>"])


def _plain(text: str) -> list[str]:
    parts, at = [], 0
    for start, end in x_counting.links(text):
        parts += [text[at:start], " <link> "]
        at = end
    return "".join([*parts, text[at:]]).split()
