"""Uploaded pictures: told by their bytes, and returned without what they tell of the one who took them.

Nothing is decoded but a PNG's zlib stream, in steps: pixels stay the same bytes, and no decoder sees hostile input.
JPEG, PNG, GIF and WebP are taken; only GIF may move. Of colour profiles only the colours are kept.
"""

from __future__ import annotations

from bluelamp.assets import gif, jpeg, png, webp
from bluelamp.assets.errors import AssetTooLargeError, TypeNotTakenError
from bluelamp.assets.model import PICTURE_BYTES, Found, MediaType


def clean(data: bytes) -> tuple[bytes, Found]:
    """Return the picture without metadata, and what it is.

    To clean twice changes nothing more. An ``AssetError`` is the only thing raised, whatever the bytes.

    Raises
    ------
    TypeNotTakenError, AssetTooLargeError, TooManyPixelsError, PictureBrokenError, PictureMovesError
    """
    if len(data) > PICTURE_BYTES:
        raise AssetTooLargeError(f"The picture is larger than {PICTURE_BYTES // 1024 // 1024} MB.")
    kind: MediaType
    if data.startswith(jpeg.START):
        kind, cleaned = "image/jpeg", jpeg.clean(data)
    elif data.startswith(png.START):
        kind, cleaned = "image/png", png.clean(data)
    elif data.startswith(gif.STARTS):
        kind, cleaned = "image/gif", gif.clean(data)
    elif webp.is_webp(data):
        kind, cleaned = "image/webp", webp.clean(data)
    else:
        raise TypeNotTakenError("The file is none of the pictures that can be published.")
    width, height = cleaned.shown
    return cleaned.data, Found(kind="picture", type=kind, size=len(cleaned.data), width=width, height=height)
