"""The outbox: the leaves of a state change, written in the very transaction that changes the state.

So there is no change without its record and no record without its change. The leaves of one transaction form one chunk,
one item; the sequencer takes chunks in the order of their ids and gives each its sequence numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from bluelamp.audit.layout import MAX_COMMIT_LEAVES, FramingError, pack, unpack
from bluelamp.audit.leaf import Leaf
from bluelamp.cloud.dynamodb import Absent, Item, Key, Put
from bluelamp.errors import TooLargeError
from bluelamp.ids import new_ulid

SHARDS = 4
SCHEMA = 1
MAX_CHUNK = 64 * 1024
MAX_UNPACKED = 4 * 1024 * 1024
MAX_DELAY = 900
# The characters of a ULID that tell its time.
_CLOCK = 10
# Level 1 costs a quarter of level 6 and, on leaves (mostly hashes), gives up a few per cent.
_ZLIB_LEVEL = 1


ReleaseQueue = Literal["action", "bulk", "disposal", "incident", "publish"]


@dataclass(frozen=True, slots=True)
class Release:
    """A message to a queue, the action queue unless another is named, sent once the chunk's leaf `index` is sealed.

    The sequencer adds `seq` and `year` of that leaf to `body`.
    """

    index: int
    body: dict[str, Any]
    delay_seconds: int = 0
    queue: ReleaseQueue = "action"


@dataclass(frozen=True, slots=True)
class Chunk:
    """The leaves of one transaction."""

    id: str
    leaves: tuple[Leaf, ...]
    releases: tuple[Release, ...] = ()
    data: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, leaves: Sequence[Leaf], releases: Sequence[Release] = ()) -> Self:
        """Gather the leaves of one transaction.

        Raises
        ------
        TooLargeError
            When they are more than 64 KB compressed or more than a commit takes; split the transaction.
        ValueError
            Without leaves, or when a release points at no leaf.
        """
        if not leaves:
            raise ValueError("a chunk needs at least one leaf")
        for release in releases:
            if not 0 <= release.index < len(leaves) or not 0 <= release.delay_seconds <= MAX_DELAY:
                raise ValueError(f"release {release.index} after {release.delay_seconds} s fits no leaf or no queue")
        packed = pack(leaf.body for leaf in leaves)
        data = zlib.compress(packed, _ZLIB_LEVEL)
        if len(data) > MAX_CHUNK or len(packed) > MAX_UNPACKED or len(leaves) > MAX_COMMIT_LEAVES:
            raise TooLargeError(
                f"{len(leaves)} leaves take {len(data)} bytes, a chunk {MAX_CHUNK}; use smaller transactions"
            )
        return cls(new_ulid(), tuple(leaves), tuple(releases), data)

    def put(self) -> Put:
        """Return the write that belongs into the transaction of the state change."""
        pk, sk = outbox_key(self.id)
        item: Item = {"pk": pk, "sk": sk, "rev": 1, "schema": SCHEMA, "n": len(self.leaves), "data": self.data}
        if self.releases:
            item["releases"] = [
                {"index": r.index, "body": r.body, "delay_seconds": r.delay_seconds, "queue": r.queue}
                for r in self.releases
            ]
        return Put(item, Absent())

    def ahead(self, place: int = 0) -> Self:
        """Return this chunk under an id from before all clocks: the next commit begins with it, whatever else waits."""
        fresh = new_ulid()
        return replace(self, id=f"{'0' * _CLOCK}{place:04d}{fresh[_CLOCK + 4 :]}")

    def pointer(self, index: int) -> dict[str, Any]:
        """Return what a domain item keeps to find leaf `index` again, sealed or not."""
        leaf = self.leaves[index]
        return {"chunk": self.id, "i": index, "leaf": leaf.id, "type": leaf.type, "at": leaf.at}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chunk as read back from the outbox; its leaves stay packed until a commit takes them."""

    id: str
    n: int
    data: bytes = field(repr=False)
    releases: tuple[Release, ...]

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Read a chunk from its item."""
        releases = tuple(
            Release(r["index"], r["body"], r["delay_seconds"], r.get("queue", "action"))
            for r in item.get("releases", ())
        )
        return cls(item["sk"], item["n"], item["data"], releases)

    def bodies(self) -> list[bytes]:
        """Return the leaves' bodies.

        Raises
        ------
        FramingError
            When the item was changed from outside.
        """
        bodies = unpack(zlib.decompressobj().decompress(self.data, MAX_UNPACKED))
        if len(bodies) != self.n:
            raise FramingError(f"chunk {self.id} holds {len(bodies)} leaves and says {self.n}")
        return bodies


def shard_of(chunk_id: str) -> int:
    """Return the shard of a chunk: its id's last character, so that even ids of one millisecond spread."""
    return "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(chunk_id[-1]) % SHARDS


def outbox_pk(shard: int) -> str:
    """Return the partition of a shard."""
    return f"OUTBOX#{shard}"


def outbox_key(chunk_id: str) -> Key:
    """Return the key of a chunk while it waits."""
    return (outbox_pk(shard_of(chunk_id)), chunk_id)


def sequence_key(chunk_id: str) -> Key:
    """Return the key of the item that says where a chunk was sequenced; it stays for ever."""
    return (f"CHUNK#{chunk_id}", "SEQ")
