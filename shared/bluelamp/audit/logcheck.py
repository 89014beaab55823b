"""The bytes of one log, checked against what was signed: roots, checkpoints, tiles, and that nothing is missing.

Where a root does not fit, the tiles tell which record was changed: if the hashes that they keep lead to the signed one,
they are right and the records whose hash differs are named; the check then goes on behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bluelamp.audit import layout
from bluelamp.audit.folder import MAX_OBJECT, Folder
from bluelamp.audit.logfiles import LogFiles
from bluelamp.audit.note import Checkpoint, VerifierKey
from bluelamp.audit.story import Finding
from bluelamp.audit.tree import HASH, TILE_HEIGHT, Edge, leaf_hashes

MAX_NAMED = 20


class LogCheck(LogFiles):
    """The check of one year's log, all of it; `bundles` does it."""

    def __init__(self, folder: Folder, year: int, pinned: Sequence[VerifierKey]) -> None:
        super().__init__(folder, year, pinned)
        self.roots: dict[int, bytes] = {}
        self._edge = Edge()
        self._broken = False
        self._proof = _Proof()
        self._tiles = _Tiles(self)
        if not self._bundles:
            self.fail("empty", f"{year}", "the log holds no records")

    @property
    def expected(self) -> int:
        """How many records there should be, by the names."""
        return self._bundles[-1][1] if self._bundles else 0

    def root_at(self, size: int) -> bytes | None:
        """Return the root over the first `size` records, where a commit ends there and is proven."""
        return self.roots.get(size)

    # records ---------------------------------------------------------------------------------------------------------

    def bundles(self) -> Iterator[tuple[int, bytes]]:
        """Check the log and yield each bundle that is proven, behind the sequence of its first leaf."""
        signed = set(self._checkpoints)
        tail = self._open_tail(signed)
        for start, end in self._bundles:
            if start < self._edge.size:
                self.fail("overlap", layout.entries_key(self.log.year, start, end), "two bundles hold the same record")
                continue
            if not 0 < end - start <= layout.MAX_BUNDLE:
                self.fail(
                    "bundle", layout.entries_key(self.log.year, start, end), "has a range that no commit can have"
                )
                continue
            if start > self._edge.size:
                self._missing(self._edge.size, start)
            if (start, end) == tail:
                break
            self._proof.seen(end)
            proven = self._bundle(start, end, self._checkpoint(end, signed))
            if proven is not None:
                yield start, proven
        self.log.records = self.log.size = self._edge.size
        self.log.scope = self._proof.told(self.log.year)
        for size in sorted(signed):
            what = (
                "closes no bundle" if size < self._edge.size else f"covers more than the {self._edge.size} records here"
            )
            self.fail("checkpoint", layout.checkpoint_key(self.log.year, size), what)
        if not self._broken:
            self._tiles.finish(self._edge.size, self.tile_names, tail[1] if tail else self._edge.size)

    def _open_tail(self, signed: set[int]) -> tuple[int, int] | None:
        """Return the last bundle when it has no checkpoint: pulled between the two puts."""
        if not self._bundles or self._bundles[-1][1] in signed:
            return None
        start, end = self._bundles[-1]
        self.pending.append(
            Finding(
                "unsigned",
                layout.entries_key(self.log.year, start, end),
                "has no checkpoint: pulled in mid-flight, or the checkpoint was taken away; its records do not count",
            )
        )
        return start, end

    def _checkpoint(self, size: int, signed: set[int]) -> Checkpoint | None:
        name = layout.checkpoint_key(self.log.year, size)
        if size not in signed:
            self.fail("checkpoint", name, "is missing")
            return None
        signed.discard(size)
        return self._opened(size)

    def _bundle(self, start: int, end: int, checkpoint: Checkpoint | None) -> bytes | None:
        """Check one bundle against its checkpoint and return it when it is proven."""
        name = layout.entries_key(self.log.year, start, end)
        raw = self.read(name, MAX_OBJECT) or b""
        try:
            hashes = layout.bundle_hashes(raw)
            whole = len(hashes) == end - start
        except layout.FramingError:
            hashes, whole = _readable(raw), False
        if whole:
            rows: dict[int, list[bytes]] = {}
            edge = self._edge.extend(hashes, rows)
            root = edge.root()
            if self._broken or checkpoint is None or root == checkpoint.root:
                self.roots[end] = root
                self._grow(edge, rows)
                if checkpoint is not None and not self._broken:
                    self._proof.vouched(end)
                return None if self._broken else raw
        if not self._broken:
            self._blame(start, end, hashes, checkpoint)
        return None

    def _grow(self, edge: Edge, rows: dict[int, list[bytes]]) -> None:
        self._edge = edge
        if not self._broken:
            self._tiles.grow(rows)

    def _blame(self, start: int, end: int, hashes: list[bytes], checkpoint: Checkpoint | None) -> None:
        """Name the records that were changed: those whose hash differs from the tile's, if the tile fits the root."""
        kept = self._tiles.hashes(start, end)
        rows: dict[int, list[bytes]] = {}
        edge = self._edge.extend(kept, rows) if kept else None
        if kept and edge and (checkpoint is None or edge.root() == checkpoint.root):
            changed = [n for n in range(end - start) if n >= len(hashes) or hashes[n] != kept[n]]
            for number in changed[:MAX_NAMED]:
                self.fail(
                    "record", f"{self.log.year} record {start + number}", "is not what was sealed: bytes were changed"
                )
            for number in changed:
                self._proof.lacks(start + number, start + number + 1)
            if not changed:
                self.fail("bundle", layout.entries_key(self.log.year, start, end), "holds bytes behind its records")
            self._grow(edge, rows)
            if checkpoint is not None:
                self._proof.vouched(end)
            return
        self.fail(
            "root",
            f"{self.log.year} records {start} to {end - 1}",
            "do not lead to the root that was signed; nothing behind them is proven",
        )
        self._give_up(end)

    def _missing(self, start: int, end: int) -> None:
        self.fail("missing", f"{self.log.year} records {start} to {end - 1}", "are not in the archive")
        self._proof.seen(end)
        self._proof.lacks(start, end)
        kept = self._tiles.hashes(start, end)
        rows: dict[int, list[bytes]] = {}
        if kept and not self._broken:
            self._grow(self._edge.extend(kept, rows), rows)
        else:
            self._give_up(end)

    def _give_up(self, size: int) -> None:
        self._broken = True
        self._edge = Edge(size, (bytes(HASH),) * size.bit_count())


class _Proof:
    """How far the records of a log are proven: as far as a checkpoint vouches, but for those that are not as sealed."""

    def __init__(self) -> None:
        self._size = 0
        self._vouched = 0
        self._lacking: list[tuple[int, int]] = []

    def seen(self, size: int) -> None:
        """Take it that there should be so many records."""
        self._size = max(self._size, size)

    def vouched(self, size: int) -> None:
        """Take it that a checkpoint signs the root over the first `size` records, those that are lacking included."""
        self._vouched = size

    def lacks(self, start: int, end: int) -> None:
        """Take it that the records `start` to `end` are not what was sealed, or not here; called in their order."""
        if self._lacking and self._lacking[-1][1] == start:
            start = self._lacking.pop()[0]
        self._lacking.append((start, end))

    def told(self, year: int) -> str:
        """Return how many records are proven and which are not, in words."""
        spans = [(start, end) for start, end in self._lacking if start < self._vouched]
        if self._vouched < self._size:
            spans.append((self._vouched, self._size))
        proven = self._size - sum(end - start for start, end in spans)
        if not proven:
            return f"none of the {self._size} records of {year} is proven"
        if not spans:
            return f"all {proven} records of {year}, proven one by one"
        named = ", ".join(
            f"{start}" if end - start == 1 else f"{start}\N{EN DASH}{end - 1}" for start, end in spans[:MAX_NAMED]
        )
        more = f" and {len(spans) - MAX_NAMED} more ranges" if len(spans) > MAX_NAMED else ""
        return f"{proven} of {self._size} records of {year} proven one by one; not proven: {named}{more}"


class _Tiles:
    """The hash tiles of one log, compared with what the records give as they pass."""

    def __init__(self, log: LogCheck) -> None:
        self._log = log
        self._open: list[list[bytes]] = []
        self._done: list[int] = []

    def hashes(self, start: int, end: int) -> list[bytes] | None:
        """Return the leaf hashes that the tiles keep, or None unless they keep all."""
        found: list[bytes] = []
        year = self._log.log.year
        for number in range(start // layout.TILE, -(-end // layout.TILE)):
            begin = number * layout.TILE
            tile = self._log.read(layout.tile_key(year, 0, number)) or self._partial(year, number) or b""
            if len(tile) < HASH * (min(end, begin + layout.TILE) - begin):
                return None
            found += [tile[i : i + HASH] for i in range(0, len(tile), HASH)][max(0, start - begin) : end - begin]
        return found if len(found) == end - start and all(len(h) == HASH for h in found) else None

    def _partial(self, year: int, number: int) -> bytes | None:
        names = (layout.tile_key(year, 0, number, width) for width in range(layout.TILE - 1, 0, -1))
        found = next((name for name in names if name in self._log.tile_names), None)
        return self._log.read(found) if found else None

    def grow(self, rows: dict[int, list[bytes]]) -> None:
        """Take the subtree roots that a bundle completed, and compare each tile that is full."""
        for level, row in rows.items():
            place = level // TILE_HEIGHT
            if place == len(self._open):
                self._open.append([])
                self._done.append(0)
            held = self._open[place]
            held += row
            while len(held) >= layout.TILE:
                self._compare(place, self._done[place], held[: layout.TILE])
                del held[: layout.TILE]
                self._done[place] += 1

    def finish(self, size: int, names: set[str], tail: int) -> None:
        """Compare the open tiles, and look for tiles that should not be there; up to `tail` some may be ahead."""
        year = self._log.log.year
        expected = set()
        for level, held in enumerate(self._open):
            expected |= {layout.tile_key(year, level, n) for n in range(self._done[level])}
            if held:
                name = layout.tile_key(year, level, self._done[level], len(held))
                expected.add(name)
                if name in names:
                    self._compare(level, self._done[level], held)
        for name in sorted(names - expected):
            _, level, number, width = layout.parse_tile(name) or (0, 0, 0, 0)
            if (number * layout.TILE + width) << (TILE_HEIGHT * level) > max(tail, size) or width != layout.TILE:
                self._log.fail("tile", name, "is a tile that this log cannot have yet")

    def _compare(self, level: int, number: int, held: list[bytes]) -> None:
        name = layout.tile_key(self._log.log.year, level, number, len(held))
        tile = self._log.read(name)
        if tile is None:
            self._log.fail("tile", name, "is missing")
        elif tile != b"".join(held):
            wrong = next((i for i, h in enumerate(held) if tile[i * HASH : (i + 1) * HASH] != h), len(held))
            below = (number * layout.TILE + wrong) << (TILE_HEIGHT * level)
            self._log.fail("tile", name, f"is not what the records give, from entry {wrong} (record {below}) on")


def _readable(bundle: bytes) -> list[bytes]:
    """Return the hashes of the leaves before the place where a bundle breaks."""
    try:
        return leaf_hashes(layout.unpack(bundle))
    except layout.FramingError as error:
        return leaf_hashes(error.leaves)
