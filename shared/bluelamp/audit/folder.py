"""Reading a folder that somebody handed over: nothing outside it, nothing but plain files, nothing without bound."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from bluelamp.audit.layout import MAX_BUNDLE, MAX_LEAF

# The largest object that the archive can hold: a bundle of the most and longest leaves.
MAX_OBJECT = MAX_BUNDLE * (2 + MAX_LEAF)
_MAX_DEPTH = 16


class FolderError(ValueError):
    """A name in the folder is not a plain file of a sane size that can be read."""


class Folder:
    """The files below a folder, by their names relative to it.

    Parameters
    ----------
    root
        The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self, below: str = "") -> Iterator[str]:
        """Yield in order the names of all that is no folder; a link is a name, and is not followed.

        Raises
        ------
        FolderError
            When a folder cannot be listed.
        """
        if below.count("/") > _MAX_DEPTH:
            raise FolderError(f"{shown(below)} lies deeper than any folder should")
        try:
            with os.scandir(self.root / below) as found:
                entries = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in found)
        except OSError as error:
            raise FolderError(f"{shown(below or '.')} cannot be listed ({error.strerror})") from error
        prefix = f"{below}/" if below else ""
        for name, folder in entries:
            if folder:
                yield from self.names(prefix + name)
            else:
                yield prefix + name

    def top(self) -> tuple[list[str], list[str]]:
        """Return the names directly in the folder: of folders, and of all else."""
        folders: list[str] = []
        others: list[str] = []
        for path in sorted(self.root.iterdir()):
            (folders if stat.S_ISDIR(path.lstat().st_mode) else others).append(path.name)
        return folders, others

    def read(self, name: str, limit: int = MAX_OBJECT) -> bytes | None:
        """Return a file's bytes, or None when there is none.

        Raises
        ------
        FolderError
            When it is a link, no plain file, larger than `limit`, or cannot be read.
        """
        path = self._plain(name)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                raw = file.read(limit + 1)
        except OSError as error:
            raise FolderError(f"cannot be read ({error.strerror})") from error
        if len(raw) > limit:
            raise FolderError(f"has more than {limit} bytes")
        return raw

    def digest(self, name: str, limit: int) -> str | None:
        """Return a file's SHA-256 in hex, or None when there is none.

        Raises
        ------
        FolderError
            When it is a link, no plain file, larger than `limit`, or cannot be read.
        """
        path = self._plain(name)
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                if path.stat().st_size <= limit:
                    return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise FolderError(f"cannot be read ({error.strerror})") from error
        raise FolderError(f"has more than {limit} bytes")

    def _plain(self, name: str) -> Path | None:
        path = self.root / name
        try:
            mode = path.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise FolderError(f"cannot be looked at ({error})") from error
        if stat.S_ISLNK(mode):
            raise FolderError("is a symbolic link")
        if not stat.S_ISREG(mode):
            raise FolderError("is no plain file")
        return path


def shown(name: str) -> str:
    """Return a name as it may be printed: control characters and bytes that are no text are escaped."""
    return name if name.isascii() and name.isprintable() else ascii(name)
