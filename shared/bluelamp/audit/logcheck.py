"""The bytes of one log, checked against what was signed: roots, checkpoints, tiles, and that nothing is missing.

Where a root does not fit, the tiles tell which record was changed: if the hashes that they keep lead to the signed one,
they are right and the records whose hash differs are named; the check then goes on behind them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bluelamp.audit import layout
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.story import Finding
from bluelamp.audit.tree import HASH, TILE_HEIGHT, Edge, leaf_hashes

MAX_NAMED = 20


@dataclass(slots=True)
class LogReport:
    """One year's log: how many records are under a checkpoint, how many checkpoints, until when, by which keys."""

    year: int
    origin: str = ""
    records: int = 0
    checkpoints: int = 0
    sealed_at: str = ""
    keys: tuple[str, ...] = ()


class LogCheck:
    """The check of one year's log; `bundles` does it.

    Parameters
    ----------
    directory
        Where the archive lies.
    year
        Which log.
    pinned
        The keys that may have signed; without any, those that lie in the archive.
    """

    def __init__(self, directory: Path, year: int, pinned: Sequence[VerifierKey]) -> None:
        self._directory = directory
        self.failures: list[Finding] = []
        self.pending: list[Finding] = []
        self.remarks: list[Finding] = []
        self.log = LogReport(year)
        self.roots: dict[int, bytes] = {}
        self.last_note = b""
        self._edge = Edge()
        self._broken = False
        self._tiles = _Tiles(self)
        self._bundles: list[tuple[int, int]] = []
        self._checkpoints: list[int] = []
        self._tile_names: set[str] = set()
        self._keys: list[VerifierKey] = []
        self._sort_names(pinned)

    def fail(self, code: str, place: str, detail: str) -> None:
        """Note a failure."""
        self.failures.append(Finding(code, place, detail))

    def read(self, name: str) -> bytes | None:
        """Return an object's bytes, or None."""
        try:
            return (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None

    def _sort_names(self, pinned: Sequence[VerifierKey]) -> None:
        year = self.log.year
        root = self._directory / f"{year:04d}"
        for path in sorted(p for p in root.rglob("*") if not p.is_dir()):
            name = path.relative_to(self._directory).as_posix()
            if entries := layout.parse_entries(name):
                self._bundles.append(entries[1:])
            elif checkpoint := layout.parse_checkpoint(name):
                self._checkpoints.append(checkpoint[1])
            elif layout.parse_tile(name):
                self._tile_names.add(name)
            elif key := layout.parse_key(name):
                self._take_key(name, key[1], path.read_bytes(), pinned)
            elif layout.is_anchor(name):
                self.remarks.append(Finding("anchor", name, "is there, and is not checked by this verifier"))
            else:
                self.fail("foreign", name, "is none of the archive's objects")
        self.log.keys = tuple(map(str, self._keys))
        if not self._bundles:
            self.fail("empty", f"{year}", "the log holds no records")

    def _take_key(self, name: str, key_id: str, raw: bytes, pinned: Sequence[VerifierKey]) -> None:
        try:
            key = VerifierKey.parse(raw.decode("ascii").removesuffix("\n"))
        except (NoteError, UnicodeDecodeError) as error:
            self.fail("key", name, f"is no verifier key: {error}")
            return
        if f"{key}\n".encode() != raw or key.id.hex() != key_id:
            self.fail("key", name, "is not the key that its name says")
        elif pinned and key.public not in {k.public for k in pinned}:
            self.fail("key", name, "is not among the keys that you named")
        else:
            self._keys.append(key)

    # records ---------------------------------------------------------------------------------------------------------

    def bundles(self) -> Iterator[tuple[int, bytes]]:
        """Check the log and yield each bundle that is proven, behind the sequence of its first leaf."""
        signed = set(self._checkpoints)
        tail = self._open_tail(signed)
        for start, end in self._bundles:
            if start < self._edge.size:
                self.fail("overlap", layout.entries_key(self.log.year, start, end), "two bundles hold the same record")
                continue
            if start > self._edge.size:
                self._missing(self._edge.size, start)
            if (start, end) == tail:
                break
            proven = self._bundle(start, end, self._checkpoint(end, signed))
            if proven is not None:
                yield start, proven
        self.log.records = self._edge.size
        for size in sorted(signed):
            what = (
                "closes no bundle" if size < self._edge.size else f"covers more than the {self._edge.size} records here"
            )
            self.fail("checkpoint", layout.checkpoint_key(self.log.year, size), what)
        if not self._broken:
            self._tiles.finish(self._edge.size, self._tile_names, tail[1] if tail else self._edge.size)

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
        raw = self.read(name)
        if raw is None or size not in signed:
            self.fail("checkpoint", name, "is missing")
            return None
        signed.discard(size)
        self.log.checkpoints += 1
        try:
            note = Note.parse(raw)
            checkpoint = Checkpoint.parse(note.text)
            signers = note.check(self._keys)
        except NoteError as error:
            self.fail("checkpoint", name, str(error))
            return None
        self.log.origin = self.log.origin or signers[0].name
        right = (self.log.origin, size, 1, bytes(note), checkpoint.text)
        if (
            checkpoint.origin,
            checkpoint.size,
            len(note.signatures),
            raw,
            note.text,
        ) != right or not self.log.origin.endswith(f"/{self.log.year:04d}"):
            self.fail("checkpoint", name, f"is signed for {checkpoint.origin} at {checkpoint.size}, or holds more")
            return None
        self.last_note = raw
        return checkpoint

    def _bundle(self, start: int, end: int, checkpoint: Checkpoint | None) -> bytes | None:
        """Check one bundle against its checkpoint and return it when it is proven."""
        name = layout.entries_key(self.log.year, start, end)
        raw = self.read(name) or b""
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
            if not changed:
                self.fail("bundle", layout.entries_key(self.log.year, start, end), "holds bytes behind its records")
            self._grow(edge, rows)
            return
        self.fail(
            "root",
            f"{self.log.year} records {start} to {end - 1}",
            "do not lead to the root that was signed; nothing behind them is proven",
        )
        self._give_up(end)

    def _missing(self, start: int, end: int) -> None:
        self.fail("missing", f"{self.log.year} records {start} to {end - 1}", "are not in the archive")
        kept = self._tiles.hashes(start, end)
        rows: dict[int, list[bytes]] = {}
        if kept and not self._broken:
            self._grow(self._edge.extend(kept, rows), rows)
        else:
            self._give_up(end)

    def _give_up(self, size: int) -> None:
        self._broken = True
        self._edge = Edge(size, (bytes(HASH),) * size.bit_count())


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
            tile = self._log.read(layout.tile_key(year, 0, number)) or self._partial(year, number) or b""
            begin = number * layout.TILE
            found += [tile[i : i + HASH] for i in range(0, len(tile), HASH)][max(0, start - begin) : end - begin]
        return found if len(found) == end - start and all(len(h) == HASH for h in found) else None

    def _partial(self, year: int, number: int) -> bytes | None:
        widths = range(layout.TILE - 1, 0, -1)
        tiles = (self._log.read(layout.tile_key(year, 0, number, width)) for width in widths)
        return next((tile for tile in tiles if tile), None)

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
