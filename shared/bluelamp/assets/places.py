"""Whether a film says where it was taken. Films are published as they are, so one that does is not taken.

Looked at: user data (3GPP TS 26.244, 8.8 `loci`; QuickTime `©xyz`), metadata with keys (QuickTime File Format,
Metadata), XMP and other text, the tracks in which action cameras, telephones and dash cameras keep positions.
"""

from __future__ import annotations

import re

from bluelamp.assets.boxes import HEADER, Index
from bluelamp.assets.errors import FilmTellsWhereError

_PLACES = frozenset({b"\xa9xyz", b"loci", b"gps ", b"GPS ", b"GPMF"})
_LISTS = frozenset({b"udta", b"meta", b"ilst", b"----"})
_TEXTS = frozenset({b"keys", b"name", b"mean", b"xml ", b"XMP_", b"uuid"})
_WORDS = re.compile(rb"location|gps|latitude|longitude|iso6709", re.IGNORECASE)
# Tracks of GoPro, of Google's camera motion, of Sony: they hold positions, and one cannot see whether at all times.
POSITION_TRACKS = frozenset({b"gpmd", b"camm", b"rtmd"})
_DEPTH = 6


def refuse_places(index: Index, kind: bytes, body: bytes, depth: int = 0) -> None:
    """Raise ``FilmTellsWhereError`` when this box, or one within it, holds a place."""
    if kind in _PLACES or (kind in _TEXTS and _WORDS.search(body)):
        raise FilmTellsWhereError("The film says where it was taken.")
    if kind in _LISTS and depth < _DEPTH:
        # ISO has version and flags before the boxes of `meta` (8.11.1), QuickTime has not.
        skipped = 4 if kind == b"meta" and body[4:HEADER] != b"hdlr" else 0
        for found, inner in index.inside(body[skipped:]):
            refuse_places(index, found, inner, depth + 1)


def refuse_position_track(entry: bytes, body: bytes) -> None:
    """Raise ``FilmTellsWhereError`` for a track of positions; `mebx` names what it holds in its keys."""
    if entry in POSITION_TRACKS or (entry == b"mebx" and _WORDS.search(body)):
        raise FilmTellsWhereError("The film has a track that says where it was taken.")
