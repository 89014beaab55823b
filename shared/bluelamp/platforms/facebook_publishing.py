"""Publishing on a Facebook Page: words, a link with its preview, pictures with descriptions, a video.

Sources, read on 2026-11-23: Graph API v26.0 reference, "Page Feed" (``attached_media``, ``link``), "Page Photos" and
"Post"; Video API, "Uploading videos with the Graph API". How many characters a post may have and how many pictures one
may carry is in none of them: 63,206 and ten are what Facebook's own pages take. Facebook offers Pages no answers to
choose from over Graph. A link beside pictures or a video has no preview, and is put under the words.

A video becomes public with the last call of its upload, and is looked at afterwards: that Facebook would not show it
is found by `FacebookPublisher.show`.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bluelamp.platforms import facebook_uploads as uploads
from bluelamp.platforms.contract import (
    AccountRef,
    ActResult,
    GoneError,
    PlatformError,
    ReadBack,
)
from bluelamp.platforms.fitting import fit
from bluelamp.platforms.graph import GRAPH, following, items, result
from bluelamp.platforms.http import Answer, PlatformHttp
from bluelamp.platforms.publishing import (
    AssetLimits,
    Limits,
    Outgoing,
    Progress,
    Shown,
    UploadLostError,
)
from bluelamp.platforms.reading import ident, listing, mapping, moment, text_of
from bluelamp.platforms.uploading import known, lost, read_back

NAME = "facebook"
# A picture or session that Facebook does not know: an invalid parameter, or an upload that failed.
_UNKNOWN = frozenset({"100", "6000", "6001"})
_PAGES = 5
_LIMITS = Limits(
    characters=63_206,
    picture=uploads.PICTURE,
    video=AssetLimits(
        count=1,
        size=10 * 1024 * 1024 * 1024,
        types=frozenset({"video/mp4", "video/quicktime"}),
        seconds=4 * 60 * 60,
    ),
    poll=None,
    together=False,
    edits=True,
    source="Graph API v26.0 (Page Feed, Page Photos) and Video API (Uploading videos), read on 2026-11-23",
)
_POST_FIELDS = "id,message,created_time,from,attachments{target{id},subattachments{target{id}}}"
_FILM_FIELDS = "id,description,created_time,post_id,published,status"


class FacebookPublisher:
    """The publisher of Facebook Pages."""

    name = NAME

    def limits(self) -> Limits:
        """Say what a Page may publish."""
        return _LIMITS

    def length(self, text: str, link: str | None = None) -> int:
        """Count characters, as Facebook does; a link with a preview takes none."""
        del link
        return len(text)

    def check(self, outgoing: Outgoing) -> None:
        """Raise ``UnfitError`` for the first thing that Facebook would not take."""
        fit(outgoing, _LIMITS, "Facebook", lambda _text, _link: len(_words(outgoing)))

    def prepare(
        self, outgoing: Outgoing, account: AccountRef, http: PlatformHttp, progress: Progress
    ) -> Iterator[Progress]:
        """Upload pictures as unpublished ones and a video up to its last call; see `publishing.Publisher`.

        Raises
        ------
        PlatformError
            As the platform answers; nothing is public then.
        """
        pictures = known(progress, "pictures")
        pictures = {key: entry for key, entry in pictures.items() if uploads.still_there(entry, http)}
        for asset in outgoing.assets:
            if asset.kind == "picture" and asset.id not in pictures:
                native = uploads.upload_picture(asset, account.native_id, http)
                pictures = {**pictures, asset.id: {"id": native, "at": http.clock().isoformat()}}
                yield {"pictures": pictures}
            elif asset.kind == "video":
                entry = known(progress, "films").get(asset.id)
                usable = entry if entry and uploads.still_there(entry, http) else None
                for now in uploads.upload_film(asset, account, http, usable):
                    yield {"films": {asset.id: now}}

    def publish(self, outgoing: Outgoing, account: AccountRef, http: PlatformHttp, progress: Progress) -> ActResult:
        """Publish with one call: a post on the Page's feed, or the last call of a video's upload.

        Raises
        ------
        UploadLostError
            When Facebook does not know, or never got, what was uploaded.
        PlatformError
            As the platform answers.
        """
        film = _film(outgoing, progress)
        try:
            if film is not None:
                return _finish(film, outgoing, account, http)
            answer = http.write(GRAPH, "POST", f"/{account.native_id}/feed", form=_post(outgoing, progress))
        except PlatformError as error:
            if not outgoing.assets or not _names_nothing(error):
                raise
            raise lost(error) from error
        return result(answer, answer.data.get("id"))

    def find(
        self, outgoing: Outgoing, account: AccountRef, http: PlatformHttp, progress: Progress, *, since: datetime
    ) -> ReadBack:
        """Look for the publication on the Page: pictures and videos by their ids, words by being the same.

        Raises
        ------
        PlatformError
            When the Page cannot be read.
        """
        since = since.replace(microsecond=0)
        asked = {"since": str(int(since.timestamp())), "limit": "100"}
        films = known(progress, "films")
        if any(asset.kind == "video" for asset in outgoing.assets):
            begun = {entry["video"] for entry in films.values()}
            found, ended = _listed(http, f"/{account.native_id}/videos", {**asked, "fields": _FILM_FIELDS})
            ours = [one for one in found if ident(one.get("id")) in begun and one.get("published") is not False]
            return read_back([ident(one.get("post_id")) or ident(one.get("id")) for one in ours], whole=ended)
        found, ended = _listed(http, f"/{account.native_id}/feed", {**asked, "fields": _POST_FIELDS})
        pictures = {entry["id"] for entry in known(progress, "pictures").values()}
        ours = [one for one in found if _is_ours(one, outgoing, account, pictures, since)]
        return read_back([ident(one.get("id")) for one in ours], whole=ended)

    def edit(self, native_id: str, text: str, account: AccountRef, http: PlatformHttp) -> ActResult:
        """Change the words of a post, or of a video.

        Raises
        ------
        PlatformError
            As the platform answers; ``GoneError`` when it is not there any more.
        """
        del account
        form = {"message" if "_" in native_id else "description": text}
        return result(http.write(GRAPH, "POST", f"/{native_id}", form=form), native_id)

    def take_down(self, native_id: str, account: AccountRef, http: PlatformHttp) -> ActResult:
        """Delete a post or video.

        Raises
        ------
        PlatformError
            As the platform answers; ``GoneError`` when it is not there any more.
        """
        del account
        return result(http.write(GRAPH, "DELETE", f"/{native_id}"), native_id)

    def show(self, native_id: str, account: AccountRef, http: PlatformHttp) -> Shown:
        """Say what the public sees.

        Raises
        ------
        PlatformError
            When it cannot be read, or is a video that Facebook looked at and does not show.
        """
        del account
        is_post = "_" in native_id
        fields = "id,message,permalink_url,is_published" if is_post else "id,description,permalink_url,published,status"
        try:
            data = http.read(GRAPH, f"/{native_id}", {"fields": fields}).data
        except GoneError:
            return Shown(state="gone")
        _refuse_failed(mapping(data.get("status")))
        out = data.get("is_published" if is_post else "published")
        words = text_of(data.get("message" if is_post else "description"))
        link = text_of(data.get("permalink_url")) or None
        return Shown(state="unknown" if out is False else "there", text=words, permalink=link)


def _words(outgoing: Outgoing) -> str:
    """Return the words as they are sent: a link that gets no preview stands below them."""
    if not outgoing.assets or outgoing.link is None or outgoing.link in outgoing.text:
        return outgoing.text
    return f"{outgoing.text}\n\n{outgoing.link}".strip()


def _post(outgoing: Outgoing, progress: Progress) -> dict[str, str]:
    form = {"message": _words(outgoing)} if _words(outgoing) else {}
    if outgoing.link is not None and not outgoing.assets:
        form["link"] = outgoing.link
    pictures = known(progress, "pictures")
    for place, asset in enumerate(outgoing.assets):
        if asset.id not in pictures:
            raise UploadLostError(f"picture {place + 1} of {len(outgoing.assets)} is not uploaded")
        form[f"attached_media[{place}]"] = json.dumps({"media_fbid": pictures[asset.id]["id"]})
    return form


def _film(outgoing: Outgoing, progress: Progress) -> Mapping[str, Any] | None:
    film = next((asset for asset in outgoing.assets if asset.kind == "video"), None)
    if film is None:
        return None
    entry = known(progress, "films").get(film.id)
    if entry is None or entry["start"] < entry["end"]:
        raise UploadLostError("the video is not uploaded whole")
    return entry


def _finish(film: Mapping[str, Any], outgoing: Outgoing, account: AccountRef, http: PlatformHttp) -> ActResult:
    form = {"upload_phase": "finish", "upload_session_id": film["session"], "description": _words(outgoing)}
    answer = http.write(GRAPH, "POST", f"/{account.native_id}/videos", form=form, films=True)
    return result(answer, _post_of(film["video"], http))


def _post_of(video: str, http: PlatformHttp) -> str:
    """Return the post that a video stands in, by which webhooks call it; the video itself while that is not said."""
    try:
        data = http.read(GRAPH, f"/{video}", {"fields": "id,post_id"}).data
    except PlatformError:
        # It is published: that nothing more can be read at the moment must not make it look otherwise.
        return video
    return ident(data.get("post_id")) or video


def _names_nothing(error: PlatformError) -> bool:
    return isinstance(error, GoneError) or (error.platform_code or "").partition("/")[0] in _UNKNOWN


def _refuse_failed(status: Mapping[str, Any]) -> None:
    if text_of(status.get("video_status")) != "error":
        return
    phase = mapping(status.get("processing_phase"))
    said = mapping(next(iter(listing(phase.get("errors"))), None))
    code = ident(said.get("code")) or "error"
    words = text_of(said.get("message"))[:200] or "without saying why"
    raise PlatformError(f"Facebook does not show the video: {words}", platform_code=f"video/{code}")


def _listed(http: PlatformHttp, path: str, query: Mapping[str, str]) -> tuple[list[Mapping[str, Any]], bool]:
    answer: Answer = http.read(GRAPH, path, query)
    found = items(answer)
    for _ in range(_PAGES):
        if not following(answer):
            return found, True
        answer = http.follow(GRAPH, following(answer))
        found += items(answer)
    return found, False


def _is_ours(
    post: Mapping[str, Any], outgoing: Outgoing, account: AccountRef, pictures: set[str], since: datetime
) -> bool:
    written = moment(post.get("created_time"))
    by = ident(mapping(post.get("from")).get("id"))
    if by not in (None, account.native_id) or (written is not None and written < since):
        return False
    shown = _pictures(post)
    if pictures and shown:
        return bool(pictures & shown)
    same = text_of(post.get("message")).split() == _words(outgoing).split()
    return same and len(shown) == len(outgoing.assets)


def _pictures(post: Mapping[str, Any]) -> set[str]:
    """Return the ids of what a post carries: one by itself, or several below one; a link's preview has none."""
    found = [mapping(one) for one in listing(mapping(post.get("attachments")).get("data"))]
    below = [mapping(one) for top in found for one in listing(mapping(top.get("subattachments")).get("data"))]
    return {native for one in below or found if (native := ident(mapping(one.get("target")).get("id")))}
