"""What has to be compared across a whole log, without keeping the log in memory.

Whether an id comes twice, or the revisions of an object follow one another, may be decided by records that lie a
million apart. So the few bytes that the question needs are set down under the hash of their key, in parts by its first
byte, and each part is looked at by itself at the end. Beyond a bound the parts lie in an unnamed temporary file.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from typing import IO, Any

PARTS = 256
BOUND = 6 * 1024 * 1024
_KEY = 16

Row = tuple[Any, ...]


class Ledger:
    """Rows of one fixed form, found again by their key in the order in which they were added.

    Parameters
    ----------
    form
        The values of a row as `struct` writes them, without byte order: ``"HQ"``.
    bound
        How many bytes are held in memory before they are written out.
    """

    def __init__(self, form: str, *, bound: int = BOUND) -> None:
        self._row = struct.Struct(f">{_KEY}s{form}")
        self._bound = bound
        self._held: list[bytearray] = [bytearray() for _ in range(PARTS)]
        self._size = 0
        self._written: list[list[tuple[int, int]]] = [[] for _ in range(PARTS)]
        self._file: IO[bytes] | None = None

    def add(self, key: str, *values: Any) -> None:
        """Set down a row.

        Raises
        ------
        struct.error
            When a value does not fit the form.
        """
        digest = sha256(key.encode("utf-8", "surrogatepass")).digest()[:_KEY]
        self._held[digest[0]] += self._row.pack(digest, *values)
        self._size += self._row.size
        if self._size >= self._bound:
            self._write_out()

    def groups(self) -> Iterator[list[Row]]:
        """Yield the rows of each key together, oldest first; the keys come in no order that means anything."""
        for part, held in enumerate(self._held):
            found: dict[bytes, list[Row]] = {}
            for raw in (*self._chunks(part), bytes(held)):
                for key, *row in self._row.iter_unpack(raw):
                    found.setdefault(key, []).append(tuple(row))
            yield from found.values()

    def close(self) -> None:
        """Give the temporary file back."""
        if self._file is not None:
            self._file.close()

    def _write_out(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="bluelamp-verify-")  # noqa: SIM115 -- lives as long as this
        place = self._file.seek(0, 2)
        for part, held in enumerate(self._held):
            if held:
                self._file.write(held)
                self._written[part].append((place, len(held)))
                place += len(held)
                held.clear()
        self._size = 0

    def _chunks(self, part: int) -> Iterator[bytes]:
        for place, length in self._written[part]:
            assert self._file is not None  # noqa: S101 -- something was written
            self._file.seek(place)
            yield self._file.read(length)
