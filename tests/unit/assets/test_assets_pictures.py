"""Pictures come back without what they tell, with the same pixels, or are refused by name."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bluelamp.assets import model
from bluelamp.assets.errors import (
    AssetError,
    AssetTooLargeError,
    PictureBrokenError,
    PictureMovesError,
    TooManyPixelsError,
    TypeNotTakenError,
)
from bluelamp.assets.pictures import clean
from tests.support import pictures
from tests.support.pictures import chunk, segment

EVERY = pytest.mark.parametrize("make", pictures.ALL.values(), ids=pictures.ALL.keys())
PIXELS = {
    "jpeg": pictures.TABLES + pictures.FRAME + pictures.SCAN,
    "png": pictures.IDAT,
    "gif": pictures.FRAME_OF_GIF,
    "webp": pictures.LOSSLESS,
}


@EVERY
def test_nothing_told_is_left_and_cleaning_twice_is_as_once(make):
    once, found = clean(make() + pictures.SECRET)
    assert pictures.SECRET not in once
    assert pictures.LATITUDE not in once
    assert found.size == len(once)
    assert clean(once) == (once, found)


@pytest.mark.parametrize("name", PIXELS)
def test_the_pixels_are_the_same_bytes(name):
    assert PIXELS[name] in clean(pictures.ALL[name]())[0]


def test_the_type_and_the_size_as_shown():
    found = {name: clean(make())[1] for name, make in pictures.ALL.items()}
    assert {name: (f.type, f.width, f.height) for name, f in found.items()} == {
        "jpeg": ("image/jpeg", 8, 16),
        "png": ("image/png", 3, 4),
        "gif": ("image/gif", 2, 2),
        "webp": ("image/webp", 4, 8),
        "lossy": ("image/webp", 8, 4),
    }


@EVERY
def test_no_beginning_of_a_picture_is_taken_for_all_of_it(make):
    whole, _ = clean(make())
    for cut in range(len(whole)):
        with pytest.raises(AssetError):
            clean(whole[:cut])


@EVERY
@given(st.data())
def test_damage_is_named_or_harmless(make, data):
    whole = bytearray(make())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        once, found = clean(bytes(whole))
    except AssetError:
        return
    assert clean(once) == (once, found)


@given(st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x40\0\0\0WEBP"]), st.binary())
def test_any_bytes_are_a_picture_or_a_named_refusal(start, rest):
    try:
        found = clean(start + rest)[1]
    except AssetError:
        return
    assert found.kind == "picture"


def jpeg_of(width: int, height: int) -> bytes:
    return pictures.jpeg(frame=segment(0xC0, b"\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\x00"))


PIXEL_BOMB = chunk(b"IDAT", zlib.compress(bytes(10_000_000)))
REFUSED = {
    "empty": (b"", TypeNotTakenError),
    "a film": (b"\0\0\0\x10ftypisom\0\0\0\0", TypeNotTakenError),
    "too many bytes": (b"\xff\xd8\xff" + bytes(model.PICTURE_BYTES), AssetTooLargeError),
    "jpeg without height": (jpeg_of(16, 0), PictureBrokenError),
    "jpeg too wide": (jpeg_of(60_000, 60_000), TooManyPixelsError),
    "jpeg without scan": (pictures.jpeg(scan=b""), PictureBrokenError),
    "jpeg with an empty scan": (pictures.jpeg(scan=segment(0xDA, b"\1\1\0\0\x3f\0")), PictureBrokenError),
    "jpeg arithmetic": (pictures.jpeg(frame=b"\xff\xc9" + pictures.FRAME[2:]), TypeNotTakenError),
    "jpeg of too many scans": (pictures.jpeg(scan=pictures.SCAN * 101), TypeNotTakenError),
    "jpeg with text in a table": (pictures.jpeg(heads=segment(0xDB, bytes(65) + b"text")), PictureBrokenError),
    "png without width": (pictures.png(head=pictures.header(width=0)), PictureBrokenError),
    "png too large": (pictures.png(head=pictures.header(width=1 << 30)), TooManyPixelsError),
    "png that unpacks to more": (pictures.png(pixels=PIXEL_BOMB), PictureBrokenError),
    "png that unpacks to less": (pictures.png(head=pictures.header(height=4)), PictureBrokenError),
    "png with pixels behind": (pictures.png(pixels=pictures.IDAT + chunk(b"IDAT", b"more")), PictureBrokenError),
    "png with a wrong sum": (pictures.png(before=chunk(b"tEXt", b"a\0b")[:-1] + b"\0"), PictureBrokenError),
    "png that moves": (pictures.png(before=chunk(b"acTL", bytes(8))), PictureMovesError),
    "png without palette": (pictures.png(head=pictures.header(colour=3)), PictureBrokenError),
    "gif without frames": (pictures.gif(frames=0), PictureBrokenError),
    "webp that moves": (pictures.riff((b"VP8X", pictures.CANVAS), (b"ANIM", bytes(6))), PictureMovesError),
    "webp of two": (pictures.riff((b"VP8L", pictures.LOSSLESS), (b"VP8L", pictures.LOSSLESS)), PictureBrokenError),
    "webp in a webp": (pictures.riff((b"RIFF", pictures.webp())), PictureBrokenError),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_why_and_what_to_do(case):
    data, error = REFUSED[case]
    with pytest.raises(error) as caught:
        clean(data)
    assert caught.value.advice in str(caught.value)


def test_a_gif_of_too_many_pixels_in_all(monkeypatch):
    monkeypatch.setattr("bluelamp.assets.gif.GIF_PIXELS", 7)
    with pytest.raises(TooManyPixelsError):
        clean(pictures.gif(frames=2))


def profile() -> bytes:
    tags = {b"desc": b"desc" + bytes(8) + pictures.SECRET, b"rXYZ": b"XYZ \0\0\0\0" + bytes(12), b"PRIV": b"SECRET"}
    table, body, at = b"", b"", 132 + 12 * len(tags)
    for kind, value in tags.items():
        table += kind + struct.pack(">II", at + len(body), len(value))
        body += value
    head = bytearray(128)
    head[8], head[36:40], head[48:52] = 4, b"acsp", b"SECR"
    head[0:4] = struct.pack(">I", at + len(body))
    return bytes(head) + struct.pack(">I", len(tags)) + table + body


def with_profile(name: str) -> bytes:
    if name == "jpeg":
        return pictures.jpeg(heads=segment(0xE2, b"ICC_PROFILE\0\1\1" + profile()))
    if name == "png":
        return pictures.png(before=chunk(b"iCCP", pictures.SECRET + b"\0\0" + zlib.compress(profile())))
    return pictures.riff((b"VP8X", pictures.CANVAS), (b"ICCP", profile()), (b"VP8L", pictures.LOSSLESS))


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_of_a_colour_profile_the_colours_are_left(name):
    once, found = clean(with_profile(name))
    start = once.find(b"iCCP")
    inside = zlib.decompress(once[start + 9 : once.find(b"IDAT")]) if start > 0 else once
    assert b"acsp" in inside
    assert b"rXYZ" in inside
    assert b"SECR" not in inside
    assert clean(once) == (once, found)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_real_picture_decodes_to_the_same_pixels(kind):
    made = Image.radial_gradient("L").resize((61, 37)).convert("RGB")
    told = Image.Exif()
    told[0x010F], told[0x0112] = pictures.SECRET.decode(), 6
    before = io.BytesIO()
    made.save(before, kind, exif=told)
    once, _ = clean(before.getvalue())
    assert pictures.SECRET not in once
    with Image.open(before) as old, Image.open(io.BytesIO(once)) as new:
        assert new.convert("RGB").tobytes() == old.convert("RGB").tobytes()
        assert new.getexif().get(0x0112) == (None if kind == "GIF" else 6)
