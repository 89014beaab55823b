"""GIF without metadata: screen, colours, frames, their timing and how often they repeat (GIF89a, sections 17 to 27).

GIFs may move, as that is what they are for. Comments, plain text, what applications add (XMP among it) and what
follows the trailer are left out.
"""

from __future__ import annotations

from bluelamp.assets.binary import Cleaned, check_pixels, part
from bluelamp.assets.errors import PictureBrokenError, TooManyPixelsError
from bluelamp.assets.model import GIF_PIXELS

STARTS = (b"GIF87a", b"GIF89a")
_SCREEN = 13
_TABLE = 0x80
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL, _APPLICATION, _PLAIN = 0xF9, 0xFF, 0x01
_DESCRIPTOR = 10
_CONTROL_LENGTH = 4
# The de-facto extension that says how often the frames repeat: 01 and a count of two bytes.
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_LOOP_LENGTH = 3
_LZW = range(2, 9)
_ASKED = 3


def clean(data: bytes) -> Cleaned:
    """Return the GIF without metadata; colours and coded frames are the same bytes.

    Raises
    ------
    PictureBrokenError, TooManyPixelsError
    """
    screen = part(data, 0, _SCREEN)
    width, height = int.from_bytes(screen[6:8], "little"), int.from_bytes(screen[8:10], "little")
    check_pixels(width, height)
    at = _SCREEN + _table(screen[10])
    kept = [part(data, 0, at)]
    pixels, control = 0, b""
    while (kind := part(data, at, 1)[0]) != _TRAILER:
        if kind == _IMAGE:
            end, drawn = _image(data, at)
            pixels += drawn
            if pixels > GIF_PIXELS:
                raise TooManyPixelsError(f"All frames together have more than {GIF_PIXELS // 1_000_000} megapixels.")
            kept += (control, data[at:end])
            control = b""
        elif kind == _EXTENSION:
            label = part(data, at + 1, 1)[0]
            blocks, end = _blocks(data, at + 2)
            if label == _CONTROL and len(blocks) == 1 and len(blocks[0]) == _CONTROL_LENGTH:
                control = data[at:end]
            elif label == _PLAIN:
                # Section 25: timing before plain text belongs to that text.
                control = b""
            elif label == _APPLICATION and blocks and blocks[0] in _LOOPS:
                kept += [data[at : at + 14] + b"\3" + b + b"\0" for b in blocks[1:2] if _is_loop(b)]
        else:
            raise PictureBrokenError("Between two parts of the picture there is something else.")
        at = end
    if not pixels:
        raise PictureBrokenError("The picture shows nothing.")
    return Cleaned(b"".join(kept) + bytes((_TRAILER,)), width, height)


def _is_loop(block: bytes) -> bool:
    return len(block) == _LOOP_LENGTH and block[0] == 1


def _table(flags: int) -> int:
    """Return the bytes of the table of colours that these flags announce (18.c, 20.c)."""
    return 3 << ((flags & 7) + 1) if flags & _TABLE else 0


def _blocks(data: bytes, at: int) -> tuple[list[bytes], int]:
    """Return the first sub-blocks from there, and where their terminator ends (15, 16)."""
    found: list[bytes] = []
    while length := part(data, at, 1)[0]:
        block = part(data, at + 1, length)
        # A hostile file has millions of them, and nobody asks for more than the first few.
        if len(found) < _ASKED:
            found.append(block)
        at += 1 + length
    return found, at + 1


def _image(data: bytes, at: int) -> tuple[int, int]:
    """Return where the frame from there ends, and how many pixels it draws (20, 22)."""
    head = part(data, at, _DESCRIPTOR)
    width, height = int.from_bytes(head[5:7], "little"), int.from_bytes(head[7:9], "little")
    check_pixels(width, height)
    at += _DESCRIPTOR + _table(head[9])
    blocks, end = _blocks(data, at + 1)
    if part(data, at, 1)[0] not in _LZW or not blocks:
        raise PictureBrokenError("A frame of the picture is empty.")
    return end, width * height
