"""The Merkle tree of RFC 6962, grown from its right edge, with the proofs that it allows.

Only the edge is needed to append: the roots of the perfect subtrees that the leaves so far fall into, at most one per
bit of the size. Proofs ask for the roots of perfect subtrees by level and index, wherever those are kept (tiles,
memory). Hash prefixes: 0 for a leaf, 1 for a node (RFC 6962 section 2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH = 32
EMPTY_ROOT = sha256(b"").digest()
TILE_HEIGHT = 8

# The root of the perfect subtree over leaves index << level to (index + 1) << level.
NodeSource = Callable[[int, int], bytes]


class ProofError(ValueError):
    """A proof does not lead to the root."""


def leaf_hash(body: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + body).digest()


def leaf_hashes(bodies: Iterable[bytes]) -> list[bytes]:
    """Return the hashes of many leaves."""
    hasher = sha256
    return [hasher(b"\x00" + body).digest() for body in bodies]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node."""
    return sha256(b"\x01" + left + right).digest()


def pair_up(row: Sequence[bytes]) -> list[bytes]:
    """Return the nodes above an even number of nodes."""
    hasher = sha256
    pairs = iter(row)
    return [hasher(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]


def perfect_root(row: Sequence[bytes]) -> bytes:
    """Return the root over a row whose length is a power of two."""
    while len(row) > 1:
        row = pair_up(row)
    return row[0]


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree of `size` leaves: the roots of its perfect subtrees, largest first."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    @classmethod
    def from_bytes(cls, size: int, packed: bytes) -> Edge:
        """Read what `to_bytes` wrote.

        Raises
        ------
        ValueError
            When the bytes do not fit the size.
        """
        if len(packed) != HASH * size.bit_count():
            raise ValueError(f"the edge of a tree of {size} has {size.bit_count()} hashes, not {len(packed)} bytes")
        return cls(size, tuple(packed[i : i + HASH] for i in range(0, len(packed), HASH)))

    def to_bytes(self) -> bytes:
        """Return the hashes, one behind the other."""
        return b"".join(self.nodes)

    def root(self) -> bytes:
        """Return the tree's root."""
        return fold(self.nodes)

    def extend(self, hashes: Sequence[bytes], rows: dict[int, list[bytes]] | None = None) -> Edge:
        """Return the edge after appending leaves.

        Parameters
        ----------
        hashes
            The leaf hashes, in order.
        rows
            When given, gets under 0, 8, 16, … the subtree roots of that level that these leaves completed: what the
            tiles are made of.
        """
        size = self.size
        old = list(self.nodes)
        nodes: list[bytes] = []
        row = list(hashes)
        level = 0
        while row or old:
            if rows is not None and row and level % TILE_HEIGHT == 0:
                rows[level] = list(row)
            if size >> level & 1:
                row.insert(0, old.pop())
            if len(row) & 1:
                nodes.append(row.pop())
            row = pair_up(row)
            level += 1
        return Edge(size + len(hashes), tuple(reversed(nodes)))


def fold(nodes: Sequence[bytes]) -> bytes:
    """Return the root over perfect subtrees, largest first."""
    if not nodes:
        return EMPTY_ROOT
    root = nodes[-1]
    for node in reversed(nodes[:-1]):
        root = node_hash(node, root)
    return root


def range_root(start: int, end: int, node: NodeSource) -> bytes:
    """Return the root over leaves `start` to `end`, where `start` is a multiple of the largest power of two below."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append(node(level, start >> level))
        start += 1 << level
    return fold(nodes)


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, node: NodeSource) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of the first `size` leaves (RFC 6962 section 2.1.1).

    Raises
    ------
    ValueError
        When there is no such leaf in that tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: NodeSource) -> list[bytes]:
    """Return the proof that the tree of `old` leaves is the beginning of that of `new` (RFC 6962 section 2.1.2).

    Raises
    ------
    ValueError
        Unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} cannot grow into one of {new}")
    if old in {0, new}:
        return []
    path: list[bytes] = []
    start, end = 0, new
    whole = True  # the old tree is so far the whole left side, whose root the checker has already
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
            whole = False
    if not whole:
        path.append(range_root(start, end, node))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with hash `leaf` is at `index` in the tree (RFC 9162 section 2.1.3.2).

    Raises
    ------
    ProofError
        When the proof does not show it.
    """
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    _check_hashes(leaf, *proof)
    result = leaf
    for sibling, left in _climb(index, size - 1, proof):
        result = node_hash(sibling, result) if left else node_hash(result, sibling)
    if result != root:
        raise ProofError("the proof leads to another root")


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the old tree is the beginning of the new one (RFC 9162 section 2.1.4.2).

    Raises
    ------
    ProofError
        When the proof does not show it.
    """
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {old} cannot grow into one of {new}")
    if old in {0, new}:
        if proof or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise ProofError("nothing is to be proven between these sizes, and this is not nothing")
        return
    _check_hashes(*proof)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofError("the proof is empty")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for sibling, left in _climb(place, last, path[1:]):
        first = node_hash(sibling, first) if left else first
        second = node_hash(sibling, second) if left else node_hash(second, sibling)
    if first != old_root or second != new_root:
        raise ProofError("the proof leads to other roots")


def _climb(place: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash of a proof and whether it stands on the left, from node `place` of a row that ends at `last`."""
    for sibling in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        left = bool(place & 1) or place == last
        yield sibling, left
        while left and place and not place & 1:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(h) != HASH for h in hashes):
        raise ProofError(f"a hash has {HASH} bytes")
