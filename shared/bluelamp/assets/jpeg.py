"""JPEG without metadata: the segments that the pixels need, copied; all others left out (ITU-T T.81, annex B).

Kept: frame, tables, scans; of APP0 the JFIF density (T.871, 10.1, its thumbnail left out), of APP2 the colour profile,
of APP14 what says how CMYK is meant (T.872, 6.5.3), of EXIF the orientation. EXIF, XMP, IPTC, comments, previews of
makers and second pictures (MPF) are not, nor anything behind the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bluelamp.assets.binary import EXIF, Cleaned, check_pixels, minimal_exif, orientation, part
from bluelamp.assets.errors import PictureBrokenError, TypeNotTakenError
from bluelamp.assets.icc import only_colours

START = b"\xff\xd8\xff"
_SOI, _EOI, _SOS, _DQT, _DHT, _DRI = 0xD8, 0xD9, 0xDA, 0xDB, 0xC4, 0xDD
_APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
# Baseline, extended, progressive (T.81 table B.1). Lossless, hierarchical and arithmetic ones no browser shows.
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_RARE = frozenset({0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xD0), 0xDC, 0xDE, 0xDF})
# B.1.1.5: in coded data FF is followed by 00, by a restart marker, or by more FF that fill.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_ICC = b"ICC_PROFILE\0"
# More scans cost every viewer time, and no camera or editor makes them.
_MOST_SCANS = 100
_ICC_PART = 65_519
# A length counts its own two bytes (B.1.1.4).
_LENGTH = 2
_JFIF = 14
_ADOBE = 12
_DEPTH = 8
_COUNTS = frozenset({1, 3, 4})


@dataclass
class _Walk:
    """What was read so far."""

    kept: list[bytes] = field(default_factory=list)
    jfif: bytes = b""
    adobe: bytes = b""
    icc: dict[int, bytes] = field(default_factory=dict)
    icc_count: int = 0
    turned: int = 0
    size: tuple[int, int] | None = None
    components: frozenset[int] = frozenset()
    scanned: set[int] = field(default_factory=set)
    scans: int = 0


def clean(data: bytes) -> Cleaned:
    """Return the JPEG without metadata; tables and coded data are the same bytes.

    Raises
    ------
    PictureBrokenError, TooManyPixelsError, TypeNotTakenError
    """
    walk = _Walk()
    at = 2
    while True:
        at, marker = _marker(data, at)
        if marker == _EOI:
            break
        length = int.from_bytes(part(data, at, 2))
        if length < _LENGTH:
            raise PictureBrokenError("A part of the picture has an impossible length.")
        body = part(data, at + 2, length - 2)
        at += length
        if marker == _SOS:
            found = _NEXT_MARKER.search(data, at)
            if found is None:
                raise PictureBrokenError("The picture ends before it is complete.")
            _scan(walk, body, data[at : found.start()])
            at = found.start()
        else:
            _segment(walk, marker, body)
    if walk.size is None or walk.scanned != walk.components:
        raise PictureBrokenError("The picture ends before all its colours are there.")
    turned = walk.turned or 1
    return Cleaned(b"\xff\xd8" + _heads(walk, turned) + b"".join(walk.kept) + b"\xff\xd9", *walk.size, turned)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    """Return where the marker ends, and which it is; any number of FF may stand before (B.1.1.2)."""
    if part(data, at, 1) != b"\xff":
        raise PictureBrokenError("Between two parts of the picture there is something else.")
    while part(data, at, 1) == b"\xff":
        at += 1
    return at + 1, data[at]


def _made(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def _heads(walk: _Walk, turned: int) -> bytes:
    heads = _made(_APP0, walk.jfif) if walk.jfif else b""
    if turned > 1:
        heads += _made(_APP1, EXIF + minimal_exif(turned))
    whole = b"".join(walk.icc.get(number, b"") for number in range(1, walk.icc_count + 1))
    profile = only_colours(whole) if len(walk.icc) == walk.icc_count else None
    if profile:
        parts = [profile[start : start + _ICC_PART] for start in range(0, len(profile), _ICC_PART)]
        for number, piece in enumerate(parts, 1):
            heads += _made(_APP2, _ICC + bytes((number, len(parts))) + piece)
    return heads + (_made(_APP14, walk.adobe) if walk.adobe else b"")


def _segment(walk: _Walk, marker: int, body: bytes) -> None:
    if marker in _FRAMES:
        _frame(walk, body)
    elif marker in {_DQT, _DHT, _DRI}:
        _check_table(marker, body)
    elif marker in _RARE:
        raise TypeNotTakenError("This is a rare kind of JPEG, which browsers do not show.")
    elif _APP0 <= marker <= _APP15:
        _application(walk, marker, body)
        return
    elif marker == _COM:
        return
    else:
        raise PictureBrokenError("The picture has a part that its format does not know.")
    walk.kept.append(_made(marker, body))


def _application(walk: _Walk, marker: int, body: bytes) -> None:
    if marker == _APP0 and body[:5] == b"JFIF\0" and len(body) >= _JFIF and not walk.jfif:
        walk.jfif = body[:12] + b"\0\0"
    elif marker == _APP1 and body.startswith(EXIF) and not walk.turned:
        walk.turned = orientation(body[len(EXIF) :])
    elif marker == _APP2 and body.startswith(_ICC) and len(body) > len(_ICC) + 2:
        # ICC.1:2022, B.4: which part, of how many.
        number, walk.icc_count = body[len(_ICC)], body[len(_ICC) + 1]
        walk.icc[number] = body[len(_ICC) + 2 :]
    elif marker == _APP14 and body[:5] == b"Adobe" and len(body) >= _ADOBE:
        walk.adobe = body[:_ADOBE]


def _frame(walk: _Walk, body: bytes) -> None:
    """Check a frame header (B.2.2): precision, lines, samples, components of three bytes each."""
    if walk.size is not None:
        raise TypeNotTakenError("This JPEG holds several frames, which browsers do not show.")
    depth, count = part(body, 0, 1)[0], part(body, 5, 1)[0]
    if depth != _DEPTH or count not in _COUNTS:
        raise TypeNotTakenError("This JPEG has a depth or a number of colours that browsers do not show.")
    height, width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    check_pixels(width, height)
    walk.components = frozenset(body[6::3])
    if len(body) != 6 + 3 * count or len(walk.components) != count:
        raise PictureBrokenError("The picture's header contradicts itself.")
    walk.size = width, height


def _scan(walk: _Walk, body: bytes, coded: bytes) -> None:
    """Check a scan header (B.2.3) and keep it with its coded data."""
    count = part(body, 0, 1)[0]
    wanted = set(body[1 : 1 + 2 * count : 2])
    walk.scans += 1
    if len(body) != 4 + 2 * count or not count or not wanted <= walk.components or not coded:
        raise PictureBrokenError("A part of the picture is empty or belongs to none of its colours.")
    if walk.scans > _MOST_SCANS:
        raise TypeNotTakenError(f"This JPEG has more than {_MOST_SCANS} scans.")
    walk.scanned |= wanted
    walk.kept += (_made(_SOS, body), coded)


def _check_table(marker: int, body: bytes) -> None:
    """Check that tables fill their segment, so that nothing hides there (B.2.4.1, B.2.4.2, B.2.4.4)."""
    at = 0
    if marker == _DRI:
        at = 2
    else:
        while at < len(body):
            if marker == _DQT:
                at += 129 if body[at] >> 4 else 65
            else:
                at += 17 + sum(part(body, at + 1, 16))
    if at != len(body) or not body:
        raise PictureBrokenError("A table of the picture has a wrong length.")
