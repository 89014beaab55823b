"""Files in memory: the same behaviour as `files` beside it, with the same places to inject faults as `memory`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from bluelamp.cloud.files import PART, Stored, parts_of
from bluelamp.cloud.memory import Faults


class MemoryFiles:
    """Files in memory; `part` is small in tests, so that few bytes make many parts.

    `open_parts` counts parts that were uploaded and belong to no file yet: what the lifecycle would clear away.
    """

    def __init__(self, faults: Faults | None = None, *, part: int = PART) -> None:
        self.name = "memory"
        self.objects: dict[str, bytes] = {}
        self.written: list[str] = []
        self.open_parts = 0
        self.largest = 0
        self.faults = faults or Faults()
        self._part = part

    def write(
        self,
        key: str,
        chunks: Iterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        each: Callable[[int], None] = lambda _: None,
    ) -> Stored:
        """See `Files.write`."""
        del content_type
        whole = bytearray()
        before = self.open_parts
        for part in parts_of(chunks, self._part):
            self.largest = max(self.largest, len(part))
            self.faults.around("upload_part", lambda part=part: whole.extend(part))  # type: ignore[misc]
            self.open_parts += 1
            each(len(whole))
        self.faults.around("complete_upload", lambda: self.objects.__setitem__(key, bytes(whole)))
        self.written.append(key)
        self.open_parts = before
        return Stored(hashlib.sha256(whole).hexdigest(), len(whole))

    def link(self, key: str, *, seconds: int, name: str) -> str:
        """See `Files.link`."""
        return self.faults.around("link", lambda: f"memory://{key}?seconds={seconds}&name={name}")
