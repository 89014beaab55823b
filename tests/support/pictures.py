"""Pictures made by hand, with everything in them that cameras and editors leave."""

import struct
import zlib

SECRET = b"SECRET-CAMERA"
LATITUDE = struct.pack("<6I", 51, 1, 30, 1, 1234, 100)


def exif(orientation: int = 6) -> bytes:
    """A little-endian TIFF with a camera's name, the orientation and a directory of GPS."""
    name, gps = 50, 50 + len(SECRET) + 1
    entries = (
        struct.pack("<HHII", 0x010F, 2, len(SECRET), name)
        + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
        + struct.pack("<HHII", 0x8825, 4, 1, gps)
    )
    directory = struct.pack("<H", 1) + struct.pack("<HHII", 2, 5, 3, gps + 18) + bytes(4)
    return b"II*\0" + struct.pack("<IH", 8, 3) + entries + bytes(4) + SECRET + b"\0" + directory + LATITUDE


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


CODED = b"\x12\x34\xff\x00\x56\xff\xd0\x78"
FRAME = segment(0xC0, b"\x08" + struct.pack(">HH", 8, 16) + b"\x01\x01\x11\x00")
TABLES = segment(0xDB, b"\0" + bytes(range(1, 65))) + segment(0xC4, b"\0" + b"\1" + bytes(15) + b"\0")
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + CODED


def jpeg(*, heads: bytes | None = None, frame: bytes = FRAME, scan: bytes = SCAN) -> bytes:
    """16 by 8 pixels of grey, with all that is to be left out."""
    told = (
        segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1" + SECRET[:3])
        + segment(0xE1, b"Exif\0\0" + exif())
        + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)
        + segment(0xE2, b"MPF\0" + SECRET)
        + segment(0xED, b"Photoshop 3.0\0" + SECRET)
        + segment(0xEE, b"Adobe\0\x64\0\0\0\0\0" + SECRET)
        + segment(0xFE, SECRET)
    )
    return b"\xff\xd8" + (told if heads is None else heads) + TABLES + frame + scan + b"\xff\xd9"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int = 4, height: int = 3, depth: int = 8, colour: int = 2, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


ROWS = b"".join(b"\0" + bytes(range(row, row + 12)) for row in range(3))
IDAT = chunk(b"IDAT", zlib.compress(ROWS)[:9]) + chunk(b"IDAT", zlib.compress(ROWS)[9:])


def png(*, head: bytes | None = None, before: bytes | None = None, pixels: bytes = IDAT) -> bytes:
    """4 by 3 pixels of colour, with all that is to be left out."""
    told = (
        chunk(b"gAMA", struct.pack(">I", 45455))
        + chunk(b"tEXt", b"Author\0" + SECRET)
        + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SECRET))
        + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET)
        + chunk(b"eXIf", exif())
        + chunk(b"prIv", SECRET)
    )
    start = b"\x89PNG\r\n\x1a\n" + (header() if head is None else head)
    return start + (told if before is None else before) + pixels + chunk(b"IEND", b"")


FRAME_OF_GIF = b"\x2c" + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x03\x84\x51\x00\x00"


def gif(*, frames: int = 2, frame: bytes = FRAME_OF_GIF) -> bytes:
    """2 by 2 pixels that move, with a comment and an application's own block."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 2, 2, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    told = b"\x21\xfe" + bytes((len(SECRET),)) + SECRET + b"\0\x21\xff\x0bXMP DataXMP" + b"\x0d" + SECRET + b"\0"
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    return screen + loop + told + (b"\x21\xf9\x04\0\x0a\0\0\0" + frame) * frames + b"\x3b"


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(k + struct.pack("<I", len(b)) + b + bytes(len(b) % 2) for k, b in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


LOSSLESS = b"\x2f" + struct.pack("<I", 7 | 3 << 14) + b"\x01\x02\x03\x04"
CANVAS = bytes((0x0C, 0, 0, 0, 7, 0, 0, 3, 0, 0))


def webp() -> bytes:
    """8 by 4 pixels, lossless, with EXIF, XMP and a chunk of somebody's own."""
    return riff((b"VP8X", CANVAS), (b"VP8L", LOSSLESS), (b"EXIF", exif()), (b"XMP ", SECRET), (b"PRIV", SECRET))


def lossy() -> bytes:
    return riff((b"VP8 ", b"\x10\0\0\x9d\x01\x2a" + struct.pack("<HH", 8, 4) + b"\1\2\3"))


ALL = {"jpeg": jpeg, "png": png, "gif": gif, "webp": webp, "lossy": lossy}
