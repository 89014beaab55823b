"""Ending what nobody goes on with: what was begun and not completed, was not looked at, or nothing ever carried.

Runs each minute in the publish function, over the list of what is due. What ends says so on record, and is cleared away
once that is sealed.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bluelamp.assets import recording
from bluelamp.assets.errors import NotLookedAtError
from bluelamp.assets.upload import LAPSE, LOOKS, UNUSED
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import BluelampError
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.assets.recording import Step
    from bluelamp.assets.store import AssetStore
    from bluelamp.assets.upload import Upload
    from bluelamp.audit.wake import Wake
    from bluelamp.cloud.dynamodb import Write

# What a minute's run takes in hand; each is one transaction.
MOST = 200
_log = logging.getLogger(__name__)


class Lapsing:
    """The use case of ending what is due.

    Parameters
    ----------
    store
        Where pictures and films are noted.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(self, *, store: AssetStore, wake: Wake, clock: Clock = utc_now) -> None:
        self._store = store
        self._wake = wake
        self._clock = clock

    def run(self) -> int:
        """Give up what was not completed, look again at what was not looked at or refuse it, delete what is unused.

        Returns
        -------
        int
            How many pictures and films that were.
        """
        now, done = iso(self._clock()), 0
        for asset_id in self._store.due(now, MOST):
            try:
                asset = self._store.get(asset_id)
                # The list lags behind: what somebody went on with meanwhile is not due any more.
                if asset is not None and asset.due is not None and asset.due <= now:
                    done += self._end(asset)
            except (BluelampError, ValidationError):
                # What is wrong with one stops none behind it; it is tried again in a minute.
                _log.exception("upload %s could not be ended", asset_id)
        if done:
            self._wake()
        return done

    def _end(self, asset: Upload) -> bool:
        try:
            self._store.table.transact(self._ending(asset))
        except (ConditionFailedError, ContentionError):
            _log.info("somebody was quicker", extra={"asset": asset.id})
            return False
        return True

    def _ending(self, asset: Upload) -> list[Write]:
        now = self._clock()
        if asset.state == "ready" and self._store.carried(asset.id):
            # It is kept for good: nothing of it changes but that it is on the list no more.
            return [self._store.put(asset.model_copy(update={"due": None, "rev": asset.rev + 1}))]
        name, update = _next(asset)
        new, leaf = recording.step(asset.model_copy(update=update), Actor.system("publish"), name, now)
        # Looked at or cleared away once it is on record, whichever it is.
        chunk = Chunk.of([leaf], releases=[Release(0, {"asset_id": asset.id}, queue="publish")])
        # Whoever has something carry it at this moment is first, or finds it gone.
        unused = [self._store.put_expired(asset.id, now)] if name == "expired" else []
        return [self._store.put(new), chunk.put(), *unused]


def _next(asset: Upload) -> tuple[Step, dict[str, Any]]:
    """Return the next step of one that is due, and what it changes."""
    if asset.state == "uploading":
        problem = f"It was begun more than {LAPSE.days} days ago and did not arrive. Choose the file again."
        return "dropped", {"state": "dropped", "why": "lapsed", "problem": problem}
    if asset.state == "ready":
        problem = f"Nothing carried it for {UNUSED.days} days, and it was deleted. Choose the file again."
        return "expired", {"state": "expired", "why": "unused", "problem": problem}
    if asset.looks < LOOKS:
        return "again", {"looks": asset.looks + 1}
    error = NotLookedAtError("All of this file arrived, and it could not be looked at.")
    return "refused", {"state": "refused", "why": error.code, "problem": str(error)}
