"""Pictures and videos on their way to Facebook: there, and seen by nobody yet.

Sources: Graph API reference, "Page Photos" (``published=false``; such a picture is deleted after about a day unless it
is used) and Video API, "Uploading videos with the Graph API" (a session, parts whose bounds Facebook names, subcode
1363037 with the part that it wants instead), read on 2026-11-23.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from bluelamp.platforms.contract import AccountRef, GoneError, PlatformError, TryAgainError
from bluelamp.platforms.graph import GRAPH, OtherPartError, whole
from bluelamp.platforms.http import Part, PlatformHttp
from bluelamp.platforms.publishing import Asset, AssetLimits
from bluelamp.platforms.reading import ident, moment
from bluelamp.platforms.uploading import PART_BYTES, unseen
from bluelamp.times import iso

# What a publication takes of pictures; an answer takes one such.
PICTURE = AssetLimits(count=10, size=4 * 1024 * 1024, types=frozenset({"image/jpeg", "image/png"}), alt=1000)
# Facebook keeps what is not published for a day; what is older than this is not relied on.
_KEPT = timedelta(hours=20)
# How often a video's bytes are sent at one go when Facebook asks for parts again; a part counts for one piece at least.
_TIMES_OVER, _PIECES = 3, 20_000
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4", "video/quicktime": "mov"}


def upload_picture(asset: Asset, page: str, http: PlatformHttp) -> str:
    """Upload a picture that is not published, with its description; return Facebook's id of it.

    Raises
    ------
    PlatformError
        As the platform answers; ``TryAgainError`` when it did not.
    """
    form = {"published": "false"} | ({"alt_text_custom": asset.alt} if asset.alt else {})
    part = Part("source", asset.read(0, asset.size), _name(asset), asset.type)
    with unseen():
        answer = http.write(GRAPH, "POST", f"/{page}/photos", form=form, part=part)
    return _identified(ident(answer.data.get("id")), "picture")


def still_there(entry: Mapping[str, Any], http: PlatformHttp) -> bool:
    """Tell whether what was uploaded can still be relied on."""
    at = moment(entry.get("at"))
    return at is not None and http.clock() < at + _KEPT


def upload_film(
    asset: Asset, account: AccountRef, http: PlatformHttp, entry: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """Upload a video from where `entry` says it stands, and yield where it stands after each call.

    A session that Facebook does not know any more is begun anew, once.

    Raises
    ------
    PlatformError
        As the platform answers; ``TryAgainError`` when it did not, or takes no part.
    """
    if entry is not None:
        try:
            yield from _parts(asset, account, http, dict(entry))
        except PlatformError as error:
            if type(error) not in (PlatformError, GoneError):
                raise
        else:
            return
    begun = _begin(asset, account, http)
    yield dict(begun)
    yield from _parts(asset, account, http, begun)


def _begin(asset: Asset, account: AccountRef, http: PlatformHttp) -> dict[str, Any]:
    form = {"upload_phase": "start", "file_size": str(asset.size)}
    with unseen():
        data = http.write(GRAPH, "POST", f"/{account.native_id}/videos", form=form, films=True).data
    return {
        "asset": asset.id,
        "session": _identified(ident(data.get("upload_session_id")), "upload"),
        "video": _identified(ident(data.get("video_id")), "video"),
        "start": whole(data.get("start_offset")) or 0,
        "end": _or(whole(data.get("end_offset")), asset.size),
        "at": iso(http.clock()),
    }


def _parts(asset: Asset, account: AccountRef, http: PlatformHttp, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    allowed = _TIMES_OVER * asset.size
    while entry["start"] < entry["end"]:
        if allowed <= 0:
            raise TryAgainError(f"Facebook asks for parts of a video again and again, last from byte {entry['start']}")
        allowed -= max(_send(asset, account, http, entry), asset.size // _PIECES)
        yield dict(entry)


def _send(asset: Asset, account: AccountRef, http: PlatformHttp, entry: dict[str, Any]) -> int:
    """Send the part that is wanted and note which is wanted next; return how much was sent."""
    start, end = entry["start"], min(entry["end"], entry["start"] + PART_BYTES)
    form = {"upload_phase": "transfer", "upload_session_id": entry["session"], "start_offset": str(start)}
    part = Part("video_file_chunk", asset.read(start, end - start))
    try:
        with unseen():
            data = http.write(GRAPH, "POST", f"/{account.native_id}/videos", form=form, part=part, films=True).data
    except OtherPartError as error:
        entry |= {"start": error.start, "end": error.end}
        return int(end - start)
    entry["start"] = _or(whole(data.get("start_offset")), end)
    entry["end"] = _or(whole(data.get("end_offset")), asset.size)
    return int(end - start)


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _identified(native: str | None, what: str) -> str:
    if native is None:
        raise TryAgainError(f"Facebook took a {what} and did not say what it calls it")
    return native


def _name(asset: Asset) -> str:
    """Name a file by its type alone: what the officer's own file was called is nobody's business."""
    return f"{asset.kind}.{_ENDINGS.get(asset.type, 'bin')}"
