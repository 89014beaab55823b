"""The archive in the bucket, read commit by commit and proven on the way: a lost or restored table is rebuilt from it.

Nothing that it returns was merely read. Each bundle leads from the root before it to the root that its checkpoint
signs, under a key that the caller knows; what does not is an error that names the object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bluelamp.audit import layout
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.prove import BrokenArchiveError, LogReader
from bluelamp.audit.tree import Edge, leaf_hashes
from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

READERS = 8
_AT_ONCE = 64
# How many years around the present are looked at for a log.
_YEARS = 20


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it lies in the archive, and the key that signed it."""

    note: str
    checkpoint: Checkpoint
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the archive. `signed` is None for a bundle whose writer was killed before its checkpoint."""

    year: int
    start: int
    bodies: tuple[bytes, ...]
    before: Edge
    edge: Edge
    signed: Signed | None

    @property
    def end(self) -> int:
        """The size of the log with it."""
        return self.edge.size

    @property
    def sealed_at(self) -> str:
        """When it was sealed, as its commit leaf says."""
        return str(json.loads(self.bodies[0])["seal"]["sealed_at"])

    @property
    def closes(self) -> bool:
        """Whether it ends its year."""
        return len(self.bodies) > 1 and json.loads(self.bodies[-1])["type"] == "close"


class Survey:
    """Reads and proves an archive.

    Parameters
    ----------
    bucket
        The evidence bucket.
    origin
        ``<domain>/bluelamp/<force>``; a log of another origin is refused.
    publics
        The public keys that may have signed. Without any, the keys that lie in the archive are believed.
    """

    def __init__(self, bucket: Bucket, *, origin: str, publics: Sequence[bytes] = ()) -> None:
        self._bucket = bucket
        self.origin = origin
        self._publics = tuple(publics)
        self._known: dict[int, list[VerifierKey]] = {}

    def years(self, around: int) -> list[int]:
        """Return the years that have a log, oldest first; one short request for each year looked at."""
        wanted = range(around - _YEARS, around + 2)
        return [y for y in wanted if next(iter(self._bucket.list(f"{y:04d}/entries/")), None)]

    def first_since(self, year: int, size: int, back: timedelta) -> int | None:
        """Return where the first commit begins that was sealed at most `back` before the commit that ends at `size`.

        None when no commit ends there.
        """
        if not size:
            return 0
        reader = LogReader(self._bucket, year)
        last = reader.bundles(size - 1, size)
        if not last or last[-1][1] != size:
            return None
        return reader.first_sealed_since(iso(parse_iso(reader.sealed_at(last[-1])) - back), size)

    def root_at(self, year: int, size: int) -> bytes | None:
        """Return the root that is signed for the first `size` records, or None when there is no checkpoint of them."""
        try:
            raw = self._bucket.get(layout.checkpoint_key(year, size))
        except ObjectMissingError:
            return None
        return self._signed(year, size, raw).checkpoint.root

    def signed_size(self, year: int, first: int = 0) -> int:
        """Return how many records of a log are signed for, looked for from `first` on."""
        prefix = f"{year:04d}/checkpoints/"
        names = self._bucket.list(prefix, after=f"{prefix}{first:012d}")
        return max((parsed[1] for name in names if (parsed := layout.parse_checkpoint(name))), default=0)

    def commits(self, year: int, first: int) -> Iterator[Commit]:
        """Yield the commits from `first` on, each proven; the last may be unsigned.

        Raises
        ------
        BrokenArchiveError
            When an object is missing, or is not what was signed.
        """
        bundles = self._bundles(year, first)
        last = self.signed_size(year, first)
        edge = self._edge(year, first) if bundles else Edge()
        for start, end, raw, note in self._read(year, bundles):
            name = layout.entries_key(year, start, end)
            if start != edge.size:
                raise BrokenArchiveError(f"{name} does not begin where the commit before it ends, at {edge.size}")
            if note is None and (end <= last or (start, end) != bundles[-1]):
                raise BrokenArchiveError(f"{layout.checkpoint_key(year, end)} is missing; {name} cannot be proven")
            commit = self._commit(year, raw, note, before=edge, end=end)
            yield commit
            edge = commit.edge
        if edge.size < last:
            raise BrokenArchiveError(f"the log of {year} is signed up to {last} and its records end at {edge.size}")

    def records_since(self, around: int, moment: datetime) -> Iterator[dict[str, Any]]:
        """Yield the records of every log that were sealed at `moment` or later; see `years` for `around`."""
        for year in self.years(around):
            size = self.signed_size(year)
            first = LogReader(self._bucket, year).first_sealed_since(iso(moment), size)
            if first < size:
                for commit in self.commits(year, first):
                    yield from (json.loads(body) for body in commit.bodies)

    def bodies_at(self, year: int, start: int, end: int) -> list[bytes]:
        """Return the records of one bundle as they lie, or none when there is no such bundle."""
        try:
            return layout.unpack(self._bucket.get(layout.entries_key(year, start, end)))
        except (ObjectMissingError, layout.FramingError):
            return []

    # one commit ------------------------------------------------------------------------------------------------------

    def _commit(self, year: int, raw: bytes, note: bytes | None, *, before: Edge, end: int) -> Commit:
        name = layout.entries_key(year, before.size, end)
        try:
            bodies = layout.unpack(raw)
            seal = json.loads(bodies[0])["seal"]
            said = (seal["first"], seal["first"] + seal["leaves"])
        except (layout.FramingError, ValueError, KeyError, TypeError, IndexError) as error:
            raise BrokenArchiveError(f"{name} does not begin with a commit that can be read: {error}") from error
        edge = before.extend(leaf_hashes(bodies))
        if said != (before.size, end) or edge.size != end:
            raise BrokenArchiveError(f"{name} holds another commit than its name says")
        signed = self._signed(year, end, note) if note is not None else None
        if signed is not None and signed.checkpoint.root != edge.root():
            raise BrokenArchiveError(f"{name} does not lead to the root that was signed; its records were changed")
        return Commit(year, before.size, tuple(bodies), before, edge, signed)

    def _signed(self, year: int, size: int, raw: bytes) -> Signed:
        name = layout.checkpoint_key(year, size)
        try:
            note = Note.parse(raw)
            checkpoint = Checkpoint.parse(note.text)
            key = note.check(self._keys(year))[0]
        except NoteError as error:
            raise BrokenArchiveError(
                f"{name} is not signed by a key of this deployment ({error}); if the key was changed since, name the "
                "earlier one"
            ) from error
        if (checkpoint.origin, checkpoint.size) != (f"{self.origin}/{year}", size):
            raise BrokenArchiveError(f"{name} is of another log: {checkpoint.origin} at {checkpoint.size}")
        return Signed(raw.decode(), checkpoint, key)

    def _keys(self, year: int) -> list[VerifierKey]:
        if year not in self._known:
            self._known[year] = [VerifierKey(f"{self.origin}/{year}", public) for public in self._publics]
            self._known[year] = self._known[year] or [self._key(n) for n in self._bucket.list(f"{year:04d}/keys/")]
        return self._known[year]

    def _key(self, name: str) -> VerifierKey:
        try:
            return VerifierKey.parse(self._bucket.get(name).decode("ascii").removesuffix("\n"))
        except (NoteError, UnicodeDecodeError) as error:
            raise BrokenArchiveError(f"{name} is no verifier key: {error}") from error

    # what lies where -------------------------------------------------------------------------------------------------

    def _edge(self, year: int, size: int) -> Edge:
        """Return the edge of the log at `size`, out of the tiles, held against the checkpoint there."""
        if not size:
            return Edge()
        reader = LogReader(self._bucket, year)
        nodes, start = [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                nodes.append(reader.node(level, start >> level, size))
                start += 1 << level
        edge = Edge(size, tuple(nodes))
        name = layout.checkpoint_key(year, size)
        if self._signed(year, size, self._bucket.get(name)).checkpoint.root != edge.root():
            raise BrokenArchiveError(f"the tiles do not lead to the root that {name} signs")
        return edge

    def _bundles(self, year: int, first: int) -> list[tuple[int, int]]:
        """Return the bundles that begin at `first` or behind it."""
        prefix = f"{year:04d}/entries/"
        found: list[tuple[int, int]] = []
        for name in self._bucket.list(prefix, after=f"{prefix}{first:012d}"):
            parsed = layout.parse_entries(name)
            found += [parsed[1:]] if parsed is not None else []
        return found

    def _read(self, year: int, bundles: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bytes, bytes | None]]:
        """Yield each bundle with its checkpoint, several fetched at a time and never many ahead."""

        def fetch(bundle: tuple[int, int]) -> tuple[int, int, bytes, bytes | None]:
            raw = self._bucket.get(layout.entries_key(year, *bundle))
            try:
                note = self._bucket.get(layout.checkpoint_key(year, bundle[1]))
            except ObjectMissingError:
                return (*bundle, raw, None)
            return (*bundle, raw, note)

        with ThreadPoolExecutor(READERS) as readers:
            for begin in range(0, len(bundles), _AT_ONCE):
                yield from readers.map(fetch, bundles[begin : begin + _AT_ONCE])
