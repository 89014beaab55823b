"""Hashes of a log out of its tiles alone, each tile proven up to the root before anything in it is believed.

The open tiles of the right edge give the root; every full tile is one entry of the tile above it. So a few tiles prove
any record against a checkpoint, without the records around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bluelamp.audit import layout
from bluelamp.audit.tree import HASH, TILE_HEIGHT, fold, perfect_root, range_root

# Tiles that are kept at hand: all above the leaves' are asked for again and again.
_KEPT = 64

Tile = tuple[int, int]


class TileError(ValueError):
    """A tile is missing, or is not what the root says.

    Attributes
    ----------
    name
        Which.
    """

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


class TileReader:
    """Reads one log's tiles as they were when it had `size` leaves.

    Parameters
    ----------
    read
        Returns an object's bytes, or None.
    year
        Which log.
    size
        How many leaves.
    root
        The root over them, as it was signed.

    Raises
    ------
    TileError
        When the open tiles are missing or do not lead to `root`.
    """

    def __init__(self, read: Callable[[str], bytes | None], year: int, size: int, root: bytes) -> None:
        self._read = read
        self._year = year
        self._size = size
        self._edge = {tile: self._load(*tile) for tile in edge_tiles(size)}
        self._kept: dict[Tile, list[bytes]] = {}
        nodes: list[bytes] = []
        for entries in reversed(self._edge.values()):
            place = 0
            for height in range(TILE_HEIGHT - 1, -1, -1):
                if len(entries) >> height & 1:
                    nodes.append(perfect_root(entries[place : place + (1 << height)]))
                    place += 1 << height
        if fold(nodes) != root:
            names = ", ".join(self.name(*tile) for tile in self._edge)
            raise TileError(names, "do not lead to the root that was signed")

    def name(self, level: int, number: int) -> str:
        """Return the name of a tile, open or full."""
        return layout.tile_key(self._year, level, number, width(level, number, self._size))

    def tile(self, level: int, number: int) -> list[bytes]:
        """Return a tile's hashes, proven.

        Raises
        ------
        TileError
            When it is missing, or is not what the tile above it says.
        """
        place = (level, number)
        known = self._edge.get(place) or self._kept.get(place)
        if known is not None:
            return known
        entries = self._load(level, number)
        above = self.tile(level + 1, number // layout.TILE)
        if perfect_root(entries) != above[number % layout.TILE]:
            raise TileError(self.name(level, number), "is not what the tile above it says")
        if len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[place] = entries
        return entries

    def hashes(self, start: int, end: int) -> list[bytes]:
        """Return the hashes of the leaves `start` to `end`, proven."""
        found: list[bytes] = []
        for number in range(start // layout.TILE, -(-end // layout.TILE)):
            begin = number * layout.TILE
            found += self.tile(0, number)[max(0, start - begin) : end - begin]
        return found

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a perfect subtree, proven, as `tree.NodeSource` wants it."""
        height = level % TILE_HEIGHT
        first = index << height
        entries = self.tile(level // TILE_HEIGHT, first // layout.TILE)
        place = first % layout.TILE
        return perfect_root(entries[place : place + (1 << height)])

    def root_at(self, size: int) -> bytes:
        """Return the root over the first `size` leaves, out of the tiles above leaf `size - 1`."""
        return range_root(0, size, self.node)

    def _load(self, level: int, number: int) -> list[bytes]:
        name = self.name(level, number)
        raw = self._read(name)
        if raw is None:
            raise TileError(name, "is missing")
        if len(raw) != HASH * width(level, number, self._size):
            raise TileError(name, f"has {len(raw)} bytes, which its name does not allow")
        return [raw[i : i + HASH] for i in range(0, len(raw), HASH)]


def width(level: int, number: int, size: int) -> int:
    """Return how many entries a tile has in a log of `size` leaves; 0 or less when there is none."""
    return min(layout.TILE, (size >> TILE_HEIGHT * level) - number * layout.TILE)


def edge_tiles(size: int) -> list[Tile]:
    """Return level and number of the open tiles of a log of `size` leaves, lowest first."""
    found: list[Tile] = []
    level = 0
    while entries := size >> TILE_HEIGHT * level:
        if entries % layout.TILE:
            found.append((level, entries // layout.TILE))
        level += 1
    return found


def tiles_for(spans: Iterable[tuple[int, int]], size: int) -> set[Tile]:
    """Return the tiles that prove the leaves of the spans, and the roots at their ends, in a log of `size` leaves."""
    found = set(edge_tiles(size))
    for start, end in spans:
        level = 0
        while size >> TILE_HEIGHT * level:
            shift = TILE_HEIGHT * (level + 1)
            numbers = range(start >> shift, ((end - 1) >> shift) + 1)
            found |= {(level, number) for number in numbers if width(level, number, size) > 0}
            level += 1
    return found
