"""Whether a film says where it was taken. Films are published as they are, so one that does is not taken.

Looked at: user data (3GPP TS 26.244, 8.8 `loci`; QuickTime `©xyz`), metadata with keys (QuickTime File Format,
Metadata), XMP and other text, EXIF with a place, and what dash cameras put where players look at nothing. A track of
anything but pictures, sound and time codes is not taken: action cameras, drones and telephones keep positions there.
"""

from __future__ import annotations

import re

from bluelamp.assets.boxes import HEADER, Index
from bluelamp.assets.errors import FilmTellsWhereError

_PLACES = frozenset({b"\xa9xyz", b"@xyz", b"loci", b"gps ", b"GPS ", b"GPMF"})
_LISTS = frozenset({b"udta", b"meta", b"ilst", b"----"})
_TEXTS = frozenset({b"keys", b"name", b"mean", b"xml ", b"XMP_", b"uuid"})
_WORDS = re.compile(rb"location|gps|latitude|longitude|iso6709|photoshop:(?:City|State|Country)", re.IGNORECASE)
# Wherever it stands: sentences of a receiver (NMEA 0183), the pointer of EXIF to its place (tag 8825, one number of
# four bytes, in either order), and a place as ISO 6709 writes it, with decimals: without them names of folders look
# the same.
_TRACES = re.compile(
    rb"\$G[A-Z](?:RMC|GGA|GLL|VTG),|\x25\x88\x04\0\x01\0\0\0|\x88\x25\0\x04\0\0\0\x01"
    rb"|[+-]\d{2,6}\.\d+[+-]\d{3,7}\.\d"
)
_BOXES = re.compile(rb"gps |GPS ")
# Tracks of GoPro, of Google's camera motion, of Sony, of DJI: they hold positions, and one cannot see whether at all
# times.
POSITION_TRACKS = frozenset({b"gpmd", b"camm", b"rtmd", b"djmd", b"dbgi"})
# What a film is made of: pictures, sound, time codes, transparency, captions of broadcasts, hints for streaming.
_PLAIN = frozenset({b"vide", b"soun", b"tmcd", b"auxv", b"clcp", b"hint"})
_DEPTH = 6


def refuse_places(index: Index, kind: bytes, body: bytes, depth: int = 0) -> None:
    """Raise ``FilmTellsWhereError`` when this box, or one within it, holds a place."""
    told = kind in _PLACES or (kind in _TEXTS and _WORDS.search(body))
    if told or (depth == 0 and _TRACES.search(body)):
        raise FilmTellsWhereError("The film says where it was taken.")
    if kind in _LISTS and depth < _DEPTH:
        # ISO has version and flags before the boxes of `meta` (8.11.1), QuickTime has not.
        skipped = 4 if kind == b"meta" and body[4:HEADER] != b"hdlr" else 0
        for found, inner in index.inside(body[skipped:]):
            refuse_places(index, found, inner, depth + 1)


def refuse_gap(body: bytes) -> None:
    """Raise ``FilmTellsWhereError`` when bytes that no player looks at (`free`, `skip`) hold a place all the same."""
    if _BOXES.search(body) or _TRACES.search(body):
        raise FilmTellsWhereError("The film says where it was taken.")


def refuse_position_track(handler: bytes, entry: bytes, body: bytes) -> None:
    """Raise ``FilmTellsWhereError`` for a track that may hold positions; `mebx` names what it holds in its keys."""
    if entry in POSITION_TRACKS or (entry == b"mebx" and _WORDS.search(body)):
        raise FilmTellsWhereError("The film has a track that says where it was taken.")
    if handler not in _PLAIN and entry != b"mebx":
        raise FilmTellsWhereError(
            "Beside pictures and sound the film has a track of data or text, where places may be."
        )
