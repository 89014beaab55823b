"""Taking out of a picture's file whatever is not the picture: who took it, where, with what, and what was there before.

The file is walked part by part and written anew from those parts that are the picture; nothing is decoded, so the
pixels are those of the original to the bit, and no decoder meets a stranger's bytes here. Only names of parts that are
known to be harmless stay. The one thing that is kept of Exif is how the picture is turned.

Sources: JPEG: ITU-T T.81 annex B, Exif 2.32 4.5; PNG: W3C PNG, third edition, 5 and 11; GIF: GIF89a 18 to 26;
WebP: RFC 9649, 2.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from bluelamp.assets.errors import PictureBrokenError, PictureTooLargeError, TypeNotTakenError
from bluelamp.assets.model import Found

MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
# Parts of a PNG that are the picture or its colours; tEXt, iTXt, zTXt, eXIf, tIME and whatever is unknown go.
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"cICP", b"pHYs"}
_PNG_MOVING = {b"acTL", b"fcTL", b"fdAT"}
# Parts of a WebP that are the picture or its colours; EXIF and XMP go, and so does whatever is unknown.
_WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"}
_WEBP_MOVING = {b"ANIM", b"ANMF"}
_MARK, _SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP14 = 0xFF, 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDD})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_UPRIGHT, _LAST_TURN = 1, 8
_ORIENTATION = 0x0112


def clean(data: bytes) -> tuple[bytes, Found]:
    """Return a picture's file without what is not the picture, and what it is.

    Parameters
    ----------
    data
        The file; what it is called plays no part.

    Raises
    ------
    TypeNotTakenError
        When it is no JPEG, PNG, GIF or WebP, or a moving PNG or WebP, which platforms show as they please.
    PictureTooLargeError
        Above 20 MB or 50 million pixels.
    PictureBrokenError
        When its parts do not fit together.
    """
    if len(data) > MOST_BYTES:
        raise PictureTooLargeError(
            f"This picture has more than {MOST_BYTES >> 20} MB. Save it smaller, then choose it."
        )
    try:
        if data[:2] == b"\xff\xd8":
            return _found("image/jpeg", *_jpeg(data))
        if data[:8] == _PNG:
            return _found("image/png", *_png(data))
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return _found("image/gif", *_gif(data))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _found("image/webp", *_webp(data))
    except (IndexError, struct.error):
        raise PictureBrokenError("its file ends in the middle") from None
    raise TypeNotTakenError("This is no picture that platforms take. Save it as JPEG or PNG, then choose it.")


def _found(media_type: str, body: bytes, width: int, height: int) -> tuple[bytes, Found]:
    if not (width and height):
        raise PictureBrokenError("it has no width or no height")
    if width * height > MOST_PIXELS:
        raise PictureTooLargeError(
            f"This picture has {width} by {height} points; {MOST_PIXELS // 1_000_000} million in all are taken. "
            "Save it smaller, then choose it."
        )
    return body, Found(kind="picture", type=media_type, size=len(body), width=width, height=height)


# JPEG ----------------------------------------------------------------------------------------------------------------


def _jpeg(data: bytes) -> tuple[bytes, int, int]:
    kept: list[bytes] = []
    turn, size, shown = _UPRIGHT, None, False
    for marker, body in _segments(data):
        if marker in _FRAMES:
            if size is not None:
                raise PictureBrokenError("it holds two pictures")
            size = struct.unpack_from(">HH", body, 5)
        elif marker == _APP1 and body[4:10] == b"Exif\0\0":
            turn = _turn(body[10:])
            continue
        elif marker == _SOS:
            shown = True
        if marker in _FRAMES or marker in _TABLES or marker == _SOS or _is_colour(marker, body):
            kept.append(body)
    if size is None or not shown:
        raise PictureBrokenError("there is no picture in it")
    height, width = size
    turned = (width, height) if turn < 5 else (height, width)  # noqa: PLR2004 -- 5 to 8 lie on their side
    exif = [] if turn == _UPRIGHT else [_exif(turn)]
    return b"".join([b"\xff\xd8", *exif, *kept, b"\xff\xd9"]), *turned


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its segment, that of a scan with what was drawn; what follows the end is not read."""
    at = 2
    while True:
        if data[at] != _MARK:
            raise PictureBrokenError("something else stands where a part should begin")
        while data[at + 1] == _MARK:
            at += 1
        marker = data[at + 1]
        if marker == _EOI:
            return
        if marker in _ALONE:
            at += 2
            continue
        if marker in (0x00, _SOI):
            raise PictureBrokenError("something else stands where a part should begin")
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):  # noqa: PLR2004 -- the length counts itself
            raise PictureBrokenError("its file ends in the middle")
        if marker == _SOS:
            end = _drawn(data, end)
        yield marker, data[at:end]
        at = end


def _drawn(data: bytes, at: int) -> int:
    """Return where what was drawn ends: at the first marker that is neither a stuffed byte nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise PictureBrokenError("its file ends in the middle")
        after = data[at + 1]
        if after == _MARK:
            at += 1
        elif after == 0x00 or after in _ALONE:
            at += 2
        else:
            return at


def _is_colour(marker: int, body: bytes) -> bool:
    """Tell whether a segment says how colours are meant: JFIF without a preview, an ICC profile, Adobe's transform."""
    if marker == _APP0:
        return body[4:9] == b"JFIF\0" and len(body) == 18  # noqa: PLR2004 -- longer ones carry a preview
    if marker == _APP2:
        return body[4:16] == b"ICC_PROFILE\0"
    return marker == _APP14 and body[4:9] == b"Adobe" and len(body) == 16  # noqa: PLR2004 -- its fixed length


def _turn(tiff: bytes) -> int:
    """Return how an Exif says the picture is turned, 1 to 8; what cannot be read says nothing."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return _UPRIGHT
    try:
        (where,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, where)
        for number in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, where + 2 + 12 * number)
            if (tag, kind) == (_ORIENTATION, 3):
                return value if _UPRIGHT <= value <= _LAST_TURN else _UPRIGHT
    except struct.error:
        return _UPRIGHT
    return _UPRIGHT


def _require_upright(tiff: bytes) -> None:
    if _turn(tiff) != _UPRIGHT:
        raise TypeNotTakenError(
            "This picture lies on its side, and only a note in its file turns it. Turn it, save it, then choose it."
        )


def _exif(turn: int) -> bytes:
    """Return a segment that says how the picture is turned, and nothing else."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, turn, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + 6 + len(tiff)) + b"Exif\0\0" + tiff


# PNG -----------------------------------------------------------------------------------------------------------------


def _png(data: bytes) -> tuple[bytes, int, int]:
    kept = [_PNG]
    names: list[bytes] = []
    at = len(_PNG)
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise PictureBrokenError("its file ends in the middle")
        (told,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(data[at + 4 : end - 4]) != told:
            raise PictureBrokenError("a part of it is not what its sum says")
        if name in _PNG_MOVING:
            raise TypeNotTakenError("This PNG moves. Save it as a GIF or as a film, then choose it.")
        if (name == b"IHDR") != (not names) or (name == b"IHDR" and length != 13):  # noqa: PLR2004 -- its fixed length
            raise PictureBrokenError("its parts are not in order")
        names.append(name)
        if name == b"eXIf":
            _require_upright(data[at + 8 : end - 4])
        if name in _PNG_KEPT:
            kept.append(_iccp(data[at:end]) if name == b"iCCP" else data[at:end])
        at = end
        if name == b"IEND":
            break
    if b"IDAT" not in names:
        raise PictureBrokenError("there is no picture in it")
    width, height = struct.unpack_from(">II", data, 16)
    return b"".join(kept), width, height


def _iccp(chunk: bytes) -> bytes:
    """Return a colour profile without the name that somebody gave it."""
    _, _, body = chunk[8:-4].partition(b"\0")
    if not body:
        raise PictureBrokenError("its colour profile has no end")
    named = b"iCCP" + b"ICC\0" + body
    return struct.pack(">I", len(named) - 4) + named + struct.pack(">I", zlib.crc32(named))


# GIF -----------------------------------------------------------------------------------------------------------------

_GIF_HEAD = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def _gif(data: bytes) -> tuple[bytes, int, int]:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = _GIF_HEAD + _colours(flags)
    kept, shown = [data[:at]], False
    if at > len(data):
        raise PictureBrokenError("its file ends in the middle")
    while (kind := data[at]) != _TRAILER:
        begin = at
        if kind == _EXTENSION:
            label = data[at + 1]
            at = _blocks(data, at + 2)
            loops = label == _APPLICATION and data[begin + 3 : begin + 14] in _LOOPS
            if label == _CONTROL or loops:
                kept.append(data[begin:at])
        elif kind == _IMAGE:
            at = _blocks(data, at + 11 + _colours(data[at + 9]))
            kept.append(data[begin:at])
            shown = True
        else:
            raise PictureBrokenError("something else stands where a part should begin")
    if not shown:
        raise PictureBrokenError("there is no picture in it")
    return b"".join([*kept, bytes([_TRAILER])]), width, height


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes, at: int) -> int:
    """Return where a row of blocks ends, each led by its length, the last of none."""
    while length := data[at]:
        at += 1 + length
    return at + 1


# WebP ----------------------------------------------------------------------------------------------------------------

_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def _webp(data: bytes) -> tuple[bytes, int, int]:
    kept: list[bytes] = []
    size: tuple[int, int] | None = None
    shown = False
    for name, body in _chunks(data):
        if name in _WEBP_MOVING:
            raise TypeNotTakenError("This WebP moves. Save it as a GIF or as a film, then choose it.")
        if name == b"EXIF":
            _require_upright(body.removeprefix(b"Exif\0\0"))
        if name in (b"VP8 ", b"VP8L"):
            if shown:
                raise PictureBrokenError("it holds two pictures")
            shown = True
            size = size or (_vp8(body) if name == b"VP8 " else _vp8l(body))
        if name == b"VP8X":
            size = _canvas(body)
        if name in _WEBP_KEPT:
            silent = bytes([body[0] & ~(_HAS_EXIF | _HAS_XMP)]) + body[1:] if name == b"VP8X" else body
            kept.append(struct.pack("<4sI", name, len(body)) + silent + b"\0" * (len(body) & 1))
    if size is None or not shown:
        raise PictureBrokenError("there is no picture in it")
    inner = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(inner)) + inner, *size


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and body of each part; what follows the end is not read."""
    (said,) = struct.unpack_from("<I", data, 4)
    at, end = 12, 8 + said
    if end > len(data):
        raise PictureBrokenError("its file ends in the middle")
    while at < end:
        name, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > end:
            raise PictureBrokenError("its file ends in the middle")
        yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + (length & 1)


def _vp8(body: bytes) -> tuple[int, int]:
    if body[3:6] != b"\x9d\x01\x2a":
        raise PictureBrokenError("its picture does not begin as it should")
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _vp8l(body: bytes) -> tuple[int, int]:
    signature, bits = struct.unpack_from("<BI", body)
    if signature != 0x2F:  # noqa: PLR2004 -- RFC 9649, 3.4
        raise PictureBrokenError("its picture does not begin as it should")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _canvas(body: bytes) -> tuple[int, int]:
    if len(body) != 10:  # noqa: PLR2004 -- RFC 9649, 2.7
        raise PictureBrokenError("its first part is not as long as it should be")
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
