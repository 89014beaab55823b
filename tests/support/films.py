"""Films made by hand, box by box; their pictures are no pictures, as nobody decodes them."""

import struct
from collections.abc import Callable

UPRIGHT = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
TURNED = (0, 1 << 16, 0, 0xFFFF0000, 0, 0, 0, 0, 1 << 30)
SAMPLES = (30, 40, 50)


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def mvhd(seconds: float = 6.5, version: int = 0) -> bytes:
    times = struct.pack(">QQIQ" if version else ">IIII", 0, 0, 1000, round(seconds * 1000))
    return box(b"mvhd", bytes((version, 0, 0, 0)), times, bytes(80))


def track(kind: bytes, entry: bytes, start: int, *, matrix: tuple[int, ...] = UPRIGHT, wide: bool = False) -> bytes:
    """One track of two chunks, which hold two samples and one."""
    starts = (start, start + sum(SAMPLES[:2]))
    tkhd = box(b"tkhd", b"\0\0\0\3", bytes(36), struct.pack(">9I", *matrix), struct.pack(">II", 640 << 16, 360 << 16))
    offsets = box(b"co64" if wide else b"stco", bytes(4), struct.pack(">I2Q" if wide else ">I2I", 2, *starts))
    tables = (
        box(b"stsd", bytes(4), struct.pack(">I", 1), box(entry, bytes(78))),
        box(b"stsz", bytes(8), struct.pack(">4I", 3, *SAMPLES)),
        box(b"stsc", bytes(4), struct.pack(">7I", 2, 1, 2, 1, 2, 1, 1)),
        offsets,
    )
    dinf = box(b"dinf", box(b"dref", bytes(4), struct.pack(">I", 1), box(b"url ", b"\0\0\0\1")))
    minf = box(b"minf", dinf, box(b"stbl", *tables))
    return box(b"trak", tkhd, box(b"mdia", box(b"hdlr", bytes(8), kind, bytes(13)), minf))


def film(
    *, first: bool = True, brand: bytes = b"isom", more: bytes = b"", version: int = 0, seconds: float = 6.5,
    matrix: tuple[int, ...] = UPRIGHT, wide: bool = False, sound: bytes = b"mp4a", to_end: bool = False,
) -> bytes:  # fmt: skip
    """A film with pictures and sound; its index first or last, `more` inside of the index."""
    ftyp = box(b"ftyp", brand, bytes(4), brand)
    head = struct.pack(">I4sQ", 1, b"mdat", 16 + 2 * sum(SAMPLES)) if wide else struct.pack(">I4s", 248, b"mdat")
    if to_end:
        head = struct.pack(">I4s", 0, b"mdat")
    held = head + bytes(range(240))

    def moov(start: int) -> bytes:
        pictures = track(b"vide", b"avc1", start, matrix=matrix, wide=wide)
        sounds = track(b"soun", sound, start + sum(SAMPLES), wide=wide)
        return box(b"moov", mvhd(seconds, version), pictures, sounds, more)

    if first:
        return ftyp + moov(len(ftyp) + len(moov(0)) + len(head)) + held
    return ftyp + held + moov(len(ftyp) + len(head))


def reading(data: bytes) -> Callable[[int, int], bytes]:
    return lambda start, length: data[start : start + length]
