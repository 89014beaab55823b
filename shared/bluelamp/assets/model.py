"""What a look into a picture or film finds."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from bluelamp.models import Model

Kind = Literal["picture", "video"]


class Found(Model):
    """A picture or film.

    `size` counts bytes, `width` and `height` pixels as it is shown, `seconds` are rounded up. `codecs` are the first
    parts of RFC 6381 names (``avc1``), in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    type: str
    size: int
    width: int
    height: int
    seconds: int | None = None
    codecs: tuple[str, ...] = ()
