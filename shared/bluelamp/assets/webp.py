"""WebP without metadata: its one still picture, transparency and colour profile (RFC 9649, section 2).

XMP, EXIF (but for the orientation), unknown chunks and what follows the container are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from bluelamp.assets.binary import EXIF, Cleaned, check_pixels, minimal_exif, orientation, part
from bluelamp.assets.errors import PictureBrokenError, PictureMovesError
from bluelamp.assets.icc import only_colours

_ICC_FLAG, _ALPHA_FLAG, _EXIF_FLAG = 0x20, 0x10, 0x08
_EXTENDED = 10
_VP8_HEADER = 10
_LOSSLESS = 0x2F
_KEPT = frozenset({b"VP8X", b"ICCP", b"ALPH", b"VP8 ", b"VP8L", b"EXIF"})


def is_webp(data: bytes) -> bool:
    """Tell a WebP by its first twelve bytes (2.4)."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def clean(data: bytes) -> Cleaned:
    """Return the WebP without metadata; its coded picture and transparency are the same bytes.

    Raises
    ------
    PictureBrokenError, PictureMovesError, TooManyPixelsError
    """
    size = int.from_bytes(data[4:8], "little")
    found: dict[bytes, bytes] = {}
    for kind, body in _chunks(part(data, 8, size)):
        if kind in {b"ANIM", b"ANMF"}:
            raise PictureMovesError("This WebP moves.")
        if kind in {b"VP8 ", b"VP8L", b"VP8X"} and kind in found:
            raise PictureBrokenError("The file holds more than one picture.")
        if kind in _KEPT:
            found.setdefault(kind, body)
    if (b"VP8 " in found) == (b"VP8L" in found):
        raise PictureBrokenError("The file holds no picture, or more than one.")
    width, height = _lossless(found[b"VP8L"]) if b"VP8L" in found else _lossy(found[b"VP8 "])
    check_pixels(width, height)
    coded: list[tuple[bytes, bytes]] = [(kind, found[kind]) for kind in (b"VP8 ", b"VP8L") if kind in found]
    if b"VP8X" not in found:
        return Cleaned(_made(coded), width, height)
    return _extended(found, coded, (width, height))


def _extended(found: dict[bytes, bytes], coded: list[tuple[bytes, bytes]], size: tuple[int, int]) -> Cleaned:
    """Make the extended form (2.7): flags say what there is, and the canvas is as large as the picture."""
    head = found[b"VP8X"]
    canvas = int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if len(head) != _EXTENDED or canvas != size:
        raise PictureBrokenError("The picture's header contradicts itself.")
    exif = found.get(b"EXIF", b"")
    turned = orientation(exif.removeprefix(EXIF))
    profile = only_colours(found.get(b"ICCP", b""))
    flags = head[0] & _ALPHA_FLAG
    before, after = [], []
    if profile:
        flags |= _ICC_FLAG
        before.append((b"ICCP", profile))
    if b"ALPH" in found and b"VP8 " in found:
        before.append((b"ALPH", found[b"ALPH"]))
    if turned > 1:
        flags |= _EXIF_FLAG
        after.append((b"EXIF", minimal_exif(turned)))
    first = (b"VP8X", bytes((flags, 0, 0, 0)) + head[4:])
    return Cleaned(_made([first, *before, *coded, *after]), *size, turned)


def _chunks(riff: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of each chunk; they fill the container, each padded to two bytes (2.3)."""
    at = 4
    while at < len(riff):
        length = int.from_bytes(part(riff, at + 4, 4), "little")
        yield riff[at : at + 4], part(riff, at + 8, length)
        at += 8 + length
        if length % 2:
            part(riff, at, 1)
            at += 1


def _made(chunks: list[tuple[bytes, bytes]]) -> bytes:
    body = b"WEBP" + b"".join(
        kind + len(content).to_bytes(4, "little") + content + bytes(len(content) % 2) for kind, content in chunks
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _lossy(body: bytes) -> tuple[int, int]:
    """Read a key frame's header (RFC 6386, 9.1): three bytes of flags, a start code, 14 bits of width and height."""
    head = part(body, 0, _VP8_HEADER)
    flags = int.from_bytes(head[:3], "little")
    if flags & 1 or head[3:6] != b"\x9d\x01\x2a" or _VP8_HEADER + (flags >> 5) > len(body):
        raise PictureBrokenError("The picture's pixels are damaged or not all there.")
    return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF


def _lossless(body: bytes) -> tuple[int, int]:
    """Read a lossless header (RFC 9649, 3.4): 2F, 14 bits of width and height less one, alpha, version 0."""
    bits = int.from_bytes(part(body, 1, 4), "little")
    if body[0] != _LOSSLESS or bits >> 29:
        raise PictureBrokenError("The picture's pixels are damaged.")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
