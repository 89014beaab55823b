"""Pictures and videos on their way to a platform: what was announced, what came, and what became of it.

Of their bytes only the count and the SHA-256 are kept, so that a sandbox takes a video of any size. The running hash is
in memory: of an upload that a restart interrupts, the hash stays unknown.
"""

import hashlib
from typing import Any

from flask import g, request

from sandbox.clock import HOUR, SECOND
from sandbox.state import Doc
from sandbox.world import World

_KEPT = 5000
_ENDINGS = {"picture": "jpg", "video": "mp4"}


class Uploads:
    """The uploads of every platform."""

    def __init__(self, world: World) -> None:
        self._world = world

    def begin(self, platform: str, key: str, account: str, **facts: Any) -> Doc:
        """Note an upload; ``facts`` are at least ``kind`` (``picture`` or ``video``) and ``total`` bytes."""
        now = self._world.clock()
        upload: Doc = {"platform": platform, "id": key, "account": account, "size": 0, "sha256": None, "alt": ""}
        upload |= {"state": "open", "at": now, "until": now + self._world.settings()["upload_hours"] * HOUR, **facts}
        self._world.hashes[f"{platform}:{key}"] = hashlib.sha256()
        if len(self._world.hashes) > _KEPT:
            self._world.hashes.pop(next(iter(self._world.hashes)))
        self._world.store.prune("upload", _KEPT)
        return self.save(upload)

    def save(self, upload: Doc) -> Doc:
        """Write how an upload stands."""
        self._world.store.put("upload", f"{upload['platform']}:{upload['id']}", upload)
        return upload

    def find(self, platform: str, key: object, account: str) -> Doc | None:
        """Return an account's upload, unless it has lapsed or a fault makes the platform forget it."""
        upload = self._world.store.get("upload", f"{platform}:{key}")
        if upload is None or upload["account"] != account:
            return None
        if upload["state"] != "used" and (upload["until"] < self._world.clock() or self.strikes("session_lost")):
            self._world.store.remove("upload", f"{platform}:{key}")
            return None
        return upload

    def take(self, upload: Doc, content: bytes) -> Doc:
        """Add bytes at the end."""
        running = self._world.hashes.get(f"{upload['platform']}:{upload['id']}")
        if running is not None:
            running.update(content)
        upload["size"] += len(content)
        upload["sha256"] = running.hexdigest() if running is not None else None
        return self.save(upload)

    def close(self, upload: Doc) -> Doc:
        """Note that it is whole; a video is looked at first, and refused if a fault says so."""
        self._world.hashes.pop(f"{upload['platform']}:{upload['id']}", None)
        looks = self._world.settings()["processing_looks"] if upload["kind"] == "video" else 0
        refused = upload["kind"] == "video" and self.strikes("processing_failed")
        return self.save(upload | {"state": "whole", "looks": looks, "refused": refused})

    def look(self, upload: Doc) -> Doc:
        """Ask how far the platform is with it, which is what brings it forward here."""
        if upload["state"] == "whole" and upload["looks"] > 0:
            upload["looks"] -= 1
            self.save(upload)
        return upload

    def strikes(self, kind: str) -> bool:
        """Tell whether a fault of this kind strikes the present call."""
        facts = {"method": request.method, "path": request.path, "account": (g.account or {}).get("id", "")}
        return bool(self._world.faults.strike(frozenset({kind}), g.platform, facts))

    def all(self, platform: str) -> list[Doc]:
        """Return every upload, oldest first."""
        return [upload for upload in self._world.store.all("upload") if upload["platform"] == platform]


def address(upload: Doc) -> str:
    """Return where a stand-in of what was uploaded can be had."""
    return f"{request.host_url}media/upload-{upload['id']}.{_ENDINGS[upload['kind']]}"


def seconds_left(upload: Doc, now: int) -> int:
    """Return how long an upload lasts."""
    return max(0, int(upload["until"] - now) // SECOND)
