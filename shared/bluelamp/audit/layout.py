"""Names of objects and framing of leaves: all that a reader of the archive must know besides the tree.

Standard library only, because the offline verifier is made of this, `tree` and `note` alone.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256

MAX_LEAF = 32 * 1024
MAX_COMMIT_LEAVES = 2_000
# A commit's own leaves: the commit leaf and, at the end of a year, the close leaf.
MAX_BUNDLE = MAX_COMMIT_LEAVES + 2
TILE = 256

_ENTRIES = re.compile(r"(\d{4})/entries/(\d{12})-(\d{12})", re.ASCII)
_CHECKPOINT = re.compile(r"(\d{4})/checkpoints/(\d{12})", re.ASCII)
_TILE = re.compile(r"(\d{4})/tile/(\d{1,2})/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
TIMESTAMPS, COSIGNATURES = "timestamps", "cosignatures"
_ANCHOR = re.compile(r"\d{4}/(?:timestamps/(\d{12})\.tsr|cosignatures/(\d{12})/[A-Za-z0-9._-]{1,100})", re.ASCII)
_KEY = re.compile(r"(\d{4})/keys/([0-9a-f]{8})\.vkey", re.ASCII)


class FramingError(ValueError):
    """A bundle of leaves is cut, padded or holds an impossible length.

    Attributes
    ----------
    leaves
        The leaves before the place where the framing breaks.
    """

    def __init__(self, message: str, leaves: Sequence[bytes] = ()) -> None:
        super().__init__(message)
        self.leaves = list(leaves)


def entries_key(year: int, start: int, end: int) -> str:
    """Return the name of the bundle of the leaves `start` to `end`, `end` excluded."""
    return f"{year:04d}/entries/{start:012d}-{end:012d}"


def checkpoint_key(year: int, size: int) -> str:
    """Return the name of the checkpoint over the first `size` leaves."""
    return f"{year:04d}/checkpoints/{size:012d}"


def tile_key(year: int, level: int, number: int, width: int = TILE) -> str:
    """Return the name of a hash tile, with the number in the three-digit groups of C2SP tlog-tiles."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    partial = "" if width == TILE else f".p/{width}"
    return f"{year:04d}/tile/{level}/{'/'.join(groups)}{partial}"


def vkey_key(year: int, key_id: str) -> str:
    """Return the name of the object that holds a verifier key; `key_id` is eight hex digits."""
    return f"{year:04d}/keys/{key_id}.vkey"


def timestamp_key(year: int, size: int) -> str:
    """Return the name of the timestamp token over the checkpoint at `size`."""
    return f"{year:04d}/{TIMESTAMPS}/{size:012d}.tsr"


def cosignature_key(year: int, size: int, witness: str) -> str:
    """Return the name of a witness's cosignature of the checkpoint at `size`; `witness` is `Cosignature.file_name`."""
    return f"{year:04d}/{COSIGNATURES}/{size:012d}/{witness}"


def parse_entries(name: str) -> tuple[int, int, int] | None:
    """Return year, start and end of a bundle's name, or None when it is none."""
    match = _ENTRIES.fullmatch(name)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def parse_checkpoint(name: str) -> tuple[int, int] | None:
    """Return year and size of a checkpoint's name, or None when it is none."""
    match = _CHECKPOINT.fullmatch(name)
    return (int(match[1]), int(match[2])) if match else None


def parse_tile(name: str) -> tuple[int, int, int, int] | None:
    """Return year, level, number and width of a tile's name, or None when it is none."""
    match = _TILE.fullmatch(name)
    if not match:
        return None
    number = int(match[3].replace("x", "").replace("/", ""))
    width = int(match[4] or TILE)
    canonical = width <= TILE and tile_key(int(match[1]), int(match[2]), number, width) == name
    return (int(match[1]), int(match[2]), number, width) if canonical else None


def parse_key(name: str) -> tuple[int, str] | None:
    """Return year and key id of a verifier key's name, or None when it is none."""
    match = _KEY.fullmatch(name)
    return (int(match[1]), match[2]) if match else None


def anchor_of(name: str) -> tuple[int, int, str] | None:
    """Return year, size and kind (`TIMESTAMPS` or `COSIGNATURES`) of an anchor's name, or None when it is none."""
    match = _ANCHOR.fullmatch(name)
    return (int(name[:4]), int(match[1] or match[2]), TIMESTAMPS if match[1] else COSIGNATURES) if match else None


def is_anchor(name: str) -> bool:
    """Return whether a name is that of a timestamp token or of a witness's cosignature."""
    return anchor_of(name) is not None


def year_of(name: str) -> int | None:
    """Return the year of the log that an object belongs to, or None for a name that is none of the archive's."""
    for parse in (parse_entries, parse_checkpoint, parse_tile, parse_key):
        parsed = parse(name)
        if parsed is not None:
            return parsed[0]
    return int(name[:4]) if is_anchor(name) else None


def pack(leaves: Iterable[bytes]) -> bytes:
    """Frame leaves: each behind its length as an unsigned 16-bit big-endian number."""
    parts: list[bytes] = []
    for leaf in leaves:
        if not 0 < len(leaf) <= MAX_LEAF:
            raise FramingError(f"a leaf has 1 to {MAX_LEAF} bytes, not {len(leaf)}")
        parts.append(struct.pack(">H", len(leaf)))
        parts.append(leaf)
    return b"".join(parts)


def unpack(bundle: bytes) -> list[bytes]:
    """Undo `pack`.

    Raises
    ------
    FramingError
        When the bundle is cut, padded, or a length is 0 or above 32 KiB.
    """
    leaves: list[bytes] = []
    place, end = 0, len(bundle)
    while place < end:
        start = place + 2
        length = int.from_bytes(bundle[place:start], "big")
        place = start + length
        if place > end or not 0 < length <= MAX_LEAF:
            raise FramingError(f"leaf {len(leaves)} of the bundle has an impossible length ({length})", leaves)
        leaves.append(bundle[start:place])
    return leaves


def bundle_hashes(bundle: bytes) -> list[bytes]:
    """Return the RFC 6962 hashes of the leaves in a bundle, in one pass and without keeping the leaves.

    Raises
    ------
    FramingError
        As `unpack`.
    """
    hashes: list[bytes] = []
    add, hasher = hashes.append, sha256
    place, end = 0, len(bundle)
    try:
        while place < end:
            length = bundle[place] << 8 | bundle[place + 1]
            start = place + 2
            place = start + length
            if (length - 1) >> 15:  # 0, or above 32 KiB
                raise FramingError(f"leaf {len(hashes)} of the bundle has an impossible length ({length})")
            add(hasher(b"\x00" + bundle[start:place]).digest())
    except IndexError:
        raise FramingError("the bundle ends within a length") from None
    if place != end:
        raise FramingError(f"leaf {len(hashes) - 1} of the bundle is cut short")
    return hashes


def bundle_of(bundles: Sequence[tuple[int, int]], seq: int) -> tuple[int, int] | None:
    """Return the bundle, as start and end, that holds leaf `seq`, or None."""
    return next(((s, e) for s, e in bundles if s <= seq < e), None)
