"""Looking into a film's file: how long and how large it is, how it is encoded, whether all of it is there.

Films are MP4 or QuickTime: boxes in boxes, each led by its length and name. Only what describes the film (`moov`, some
megabytes at the most) is read, wherever it stands; the pictures themselves are not. Nothing is decoded and nothing is
rewritten: a film goes out as it came, so one whose file says where it was taken is not taken.

Sources: ISO/IEC 14496-12:2022 4.2 (boxes), 8.2.2 (mvhd), 8.3.2 (tkhd), 8.5.2 (stsd), 8.6.1.2 (stts), 8.7 (stsc, stsz,
stco), 8.8 (fragments); QuickTime File Format, "User data atoms" and "Metadata".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bluelamp.assets.errors import FilmBrokenError, FilmCutShortError, FilmTellsWhereError, TypeNotTakenError
from bluelamp.assets.model import Found

Read = Callable[[int, int], bytes]

# A description of hours of film has fewer; whoever writes more wants the reader's memory.
MOST_DESCRIPTION = 24 * 1024 * 1024
MOST_BOXES = 10_000
MOST_TOP_BOXES = 200
MOST_TRACKS = 20
_QUICKTIME = b"qt  "
_BRANDS = re.compile(rb"iso[m2-9]|mp4[12]|avc1|M4V[ H]|MSNV|XAVC|mmp4|f4v ")
_FIRST = frozenset({b"ftyp", b"wide", b"moov", b"mdat", b"free", b"skip", b"pnot"})
_INNER = frozenset({b"trak", b"mdia", b"minf", b"stbl", b"edts", b"mvex"})
# Where what is told about a film stands, and how it says where the film was taken: in user data, 3GPP's and Apple's
# way, and as Exif in XMP.
_TOLD = frozenset({b"udta", b"meta", b"uuid"})
_PLACES = (b"\xa9xyz", b"loci", b"com.apple.quicktime.location", b"exif:GPS")
_MOST_TOLD = 1024 * 1024
# Tracks beside pictures and sounds that drones and cameras write their way into.
_MAY_TELL = frozenset({b"text", b"sbtl", b"subt"})
_TELEMETRY = frozenset({b"gpmd", b"camm", b"djmd", b"dbgi", b"rtmd"})


class _Box(NamedTuple):
    name: bytes
    begin: int
    end: int


class _Track(NamedTuple):
    kind: bytes
    codec: str
    width: int
    height: int


def look(read: Read, size: int) -> Found:
    """Return what a film is.

    Parameters
    ----------
    read
        Gives `length` bytes from `start` on, fewer at the end.
    size
        How many bytes the file has.

    Raises
    ------
    TypeNotTakenError
        When it is neither MP4 nor QuickTime, or comes in fragments.
    FilmCutShortError
        When its end is missing.
    FilmTellsWhereError
        When its file says where it was taken.
    FilmBrokenError
        When its parts do not fit together, or there is no picture in it.
    """
    try:
        boxes: dict[bytes, _Box] = {}
        for box in _top(read, size):
            boxes.setdefault(box.name, box)
            if box.name in _TOLD:
                _require_no_place(read(box.begin, min(box.end - box.begin, _MOST_TOLD)))
        media_type = _type(read, boxes.get(b"ftyp"))
        if b"moof" in boxes:
            raise _fragments()
        where = boxes.get(b"moov")
        if where is None:
            # Recorders write the description last.
            raise FilmCutShortError
        if where.end - where.begin > MOST_DESCRIPTION:
            raise FilmBrokenError("its description is longer than that of a day of film")
        moov = read(where.begin, where.end - where.begin)
        if len(moov) != where.end - where.begin:
            raise FilmCutShortError
        return _described(moov, media_type, size)
    except (struct.error, IndexError):
        raise FilmBrokenError("its description ends in the middle") from None


def _fragments() -> TypeNotTakenError:
    return TypeNotTakenError(
        "This film comes in fragments, as for streaming. Export it as one MP4 file, then choose it."
    )


def _require_no_place(told: bytes) -> None:
    if any(place in told for place in _PLACES):
        raise FilmTellsWhereError


def _top(read: Read, size: int) -> Iterator[_Box]:
    at = 0
    for _ in range(MOST_TOP_BOXES):
        if at >= size:
            return
        head = read(at, 16)
        if len(head) < 8:  # noqa: PLR2004 -- length and name
            raise FilmCutShortError
        if at == 0 and head[4:8] not in _FIRST:
            raise TypeNotTakenError("This is no film that platforms take. Export it as MP4, then choose it.")
        box = _box(head, 0, size - at, at)
        yield box
        at = box.end
    raise FilmBrokenError("it is in more parts than a film has")


def _box(data: bytes, at: int, room: int, base: int = 0) -> _Box:
    """Return the box that begins at `at`, of which `room` bytes are there; its places count from `base` on."""
    length, name = struct.unpack_from(">I4s", data, at)
    head = 8
    if length == 1:
        (length,) = struct.unpack_from(">Q", data, at + 8)
        head = 16
    elif length == 0:
        length = room
    if length < head:
        raise FilmBrokenError("a part of it is shorter than its own heading")
    if length > room:
        raise FilmCutShortError
    return _Box(name, base + at + head, base + at + length)


def _inside(data: bytes, begin: int, end: int) -> Iterator[_Box]:
    at = begin
    # QuickTime ends some lists by four bytes of nothing.
    while at + 8 <= end:
        try:
            box = _box(data, at, end - at)
        except FilmCutShortError:
            raise FilmBrokenError("a part of its description is longer than what holds it") from None
        yield box
        at = box.end


def _type(read: Read, ftyp: _Box | None) -> str:
    """Return the media type; what says nothing about itself is QuickTime from before there was a way to."""
    if ftyp is None:
        return "video/quicktime"
    said = read(ftyp.begin, min(ftyp.end - ftyp.begin, 256))
    brands = {said[:4], *(said[at : at + 4] for at in range(8, len(said), 4))}
    if said[:4] == _QUICKTIME:
        return "video/quicktime"
    if any(_BRANDS.fullmatch(brand) for brand in brands):
        return "video/mp4"
    if _QUICKTIME in brands:
        return "video/quicktime"
    raise TypeNotTakenError("This is no film that platforms take. Export it as MP4, then choose it.")


def _described(moov: bytes, media_type: str, size: int) -> Found:
    seconds: float | None = None
    tracks: list[_Track] = []
    for box in _inside(moov, 0, len(moov)):
        if box.name == b"mvhd":
            seconds = _seconds(moov, box)
        elif box.name == b"mvex":
            raise _fragments()
        elif box.name in _TOLD:
            _require_no_place(moov[box.begin : box.end])
        elif box.name == b"trak":
            if len(tracks) == MOST_TRACKS:
                raise FilmBrokenError("it has more tracks than a film has")
            tracks.append(_track(moov, box, size))
    pictures = [track for track in tracks if track.kind == b"vide"]
    if seconds is None or not seconds or not pictures:
        raise FilmBrokenError("there is no film in it")
    first = pictures[0]
    if not (first.width and first.height):
        raise FilmBrokenError("it has no width or no height")
    heard = {track.codec for track in tracks if track.kind in (b"vide", b"soun")}
    return Found(
        kind="video",
        type=media_type,
        size=size,
        width=first.width,
        height=first.height,
        seconds=int(-(-seconds // 1)),
        codecs=tuple(sorted(heard)),
    )


def _seconds(data: bytes, box: _Box) -> float:
    version = data[box.begin]
    at = box.begin + (20 if version else 12)
    scale, length = struct.unpack_from(">IQ" if version else ">II", data, at)
    if not scale:
        raise FilmBrokenError("its clock stands still")
    return float(length / scale)


def _track(data: bytes, trak: _Box, size: int) -> _Track:
    found: dict[bytes, _Box] = {}
    waiting, count = [trak], 0
    while waiting:
        for box in _inside(data, *waiting.pop()[1:]):
            count += 1
            if count > MOST_BOXES:
                raise FilmBrokenError("its description has more parts than a film's")
            if box.name in _INNER:
                waiting.append(box)
            elif box.name in _TOLD:
                _require_no_place(data[box.begin : box.end])
            # QuickTime has a second hdlr, of the data; the one of the medium stands first.
            found.setdefault(box.name, box)
    kind = data[found[b"hdlr"].begin + 8 : found[b"hdlr"].begin + 12] if b"hdlr" in found else b""
    if kind not in (b"vide", b"soun"):
        _require_silent(data, kind, found.get(b"stsd"))
        return _Track(kind, "", 0, 0)
    for needed in (b"tkhd", b"stsd", b"stsz", b"stsc"):
        if needed not in found:
            raise FilmBrokenError(f"a track of it lacks its {needed.decode()}")
    _require_all_there(data, found, size)
    return _Track(kind, _codec(data, found[b"stsd"]), *_frame(data, found[b"tkhd"]))


def _require_silent(data: bytes, kind: bytes, stsd: _Box | None) -> None:
    """Refuse a film with a track that may say, moment by moment, where it was taken."""
    said = data[stsd.begin : stsd.end] if stsd else b""
    if kind in _MAY_TELL or said[12:16] in _TELEMETRY:
        raise FilmTellsWhereError
    _require_no_place(said)


def _frame(data: bytes, tkhd: _Box) -> tuple[int, int]:
    """Return width and height as shown: the matrix of a phone's film lays it on its side."""
    at = tkhd.begin + (52 if data[tkhd.begin] else 40)
    a, b, _, c, d = struct.unpack_from(">5i", data, at)
    width, height = struct.unpack_from(">II", data, at + 36)
    lying = not a and not d and bool(b and c)
    return (height >> 16, width >> 16) if lying else (width >> 16, height >> 16)


def _codec(data: bytes, stsd: _Box) -> str:
    (name,) = struct.unpack_from(">4s", data, stsd.begin + 12)
    text = name.decode("ascii", "replace").strip().lower()
    if not text.isascii() or not text.isalnum():
        raise FilmBrokenError("how it is encoded has no name")
    return str(text)


def _require_all_there(data: bytes, found: dict[bytes, _Box], size: int) -> None:
    """Refuse a film whose last pictures or sounds lie beyond the end of its file.

    The chunk that lies last is the one to look at: its place, and the lengths of the samples in it.
    """
    places = _places(data, found)
    if not places:
        raise FilmBrokenError("a track of it is empty")
    last = max(range(len(places)), key=places.__getitem__)
    begin, count = _samples_of(data, found[b"stsc"], last, len(places))
    if places[last] + _length(data, found[b"stsz"], begin, count) > size:
        raise FilmCutShortError


def _places(data: bytes, found: dict[bytes, _Box]) -> tuple[int, ...]:
    wide = found.get(b"co64")
    box = wide or found.get(b"stco")
    if box is None:
        raise FilmBrokenError("a track of it does not say where it lies")
    (count,) = struct.unpack_from(">I", data, box.begin + 4)
    if count * (8 if wide else 4) > box.end - box.begin - 8:
        raise FilmBrokenError("a list of it is shorter than it says")
    return struct.unpack_from(f">{count}{'Q' if wide else 'I'}", data, box.begin + 8)


def _samples_of(data: bytes, stsc: _Box, chunk: int, chunks: int) -> tuple[int, int]:
    """Return the number of the first sample of a chunk, from 0 on, and how many are in it."""
    (count,) = struct.unpack_from(">I", data, stsc.begin + 4)
    if not count or count * 12 > stsc.end - stsc.begin - 8:
        raise FilmBrokenError("a list of it is shorter than it says")
    runs = [struct.unpack_from(">II", data, stsc.begin + 8 + 12 * number) for number in range(count)]
    before = 0
    for number, (first, each) in enumerate(runs):
        after = runs[number + 1][0] if number + 1 < count else chunks + 1
        if first < 1 or after <= first:
            raise FilmBrokenError("its chunks are not in order")
        if chunk + 1 < after:
            return before + (chunk + 1 - first) * each, each
        before += (after - first) * each
    raise FilmBrokenError("its chunks are not in order")


def _length(data: bytes, stsz: _Box, begin: int, count: int) -> int:
    """Return how many bytes some samples have in all."""
    same, known = struct.unpack_from(">II", data, stsz.begin + 4)
    if same:
        return int(same * max(0, min(count, known - begin)))
    if known * 4 > stsz.end - stsz.begin - 12:
        raise FilmBrokenError("a list of it is shorter than it says")
    count = max(0, min(count, known - begin))
    return sum(struct.unpack_from(f">{count}I", data, stsz.begin + 12 + 4 * begin))
