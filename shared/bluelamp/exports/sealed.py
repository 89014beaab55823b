"""Records and their proofs out of the sealed log, each year under one signed checkpoint.

Works over the evidence bucket and over a pulled archive alike. What is held in memory is a few bundles and the tiles
that the proofs touch, however many records are taken.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bluelamp.audit import layout
from bluelamp.audit.note import Checkpoint, Note
from bluelamp.audit.proof import TlogProof
from bluelamp.audit.prove import BrokenArchiveError, LogReader
from bluelamp.audit.tree import inclusion_proof

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

_BUNDLES = 16


class SealedYear:
    """One year's log, up to the checkpoint that a bag shows.

    Parameters
    ----------
    bucket
        The evidence bucket, or a pulled archive.
    year
        Which log.
    published
        The last signed checkpoint of that log.
    needed
        How many leaves the bag needs covered. The first checkpoint at or behind it that something outside the force
        vouches for (a timestamp, a witness) is taken, and without one the last that was published.
    """

    def __init__(self, bucket: Bucket, year: int, published: bytes, *, needed: int) -> None:
        self.year = year
        self._bucket = bucket
        self._reader = LogReader(bucket, year)
        self._bundles: OrderedDict[tuple[int, int], list[bytes]] = OrderedDict()
        self.checkpoint = self._anchored(published, needed)
        self.size = size_of(self.checkpoint)

    def record(self, seq: int, bundle: tuple[int, int] | None = None) -> bytes:
        """Return the exact bytes of a record.

        Parameters
        ----------
        bundle
            Start and end of the bundle it lies in, when known: saves a listing.

        Raises
        ------
        BrokenArchiveError
            When the archive does not hold what it must.
        """
        place = bundle or layout.bundle_of(self._reader.bundles(seq, seq + 1), seq)
        if place is None:
            raise BrokenArchiveError(f"no bundle of {self.year} holds record {seq}")
        bodies = self._bundles.pop(place, None)
        if bodies is None:
            name = layout.entries_key(self.year, *place)
            bodies = layout.unpack(self._bucket.get(name))
            if len(bodies) != place[1] - place[0]:
                raise BrokenArchiveError(f"{name} holds {len(bodies)} records")
        self._bundles[place] = bodies
        if len(self._bundles) > _BUNDLES:
            self._bundles.popitem(last=False)
        return bodies[seq - place[0]]

    def proof(self, seq: int) -> bytes:
        """Return the proof (C2SP tlog-proof) that a record stands in the log, ending in the bag's checkpoint."""
        path = inclusion_proof(seq, self.size, lambda level, index: self._reader.node(level, index, self.size))
        return bytes(TlogProof(seq, tuple(path), self.checkpoint))

    def signing_keys(self) -> Iterator[tuple[str, bytes]]:
        """Yield the keys that signed this log, each with its name in a bag."""
        for name in self._bucket.list(f"{self.year:04d}/keys/"):
            parsed = layout.parse_key(name)
            if parsed:
                yield f"{self.year:04d}-{parsed[1]}.vkey", self._bucket.get(name)

    def anchors(self) -> Iterator[tuple[str, bytes]]:
        """Yield what vouches for the checkpoint from outside, each with its name in a bag."""
        token = f"{self.year:04d}/timestamps/{self.size:012d}.tsr"
        if token in self._bucket.list(f"{self.year:04d}/timestamps/", after=token[:-1]):
            yield f"timestamps/{self.year:04d}-{self.size:012d}.tsr", self._bucket.get(token)
        prefix = f"{self.year:04d}/cosignatures/{self.size:012d}/"
        for name in self._bucket.list(prefix):
            if layout.is_anchor(name):
                witness = name.removeprefix(prefix)
                yield f"cosignatures/{self.year:04d}-{self.size:012d}/{witness}", self._bucket.get(name)

    def _anchored(self, published: bytes, needed: int) -> bytes:
        most = size_of(published)
        sizes = set()
        for folder in ("timestamps", "cosignatures"):
            prefix = f"{self.year:04d}/{folder}/"
            for name in self._bucket.list(prefix, after=f"{prefix}{needed:012d}"):
                if layout.is_anchor(name) and needed <= int(name[len(prefix) : len(prefix) + 12]) <= most:
                    sizes.add(int(name[len(prefix) : len(prefix) + 12]))
                    break
        return self._bucket.get(layout.checkpoint_key(self.year, min(sizes))) if sizes else published


def size_of(checkpoint: bytes) -> int:
    """Return how many leaves a signed checkpoint covers."""
    return Checkpoint.parse(Note.parse(checkpoint).text).size
