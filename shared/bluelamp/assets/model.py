"""What was found in an uploaded picture or film, how much is taken, and how an answer names the one that it takes."""

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


class AnswerPicture(_Frozen):
    """The picture that goes with an answer: which, its description for those who do not see it, its digest."""

    id: str
    alt: str
    sha256: str


class PictureLimits(_Frozen):
    """What picture may go with the words of `verb`: media types, and bytes at the most."""

    verb: Literal["reply", "message"]
    types: tuple[str, ...]
    size: int
