"""PNG without metadata: its pixels, and the chunks that say how they look (W3C PNG, third edition).

Text, time, EXIF (but for the orientation), private chunks and what follows the end are left out. The pixels' zlib
stream is followed through, in steps and never kept, so that it is surely whole and nothing hides behind it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from bluelamp.assets.binary import Cleaned, check_pixels, minimal_exif, orientation, part
from bluelamp.assets.errors import PictureBrokenError, PictureMovesError
from bluelamp.assets.icc import MOST as MOST_PROFILE
from bluelamp.assets.icc import only_colours

START = b"\x89PNG\r\n\x1a\n"
# Table 8 and 11.2.1: samples per pixel, and allowed bits per sample, by colour type.
_COLOURS = {0: (1, {1, 2, 4, 8, 16}), 2: (3, {8, 16}), 3: (1, {1, 2, 4, 8}), 4: (2, {8, 16}), 6: (4, {8, 16})}
_PALETTE = 3
_HEADER = 13
_PALETTE_BYTES = 3 * 256
# 11.3: chunks that say how pixels look, and the lengths they may have.
_LOOKS = {
    b"tRNS": range(1, 257), b"cHRM": {32}, b"gAMA": {4}, b"sBIT": range(1, 5), b"sRGB": {1}, b"cICP": {4},
    b"mDCV": {24}, b"cLLI": {8}, b"bKGD": {1, 2, 6}, b"pHYs": {9},
}  # fmt: skip
_MOVING = frozenset({b"acTL", b"fcTL", b"fdAT"})
# 8.1: first column, first row, and steps of the seven passes of an interlaced picture.
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_STEP = 1 << 20
_LONGEST = (1 << 31) - 1


@dataclass
class _Walk:
    kept: list[bytes] = field(default_factory=list)
    coded: list[bytes] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    turned: int = 1
    last: bytes = b""


def clean(data: bytes) -> Cleaned:
    """Return the PNG without metadata; IHDR, PLTE and IDAT are the same bytes.

    Raises
    ------
    PictureBrokenError, PictureMovesError, TooManyPixelsError
    """
    chunks = _chunks(data)
    kind, header = next(chunks)
    if kind != b"IHDR" or len(header) != _HEADER:
        raise PictureBrokenError("The picture does not start with its header.")
    width, height = int.from_bytes(header[:4]), int.from_bytes(header[4:8])
    check_pixels(width, height)
    depth, colour, packing, filtering, interlaced = header[8:]
    if depth not in _COLOURS.get(colour, (0, set[int]()))[1] or packing or filtering or interlaced > 1:
        raise PictureBrokenError("The picture's header contradicts itself.")
    walk = _Walk(kept=[_made(kind, header)])
    for kind, body in chunks:
        _take(walk, kind, body)
        walk.last = kind
    if colour == _PALETTE and b"PLTE" not in walk.seen:
        raise PictureBrokenError("The picture has no colours.")
    _follow(walk.coded, _expected(width, height, depth * _COLOURS[colour][0], interlaced=bool(interlaced)))
    return Cleaned(START + b"".join(walk.kept), width, height, walk.turned)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of each chunk up to IEND (5.3), each proven by its CRC."""
    at, kind = len(START), b""
    while kind != b"IEND":
        length = int.from_bytes(part(data, at, 4))
        if length > _LONGEST:
            raise PictureBrokenError("A part of the picture has an impossible length.")
        named = part(data, at + 4, length + 4)
        if zlib.crc32(named) != int.from_bytes(part(data, at + 8 + length, 4)):
            raise PictureBrokenError("A part of the picture is damaged: its check sum is wrong.")
        kind = named[:4]
        yield kind, named[4:]
        at += 12 + length


def _made(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def _take(walk: _Walk, kind: bytes, body: bytes) -> None:
    if kind in _MOVING:
        raise PictureMovesError("This PNG moves.")
    if kind == b"IDAT":
        if b"IDAT" in walk.seen and walk.last != b"IDAT":
            raise PictureBrokenError("Something stands between the parts of the picture.")
        walk.coded.append(body)
        walk.kept.append(_made(kind, body))
    elif kind == b"IEND":
        exif = [_made(b"eXIf", minimal_exif(walk.turned))] if walk.turned > 1 else []
        walk.kept += (*exif, _made(kind, b""))
    elif kind == b"PLTE":
        if len(body) % 3 or not 0 < len(body) <= _PALETTE_BYTES or kind in walk.seen or walk.coded:
            raise PictureBrokenError("The picture's table of colours is wrong.")
        walk.kept.append(_made(kind, body))
    elif not kind[0] & 0x20:
        raise PictureBrokenError("The picture has a part that its format does not know.")
    elif kind not in walk.seen:
        _ancillary(walk, kind, body)
    walk.seen.add(kind)


def _ancillary(walk: _Walk, kind: bytes, body: bytes) -> None:
    if kind == b"eXIf":
        walk.turned = orientation(body)
    elif walk.coded:
        return
    elif kind == b"iCCP":
        # 11.3.2.3: a name, a zero, the method, and the profile packed.
        _name, _zero, rest = body.partition(b"\0")
        profile = _profile(rest[1:])
        if profile:
            walk.kept.append(_made(kind, b"ICC\0\0" + zlib.compress(profile, 9)))
    elif len(body) in _LOOKS.get(kind, ()):
        walk.kept.append(_made(kind, body))


def _profile(packed: bytes) -> bytes | None:
    stream = zlib.decompressobj()
    try:
        profile = stream.decompress(packed, MOST_PROFILE + 1)
    except zlib.error:
        return None
    return only_colours(profile) if stream.eof else None


def _expected(width: int, height: int, bits: int, *, interlaced: bool) -> int:
    """Return how many bytes the pixels unpack to: each row's, and one for its filter (7.2, 9.1)."""
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        columns, rows = -(-max(0, width - left) // across), -(-max(0, height - top) // down)
        total += rows * (1 + -(-columns * bits // 8)) if columns else 0
    return total


def _follow(coded: list[bytes], expected: int) -> None:
    """Unpack in steps and count, so that a small file cannot become a large one in memory (10.1, RFC 1950)."""
    stream = zlib.decompressobj()
    count = 0
    for body in coded:
        rest, full = body, False
        while (rest or full) and not stream.eof and count <= expected:
            try:
                out = stream.decompress(rest, _STEP)
            except zlib.error:
                raise PictureBrokenError("The picture's pixels are damaged.") from None
            count += len(out)
            rest, full = stream.unconsumed_tail, len(out) == _STEP
        if rest or stream.unused_data:
            break
    else:
        if stream.eof and count == expected:
            return
    raise PictureBrokenError("The picture's pixels are fewer or more than its header says.")
