"""Uploads in memory: the same behaviour as `uploads` beside it, with the same places to inject faults as `memory`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from bluelamp.cloud.memory import Faults
from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.cloud.uploads import ObjectChangedError, Sent


class MemoryUploads:
    """Uploads in memory. `put_part` is what a browser does with a link; it gives the status that S3 would."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.name = "memory"
        self.objects: dict[str, bytes] = {}
        self.open: dict[tuple[str, str], dict[int, bytes]] = {}
        self.faults = faults or Faults()
        self._begun = 0

    def begin(self, key: str, *, content_type: str) -> str:
        """See `Uploads.begin`."""
        del content_type
        self._begun += 1
        upload = f"upload-{self._begun}"
        self.faults.around("begin_upload", lambda: self.open.__setitem__((key, upload), {}))
        return upload

    def part_link(self, key: str, upload: str, number: int, *, size: int, seconds: int) -> str:
        """See `Uploads.part_link`."""
        return f"memory://{key}?upload={upload}&part={number}&size={size}&seconds={seconds}"

    def put_part(self, link: str, body: bytes) -> int:
        """Do with a link what a browser does."""
        parts = urlsplit(link)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        found = self.open.get((parts.netloc + parts.path, said["upload"]))
        if len(body) != int(said["size"]):
            return 403
        if found is None:
            return 404
        found[int(said["part"])] = body
        return 200

    def parts(self, key: str, upload: str) -> dict[int, Sent]:
        """See `Uploads.parts`."""
        return {number: _sent(body) for number, body in self._open(key, upload).items()}

    def complete(self, key: str, upload: str, parts: Mapping[int, Sent]) -> None:
        """See `Uploads.complete`."""
        found = self._open(key, upload)
        whole = b"".join(found[number] for number in sorted(parts))

        def done() -> None:
            self.objects[key] = whole
            del self.open[key, upload]

        self.faults.around("complete_upload", done)

    def abort(self, key: str, upload: str) -> None:
        """See `Uploads.abort`."""
        self.faults.around("abort_upload", lambda: self.open.pop((key, upload), None))

    def head(self, key: str) -> Sent | None:
        """See `Uploads.head`."""
        return _sent(self.objects[key]) if key in self.objects else None

    def read(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """See `Uploads.read`."""
        if length < 1:
            return b""
        found = self.head(key)
        if found is None:
            raise ObjectMissingError(f"{self.name}/{key} is not there")
        if found.etag != etag:
            raise ObjectChangedError(f"{self.name}/{key} is another one than was looked at")
        return self.faults.around("read", lambda: self.objects[key][start : start + length])

    def put(self, key: str, body: bytes, *, content_type: str) -> str:
        """See `Uploads.put`."""
        del content_type
        self.faults.around("put", lambda: self.objects.__setitem__(key, body))
        return _sent(body).etag

    def delete(self, key: str) -> None:
        """See `Uploads.delete`."""
        self.faults.around("delete", lambda: self.objects.pop(key, None))

    def link(self, key: str, *, seconds: int) -> str:
        """See `Uploads.link`."""
        return f"memory://{key}?seconds={seconds}"

    def _open(self, key: str, upload: str) -> dict[int, bytes]:
        found = self.open.get((key, upload))
        if found is None:
            raise ObjectMissingError(f"{self.name}/{key} is not there")
        return found


def _sent(body: bytes) -> Sent:
    return Sent(len(body), f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"')
