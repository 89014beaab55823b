"""What all formats of pictures share: a part of bytes that is surely there, bounds, and what is kept of EXIF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bluelamp.assets.errors import PictureBrokenError, TooManyPixelsError
from bluelamp.assets.model import PICTURE_PIXELS

_ORIENTATION = 0x0112
_SHORT = 3
_TURNED = 5
_LAST = 8
_ENTRY = 12
_IFD_MOST = 1000

EXIF = b"Exif\0\0"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture without metadata; width and height as stored, `orientation` as EXIF counts it (1 is upright)."""

    data: bytes
    width: int
    height: int
    orientation: int = 1

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height once turned: orientations 5 to 8 lie on their side (EXIF 2.32, 4.6.4.A)."""
        return (self.height, self.width) if self.orientation >= _TURNED else (self.width, self.height)


def part(data: bytes, start: int, length: int) -> bytes:
    """Return exactly that many bytes, or raise ``PictureBrokenError``."""
    end = start + length
    if end > len(data):
        raise PictureBrokenError("The picture ends before it is complete.")
    return data[start:end]


def check_pixels(width: int, height: int) -> None:
    """Refuse a picture without extent, or with more than 50 megapixels, from what its header says."""
    if not width or not height:
        raise PictureBrokenError("The picture says that it has no width or no height.")
    if width * height > PICTURE_PIXELS:
        raise TooManyPixelsError(
            f"The picture has {width} by {height} pixels; {PICTURE_PIXELS // 1_000_000} megapixels are taken."
        )


def orientation(tiff: bytes) -> int:
    """Return how the picture is turned (EXIF 2.32, tag 0112 of the first directory); 1 when that cannot be read.

    What cannot be read is dropped, so nobody needs to hear of it.
    """
    order: Literal["little", "big"]
    if tiff[:4] == b"II*\0":
        order = "little"
    elif tiff[:4] == b"MM\0*":
        order = "big"
    else:
        return 1
    start = int.from_bytes(tiff[4:8], order)
    count = min(int.from_bytes(tiff[start : start + 2], order), _IFD_MOST)
    for index in range(count):
        entry = tiff[start + 2 + index * _ENTRY : start + 2 + (index + 1) * _ENTRY]
        if int.from_bytes(entry[:2], order) == _ORIENTATION and len(entry) == _ENTRY:
            value = int.from_bytes(entry[8:10], order)
            return value if int.from_bytes(entry[2:4], order) == _SHORT and 1 <= value <= _LAST else 1
    return 1


def minimal_exif(turned: int) -> bytes:
    """Make a TIFF directory that holds the orientation alone, 26 bytes."""
    entry = _ORIENTATION.to_bytes(2) + _SHORT.to_bytes(2) + (1).to_bytes(4) + turned.to_bytes(2) + b"\0\0"
    return b"MM\0*" + (8).to_bytes(4) + (1).to_bytes(2) + entry + bytes(4)
