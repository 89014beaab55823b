"""Pulls a part of the archive that can still be checked: whole commits, and the tiles that lead from them to the root.

Times are found by halves: commits are sealed in order, so a few of them are looked at, not all. An account or a person
can only be found by reading the commits of that time; what holds nothing of them is dropped again at the end. Nothing
that comes with a part makes it whole: `selection.json` says what was looked for (`selection`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bluelamp.audit import layout
from bluelamp.audit.archive import WORKERS, OtherSelectionError, Progress, Pulled, Store, open_tiles
from bluelamp.audit.folder import Folder
from bluelamp.audit.prove import BrokenArchiveError, LogReader
from bluelamp.audit.selection import SELECTION, Filter, Matcher, Part, Selection, SelectionError
from bluelamp.audit.tilereader import tiles_for, width
from bluelamp.audit.verify import UNFINISHED, YEAR

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

# Stands behind every name that begins with the same year.
_BEHIND = "~"

Bundle = tuple[int, int]


@dataclass(slots=True)
class _Year:
    """One year's log: its size, the commits of the time that is wanted, and the records found in them."""

    year: int
    size: int
    bundles: list[Bundle]
    start: int
    end: int
    keys: list[str]
    anchors: list[tuple[int, str]] = field(default_factory=list)
    records: list[int] | None = None


def pull_part(
    bucket: Bucket,
    directory: Path,
    wanted: Filter,
    *,
    workers: int = WORKERS,
    progress: Progress = lambda *_: None,
) -> Pulled:
    """Bring what a filter chooses to a directory, with what proves it.

    Parameters
    ----------
    bucket
        The evidence bucket.
    directory
        Where to; made when it is not there. It must not hold another selection, nor a whole archive.
    wanted
        The filter.
    workers
        How many objects are fetched at the same time.
    progress
        Told after each object. When records are chosen, all commits of the time come first, then what proves them.

    Raises
    ------
    OtherSelectionError
        When the folder holds something else.
    BrokenArchiveError
        When a commit's time cannot be read.
    """
    before = _there(directory, wanted)
    store = Store(bucket, directory, wanted, workers=workers, progress=progress)
    years = [found for year in _years(bucket) if (found := _survey(bucket, year, wanted)) is not None]
    everything: list[str] = []
    objects = 0
    for found in years:
        names = [layout.entries_key(found.year, *bundle) for bundle in found.bundles]
        if wanted.by_record and not _chosen_before(found, before.logs.get(found.year)):
            store.bring(names)
            _choose(directory, found, wanted)
        names = _names(found)
        store.bring(names)
        objects += len(names)
        everything += names
        for name, tile in open_tiles(LogReader(bucket, found.year), found.year, found.size):
            store.write(name, tile)
            everything.append(name)
    logs = {y.year: Part(y.size, y.start, y.end, None if y.records is None else tuple(y.records)) for y in years}
    store.write(SELECTION, Selection(wanted, logs).to_bytes())
    store.finish([*everything, SELECTION])
    records = sum(end - start for found in years for start, end in found.bundles)
    selected = sum(len(found.records or ()) for found in years) if wanted.by_record else None
    sizes = {found.year: found.size for found in years}
    return Pulled(objects, store.fetched, store.kept, store.bytes, 0, sizes, records, selected)


def _there(directory: Path, wanted: Filter) -> Selection:
    """Return what the same filter chose here before; another one, or a whole archive, is refused."""
    nothing = Selection(wanted)
    if not directory.is_dir() or (directory / UNFINISHED).is_file():
        return nothing  # the marker itself says what was being pulled
    raw = Folder(directory).read(SELECTION)
    if raw is None:
        if any(YEAR.fullmatch(path.name) for path in directory.iterdir()):
            raise OtherSelectionError(f"{directory} holds a whole archive; name another folder for a part of it")
        return nothing
    try:
        there = Selection.from_bytes(raw)
    except SelectionError as error:
        raise OtherSelectionError(f"{SELECTION} in {directory} {error}; name another folder") from error
    if there.filter != wanted:
        raise OtherSelectionError(f"{directory} was chosen by {there.words}; name another folder for {wanted.words}")
    return there


def _chosen_before(found: _Year, part: Part | None) -> bool:
    """Take over the records that were found before, when nothing has come since."""
    if (
        part is None
        or part.records is None
        or (part.size, part.start, part.end) != (found.size, found.start, found.end)
    ):
        return False
    found.records = list(part.records)
    found.bundles = [b for b in found.bundles if bisect_left(found.records, b[0]) < bisect_left(found.records, b[1])]
    return True


def _years(bucket: Bucket) -> Iterator[int]:
    """Yield the years that have a log, with one short listing for each."""
    after = ""
    while (name := next(iter(bucket.list("", after=after)), None)) is not None:
        year = layout.year_of(name)
        if year is not None:
            yield year
        after = name if year is None else f"{year:04d}/{_BEHIND}"


def _survey(bucket: Bucket, year: int, wanted: Filter) -> _Year | None:
    """Look for the commits of the time that is wanted, or return None for a log without a checkpoint."""
    checkpoints = (layout.parse_checkpoint(name) for name in bucket.list(f"{year:04d}/checkpoints/"))
    size = max((parsed[1] for parsed in checkpoints if parsed), default=0)
    if not size:
        return None
    entries = (layout.parse_entries(name) for name in bucket.list(f"{year:04d}/entries/"))
    bundles = [parsed[1:] for parsed in entries if parsed and parsed[2] <= size]

    sealed = LogReader(bucket, year).sealed_at
    first = bisect_left(bundles, wanted.since, key=sealed) if wanted.since else 0
    # Times are written so that they sort; what follows the last moment is the first that is too late.
    last = bisect_left(bundles, f"{wanted.until}~", key=sealed) if wanted.until else len(bundles)
    chosen = bundles[first:last]
    start = chosen[0][0] if chosen else (bundles[first][0] if first < len(bundles) else size)
    keys = [name for name in bucket.list(f"{year:04d}/keys/") if layout.parse_key(name)]
    found = _Year(year, size, chosen, start, chosen[-1][1] if chosen else start, keys)
    found.anchors = list(_anchors(bucket, year, found.end, size))
    return found


def _anchors(bucket: Bucket, year: int, end: int, size: int) -> Iterator[tuple[int, str]]:
    """Yield the first token and the first cosignatures that cover all of the range."""
    for kind in (layout.TIMESTAMPS, layout.COSIGNATURES):
        prefix = f"{year:04d}/{kind}/"
        first: int | None = None
        for name in bucket.list(prefix, after=f"{prefix}{end:012d}" if end else ""):
            anchor = layout.anchor_of(name)
            if anchor is None or anchor[1] < end:
                continue
            if anchor[1] > size or (first is not None and anchor[1] != first):
                break
            first = anchor[1]
            yield first, name


def _choose(directory: Path, found: _Year, wanted: Filter) -> None:
    """Find the records that are meant, and keep only the commits that hold one."""
    matcher = Matcher(wanted)
    for bundle in found.bundles:
        matcher.note(_bodies(directory, found.year, bundle))
    found.records = []
    kept: list[Bundle] = []
    for bundle in found.bundles:
        mine = [n for n, body in enumerate(_bodies(directory, found.year, bundle), bundle[0]) if matcher.matches(body)]
        found.records += mine
        if mine:
            kept.append(bundle)
    found.bundles = kept


def _bodies(directory: Path, year: int, bundle: Bundle) -> Sequence[bytes]:
    name = layout.entries_key(year, *bundle)
    try:
        return layout.unpack((directory / name).read_bytes())
    except layout.FramingError as error:
        raise BrokenArchiveError(f"{name} cannot be read: {error}") from error


def _names(found: _Year) -> list[str]:
    """Return the objects of one year that a part needs, the open tiles left out."""
    year, size = found.year, found.size
    ends = {end for _, end in found.bundles} | {at for at, _ in found.anchors} | {size}
    spans = [*found.bundles, *((end - 1, end) for end in ends)]
    names = [layout.entries_key(year, *bundle) for bundle in found.bundles]
    names += [layout.checkpoint_key(year, end) for end in sorted(ends)]
    tiles = sorted(tiles_for(spans, size))
    names += [layout.tile_key(year, *tile) for tile in tiles if width(*tile, size) == layout.TILE]
    return [*names, *found.keys, *(name for _, name in found.anchors)]
