"""Reads the roster's records out of the sealed log: what is under a signed checkpoint, and nothing else.

What is sealed never changes, so a process reads each commit once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Protocol

from bluelamp.audit.prove import LogReader
from bluelamp.roster.past import matters

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

_READERS: Final = 8
_KEPT: Final = 50_000

Record = Mapping[str, Any]
_Bundle = tuple[int, int, int]


class Places(Protocol):
    """Tells where outbox chunks are in the log; the store of posts does."""

    def sealed(self, chunks: Sequence[str], *, consistent: bool = False) -> dict[str, dict[str, Any]]:
        """Return those that a signed checkpoint covers: year, first_seq, n, start and end."""


class SealedRoster:
    """Reads records by the chunks that lines of the table name.

    Parameters
    ----------
    places
        Tells where chunks are.
    evidence
        The bucket of the sealed log.
    """

    def __init__(self, places: Places, evidence: Bucket) -> None:
        self._places = places
        self._evidence = evidence
        self._kept: dict[str, tuple[Record, ...]] = {}

    def __call__(self, chunks: Sequence[str]) -> Mapping[str, Sequence[Record]]:
        """Return the records of those chunks that are sealed, each chunk's in the order of the log."""
        if len(self._kept) + len(chunks) > _KEPT:
            self._kept = {}
        missing = [chunk for chunk in chunks if chunk not in self._kept]
        bundles: dict[_Bundle, list[tuple[str, dict[str, Any]]]] = {}
        for chunk, place in self._places.sealed(missing, consistent=True).items():
            bundles.setdefault((place["year"], place["start"], place["end"]), []).append((chunk, place))
        with ThreadPoolExecutor(_READERS) as readers:
            found = dict(one for part in readers.map(self._read, bundles.items()) for one in part)
        self._kept |= found
        return {chunk: self._kept[chunk] for chunk in chunks if chunk in self._kept}

    def _read(self, part: tuple[_Bundle, list[tuple[str, dict[str, Any]]]]) -> list[tuple[str, tuple[Record, ...]]]:
        (year, start, end), inside = part
        bodies = LogReader(self._evidence, year).leaves((start, end))
        found = []
        for chunk, place in inside:
            first = place["first_seq"] - start
            some = [body for body in bodies[first : first + place["n"]] if matters(body)]
            found.append((chunk, tuple(json.loads(body) for body in some)))
        return found
