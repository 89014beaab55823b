"""Where a track's pictures and sounds lie in the file, from its tables (ISO/IEC 14496-12, 8.7)."""

from __future__ import annotations

from itertools import accumulate, pairwise

from bluelamp.assets.boxes import Index, number
from bluelamp.assets.errors import FilmBrokenError, FilmCutShortError

_RUN = 12


def _numbers(data: bytes, start: int, count: int, width: int) -> list[int]:
    """Return `count` numbers of `width` bytes from there on."""
    end = start + count * width
    if end > len(data):
        raise FilmBrokenError("A table of the film ends too early.")
    return [int.from_bytes(data[at : at + width]) for at in range(start, end, width)]


def _chunk_offsets(tables: dict[bytes, bytes]) -> list[int]:
    """Return where each chunk starts (8.7.5)."""
    wide = b"co64" in tables
    table = tables[b"co64"] if wide else tables.get(b"stco", b"")
    return _numbers(table, 8, number(table, 4, 4), 8 if wide else 4)


def _per_chunk(table: bytes, chunks: int) -> list[tuple[int, int]]:
    """Return runs of how many chunks have how many samples (8.7.4)."""
    count = number(table, 4, 4)
    flat = _numbers(table, 8, count * 3, 4)
    firsts = [*flat[::3], chunks + 1]
    if not chunks:
        return []
    if not count or firsts[0] != 1 or any(a >= b for a, b in pairwise(firsts)):
        raise FilmBrokenError("The film's tables contradict each other.")
    return [(b - a, samples) for (a, b), samples in zip(pairwise(firsts), flat[1::3], strict=True)]


def check_samples(index: Index, stbl: bytes, held: list[tuple[int, int]]) -> int:
    """Return how many samples the track has, each of which lies in one of the `held` ranges (start, end).

    Raises
    ------
    FilmCutShortError
        When a chunk lies elsewhere, so that a part of the file is missing.
    FilmBrokenError
        When the tables contradict each other.
    """
    tables = dict(index.inside(stbl))
    sizes = tables.get(b"stsz", b"")
    each, count = number(sizes, 4, 4), number(sizes, 8, 4)
    # 8.7.3: one size for all, or a size for each.
    sums = [] if each else [0, *accumulate(_numbers(sizes, 12, count, 4))]
    offsets = _chunk_offsets(tables)
    done = chunk = 0
    for chunks, samples in _per_chunk(tables.get(b"stsc", b""), len(offsets)):
        for _ in range(chunks):
            until = done + samples
            if until > count:
                raise FilmBrokenError("The film's tables contradict each other.")
            length = samples * each if each else sums[until] - sums[done]
            start = offsets[chunk]
            if not any(low <= start and start + length <= high for low, high in held):
                raise FilmCutShortError("Pictures or sounds that the film's index names are not in the file.")
            done, chunk = until, chunk + 1
    if done != count:
        raise FilmBrokenError("The film's tables contradict each other.")
    return count
