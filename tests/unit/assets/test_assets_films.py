"""Films: what is found in them, wherever it stands, and what is not taken, with the reason."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.assets.errors import (
    AssetError,
    FilmBrokenError,
    FilmCutShortError,
    FilmTellsWhereError,
    TypeNotTakenError,
)
from bluelamp.assets.films import MOST_DESCRIPTION, look
from bluelamp.assets.model import Found
from tests.support.films import QUARTER, box, film, full, mvhd, reader, track, wide_box

GIGABYTE = 1 << 30


def seen(data: bytes) -> Found:
    return look(reader(data), len(data))


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    ("brand", "said"), [(b"isom", "video/mp4"), (b"mp42", "video/mp4"), (b"qt  ", "video/quicktime")]
)
def test_a_film_is_found_wherever_its_description_stands(first, brand, said):
    data = film(first=first, brand=brand, seconds=299.2)
    assert seen(data) == Found(
        kind="video", type=said, size=len(data), width=1280, height=720, seconds=300, codecs=("avc1", "mp4a")
    )


def test_a_phone_s_film_stands_upright():
    found = seen(film(tracks=(lambda place: track(place=place, matrix=QUARTER),)))
    assert (found.width, found.height) == (720, 1280)


def test_a_film_of_four_gigabytes_is_read_in_some_parts():
    ftyp = box(b"ftyp", b"isom", bytes(4))
    body = 4 * GIGABYTE - 1024
    head = struct.pack(">I4sQ", 1, b"mdat", 16 + body)
    place = len(ftyp) + 16
    moov = box(b"moov", mvhd(7200), track(place=place + body - 200, wide=True))
    begin = place + body
    reads: list[int] = []

    def read(start: int, length: int) -> bytes:
        reads.append(length)
        if start >= begin:
            return moov[start - begin : start - begin + length]
        return (ftyp + head)[start : start + length]

    found = look(read, begin + len(moov))
    assert (found.seconds, found.size > 4 * GIGABYTE - 2048) == (7200, True)
    assert sum(reads) < 10_000
    # One byte less, and its last picture is not all there.
    with pytest.raises(FilmCutShortError):
        look(read, begin + len(moov) - 1)


def test_old_quicktime_says_nothing_about_itself():
    data = film()
    without = data[data.index(b"mdat") - 4 :]
    shift = len(data) - len(without)
    moved = film(tracks=(lambda place: track(place=place - shift),))[shift:]
    assert seen(moved).type == "video/quicktime"


@pytest.mark.parametrize("first", [True, False])
def test_a_film_that_is_cut_short_is_not_taken(first):
    data = film(first=first)
    for end in range(8, len(data)):
        with pytest.raises((FilmCutShortError, FilmBrokenError)):
            seen(data[:end])


def test_pictures_that_lie_beyond_the_end_are_found_missing():
    # The boxes fit the file, and the places in it do not: what a half-finished repair leaves.
    with pytest.raises(FilmCutShortError):
        seen(film(tracks=(lambda place: track(place=place, sizes=(100, 100_000)),)))
    with pytest.raises(FilmCutShortError):
        seen(film(tracks=(lambda place: track(place=place + 1_000_000),)))


@pytest.mark.parametrize(
    "told",
    [
        box(b"udta", box(b"\xa9xyz", struct.pack(">HH", 18, 0) + b"+51.5012-000.1234/")),
        box(b"udta", full(b"loci", bytes(20))),
        box(b"meta", box(b"keys", b"com.apple.quicktime.location.ISO6709")),
        box(b"uuid", bytes(16) + b"<rdf exif:GPSLatitude='51,30N'/>"),
    ],
    ids=["user data", "3gpp", "apple", "xmp"],
)
def test_a_film_that_says_where_it_was_taken_is_not_taken(told):
    with pytest.raises(FilmTellsWhereError, match="where it was taken"):
        seen(film(told=told))
    with pytest.raises(FilmTellsWhereError):
        seen(film() + told)
    with pytest.raises(FilmTellsWhereError):
        seen(film(tracks=(lambda place: track(place=place, extra=told),)))


@pytest.mark.parametrize(("kind", "codec"), [(b"sbtl", b"tx3g"), (b"text", b"text"), (b"meta", b"gpmd")])
def test_a_track_that_may_say_where_is_not_taken(kind, codec):
    tracks = (lambda place: track(place=place), lambda place: track(kind, codec, place=place))
    with pytest.raises(FilmTellsWhereError):
        seen(film(tracks=tracks))


def test_a_track_of_a_phone_that_says_nothing_does_no_harm():
    tracks = (lambda place: track(place=place), lambda place: track(b"meta", b"mebx", place=place))
    assert seen(film(tracks=tracks)).codecs == ("avc1",)


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x86",
        b"\xff\xd8\xff\xe0" + bytes(40),
        film(brand=b"heic"),
        film() + box(b"moof", bytes(16)),
        film(told=box(b"mvex", bytes(16))),
    ],
    ids=["avi", "webm", "jpeg", "heic", "moof", "mvex"],
)
def test_what_is_no_film_of_the_platforms_says_so(data):
    with pytest.raises(TypeNotTakenError):
        seen(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (film(seconds=0), "no film in it"),
        (film(tracks=(lambda place: track(b"soun", b"mp4a", place=place),)), "no film in it"),
        (film(tracks=(lambda place: track(place=place, frame=(0, 720)),)), "no width"),
        (film(tracks=(lambda place: track(place=place),) * 21), "more tracks"),
        (film() + box(b"free") * 201, "more parts"),
        (film(tracks=(lambda place: track(place=place, codec=b"\x00\x01\x02\x03"),)), "no name"),
        (film(told=struct.pack(">I4s", 2**31, b"free")), "longer than what holds it"),
    ],
)
def test_what_does_not_fit_together_says_what(data, why):
    with pytest.raises(FilmBrokenError, match=why):
        seen(data)


def test_a_description_that_is_too_long_is_not_read():
    begin = box(b"ftyp", b"isom", bytes(4)) + struct.pack(">I4s", MOST_DESCRIPTION + 9, b"moov")

    def read(start: int, length: int) -> bytes:
        assert length < MOST_DESCRIPTION
        return begin[start : start + length]

    with pytest.raises(FilmBrokenError, match="longer"):
        look(read, 16 + MOST_DESCRIPTION + 9)


def test_lengths_of_eight_bytes_are_read_too():
    data = film()
    begin = data.index(b"mdat") - 4
    grown = data[:begin] + wide_box(b"mdat", bytes(200))
    moved = grown + box(b"moov", mvhd(5, version=1), track(place=len(grown) - 200, wide=True))
    assert seen(moved).seconds == 5


def tried(data: bytes) -> Found | AssetError:
    try:
        return seen(data)
    except AssetError as error:
        return error


@given(st.binary(max_size=400))
def test_any_bytes_are_a_film_or_named(data):
    assert str(tried(data))


@given(st.data())
def test_any_change_of_a_film_is_a_film_or_named(data):
    body = bytearray(film(first=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at] = data.draw(st.integers(0, 255))
    found = tried(bytes(body))
    assert isinstance(found, AssetError) or (found.width and found.seconds)
