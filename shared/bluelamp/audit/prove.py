"""A record's place in the log, proven from what the archive holds: for the API, and for whoever checks one record."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.audit import layout
from bluelamp.audit.head import Head, read_head
from bluelamp.audit.note import Checkpoint, Note, NoteError, encode_base64
from bluelamp.audit.outbox import sequence_key
from bluelamp.audit.tree import (
    HASH,
    TILE_HEIGHT,
    ProofError,
    check_inclusion,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    perfect_root,
)
from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.errors import BluelampError, NotFoundError
from bluelamp.times import parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Table
    from bluelamp.cloud.s3 import Bucket

_READERS = 8
# A commit leaf with the last checkpoint of the year before has under 3 KB.
_LEAD = 8 * 1024
# So many leaves are looked through by the names of their bundles; more are halved first.
_NEAR = 2_000


class BrokenArchiveError(BluelampError):
    """An object of the archive is missing or has not the bytes that it must have."""

    code = "broken_archive"


@dataclass(frozen=True, slots=True)
class Proof:
    """That the leaf is number `index` of the log whose signed checkpoint is beside it."""

    origin: str
    checkpoint: str
    index: int
    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    vkey: str

    def as_json(self) -> dict[str, Any]:
        """Return the proof as the API serves it, bytes in base64."""
        return {
            "origin": self.origin,
            "checkpoint": self.checkpoint,
            "index": self.index,
            "size": self.size,
            "leaf": encode_base64(self.leaf),
            "proof": [encode_base64(h) for h in self.path],
            "vkey": self.vkey,
        }


class LogReader:
    """Reads hashes of one year's log: full tiles as they lie, the right edge out of the bundles.

    Parameters
    ----------
    bucket
        The evidence bucket.
    year
        Which log.
    """

    def __init__(self, bucket: Bucket, year: int) -> None:
        self._bucket = bucket
        self._year = year
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._bundles: dict[tuple[int, int], list[bytes]] = {}

    def bundles(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the bundles, as start and end, that hold any of the leaves `start` to `end`."""
        prefix = f"{self._year:04d}/entries/"
        after = f"{prefix}{max(0, start - layout.MAX_BUNDLE):012d}"
        found: list[tuple[int, int]] = []
        for name in self._bucket.list(prefix, after=after):
            parsed = layout.parse_entries(name)
            if parsed is None or parsed[2] <= start:
                continue
            if parsed[1] >= end:
                break
            found.append(parsed[1:])
        return found

    def bundle_of(self, seq: int) -> tuple[int, int]:
        """Return the bundle, as start and end, that holds leaf `seq`.

        Raises
        ------
        BrokenArchiveError
            When there is none.
        """
        found = layout.bundle_of(self.bundles(seq, seq + 1), seq)
        if found is None:
            raise BrokenArchiveError(f"no bundle of {self._year} holds leaf {seq}")
        return found

    def leaves(self, bundle: tuple[int, int]) -> list[bytes]:
        """Return the bodies in a bundle."""
        if bundle not in self._bundles:
            name = layout.entries_key(self._year, *bundle)
            try:
                bodies = layout.unpack(self._object(name))
            except layout.FramingError as error:
                raise BrokenArchiveError(f"{name} cannot be read: {error}") from error
            if len(bodies) != bundle[1] - bundle[0]:
                raise BrokenArchiveError(f"{name} holds {len(bodies)} leaves")
            self._bundles[bundle] = bodies
        return self._bundles[bundle]

    def sealed_at(self, bundle: tuple[int, int]) -> str:
        """Return when a commit was sealed, out of its first bytes.

        Raises
        ------
        BrokenArchiveError
            When it does not begin with a leaf that says so.
        """
        name = layout.entries_key(self._year, *bundle)
        try:
            raw = self._bucket.get_range(name, 0, _LEAD)
        except ObjectMissingError as error:
            raise BrokenArchiveError(f"{name} is missing") from error
        try:
            said = json.loads(raw[2 : 2 + int.from_bytes(raw[:2], "big")])["seal"]["sealed_at"]
            parse_iso(said)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BrokenArchiveError(f"{name} does not begin with a commit that says when it was sealed") from error
        return str(said)

    def first_sealed_since(self, moment: str, size: int) -> int:
        """Return where the first commit begins that was sealed at `moment` or later; `size` when there is none.

        Commits are sealed in order and their times sort as text: a few dozen are looked at, however long the log is.

        Parameters
        ----------
        moment
            As `times.iso` writes it.
        size
            How many leaves are published.
        """
        low, high = 0, size
        while high - low > _NEAR:
            middle = (low + high) // 2
            found = self.bundle_of(middle)
            low, high = (found[1], high) if self.sealed_at(found) < moment else (low, found[0])
        near = self.bundles(low, high)
        place = bisect_left(near, moment, key=self.sealed_at)
        return near[place][0] if place < len(near) else high

    def _object(self, name: str) -> bytes:
        try:
            return self._bucket.get(name)
        except ObjectMissingError as error:
            raise BrokenArchiveError(f"{name} is missing") from error

    def row(self, level: int, start: int, end: int, size: int) -> list[bytes]:
        """Return the entries `start` to `end` of a tile level, for a log of which `size` leaves are published.

        Entry i of level L is the root over the leaves from i·256^L to (i+1)·256^L; `start` is where a tile begins.
        """
        row: list[bytes] = []
        numbers = range(start // layout.TILE, -(-end // layout.TILE))
        for entries in self._each([(level, number) for number in numbers], size):
            row += entries
        return row[: end - start]

    def node(self, level: int, index: int, size: int) -> bytes:
        """Return the root of a perfect subtree, as `tree.NodeSource` wants it."""
        height = level % TILE_HEIGHT
        first = index << height
        tile = self._entries(level // TILE_HEIGHT, first // layout.TILE, size)
        place = first % layout.TILE
        return perfect_root(tile[place : place + (1 << height)])

    def _each(self, wanted: Sequence[tuple[int, int]], size: int) -> list[list[bytes]]:
        if len(wanted) < _READERS:
            return [self._entries(level, number, size) for level, number in wanted]
        with ThreadPoolExecutor(_READERS) as readers:
            return list(readers.map(lambda tile: self._entries(tile[0], tile[1], size), wanted))

    def _entries(self, level: int, number: int, size: int) -> list[bytes]:
        """Return the entries of a tile, as far as `size` leaves fill it."""
        known = self._tiles.get((level, number))
        if known is not None:
            return known
        start = number * layout.TILE
        width = min(layout.TILE, (size >> (TILE_HEIGHT * level)) - start)
        if width == layout.TILE:
            entries = self._full(level, number)
        elif level == 0:
            entries = self._partial(start, start + width)
        else:
            below = self._each([(level - 1, start + place) for place in range(width)], size)
            entries = [perfect_root(tile) for tile in below]
        self._tiles[(level, number)] = entries
        return entries

    def _full(self, level: int, number: int) -> list[bytes]:
        name = layout.tile_key(self._year, level, number)
        tile = self._object(name)
        if len(tile) != layout.TILE * HASH:
            raise BrokenArchiveError(f"{name} has {len(tile)} bytes")
        return [tile[i : i + HASH] for i in range(0, len(tile), HASH)]

    def _partial(self, start: int, end: int) -> list[bytes]:
        row: list[bytes] = []
        for bundle in self.bundles(start, end):
            hashes = leaf_hashes(self.leaves(bundle))
            row += hashes[max(0, start - bundle[0]) : end - bundle[0]]
        if len(row) != end - start:
            raise BrokenArchiveError(f"the bundles of {self._year} hold {len(row)} of the leaves {start} to {end}")
        return row


def published(head: Head) -> Checkpoint | None:
    """Return the last checkpoint of a log, or None before there is one.

    Raises
    ------
    BrokenArchiveError
        When it cannot be read.
    """
    if not head.checkpoint:
        return None
    try:
        return Checkpoint.parse(Note.parse(head.checkpoint.encode()).text)
    except NoteError as error:
        raise BrokenArchiveError(f"the last checkpoint of {head.year} cannot be read: {error}") from error


def prove(bucket: Bucket, head: Head, seq: int, bundle: tuple[int, int] | None = None) -> Proof:
    """Prove that leaf `seq` stands in the log, under the last published checkpoint.

    Parameters
    ----------
    bucket
        The evidence bucket.
    head
        The log's head, as `head.read_head` gives it.
    seq
        Which leaf.
    bundle
        Start and end of the bundle it lies in, when known: saves a listing.

    Raises
    ------
    NotFoundError
        When that leaf is not sealed yet.
    BrokenArchiveError
        When the archive does not hold what it must, or the record is not what was sealed.
    """
    signed = published(head)
    size = signed.size if signed else 0
    if signed is None or not 0 <= seq < size:
        raise NotFoundError(f"record {seq} of {head.year} is not sealed yet; ask again in a few seconds")
    reader = LogReader(bucket, head.year)
    place = bundle or reader.bundle_of(seq)
    leaf = reader.leaves(place)[seq - place[0]]
    path = inclusion_proof(seq, size, lambda level, index: reader.node(level, index, size))
    try:
        check_inclusion(leaf_hash(leaf), seq, size, path, signed.root)
    except ProofError as error:
        name = layout.entries_key(head.year, *place)
        raise BrokenArchiveError(f"record {seq} of {name} does not lead to the root that was signed") from error
    return Proof(head.origin, head.checkpoint, seq, size, leaf, tuple(path), head.vkey)


def prove_pointer(table: Table, bucket: Bucket, chunk_id: str, index: int) -> Proof:
    """Prove the leaf that a pointer (`Chunk.pointer`) names.

    Raises
    ------
    NotFoundError
        When it is not sealed yet.
    """
    where = table.get(sequence_key(chunk_id), consistent=True)
    head = read_head(table, where["year"]) if where else None
    if where is None or head is None or not 0 <= index < where["n"]:
        raise NotFoundError(f"record {index} of chunk {chunk_id} is not sealed yet; ask again in a few seconds")
    return prove(bucket, head, where["first_seq"] + index, (where["start"], where["end"]))
