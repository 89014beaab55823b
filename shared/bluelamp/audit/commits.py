"""The commits of a pulled archive, read from the folder one by one: for what looks at records and proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bluelamp.audit import layout
from bluelamp.audit.folder import Folder, FolderError
from bluelamp.audit.selection import sealed_at
from bluelamp.errors import BluelampError

_YEAR = 4


class UnreadableArchiveError(BluelampError):
    """The folder holds no archive, or one that cannot be read; `bluelamp archive verify` says what is the matter."""

    code = "unreadable_archive"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: the places of its records in the log, when it was sealed, and its records' exact bytes."""

    year: int
    start: int
    end: int
    sealed_at: str
    bodies: tuple[bytes, ...]


Bundle = tuple[int, int, int]


def bundles(directory: Path) -> list[Bundle]:
    """Return year, start and end of each commit in the folder, in order.

    Raises
    ------
    UnreadableArchiveError
        When there is none.
    """
    folder = Folder(directory)
    found: list[Bundle] = []
    try:
        years = [name for name in folder.top()[0] if name.isascii() and name.isdigit() and len(name) == _YEAR]
        for year in years:
            names = folder.names(f"{year}/entries") if (directory / year / "entries").is_dir() else iter(())
            found += [parsed for name in names if (parsed := layout.parse_entries(name))]
    except (FolderError, OSError) as error:
        raise UnreadableArchiveError(f"{directory}: {error}") from error
    if not found:
        raise UnreadableArchiveError(f"{directory} holds no records of an archive; `bluelamp archive pull` brings them")
    return found


def read(directory: Path, bundle: Bundle) -> Commit:
    """Return a commit.

    Raises
    ------
    UnreadableArchiveError
        When its records cannot be read.
    """
    name = layout.entries_key(*bundle)
    try:
        bodies = layout.unpack(Folder(directory).read(name) or b"")
    except (FolderError, layout.FramingError) as error:
        raise UnreadableArchiveError(f"{name}: {error}; `bluelamp archive verify {directory}` says more") from error
    if len(bodies) != bundle[2] - bundle[1]:
        raise UnreadableArchiveError(
            f"{name} holds {len(bodies)} records; `bluelamp archive verify {directory}` says more"
        )
    return Commit(*bundle, sealed_at(bodies[0]), tuple(bodies))


def commits(directory: Path) -> Iterator[Commit]:
    """Yield the commits in order.

    Raises
    ------
    UnreadableArchiveError
        As `bundles` and `read`.
    """
    for bundle in bundles(directory):
        yield read(directory, bundle)
