"""Writes bags: BagIt 1.0 (RFC 8493) in a folder, and the folder as one zip, both without holding a file in memory.

Own and small because a bag is written as a stream: each file is hashed while it is written, and the zip is made on its
way to the bucket. Equal content gives an equal zip. The `bagit` library checks our bags in the tests.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bluelamp.audit.manifest import MANIFEST, write_manifest

# The oldest date that a zip can hold: a bag's own dates stand in it, and a zip is the same whenever it is made.
_DATE = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1024 * 1024
# What is compressed, or encrypted, already.
_DENSE = frozenset({".jpg", ".png", ".gif", ".webp", ".mp4", ".pdf", ".pyz", ".bin", ""})


class BagWriter:
    """A bag while it is written; `seal` makes it one.

    Parameters
    ----------
    root
        The bag's folder; it must not be there yet.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.octets = 0
        self._digests: dict[str, str] = {}
        (root / "data").mkdir(parents=True)

    def write(self, name: str, body: bytes) -> None:
        """Write a file of the payload; `name` is below ``data/``."""
        path = self._path(name)
        path.write_bytes(body)
        self._noted(name, hashlib.sha256(body).hexdigest(), len(body))

    @contextmanager
    def stream(self, name: str) -> Iterator[IO[str]]:
        """Give a text file of the payload to be written bit by bit (UTF-8, newlines as given)."""
        path = self._path(name)
        with path.open("w", encoding="utf-8", newline="", errors="backslashreplace") as file:
            yield file
        self.adopt(name)

    def adopt(self, name: str) -> None:
        """Take in a file that somebody else has written at its place below ``data/``."""
        path = self.root / "data" / name
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._noted(name, digest, path.stat().st_size)

    def path(self, name: str) -> Path:
        """Return where a file of the payload lies, for somebody who writes it himself; its folder is made."""
        return self._path(name)

    def seal(self, info: Mapping[str, str]) -> None:
        """Write the manifests and the tag files: the folder is a bag now.

        Parameters
        ----------
        info
            The lines of ``bag-info.txt``; the number of files and bytes is added.
        """
        tags = {
            "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": _lines({**info, "Payload-Oxum": f"{self.octets}.{len(self._digests)}"}),
            MANIFEST: write_manifest({f"data/{name}": digest for name, digest in self._digests.items()}).decode(),
        }
        for name, text in tags.items():
            (self.root / name).write_text(text, encoding="utf-8", newline="")
        sums = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in tags.items()}
        (self.root / "tagmanifest-sha256.txt").write_bytes(write_manifest(sums))

    def _path(self, name: str) -> Path:
        path = self.root / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _noted(self, name: str, digest: str, size: int) -> None:
        self._digests[name] = digest
        self.octets += size


def zipped(root: Path) -> Iterator[bytes]:
    """Yield a bag as a zip that holds its folder: same bag, same bytes."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            member = zipfile.ZipInfo(f"{root.name}/{path.relative_to(root).as_posix()}", _DATE)
            member.compress_type = zipfile.ZIP_STORED if path.suffix in _DENSE else zipfile.ZIP_DEFLATED
            member.external_attr = 0o100644 << 16
            member.file_size = path.stat().st_size
            with path.open("rb") as file, archive.open(member, "w") as entry:
                while block := file.read(_BLOCK):
                    entry.write(block)
                    yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where the zip is written: hands on what came, and cannot be gone back in."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        block = bytes(memoryview(data))  # type: ignore[arg-type]  # whatever zipfile hands over is a buffer
        self._held.append(block)
        return len(block)

    def taken(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


def _lines(info: Mapping[str, str]) -> str:
    """Return the lines of ``bag-info.txt``; a value stays on its line whatever stands in it."""
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in info.items())
