"""Pictures and videos on their way to X: there, and seen by nobody yet.

Source: X, API v2 version 2.167, "Media" (initialize, append, finalize, status, metadata) and "Best practices", read on
2026-11-23. A part that is sent twice replaces itself, so a lost answer costs one part. An upload lapses after
``expires_after_secs``; one that has lapsed, or that X does not know any more, is begun anew.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Literal

from bluelamp.platforms.contract import GoneError, NotAllowedError, PlatformError, TryAgainError
from bluelamp.platforms.http import Part, PlatformHttp
from bluelamp.platforms.publishing import Asset, AssetLimits, UnfitError
from bluelamp.platforms.reading import ident, mapping, moment, text_of
from bluelamp.platforms.uploading import PART_BYTES, unseen
from bluelamp.platforms.x_dialect import X_API, data
from bluelamp.times import iso

Use = Literal["tweet", "dm"]

# What a publication takes of pictures; an answer takes one such.
PICTURE = AssetLimits(
    count=4, size=5 * 1024 * 1024, types=frozenset({"image/jpeg", "image/png", "image/webp"}), alt=1000
)
_EXPIRY = timedelta(hours=1)
# Nobody should publish with what lapses while he does.
_MARGIN = timedelta(minutes=5)
_LOOKS = 4
_LONGEST_LOOK = 5
_AT_WORK = ("pending", "in_progress")


def upload(
    asset: Asset, http: PlatformHttp, entry: Mapping[str, Any] | None, *, use: Use = "tweet"
) -> Iterator[dict[str, Any]]:
    """Upload from where `entry` says it stands, and yield where it stands after each call; ends when it may be used.

    Raises
    ------
    UnfitError
        When X has looked at a video and does not want it.
    PlatformError
        As the platform answers; ``TryAgainError`` when it did not, or is still at work.
    """
    if entry is not None and _lasts(entry, http):
        try:
            yield from _rest(asset, http, dict(entry))
        except PlatformError as error:
            if not _is_lost(error):
                raise
        else:
            return
    begun = _begin(asset, http, use)
    yield dict(begun)
    yield from _rest(asset, http, begun)


def is_ready(entry: Mapping[str, Any] | None, http: PlatformHttp) -> bool:
    """Tell whether an upload is whole, looked at, and has not lapsed."""
    return entry is not None and bool(entry.get("ready")) and _lasts(entry, http)


def upload_whole(asset: Asset, http: PlatformHttp, *, use: Use) -> str:
    """Upload a picture for an answer; return X's id of it.

    Raises
    ------
    PlatformError
        As for `upload`.
    """
    *_, last = upload(asset, http, None, use=use)
    return str(last["id"])


def _begin(asset: Asset, http: PlatformHttp, use: Use) -> dict[str, Any]:
    kind = "image" if asset.kind == "picture" else "video"
    body = {"media_type": asset.type, "total_bytes": asset.size, "media_category": f"{use}_{kind}"}
    with unseen():
        found = data(http.write(X_API, "POST", "/2/media/upload/initialize", body=body))
    native = ident(found.get("id"))
    if native is None:
        raise TryAgainError("X began an upload and did not say what it calls it")
    return {"id": native, "sent": 0, "whole": False, "ready": False, "until": _until(found, http)}


def _rest(asset: Asset, http: PlatformHttp, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while entry["sent"] * PART_BYTES < asset.size:
        _append(asset, http, entry)
        yield dict(entry)
    if not entry["whole"]:
        info = _finalize(http, entry)
        entry["whole"] = True
        entry["ready"] = _is_usable(info, asset)
        yield dict(entry)
    if not entry["ready"]:
        _wait(asset, http, entry)
        entry["ready"] = True
        yield dict(entry)
    if asset.alt and asset.kind == "picture" and not entry.get("alt"):
        about = {"id": entry["id"], "metadata": {"alt_text": {"text": asset.alt}}}
        with unseen():
            http.write(X_API, "POST", "/2/media/metadata", body=about)
        entry["alt"] = True
        yield dict(entry)


def _append(asset: Asset, http: PlatformHttp, entry: dict[str, Any]) -> None:
    number = entry["sent"]
    part = Part("media", asset.read(number * PART_BYTES, PART_BYTES))
    with unseen():
        http.write(
            X_API, "POST", f"/2/media/upload/{entry['id']}/append", form={"segment_index": str(number)}, part=part
        )
    entry["sent"] = number + 1


def _finalize(http: PlatformHttp, entry: dict[str, Any]) -> Mapping[str, Any]:
    try:
        with unseen():
            found = data(http.write(X_API, "POST", f"/2/media/upload/{entry['id']}/finalize"))
    except (PlatformError, GoneError) as error:
        if not _is_lost(error):
            raise
        # It may have been finalised by a call whose answer was lost; X then says so when asked how it goes.
        found = _status(http, entry)
    entry["until"] = _until(found, http)
    return mapping(found.get("processing_info"))


def _status(http: PlatformHttp, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return data(http.read(X_API, "/2/media/upload", {"command": "STATUS", "media_id": entry["id"]}))


def _wait(asset: Asset, http: PlatformHttp, entry: dict[str, Any]) -> None:
    """Look a few times whether X is through with a video; a long one is looked at again later."""
    for _ in range(_LOOKS):
        info = mapping(_status(http, entry).get("processing_info"))
        if _is_usable(info, asset):
            return
        after = info.get("check_after_secs")
        http.pause(min(after, _LONGEST_LOOK) if isinstance(after, int) and after > 0 else 1)
    raise TryAgainError(f"X is still at work on the {asset.kind}; how far it came is kept")


def _is_usable(info: Mapping[str, Any], asset: Asset) -> bool:
    state = text_of(info.get("state"))
    if state == "failed":
        said = mapping(info.get("error"))
        words = ": ".join(filter(None, (text_of(said.get("name")), text_of(said.get("message"))))) or "no reason given"
        raise UnfitError(f"X does not take the {asset.kind} ({words[:200]})", what=asset.kind)
    return state not in _AT_WORK


def _is_lost(error: PlatformError) -> bool:
    """Tell whether X does not know the upload: it answers 400, 403 or 404 to whatever is asked of it."""
    return type(error) is PlatformError or isinstance(error, (GoneError, NotAllowedError))


def _lasts(entry: Mapping[str, Any], http: PlatformHttp) -> bool:
    until = moment(entry.get("until"))
    return until is not None and http.clock() + _MARGIN < until


def _until(found: Mapping[str, Any], http: PlatformHttp) -> str:
    seconds = found.get("expires_after_secs")
    lasts = timedelta(seconds=seconds) if isinstance(seconds, int) and seconds > 0 else _EXPIRY
    return iso(http.clock() + lasts)
