"""Reads records out of the sealed log, by the places that a post's history names: the archive says what was kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bluelamp.audit.leaf import Content
from bluelamp.audit.prove import LogReader
from bluelamp.retention.model import NotYetError

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.posts.model import Pointer

Place = tuple[str, int]
# These lines of a history point at no content of the post; all others are looked at, whatever types there will be.
EMPTY = frozenset({"view", "prove", "hold", "erase"})


class Places(Protocol):
    """Tells where outbox chunks are in the log; the store of posts does."""

    def sealed(self, chunks: Sequence[str], *, consistent: bool = False) -> dict[str, dict[str, Any]]:
        """Return those that a signed checkpoint covers: year, first_seq, n, start and end."""


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record under lock: the log's year, its number there, and what it says."""

    year: int
    seq: int
    record: dict[str, Any]


class SealedRecords:
    """Reads records, a bundle at a time.

    Parameters
    ----------
    places
        Tells where outbox chunks are in the log.
    evidence
        The bucket of the sealed log.
    """

    def __init__(self, places: Places, evidence: Bucket) -> None:
        self._places = places
        self._evidence = evidence

    def require(self, chunks: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return where the chunks are.

        Raises
        ------
        NotYetError
            When one of them is not under a signed checkpoint.
        """
        places = self._places.sealed(list(dict.fromkeys(chunks)), consistent=True)
        missing = set(chunks) - places.keys()
        if missing:
            raise NotYetError(f"{len(missing)} chunks of records are not sealed yet")
        return places

    def at(self, pointers: Collection[Pointer]) -> dict[str, SealedRecord]:
        """Return the records that lines of a history point at, by their id; raises as `require`."""
        wanted = {(p.chunk, p.i): p.leaf for p in pointers}
        return {wanted[place]: found for place, found in self._read({p.chunk for p in pointers}) if place in wanted}

    def contents(self, pointers: Collection[Pointer]) -> list[Content]:
        """Return all that was kept of a post, as the leaves of its history say; raises as `require`."""
        records = self.at([p for p in pointers if p.type not in EMPTY])
        found = [Content.model_validate(one.record["content"]) for one in records.values() if "content" in one.record]
        return list({(content.pack, content.key_id): content for content in found if content.key_id}.values())

    def of_chunks(self, chunks: Collection[str]) -> list[SealedRecord]:
        """Return every record of some chunks, in their order; raises as `require`."""
        found = dict(self._read(chunks))
        order = {chunk: n for n, chunk in enumerate(chunks)}
        return [found[place] for place in sorted(found, key=lambda place: (order[place[0]], place[1]))]

    def _read(self, chunks: Collection[str]) -> Iterator[tuple[Place, SealedRecord]]:
        bundles: dict[tuple[int, int, int], list[tuple[str, dict[str, Any]]]] = {}
        for chunk, place in self.require(chunks).items():
            bundles.setdefault((place["year"], place["start"], place["end"]), []).append((chunk, place))
        for (year, start, end), inside in bundles.items():
            bodies = LogReader(self._evidence, year).leaves((start, end))
            for chunk, place in inside:
                for i in range(place["n"]):
                    seq = place["first_seq"] + i
                    yield (chunk, i), SealedRecord(year, seq, json.loads(bodies[seq - start]))
