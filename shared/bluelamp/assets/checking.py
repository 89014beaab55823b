"""Looking at what arrived, once it is on record: a picture is kept without what its file tells, a film as it came.

Runs in the publish function, which alone writes where checked pictures lie. A message may come twice, late, or after a
worker died: what is not `checking` any more is left alone, and everything before the one transaction can be repeated.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

from bluelamp.assets import recording, rules
from bluelamp.assets.errors import AssetError, ChangedOnTheWayError
from bluelamp.assets.films import look
from bluelamp.assets.pictures import clean
from bluelamp.assets.upload import GONE
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import NotFoundError
from bluelamp.times import Clock, utc_now

if TYPE_CHECKING:
    from bluelamp.assets.model import Found
    from bluelamp.assets.store import AssetStore
    from bluelamp.assets.upload import Upload
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.uploads import Sent, Uploads

# What is read of a film at a time, for its digest.
STRIDE = 16 * 1024 * 1024
_log = logging.getLogger(__name__)


class Checking:
    """The use case of looking at an upload.

    Parameters
    ----------
    store
        Where pictures and films are noted.
    uploads
        The bucket that browsers send to.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(self, *, store: AssetStore, uploads: Uploads, wake: Wake, clock: Clock = utc_now) -> None:
        self._store = store
        self._uploads = uploads
        self._wake = wake
        self._clock = clock

    def check(self, message: dict[str, Any]) -> Upload:
        """Look at an upload that is on record, and write down what it is or why it is not taken.

        One that was given up is only cleared away: its parts may have been put together at that moment. So is one that
        nothing carried.

        Parameters
        ----------
        message
            `asset_id`.

        Raises
        ------
        NotFoundError
            When there is none: the message is nobody's of ours.
        """
        asset = self._store.get(message["asset_id"])
        if asset is None:
            raise NotFoundError("a message names an upload that does not exist; nothing was read")
        if asset.state == "checking":
            asset = self._commit(self._looked_at(asset))
        self._clear(asset)
        return asset

    def _looked_at(self, asset: Upload) -> Upload:
        there = self._uploads.head(asset.key)
        try:
            if there is None or there.size != asset.size:
                raise ChangedOnTheWayError("What arrived is not as long as what was chosen.")
            kept = self._picture(asset, there) if asset.kind == "picture" else self._film(asset, there)
        except AssetError as error:
            return asset.model_copy(update={"state": "refused", "why": error.code, "problem": str(error)})
        return asset.model_copy(update=kept | {"state": "ready"})

    def _picture(self, asset: Upload, there: Sent) -> dict[str, Any]:
        body, found = clean(self._uploads.read(asset.key, 0, there.size, etag=there.etag))
        key = rules.clean_key(asset.id)
        etag = self._uploads.put(key, body, content_type=found.type)
        return _told(found) | {"key": key, "etag": etag, "sha256": hashlib.sha256(body).hexdigest()}

    def _film(self, asset: Upload, there: Sent) -> dict[str, Any]:
        def read(start: int, length: int) -> bytes:
            return self._uploads.read(asset.key, start, length, etag=there.etag)

        found = look(read, there.size)
        digest = hashlib.sha256()
        for start in range(0, there.size, STRIDE):
            digest.update(read(start, STRIDE))
        return _told(found) | {"etag": there.etag, "sha256": digest.hexdigest()}

    def _commit(self, asset: Upload) -> Upload:
        name: recording.Step = "checked" if asset.state == "ready" else "refused"
        new, leaf = recording.step(asset, Actor.system("publish"), name, self._clock())
        try:
            self._store.table.transact([self._store.put(new), Chunk.of([leaf]).put()])
        except (ConditionFailedError, ContentionError):
            # Another worker had the same message, and was quicker.
            _log.info("looked at already", extra={"asset": asset.id})
            return self._store.get(asset.id) or asset
        self._wake()
        return new

    def _clear(self, asset: Upload) -> None:
        """Delete what nobody reads any more: a picture as it came, and all of what was refused, given up or unused."""
        raw = rules.key_of(asset.id, asset.kind)
        if asset.state == "dropped":
            # Whoever gave it up may have died before this; and what comes late finds no upload any more.
            self._uploads.abort(raw, asset.upload)
        if asset.state in GONE or (asset.state == "ready" and asset.key != raw):
            self._uploads.delete(raw)
        if asset.state in GONE and asset.kind == "picture":
            # Of one that was refused, too: a look at it may have died with the clean one written.
            self._uploads.delete(rules.clean_key(asset.id))


def _told(found: Found) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "type": found.type,
        "size": found.size,
        "seconds": found.seconds,
        "width": found.width,
        "height": found.height,
        "codecs": found.codecs,
    }
