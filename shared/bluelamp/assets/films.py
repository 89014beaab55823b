"""Uploaded films: MP4 and QuickTime, looked through by a few bounded reads, never decoded and never rewritten.

A film is whole when every box ends within the file and every picture and sound that its index names lies in one of
the boxes for them (ISO/IEC 14496-12, 8.1.1, 8.7). A fragmented film names nothing beforehand, so that a missing end
would not show: it is refused. Sections below are those of ISO/IEC 14496-12.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bluelamp.assets.boxes import Index, Reader, Top, number, top_boxes
from bluelamp.assets.errors import (
    AssetTooLargeError,
    FilmBrokenError,
    FilmCutShortError,
    FilmInPiecesError,
    TypeNotTakenError,
)
from bluelamp.assets.model import FILM_BYTES, Found, MediaType
from bluelamp.assets.places import refuse_gap, refuse_places, refuse_position_track
from bluelamp.assets.samples import check_samples

_QUICKTIME = b"qt  "
_MP4 = frozenset({b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"XAVC", *(b"iso%d" % n for n in range(2, 10))})
# Pictures and sounds in the same kind of boxes.
_OTHERS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"M4B ", b"crx "})
# A QuickTime film older than `ftyp` starts with one of these.
_OLD = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})
_PIECES = frozenset({b"moof", b"mvex"})
_TOLD = frozenset({b"udta", b"meta", b"uuid", b"gps ", b"GPS "})
_GAPS = frozenset({b"free", b"skip"})
# Of how many gaps of the file how much is looked at: dash cameras have one, which starts with a small picture.
_GAPS_MOST = 8
_GAP_BYTES = 256 * 1024
_LOCKED = frozenset({b"encv", b"enca"})
_CODEC = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,3}")
_ENABLED = 1
_LARGEST_SIDE = 32_768
# The header, one brand and its version.
_BRANDS_LEAST = 16
_BRANDS_MOST = 4096


@dataclass
class _Walk:
    held: list[tuple[int, int]]
    index: Index = field(default_factory=Index)
    codecs: set[str] = field(default_factory=set)
    # Enabled or not, width, height.
    pictures: list[tuple[bool, int, int]] = field(default_factory=list)


def look(read: Callable[[int, int], bytes], size: int) -> Found:
    """Say what a film is.

    Parameters
    ----------
    read
        ``read(start, length)`` returns these bytes. At most 64 calls and 8 MB in all.
    size
        Bytes of the file.

    Raises
    ------
    AssetError
        ``TypeNotTakenError``, ``AssetTooLargeError``, or one of those of films; nothing else, whatever the bytes.
    """
    if size > FILM_BYTES:
        raise AssetTooLargeError(f"The film is larger than {FILM_BYTES // 1024**3} GB.")
    reader = Reader(read, size)
    kind = _type(reader)
    tops = _tops(reader)
    indexes = [top for top in tops if top.kind == b"moov"]
    if not indexes:
        raise FilmCutShortError("The film has no index.")
    if len(indexes) > 1:
        raise FilmBrokenError("The film has two indexes.")
    walk = _Walk([(top.start, top.end) for top in tops if top.kind == b"mdat"])
    for top in tops:
        if top.kind in _TOLD:
            refuse_places(walk.index, top.kind, reader(top.start, top.end - top.start))
    for gap in [top for top in tops if top.kind in _GAPS and top.end > top.start][:_GAPS_MOST]:
        refuse_gap(reader(gap.start, min(gap.end - gap.start, _GAP_BYTES)))
    moov = reader(indexes[0].start, indexes[0].end - indexes[0].start)
    seconds = _movie(walk, moov)
    if not walk.pictures:
        raise TypeNotTakenError("The file has sound and no pictures.")
    _, width, height = max(walk.pictures, key=lambda shown: shown[0])
    return Found(
        kind="video", type=kind, size=size, width=width, height=height, seconds=seconds,
        codecs=tuple(sorted(walk.codecs)),
    )  # fmt: skip


def _tops(reader: Reader) -> list[Top]:
    tops = []
    for top in top_boxes(reader):
        if top.kind in _PIECES:
            raise FilmInPiecesError("The film is in pieces, as for streaming.")
        tops.append(top)
    return tops


def _type(reader: Reader) -> MediaType:
    """Tell MP4 and QuickTime by their brands (4.3; QuickTime File Format, File Type Compatibility)."""
    other = TypeNotTakenError("The file is none of the films that can be published.")
    head = reader(0, min(16, reader.size))
    length, kind = int.from_bytes(head[:4]), head[4:8]
    if kind in _OLD:
        return "video/quicktime"
    if kind != b"ftyp" or not _BRANDS_LEAST <= length <= _BRANDS_MOST:
        raise other
    brands = reader(8, length - 8)
    major, more = brands[:4], {brands[at : at + 4] for at in range(8, len(brands), 4)}
    if major == _QUICKTIME:
        return "video/quicktime"
    if major in _OTHERS or not (_MP4 | {_QUICKTIME}) & (more | {major}):
        raise other
    return "video/mp4" if _MP4 & (more | {major}) else "video/quicktime"


def _movie(walk: _Walk, moov: bytes) -> int:
    """Read the index and return the seconds, rounded up (8.2.2: 64 bits in version 1)."""
    boxes = list(walk.index.inside(moov))
    kinds = {kind for kind, _ in boxes}
    if kinds & _PIECES:
        raise FilmInPiecesError("The film is in pieces, as for streaming.")
    if b"cmov" in kinds:
        raise TypeNotTakenError("The film's index is packed, which is of old.")
    for kind, body in boxes:
        if kind in _TOLD:
            refuse_places(walk.index, kind, body)
        elif kind in _GAPS:
            refuse_gap(body)
        elif kind == b"trak":
            _track(walk, body)
    mvhd = next((body for kind, body in boxes if kind == b"mvhd"), b"")
    wide = number(mvhd, 0, 1) == 1
    scale = number(mvhd, 20 if wide else 12, 4)
    width = 8 if wide else 4
    duration = number(mvhd, 24 if wide else 16, width)
    if not scale or not duration or duration == (1 << 8 * width) - 1:
        raise FilmBrokenError("The film does not say how long it is.")
    return -(-duration // scale)


def _track(walk: _Walk, trak: bytes) -> None:
    """Check a track's places in the file, and note what it shows or sounds like (8.3 to 8.5)."""
    index = walk.index
    for kind, body in index.inside(trak):
        if kind in _TOLD:
            refuse_places(index, kind, body)
    mdia = index.first(trak, b"mdia")
    handler = index.first(mdia, b"hdlr")[8:12]
    minf = index.first(mdia, b"minf")
    _check_own(index, minf)
    stbl = index.first(minf, b"stbl")
    entries = list(index.inside(index.first(stbl, b"stsd")[8:]))
    for entry, body in entries:
        refuse_position_track(handler, entry, body)
    count = check_samples(index, stbl, walk.held)
    if handler not in {b"vide", b"soun"} or not count:
        return
    if not entries:
        raise FilmBrokenError("A track of the film does not say how it is coded.")
    walk.codecs |= {_codec(entry) for entry, _ in entries}
    if handler == b"vide":
        tkhd = index.first(trak, b"tkhd")
        width, height = _shown(tkhd, entries[0][1])
        walk.pictures.append((bool(number(tkhd, 3, 1) & _ENABLED), width, height))


def _check_own(index: Index, minf: bytes) -> None:
    """Refuse a track whose pictures lie in another file (8.7.2: flag 1 is this file)."""
    dref = index.first(index.first(minf, b"dinf"), b"dref")
    if any(not number(body, 3, 1) & 1 for _, body in index.inside(dref[8:])):
        raise FilmBrokenError("The film takes its pictures or sounds from another file.")


def _codec(entry: bytes) -> str:
    """Return the first part of the RFC 6381 name: the type of the sample entry."""
    name = entry.decode("latin-1").strip()
    if entry in _LOCKED:
        raise TypeNotTakenError("The film is locked against copying.")
    if not _CODEC.fullmatch(name):
        raise TypeNotTakenError("The film is coded in a way that is not known.")
    return name


def _shown(tkhd: bytes, entry: bytes) -> tuple[int, int]:
    """Return width and height as shown (8.3.2): 16.16 numbers, swapped when the matrix turns by 90 or 270 degrees."""
    at = 52 if number(tkhd, 0, 1) == 1 else 40
    a, b, c, d = (number(tkhd, at + offset, 4) for offset in (0, 4, 12, 16))
    width, height = number(tkhd, at + 36, 4) >> 16, number(tkhd, at + 40, 4) >> 16
    if not width or not height:
        # A sample entry says it too (12.1.3).
        width, height = number(entry, 24, 2), number(entry, 26, 2)
    if not 0 < width <= _LARGEST_SIDE or not 0 < height <= _LARGEST_SIDE:
        raise FilmBrokenError("The film does not say how wide and high it is.")
    return (height, width) if b and c and not a and not d else (width, height)
