"""Pictures and films on their way in, over a table and a bucket in memory."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from bluelamp.assets.checking import Checking
from bluelamp.assets.lapsing import Lapsing
from bluelamp.assets.store import AssetStore
from bluelamp.assets.uploading import Uploading
from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.memory import Faults, MemoryTable
from bluelamp.cloud.memory_uploads import MemoryUploads
from bluelamp.people.model import Principal
from tests.support.world import idem

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def photograph() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Kestrel 4711"
    out = io.BytesIO()
    Image.new("RGB", (32, 20), (90, 20, 30)).save(out, "JPEG", exif=exif)
    return out.getvalue()


class Intake:
    """A bucket, a table, and what an officer's browser does."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.table = MemoryTable(self.faults)
        self.store = AssetStore(self.table)
        self.uploads = MemoryUploads(self.faults)
        self.carried: dict[str, set[str]] = {}
        self.answered: dict[str, str] = {}
        self.woken = 0
        self.now = NOW
        self.uploading = Uploading(
            store=self.store,
            uploads=self.uploads,
            carries=self._carries,
            answered=lambda _principal, _post, action: self.answered[action],
            wake=self._wake,
            clock=self._clock,
        )
        self.checking = Checking(store=self.store, uploads=self.uploads, wake=self._wake, clock=self._clock)

        self.lapsing = Lapsing(store=self.store, wake=self._wake, clock=self._clock)

    def _clock(self) -> datetime:
        return self.now

    def _carries(self, _: Principal, publication: str, asset: str) -> bool:
        return asset in self.carried.get(publication, set())

    def _wake(self) -> None:
        self.woken += 1

    def send(self, officer: Principal, asset_id: str, data: bytes) -> None:
        """Send all parts that are wanted, as a page does."""
        while found := self.uploading.links(officer, asset_id).parts:
            for part in found:
                begin = (part.number - 1) * 16 * 1024 * 1024
                assert self.uploads.put_part(part.url, data[begin : begin + part.size]) == 200

    def arrive(self, officer: Principal, data: bytes, media_type: str) -> str:
        """Announce, send and complete."""
        made = self.uploading.begin(officer, media_type=media_type, size=len(data), idem=idem())
        self.send(officer, made.id, data)
        self.uploading.complete(officer, made.id, idem=idem())
        return made.id

    def leaves(self) -> list[dict[str, Any]]:
        """Return what is to be sealed, in order."""
        chunks = sorted((Waiting.from_item(item) for item in self._outbox()), key=lambda chunk: chunk.id)
        return [json.loads(body) for chunk in chunks for body in chunk.bodies()]

    def releases(self) -> list[dict[str, Any]]:
        """Return what is released once it is sealed."""
        return [one for item in self._outbox() for one in item.get("releases", [])]

    def _outbox(self) -> list[dict[str, Any]]:
        return [item for (pk, _), item in self.table.items.items() if pk.startswith("OUTBOX#")]
