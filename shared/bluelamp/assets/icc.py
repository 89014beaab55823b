"""Colour profiles, rid of what is not colour: names, dates, serial numbers of devices, private tags (ICC.1:2022).

A profile is needed for the right colours, and carries text: the name of a monitor or of a camera, its maker, when it
was calibrated. So the profile is made anew from its colour tags alone, with a description that says nothing.
"""

from __future__ import annotations

_HEADER = 128
_TAG = 12
_MOST_TAGS = 100
MOST = 4 * 1024 * 1024

# ICC.1:2022, 9.2: tags that say how colours are meant; of the textual ones only the two that must be there.
_COLOUR = frozenset(
    b"rXYZ gXYZ bXYZ rTRC gTRC bTRC kTRC wtpt bkpt chad chrm cicp lumi meas view "
    b"A2B0 A2B1 A2B2 B2A0 B2A1 B2A2 D2B0 D2B1 D2B2 D2B3 B2D0 B2D1 B2D2 B2D3 gamt".split()
)
_V4 = 4
_WORDS = "Colours"
# Of the header (7.2): the size is made anew; preferred CMM, date, platform, maker, model, creator and ID say nothing.
_BLANKED = ((4, 8), (24, 36), (40, 44), (48, 56), (80, 128))


def _text(kind: bytes, version: int) -> bytes:
    """Make the description or the copyright, which have to be there (8.2)."""
    if version >= _V4:
        wide = _WORDS.encode("utf-16-be")
        return (
            b"mluc"
            + bytes(4)
            + (1).to_bytes(4)
            + (12).to_bytes(4)
            + b"enGB"
            + len(wide).to_bytes(4)
            + (28).to_bytes(4)
            + wide
        )
    plain = _WORDS.encode() + b"\0"
    if kind == b"cprt":
        return b"text" + bytes(4) + plain
    return b"desc" + bytes(4) + len(plain).to_bytes(4) + plain + bytes(78)


def only_colours(profile: bytes) -> bytes | None:
    """Return the profile with its colours alone, or None when it is not one (7.2, 7.3). Twice is as once."""
    if not _HEADER + 4 <= len(profile) <= MOST or profile[36:40] != b"acsp":
        return None
    count = int.from_bytes(profile[128:132])
    if count > _MOST_TAGS or len(profile) < _HEADER + 4 + count * _TAG:
        return None
    tags: dict[bytes, bytes] = {kind: _text(kind, profile[8]) for kind in (b"cprt", b"desc")}
    for at in range(_HEADER + 4, _HEADER + 4 + count * _TAG, _TAG):
        kind = profile[at : at + 4]
        start, length = int.from_bytes(profile[at + 4 : at + 8]), int.from_bytes(profile[at + 8 : at + 12])
        if kind in _COLOUR:
            if start + length > len(profile):
                return None
            tags[kind] = profile[start : start + length]
    header = bytearray(profile[:_HEADER])
    for start, end in _BLANKED:
        header[start:end] = bytes(end - start)
    made = _assembled(bytes(header), tags)
    return made if len(made) <= MOST else None


def _assembled(header: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Lay tags out, those alike once (7.3.1: they may share their data), each at a multiple of four."""
    places: dict[bytes, int] = {}
    body = b""
    first = _HEADER + 4 + len(tags) * _TAG
    for _kind, value in sorted(tags.items()):
        if value not in places:
            places[value] = first + len(body)
            body += value + bytes(-len(value) % 4)
    table = b"".join(kind + places[value].to_bytes(4) + len(value).to_bytes(4) for kind, value in sorted(tags.items()))
    whole = header[4:] + len(tags).to_bytes(4) + table + body
    return (len(whole) + 4).to_bytes(4) + whole
