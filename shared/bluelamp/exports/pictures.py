"""What content is by its own bytes, and pictures made safe and small for a report.

A picture in a report is never the public's own file: it is decoded and encoded anew, so that nothing that a viewer
could run comes along. The file itself lies in the bag as it was sealed.
"""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import dataclass, field

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
)
PICTURES = frozenset({"jpg", "png", "gif", "webp"})
EDGE = 900
_QUALITY = 75
# Forty million points are the largest photograph of a telephone; what says more is out to fill the memory.
_MOST_POINTS = 40_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a report: JPEG bytes of at most `EDGE` points along each side."""

    width: int
    height: int
    jpeg: bytes = field(repr=False)


def kind_of(body: bytes) -> str:
    """Return the extension for some content: what it is by its first bytes, never by what anybody says."""
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    if body[4:8] == b"ftyp":
        return "mp4"
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return "txt" if _is_text(body) else "bin"
    return "json"


def small(body: bytes) -> Picture | None:
    """Return a picture in small, or None for what is no picture, a broken one or one that is too large."""
    if kind_of(body) not in PICTURES:
        return None
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 -- slow, and most exports have none

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=("JPEG", "PNG", "GIF", "WEBP")) as opened:
                if opened.width * opened.height > _MOST_POINTS:
                    return None
                opened.draft("RGB", (EDGE, EDGE))
                turned = ImageOps.exif_transpose(opened).convert("RGB")
        turned.thumbnail((EDGE, EDGE))
        out = io.BytesIO()
        turned.save(out, "JPEG", quality=_QUALITY)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning):
        return None
    return Picture(turned.width, turned.height, out.getvalue())


def _is_text(body: bytes) -> bool:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text
