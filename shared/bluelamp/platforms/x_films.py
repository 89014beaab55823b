"""The film of a video on X: which of the files that X offers is to be kept beside the still.

Sources: X, API v2 data dictionary, "Media" (`variants`, `duration_ms`). Older payloads say it in `video_info`.
X gives each film in several bit rates, and beside them a playlist (HLS), which is not the film. How large a file is X
does not say: bit rate by duration is near enough to choose by, and what the host sends is measured in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluelamp.media.limits import MAX_BYTES
from bluelamp.platforms.contract import MediaRef
from bluelamp.platforms.reading import listing, mapping, text_of

_FILMED = frozenset({"video", "animated_gif"})
_MP4 = "video/mp4"
# Bits and milliseconds, as X gives them, to bytes.
_PER_BYTE = 8 * 1000


def film_of(media: Mapping[str, Any]) -> MediaRef | None:
    """Return the film that belongs to a media object of X, or None for a picture.

    Its address is empty when X names no file of it: that it could not be kept is then recorded, not passed over.
    """
    if text_of(media.get("type")) not in _FILMED:
        return None
    older = mapping(media.get("video_info"))
    variants = listing(media.get("variants")) or listing(older.get("variants"))
    duration = _number(media.get("duration_ms")) or _number(older.get("duration_millis"))
    return MediaRef(kind="film", url=best(variants, duration))


def best(variants: list[Any], duration_ms: int, *, limit: int = MAX_BYTES) -> str:
    """Return the address of the best MP4 file that fits, or an empty one when there is no MP4 file.

    Parameters
    ----------
    variants
        As X gives them; what is no MP4 file with an address is passed over.
    duration_ms
        How long the film is; 0 when X does not say.
    limit
        How many bytes are kept.

    Notes
    -----
    Where none seems to fit, or the length is not known, it is the smallest: the host then says how large it is, and
    the record of a film that was not kept (`too_large`) rests on that and not on our estimate.
    """
    files = sorted({(_rate(one), url) for one in map(mapping, variants) if (url := _address(one))})
    if not files:
        return ""
    fitting = [url for rate, url in files if duration_ms and rate * duration_ms <= limit * _PER_BYTE]
    return fitting[-1] if fitting else files[0][1]


def _address(variant: Mapping[str, Any]) -> str:
    kind = text_of(variant.get("content_type")).partition(";")[0].strip().lower()
    return text_of(variant.get("url")) if kind == _MP4 else ""


def _rate(variant: Mapping[str, Any]) -> int:
    return _number(variant.get("bit_rate")) or _number(variant.get("bitrate"))


def _number(value: Any) -> int:
    """Return a whole number above nothing, or 0; X writes numbers as such, other than ids."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
