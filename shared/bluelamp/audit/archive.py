"""The archive on a disk: pulled from the bucket under its objects' own names, resumable at any point.

Objects never change once they are there, so a file is taken over when its digest is still the one noted when it was
fetched. The list of digests (``manifest-sha256.txt``, as in BagIt) lies beside the years' folders. Pulling ends at the
last checkpoint that was there when it began: an archive pulled from a living log is whole up to a signed head. Until
all has come a marker lies in the folder, so that nobody takes half an archive for a damaged one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bluelamp.audit import layout
from bluelamp.audit.manifest import MANIFEST, read_manifest, write_manifest
from bluelamp.audit.prove import BrokenArchiveError, LogReader
from bluelamp.audit.selection import SELECTION, Filter
from bluelamp.audit.tilereader import edge_tiles
from bluelamp.audit.tree import TILE_HEIGHT
from bluelamp.audit.verify import UNFINISHED
from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

WORKERS = 8
_PART = ".part"

# Called after each object with its number from 1, how many there are, and how many bytes were fetched for it.
Progress = Callable[[int, int, int], None]


class OtherSelectionError(BluelampError):
    """The folder holds an archive that was chosen in another way; two of them would be neither."""

    code = "other_selection"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did; `foreign` are objects whose names are none of the archive's, left where they are.

    `records` says how many records are here, `selected` how many of them were asked for one by one.
    """

    objects: int
    fetched: int
    kept: int
    bytes: int
    foreign: int
    sizes: dict[int, int]
    records: int = 0
    selected: int | None = None


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


class Store:
    """The folder that a pull fills, with its list of digests and its marker.

    Parameters
    ----------
    bucket
        Where the objects come from.
    directory
        The folder; made when it is not there.
    wanted
        What the archive is chosen by; None for all of it.
    workers
        How many objects are fetched at the same time.
    progress
        Told after each object.

    Raises
    ------
    OtherSelectionError
        When the folder holds an archive that was chosen in another way.
    """

    def __init__(
        self, bucket: Bucket, directory: Path, wanted: Filter | None, *, workers: int, progress: Progress
    ) -> None:
        self.directory = directory
        self.fetched = self.kept = self.bytes = 0
        self._bucket = bucket
        self._workers = workers
        self._progress = progress
        self._digests = _noted(directory)
        directory.mkdir(parents=True, exist_ok=True)
        marker = directory / UNFINISHED
        said = wanted.words if wanted else "everything"
        if marker.is_file() and marker.read_text(encoding="utf-8") != said:
            raise OtherSelectionError(
                f"a pull of {marker.read_text(encoding='utf-8')!r} into {directory} was stopped; "
                "finish that one, or name another folder"
            )
        marker.write_text(said, encoding="utf-8")

    def bring(self, names: Sequence[str]) -> None:
        """Fetch what is not here yet, or not any more as it was fetched."""
        with (self.directory / MANIFEST).open("a", encoding="ascii") as manifest:
            for number, (name, digest, length) in enumerate(_spread(self._bring, names, self._workers), 1):
                if length:
                    manifest.write(f"{digest}  {name}\n")
                    self._digests[name] = digest
                    self.fetched, self.bytes = self.fetched + 1, self.bytes + length
                else:
                    self.kept += 1
                self._progress(number, len(names), length)

    def write(self, name: str, body: bytes) -> None:
        """Write a file that does not come out of the bucket."""
        self._digests[name] = hashlib.sha256(body).hexdigest()
        _replace(self.directory / name, body)

    def finish(self, names: Iterable[str]) -> None:
        """Leave just these files of the archive in the folder, list their digests, and take the marker away."""
        kept = set(names)
        for path in sorted(self.directory.glob("[0-9][0-9][0-9][0-9]/**/*"), reverse=True):
            name = path.relative_to(self.directory).as_posix()
            if path.is_dir() and not path.is_symlink():
                if not any(path.iterdir()):
                    path.rmdir()
            elif name not in kept and layout.year_of(name.removesuffix(_PART)) is not None:
                path.unlink()
        if SELECTION not in kept:
            (self.directory / SELECTION).unlink(missing_ok=True)
        _replace(self.directory / MANIFEST, write_manifest({name: self._digests[name] for name in kept}))
        (self.directory / UNFINISHED).unlink()

    def _bring(self, name: str) -> tuple[str, str, int]:
        target = self.directory / name
        known = self._digests.get(name)
        if known and target.is_file() and not target.is_symlink() and _digest(target) == known:
            return name, known, 0
        body = self._bucket.get(name)
        _replace(target, body)
        return name, hashlib.sha256(body).hexdigest(), len(body)


def pull(bucket: Bucket, directory: Path, *, workers: int = WORKERS, progress: Progress = lambda *_: None) -> Pulled:
    """Bring the whole archive to a directory; what a pull before has brought is checked by its digest and kept.

    Parameters
    ----------
    bucket
        The evidence bucket.
    directory
        Where to; made when it is not there. A partial archive there becomes whole.
    workers
        How many objects are fetched at the same time.
    progress
        Told after each object.

    Raises
    ------
    OtherSelectionError
        When a pull of a part was stopped in this folder.
    """
    store = Store(bucket, directory, None, workers=workers, progress=progress)
    names, foreign, sizes = _wanted(bucket)
    store.bring(names)
    everything = list(names)
    for year, total in sizes.items():
        local = LogReader(cast("Bucket", DirectoryBucket(directory)), year)
        for name, tile in open_tiles(local, year, total):
            store.write(name, tile)
            everything.append(name)
    store.finish(everything)
    return Pulled(len(names), store.fetched, store.kept, store.bytes, foreign, sizes, sum(sizes.values()))


def open_tiles(reader: LogReader, year: int, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield the open tiles of the right edge, which the bucket does not hold (C2SP tlog-tiles, ``.p`` names).

    With them each record's hash lies beside the archive, so that damage to it later is named to the record.
    """
    for level, number in edge_tiles(size):
        begin, entries = number * layout.TILE, size >> (TILE_HEIGHT * level)
        try:
            row = reader.row(level, begin, entries, size)
        except (BrokenArchiveError, ObjectMissingError, layout.FramingError):
            return  # what is broken in the bucket is for the verifier to say
        yield layout.tile_key(year, level, number, entries - begin), b"".join(row)


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
    anchor = layout.anchor_of(name)
    return anchor[1] if anchor else 0


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


def _noted(directory: Path) -> dict[str, str]:
    """Return the digests noted so far; a last line cut by a kill is passed over, and of two the later counts."""
    path = directory / MANIFEST
    if not path.is_file():
        return {}
    known: dict[str, str] = {}
    for line in path.read_bytes().splitlines(keepends=True):
        known |= read_manifest(line)[0]
    return known


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace(target: Path, body: bytes) -> None:
    """Write a file so that it is there as a whole or not at all."""
    part = target.with_name(target.name + _PART)
    target.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(body)
    part.replace(target)
