"""Films are told by their boxes; what is cut short, in pieces or tells where is refused by name."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.assets import model
from bluelamp.assets.errors import (
    AssetError,
    AssetTooLargeError,
    FilmBrokenError,
    FilmCutShortError,
    FilmIndexTooLargeError,
    FilmInPiecesError,
    FilmTellsWhereError,
    TypeNotTakenError,
)
from bluelamp.assets.films import look
from tests.support import films
from tests.support.films import box, film, reading

GOOD = {
    "index first": film(),
    "index last": film(first=False),
    "64 bits": film(wide=True, version=1),
    "to the end": film(to_end=True),
}
EVERY = pytest.mark.parametrize("data", GOOD.values(), ids=GOOD.keys())


def seen(data: bytes):
    return look(reading(data), len(data))


@EVERY
def test_what_a_film_is(data):
    found = seen(data)
    assert (found.kind, found.type, found.size) == ("video", "video/mp4", len(data))
    assert (found.width, found.height, found.seconds, found.codecs) == (640, 360, 7, ("avc1", "mp4a"))


def test_quicktime_and_turned():
    found = seen(film(brand=b"qt  ", matrix=films.TURNED, seconds=6))
    assert (found.type, found.width, found.height, found.seconds) == ("video/quicktime", 360, 640, 6)


@EVERY
def test_no_beginning_of_a_film_is_taken_for_all_of_it(data):
    for cut in range(len(data)):
        with pytest.raises(AssetError):
            seen(data[:cut])


@EVERY
@given(st.data())
def test_damage_is_named_or_harmless(data, more):
    whole = bytearray(data)
    for _ in range(more.draw(st.integers(1, 4))):
        whole[more.draw(st.integers(0, len(whole) - 1))] = more.draw(st.integers(0, 255))
    try:
        found = seen(bytes(whole))
    except AssetError:
        return
    assert found.kind == "video"


@given(st.sampled_from([b"", film()[:24], box(b"free")]), st.binary())
def test_any_bytes_are_a_film_or_a_named_refusal(start, rest):
    with pytest.raises(AssetError):
        seen(start + rest)


def test_a_film_of_five_gigabytes_is_read_in_parts():
    short = film(first=False, wide=True)
    at = short.index(b"mdat") - 4
    gap = 5 * 1024**3
    large = short[: at + 4] + b"mdat" + struct.pack(">Q", 256 + gap) + short[at + 16 : at + 256]
    moov = short[at + 256 :]
    asked = []

    def read(start: int, length: int) -> bytes:
        asked.append(length)
        after = start - len(large) - gap
        return moov[after : after + length] if after >= 0 else large[start : start + length]

    assert look(read, len(short) + gap).seconds == 7
    assert sum(asked) < 10_000


TOLD = {
    "quicktime": box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+51.5-000.1/")),
    "3gpp": box(b"udta", box(b"loci", bytes(20))),
    "keys": box(b"meta", box(b"hdlr", bytes(24)), box(b"keys", b"com.apple.quicktime.location.ISO6709")),
    "keys in user data": box(b"udta", box(b"meta", bytes(4), box(b"keys", b"mdtaLocation"))),
    "xmp": box(b"uuid", bytes(16), b"<exif:GPSLatitude>51,30N"),
    "xmp with a town": box(b"uuid", bytes(16), b"<photoshop:City>Swindale"),
    "dash camera": box(b"gps ", bytes(16)),
    "action camera": films.track(b"meta", b"gpmd", 0),
    "drone": films.track(b"meta", b"djmd", 0),
    "subtitles of a drone": films.track(b"text", b"tx3g", 0),
    "track of data": films.track(b"meta", b"mett", 0),
    "all round camera": box(b"udta", box(b"@xyz", b"place")),
    "preview with a place": box(b"uuid", bytes(16), b"II*\0\x25\x88\4\0\1\0\0\0"),
    "the same in the other order": box(b"udta", box(b"CNTH", b"MM\0*\x88\x25\0\4\0\0\0\1")),
    "a value of its own name": box(b"udta", box(b"made", b"at +51.5007-000.1246+011/")),
    "receiver in a gap": box(b"free", b"[1487]$GPRMC,1,A,5130.0,N"),
}


@pytest.mark.parametrize("more", TOLD.values(), ids=TOLD.keys())
def test_a_film_that_tells_where_is_not_taken(more):
    with pytest.raises(FilmTellsWhereError):
        seen(film(more=more))


@pytest.mark.parametrize("gap", [box(b"gps ", bytes(8)), b"[1487]$GNRMC,1,A,5130.0,N"])
def test_a_gap_of_the_file_that_tells_where_is_found(gap):
    with pytest.raises(FilmTellsWhereError):
        seen(film() + box(b"free", b"\xff\xd8" + bytes(50_000), gap))
    assert seen(film() + box(b"free", b"IsoMedia File Produced with GPAC")).seconds == 7


@pytest.mark.parametrize(("kind", "entry"), [(b"tmcd", b"tmcd"), (b"meta", b"mebx")])
def test_time_codes_and_named_data_without_a_place_are_taken(kind, entry):
    assert seen(film(first=False, more=films.track(kind, entry, 30))).codecs == ("avc1", "mp4a")


def test_other_words_of_a_film_are_no_place():
    folders = box(b"uuid", bytes(16), b"<stRef:filePath>/OP-12-2026/C-2026-0117/clip.mov</stRef:filePath>")
    assert seen(film(more=folders)).seconds == 7
    assert seen(film(more=box(b"udta", box(b"meta", bytes(4), box(b"ilst", box(b"\xa9nam", b"Hello")))))).seconds == 7


def bare(**more) -> bytes:
    """A film whose chunks lie where the index says, and the file has no pictures there."""
    data = film(first=False, **more)
    at = data.index(b"mdat")
    return data[:at] + b"free" + data[at + 4 :]


REFUSED = {
    "empty": (b"", TypeNotTakenError),
    "a photograph": (film(brand=b"heic"), TypeNotTakenError),
    "without pictures there": (bare(), FilmCutShortError),
    "without index": (film(first=False)[:260], FilmCutShortError),
    "in pieces": (film(more=box(b"mvex")), FilmInPiecesError),
    "pieces behind": (film() + box(b"moof"), FilmInPiecesError),
    "no length": (film(seconds=0), FilmBrokenError),
    "locked": (film(sound=b"enca"), TypeNotTakenError),
    "two indexes": (film() + box(b"moov"), FilmBrokenError),
    "sound alone": (film().replace(b"vide", b"tmcd").replace(b"avc1", b"tmcd"), TypeNotTakenError),
    "from another file": (film().replace(b"url \0\0\0\1", b"url \0\0\0\0"), FilmBrokenError),
    "samples in no chunk": (film().replace(b"stco\0\0\0\0\0\0\0\2", b"stco\0\0\0\0\0\0\0\0"), FilmBrokenError),
    "scattered": (film() + box(b"free") * 100, FilmIndexTooLargeError),
    "a large index": (film(more=box(b"free", bytes(model.FILM_INDEX_BYTES))), FilmIndexTooLargeError),
    "many parts": (film(more=box(b"free") * 6000), FilmIndexTooLargeError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why_and_what_to_do(case):
    data, error = REFUSED[case]
    with pytest.raises(error) as caught:
        seen(data)
    assert caught.value.advice in str(caught.value)


def test_a_film_of_too_many_bytes_is_not_read_at_all():
    with pytest.raises(AssetTooLargeError):
        look(lambda start, length: pytest.fail("read"), model.FILM_BYTES + 1)


def test_a_file_that_shrinks_while_it_is_read_is_cut_short():
    data = film()
    with pytest.raises(FilmCutShortError):
        look(reading(data[:300]), len(data))
