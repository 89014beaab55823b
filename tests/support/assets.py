"""Pictures and videos as a publication carries them, made of bytes that a test can foretell."""

import hashlib
from dataclasses import dataclass
from typing import Any

from bluelamp.platforms.publishing import AssetKind


@dataclass
class MadeAsset:
    """An asset whose bytes follow from its name; `reads` counts how often they were asked for."""

    id: str
    kind: AssetKind = "picture"
    type: str = "image/jpeg"
    size: int = 5000
    alt: str = "A red bicycle leaning on a fence"
    seconds: int | None = None
    width: int | None = 1280
    height: int | None = 720
    codecs: tuple[str, ...] = ()
    reads: int = 0

    @property
    def content(self) -> bytes:
        block = hashlib.sha256(self.id.encode()).digest()
        return (block * (self.size // len(block) + 1))[: self.size]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def read(self, start: int, length: int) -> bytes:
        self.reads += 1
        return self.content[start : start + length]


def picture(name: str = "bicycle", **more: Any) -> MadeAsset:
    return MadeAsset(name, **more)


def film(name: str = "cctv", **more: Any) -> MadeAsset:
    usual: dict[str, Any] = {"kind": "video", "type": "video/mp4", "size": 10_000_000, "alt": "", "seconds": 60}
    return MadeAsset(name, **{**usual, "codecs": ("avc1", "mp4a"), **more})
