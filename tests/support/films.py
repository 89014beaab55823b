"""Films of a few bytes: boxes as ISO/IEC 14496-12 has them, with nothing to see in them."""

from __future__ import annotations

import struct
from collections.abc import Callable

IDENTITY = (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
QUARTER = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def box(name: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I4s", 8 + len(body), name) + body


def wide_box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, name, 16 + len(body)) + body


def full(name: bytes, body: bytes, version: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24), body)


def mvhd(seconds: float, version: int = 0) -> bytes:
    scale = 1000
    times = struct.pack(">QQIQ" if version else ">IIII", 0, 0, scale, int(seconds * scale))
    return full(b"mvhd", times + bytes(80), version)


def track(
    kind: bytes = b"vide",
    codec: bytes = b"avc1",
    *,
    place: int,
    sizes: tuple[int, ...] = (100, 100),
    frame: tuple[int, int] = (1280, 720),
    matrix: tuple[int, ...] = IDENTITY,
    wide: bool = False,
    extra: bytes = b"",
) -> bytes:
    width, height = frame
    tkhd = full(b"tkhd", bytes(36) + struct.pack(">9i", *matrix) + struct.pack(">II", width << 16, height << 16))
    where = full(b"co64", struct.pack(">IQ", 1, place)) if wide else full(b"stco", struct.pack(">II", 1, place))
    stbl = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1) + box(codec, bytes(78))),
        full(b"stsz", struct.pack(f">II{len(sizes)}I", 0, len(sizes), *sizes)),
        full(b"stsc", struct.pack(">IIII", 1, 1, len(sizes), 1)),
        where,
    )
    hdlr = full(b"hdlr", bytes(4) + kind + bytes(13))
    return box(b"trak", tkhd, box(b"mdia", hdlr, box(b"minf", stbl)), extra)


def film(
    *,
    seconds: float = 300,
    brand: bytes = b"isom",
    first: bool = False,
    tracks: tuple[Callable[[int], bytes], ...] | None = None,
    told: bytes = b"",
    pictures: int = 200,
) -> bytes:
    """Return a film whose description stands behind its pictures, or `first`; `tracks` are told where these begin."""
    ftyp = box(b"ftyp", brand, bytes(4), brand)
    made = tracks or (
        lambda place: track(place=place),
        lambda place: track(b"soun", b"mp4a", place=place, frame=(0, 0)),
    )
    mdat = box(b"mdat", bytes(pictures))

    def moov(place: int) -> bytes:
        return box(b"moov", mvhd(seconds), *(make(place) for make in made), told)

    if not first:
        return ftyp + mdat + moov(len(ftyp) + 8)
    return ftyp + moov(len(ftyp) + len(moov(0)) + 8) + mdat


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda start, length: data[start : start + length]
