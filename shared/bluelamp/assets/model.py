"""What was found in an uploaded picture or film, and how much is taken."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from bluelamp.models import Model

Kind = Literal["picture", "video"]
MediaType = Literal["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/quicktime"]

PICTURE_BYTES = 20 * 1024 * 1024
PICTURE_PIXELS = 50_000_000
# Of all frames of an animated GIF together: what somebody's telephone has to draw.
GIF_PIXELS = 500_000_000
# The most that any platform takes (Facebook, Video API).
FILM_BYTES = 10 * 1024 * 1024 * 1024
FILM_READS = 64
FILM_INDEX_BYTES = 8 * 1024 * 1024


class _Frozen(Model):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Found(_Frozen):
    """What the bytes say.

    ``width`` and ``height`` are pixels as shown, after turning; ``size`` counts bytes (of a picture: once cleaned).
    ``seconds`` is rounded up, None for pictures. ``codecs`` are the first parts of RFC 6381 names, sorted, for films.
    """

    kind: Kind
    type: MediaType
    size: int
    width: int
    height: int
    seconds: int | None = None
    codecs: tuple[str, ...] = ()
