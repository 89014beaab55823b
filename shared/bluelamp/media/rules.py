"""Pure decisions about media: what of a post is to be fetched, what its bytes are, how long to wait for another try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bluelamp.media.errors import PASSING
from bluelamp.media.model import Mark, media_key
from bluelamp.posts.model import Media
from bluelamp.posts.rules import LINKS

# Seconds until the next try, after the first, second, … try.
DELAYS = (5, 30, 120, 600)
# While an officer waits for a post to disappear.
HURRIED_DELAYS = (2, 8)

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xfa", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"%PDF-", "application/pdf"),
)
# The main brands of files built of ISO boxes (ISO/IEC 14496-12).
_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"qt", "video/quicktime"),
    (b"M4A", "audio/mp4"),
    (b"M4B", "audio/mp4"),
    (b"hei", "image/heic"),
    (b"mif1", "image/heif"),
    (b"avi", "image/avif"),
    *((brand, "video/mp4") for brand in (b"iso", b"mp4", b"avc1", b"M4V", b"dash", b"msdh", b"MSNV", b"3gp", b"3g2")),
)
_SHORTEST = 12


def missing(media: Iterable[Media], marks: Mapping[str, Mark], *, again: bool = False) -> dict[str, Media]:
    """Return the media of a post that are neither kept nor given up, by key, in their order.

    Parameters
    ----------
    marks
        What is known of the post's media, by key.
    again
        Also those that were given up for a reason that may have passed.
    """
    wanted: dict[str, Media] = {}
    for one in media:
        if one.kind in LINKS:
            continue
        key = media_key(one.url) if one.url else media_key(f"none:{one.kind}")
        mark = marks.get(key)
        if mark is None or (again and mark.state == "lost" and mark.why in PASSING):
            wanted.setdefault(key, one)
    return wanted


def type_of(body: bytes) -> str | None:
    """Return the type of a medium by its first bytes, or None when it is none that is kept.

    What a server calls it is not asked: nobody who serves a page as a picture says so.
    """
    if len(body) < _SHORTEST:
        return None
    if body[4:8] == b"ftyp":
        return _first(_BRANDS, body[8:12])
    if body[:4] == b"RIFF":
        return "image/webp" if body[8:12] == b"WEBP" else None
    if body.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in body[:64] else None
    return _first(_STARTS, body)


def _first(known: tuple[tuple[bytes, str], ...], body: bytes) -> str | None:
    return next((kind for start, kind in known if body.startswith(start)), None)
