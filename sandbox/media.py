"""Pictures and videos that posts can carry: small, made on the spot, the same for the same name, and unwell on request.

Nothing is stored: a name's bytes follow from the name. A fault answers as a host may that is broken, slow or wicked.
Pictures of the real platforms do not lie on the host of their API either, so no token is asked for.
"""

import base64
import hashlib
import struct
import time
import zlib
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, request

from sandbox.faults import MEDIA_KINDS
from sandbox.state import Doc
from sandbox.world import World

PREFIX = "/media"
_SLOW_SECONDS = 30.0
_INSIDE = "http://169.254.169.254/latest/meta-data/"
_WIDTH, _HEIGHT = 32, 24
# 16 by 12 pixels; the name goes into a comment behind the first marker.
_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/"
    "2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAMABADASIAAhEBAxEB/8QAFQ"
    "ABAQAAAAAAAAAAAAAAAAAABAP/xAAZEAACAwEAAAAAAAAAAAAAAAAAAwECUWH/xAAVAQEBAAAAAAAAAAAAAAAAAAABA//EABgRAAMBAQAAAAAAAAAAAAAAAAABA"
    "wIE/9oADAMBAAIRAxEAPwAakcGKRwoqkYMVSMLbow5as//Z"
)


class Media:
    """Serves ``/media/<name>.<jpg|png|mp4>``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        blueprint = Blueprint("media", __name__)
        blueprint.add_url_rule("/<name>", "medium", self.medium)
        return blueprint

    def medium(self, name: str) -> Response:
        """Answer with a medium, or as a fault says."""
        kind = name.rpartition(".")[2]
        if kind not in _MAKERS:
            return Response(f"no medium {name}", status=404)
        facts = {"method": request.method, "path": request.path}
        for fault in self._world.faults.strike(MEDIA_KINDS, "media", facts):
            return _FAULTS[fault["kind"]](fault, name)
        return _whole(name)


def _whole(name: str) -> Response:
    mime, make = _MAKERS[name.rpartition(".")[2]]
    return Response(make(name), mimetype=mime)


def jpeg(name: str) -> bytes:
    """Return a small JPEG that is this name's alone."""
    text = name.encode()
    return _JPEG[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + _JPEG[2:]


def png(name: str) -> bytes:
    """Return a small PNG in the name's own colours."""
    red, green, blue = hashlib.sha256(name.encode()).digest()[:3]
    rows = b"".join(
        b"\0" + b"".join(bytes((red ^ 4 * x, green ^ 4 * y, blue)) for x in range(_WIDTH)) for y in range(_HEIGHT)
    )
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def mp4(name: str) -> bytes:
    """Return what begins as an MP4 does and holds no frame."""
    parts = ((b"ftyp", b"isom\0\0\2\0isomiso2mp41"), (b"free", name.encode()), (b"mdat", bytes(4096)))
    return b"".join(struct.pack(">I4s", 8 + len(body), kind) + body for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _gone(_fault: Doc, _name: str) -> Response:
    return Response("not here", status=404)


def _slow(fault: Doc, name: str) -> Response:
    """Send one byte after the other over the given time."""
    whole = _whole(name)
    body = whole.get_data()
    pause = float(fault.get("seconds") or _SLOW_SECONDS) / len(body)

    def trickle() -> Iterator[bytes]:
        for place in range(len(body)):
            time.sleep(pause)
            yield body[place : place + 1]

    return Response(trickle(), mimetype=whole.mimetype, headers={"Content-Length": str(len(body))})


def _endless(_fault: Doc, name: str) -> Response:
    body = _whole(name).get_data()

    def more() -> Iterator[bytes]:
        yield body
        while True:
            yield bytes(65536)

    return Response(more(), mimetype="image/jpeg")


def _redirect(_fault: Doc, _name: str) -> Response:
    return Response(status=302, headers={"Location": _INSIDE})


def _type(_fault: Doc, _name: str) -> Response:
    return Response("<html><script>alert(1)</script></html>", mimetype="image/jpeg")


_MAKERS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "jpg": ("image/jpeg", jpeg),
    "png": ("image/png", png),
    "mp4": ("video/mp4", mp4),
}
_FAULTS: dict[str, Callable[[Doc, str], Response]] = {
    "media_gone": _gone,
    "media_slow": _slow,
    "media_endless": _endless,
    "media_redirect": _redirect,
    "media_type": _type,
}
