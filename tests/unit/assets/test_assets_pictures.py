"""Pictures: the same to the bit, and nothing in their files but the picture."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from bluelamp.assets.errors import AssetError, PictureBrokenError, PictureTooLargeError, TypeNotTakenError
from bluelamp.assets.model import Found
from bluelamp.assets.pictures import MOST_BYTES, clean

# Words that stand in no picture by chance.
MAKER = "Kestrel 4711, taken by Robin Tester"
SIDEWAYS = 6


def drawn(mode: str = "RGB", shift: int = 0) -> Image.Image:
    gradient = Image.linear_gradient("L").resize((64, 40)).rotate(shift * 7)
    return Image.merge("RGB", (gradient, gradient.rotate(90), gradient.transpose(1))).convert(mode)


def exif(turn: int = 1) -> Image.Exif:
    made = Image.Exif()
    made[0x010F], made[0x0112] = MAKER, turn
    made.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 12.5), 29: "2026:11:23"})
    return made


def text() -> PngImagePlugin.PngInfo:
    made = PngImagePlugin.PngInfo()
    made.add_text("Author", MAKER)
    made.add_itxt("XML:com.adobe.xmp", f"<x>{MAKER}</x>")
    return made


def saved(kind: str, mode: str = "RGB", **how: Any) -> bytes:
    out = io.BytesIO()
    drawn(mode).save(out, kind, **how)
    return out.getvalue()


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = f"<x>{MAKER}</x>".encode()
MAKE: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: saved("JPEG", exif=exif(), icc_profile=PROFILE, comment=MAKER.encode(), xmp=XMP),
    "jpeg on its side": lambda: saved("JPEG", exif=exif(SIDEWAYS)),
    "progressive jpeg": lambda: saved("JPEG", progressive=True, exif=exif()),
    "jpeg in restarts": lambda: saved("JPEG", restart_marker_blocks=2, exif=exif()),
    "grey jpeg": lambda: saved("JPEG", "L", exif=exif()),
    "jpeg for print": lambda: saved("JPEG", "CMYK", exif=exif()),
    "png": lambda: saved("PNG", pnginfo=text(), exif=exif(), icc_profile=PROFILE),
    "png of few colours": lambda: saved("PNG", "P", pnginfo=text(), transparency=3),
    "png one sees through": lambda: saved("PNG", "RGBA", pnginfo=text()),
    "gif": lambda: saved("GIF", "P", comment=MAKER.encode()),
    "gif that moves": lambda: saved(
        "GIF", "P", comment=MAKER.encode(), save_all=True, append_images=[drawn("P", 1), drawn("P", 2)], loop=0
    ),
    "webp": lambda: saved("WEBP", exif=exif(), xmp=XMP, icc_profile=PROFILE),
    "webp without loss": lambda: saved("WEBP", lossless=True, exif=exif()),
    "webp one sees through": lambda: saved("WEBP", "RGBA", exif=exif()),
}


@cache
def made(name: str) -> bytes:
    return MAKE[name]()


def frames(data: bytes) -> list[tuple[str, bytes]]:
    picture = Image.open(io.BytesIO(data))
    found = []
    for number in range(getattr(picture, "n_frames", 1)):
        picture.seek(number)
        found.append((picture.mode, picture.tobytes()))
    return found


@pytest.mark.parametrize("name", MAKE)
def test_what_is_seen_stays_to_the_bit_and_what_is_told_goes(name):
    data = made(name)
    body, found = clean(data + MAKER.encode())
    assert frames(body) == frames(data)
    for word in (b"Robin", b"Kestrel", b"2026:11:23", b"xmp", b"GPS"):
        assert word not in body
    assert 0x8825 not in Image.open(io.BytesIO(body)).getexif()
    assert (found.size, found.kind) == (len(body), "picture")
    assert found.type == Image.MIME[Image.open(io.BytesIO(data)).format or ""]
    assert ("icc_profile" in Image.open(io.BytesIO(body)).info) == ("icc_profile" in Image.open(io.BytesIO(data)).info)
    assert clean(body) == (body, found)


def test_how_a_photograph_is_turned_is_the_one_thing_that_stays():
    body, found = clean(made("jpeg on its side"))
    assert dict(Image.open(io.BytesIO(body)).getexif()) == {0x0112: SIDEWAYS}
    assert (found.width, found.height) == (40, 64)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_only_a_note_turns_is_not_taken(kind):
    with pytest.raises(TypeNotTakenError, match="Turn it"):
        clean(saved(kind, exif=exif(SIDEWAYS)))


def test_a_second_picture_behind_the_first_goes():
    out = io.BytesIO()
    drawn().save(out, "MPO", save_all=True, append_images=[drawn(shift=3)])
    body, _ = clean(out.getvalue())
    assert body.count(b"\xff\xd8\xff") == 1
    assert b"MPF" not in body


@pytest.mark.parametrize("name", MAKE)
def test_a_picture_that_is_cut_short_is_not_taken(name):
    body, _ = clean(made(name))
    for end in {*range(min(len(body), 700)), *range(0, len(body), 61)}:
        with pytest.raises(AssetError):
            clean(body[:end])


@pytest.mark.parametrize(
    "data",
    [
        lambda: saved("TIFF"),
        lambda: saved("BMP"),
        lambda: b"",
        lambda: b"<svg onload='x'>",
        lambda: saved("WEBP", save_all=True, append_images=[drawn(shift=1)]),
        lambda: saved("PNG", save_all=True, append_images=[drawn(shift=1)]),
    ],
    ids=["tiff", "bmp", "nothing", "svg", "moving webp", "moving png"],
)
def test_what_platforms_do_not_take_says_so(data):
    with pytest.raises(TypeNotTakenError):
        clean(data())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IEND", b"")


DOT = chunk(b"IDAT", zlib.compress(b"\0\0\0\0"))


def test_more_pixels_than_a_screen_has_are_not_taken_and_nothing_is_unpacked():
    with pytest.raises(PictureTooLargeError, match="100000 by 100000"):
        clean(png(100_000, 100_000, DOT))
    with pytest.raises(PictureTooLargeError, match="20 MB"):
        clean(made("jpeg") + bytes(MOST_BYTES))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (lambda: png(0, 5, DOT), "no width"),
        (lambda: png(1, 1), "no picture in it"),
        (lambda: png(1, 1, DOT[:-1] + bytes([DOT[-1] ^ 1])), "what its sum says"),
        (lambda: png(1, 1, DOT, chunk(b"IHDR", bytes(13))), "in order"),
        (lambda: png(1, 1, chunk(b"iCCP", b"name only"), DOT), "colour profile"),
        (lambda: made("jpeg")[:2] + b"\x00\x00" + made("jpeg")[2:], "where a part should begin"),
        (lambda: b"\xff\xd8\xff\xd9", "no picture in it"),
        (lambda: b"GIF89a" + bytes(7) + b";", "no picture in it"),
        (lambda: b"RIFF\x04\0\0\0WEBP", "no picture in it"),
    ],
)
def test_what_does_not_fit_together_says_what(data, why):
    with pytest.raises(PictureBrokenError, match=why):
        clean(data())


def tried(data: bytes) -> tuple[bytes, Found] | AssetError:
    try:
        return clean(data)
    except AssetError as error:
        return error


BEGINS = (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x40\0\0\0WEBP")


@given(st.sampled_from(BEGINS), st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_named(begin, data):
    assert str(tried(begin + data))


@given(st.sampled_from(sorted(MAKE)), st.data())
def test_any_change_of_a_picture_is_a_picture_or_named(name, data):
    body = bytearray(made(name))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    found = tried(bytes(body))
    assert isinstance(found, AssetError) or clean(found[0]) == found
