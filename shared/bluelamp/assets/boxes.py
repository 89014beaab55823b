"""Boxes of ISO base media files (ISO/IEC 14496-12, 4.2), called atoms in QuickTime (QuickTime File Format, Atoms)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bluelamp.assets.errors import FilmBrokenError, FilmCutShortError, FilmIndexTooLargeError
from bluelamp.assets.model import FILM_INDEX_BYTES, FILM_READS

HEADER = 8
_LARGE_HEADER = 16
_MOST_BOXES = 5_000


class Reader:
    """Bounded reading: so many calls, so many bytes, and never fewer than asked for."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read = read
        self.size = size
        self._calls = 0
        self._bytes = 0

    def __call__(self, start: int, length: int) -> bytes:
        """Return exactly these bytes.

        Raises
        ------
        FilmCutShortError
            When they lie behind the end.
        FilmIndexTooLargeError
            When too much was read already.
        """
        if start + length > self.size:
            raise FilmCutShortError("The film ends before it is complete.")
        self._calls += 1
        self._bytes += length
        if self._calls > FILM_READS or self._bytes > FILM_INDEX_BYTES:
            raise FilmIndexTooLargeError("The film's index is too large or too scattered.")
        data = self._read(start, length)
        if len(data) != length:
            raise FilmCutShortError("The film ends before it is complete.")
        return data


@dataclass(frozen=True, slots=True)
class Top:
    """A box of the file itself: where its content starts and ends."""

    kind: bytes
    start: int
    end: int


def top_boxes(read: Reader) -> Iterator[Top]:
    """Yield the boxes of the file; sizes of 64 bits and "to the end of the file" among them (4.2.2)."""
    at = 0
    while at < read.size:
        head = read(at, min(_LARGE_HEADER, read.size - at))
        length, kind, start = int.from_bytes(head[:4]), head[4:8], at + HEADER
        if length == 0 and not any(head):
            # QuickTime lets a film end with zeros.
            if read.size - at >= HEADER:
                raise FilmBrokenError("The film's boxes are damaged.")
            return
        if length == 1:
            length, start = int.from_bytes(head[8:16]), at + _LARGE_HEADER
        elif length == 0:
            length = read.size - at
        if len(head) < HEADER or at + length > read.size:
            raise FilmCutShortError("The film ends before it is complete.")
        if at + length < start:
            raise FilmBrokenError("The film's boxes are damaged.")
        yield Top(kind, start, at + length)
        at += length


class Index:
    """The boxes inside of one box that was read whole; how many are looked at is bounded over all calls."""

    def __init__(self) -> None:
        self._count = 0

    def inside(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield type and content of each box; QuickTime may end a list with four zero bytes.

        Raises
        ------
        FilmBrokenError
            When the boxes do not fill `data`.
        FilmIndexTooLargeError
            When there are too many.
        """
        at = 0
        while len(data) - at >= HEADER:
            self._count += 1
            if self._count > _MOST_BOXES:
                raise FilmIndexTooLargeError("The film's index has too many parts.")
            length, kind, start = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + HEADER
            if length == 1:
                length, start = int.from_bytes(data[at + 8 : at + 16]), at + _LARGE_HEADER
            if at + length < start or at + length > len(data):
                raise FilmBrokenError("The film's index is damaged.")
            yield kind, data[start : at + length]
            at += length
        if any(data[at:]):
            raise FilmBrokenError("The film's index is damaged.")

    def first(self, data: bytes, kind: bytes) -> bytes:
        """Return the content of the first box of that type, or raise ``FilmBrokenError``."""
        for found, body in self.inside(data):
            if found == kind:
                return body
        raise FilmBrokenError("The film's index lacks a part.")


def number(data: bytes, start: int, length: int) -> int:
    """Return a number of that many bytes, or raise ``FilmBrokenError`` when they are not there."""
    if start + length > len(data):
        raise FilmBrokenError("A table of the film ends too early.")
    return int.from_bytes(data[start : start + length])
