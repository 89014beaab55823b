"""The archive on a disk: pulled from the bucket under its objects' own names, resumable at any point.

Objects never change once they are there, so a file is taken over when its digest is still the one noted when it was
fetched. The list of digests (``manifest-sha256.txt``, as in BagIt) lies beside the years' folders. Pulling ends at the
last checkpoint that was there when it began: an archive pulled from a living log is whole up to a signed head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bluelamp.audit import layout
from bluelamp.audit.prove import BrokenArchiveError, LogReader
from bluelamp.audit.tree import TILE_HEIGHT
from bluelamp.cloud.s3 import ObjectMissingError

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

MANIFEST = "manifest-sha256.txt"
WORKERS = 8

# Called after each object with its number from 1, how many there are, and how many bytes were fetched for it.
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What `pull` did; `foreign` are objects whose names are none of the archive's, left where they are."""

    objects: int
    fetched: int
    kept: int
    bytes: int
    foreign: int
    sizes: dict[int, int]


class DirectoryBucket:
    """A pulled archive, read as a bucket is.

    Parameters
    ----------
    directory
        Where it lies.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.name = str(directory)

    def get(self, key: str) -> bytes:
        """Return an object's bytes; see `Bucket.get`."""
        try:
            return (self._directory / key).read_bytes()
        except FileNotFoundError as error:
            raise ObjectMissingError(f"{key} is not in {self._directory}") from error

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[str]:
        """Yield the names below the folder `prefix`, in order; see `Bucket.list`."""
        found = (p.relative_to(self._directory).as_posix() for p in (self._directory / prefix).rglob("*"))
        return iter(sorted(name for name in found if name > after))


def pull(bucket: Bucket, directory: Path, *, workers: int = WORKERS, progress: Progress = lambda *_: None) -> Pulled:
    """Bring the archive to a directory; what a pull before has brought is checked by its digest and kept.

    Parameters
    ----------
    bucket
        The evidence bucket.
    directory
        Where to; made when it is not there.
    workers
        How many objects are fetched at the same time.
    progress
        Told after each object.
    """
    directory.mkdir(parents=True, exist_ok=True)
    names, foreign, sizes = _wanted(bucket)
    known = _read_manifest(directory)
    fetched = kept = size = 0

    def bring(name: str) -> tuple[str, str, int]:
        target = directory / name
        if name in known and target.is_file() and _digest(target) == known[name]:
            return name, known[name], 0
        body = bucket.get(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        part.write_bytes(body)
        part.replace(target)
        return name, hashlib.sha256(body).hexdigest(), len(body)

    with (directory / MANIFEST).open("a", encoding="ascii") as manifest:
        for number, (name, digest, length) in enumerate(_spread(bring, names, workers), 1):
            if length:
                manifest.write(f"{digest}  {name}\n")
                fetched, size = fetched + 1, size + length
            else:
                kept += 1
            progress(number, len(names), length)
    for year, total in sizes.items():
        _write_partial_tiles(directory, year, total)
    return Pulled(len(names), fetched, kept, size, foreign, sizes)


def _wanted(bucket: Bucket) -> tuple[list[str], int, dict[int, int]]:
    """Return the names to fetch, how many are foreign, and each year's size at its last checkpoint.

    ``checkpoints`` sorts before ``entries`` and ``tile``, and a checkpoint is put after all that it covers: so whatever
    checkpoint the listing meets, it meets what that covers too.
    """
    names: list[str] = []
    sizes: dict[int, int] = {}
    foreign = 0
    for name in bucket.list():
        year = layout.year_of(name)
        if year is None:
            foreign += 1
            continue
        if checkpoint := layout.parse_checkpoint(name):
            sizes[year] = max(sizes.get(year, 0), checkpoint[1])
        if _end(name) <= sizes.get(year, 0):
            names.append(name)
    return names, foreign, sizes


def _end(name: str) -> int:
    """Return how many leaves a log has, at the least, when this object belongs to it."""
    if entries := layout.parse_entries(name):
        return entries[2]
    if tile := layout.parse_tile(name):
        _, level, number, width = tile
        return (number * layout.TILE + width) << (TILE_HEIGHT * level)
    return 0


def _spread(
    bring: Callable[[str], tuple[str, str, int]], names: Sequence[str], workers: int
) -> Iterator[tuple[str, str, int]]:
    """Run `bring` for all names, several at a time and never more than a few ahead."""
    left = iter(names)
    with ThreadPoolExecutor(workers) as pool:
        running: set[Future[tuple[str, str, int]]] = {pool.submit(bring, n) for n in islice(left, 4 * workers)}
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {pool.submit(bring, n) for n in islice(left, len(done))}
                for future in done:
                    yield future.result()
        finally:
            for future in running:
                future.cancel()


def _read_manifest(directory: Path) -> dict[str, str]:
    """Return the digests noted so far; a last line cut by a kill is passed over."""
    known: dict[str, str] = {}
    path = directory / MANIFEST
    if path.is_file():
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            digest, _, name = line.partition("  ")
            known[name] = digest
    return known


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_partial_tiles(directory: Path, year: int, size: int) -> None:
    """Write the open tiles of the right edge, which the bucket does not hold (C2SP tlog-tiles, ``.p`` names).

    With them each record's hash lies beside the archive, so that damage to it later is named to the record.
    """
    for stale in list((directory / f"{year:04d}" / "tile").rglob("*.p")):
        for path in stale.iterdir():
            path.unlink()
        stale.rmdir()
    reader = LogReader(cast("Bucket", DirectoryBucket(directory)), year)
    level = 0
    while entries := size >> (TILE_HEIGHT * level):
        begin, width = entries - entries % layout.TILE, entries % layout.TILE
        if width:
            try:
                row = reader.row(level, begin, entries, size)
            except (BrokenArchiveError, ObjectMissingError, layout.FramingError):
                return  # what is broken in the bucket is for the verifier to say
            path = directory / layout.tile_key(year, level, begin // layout.TILE, width)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(row))
        level += 1
