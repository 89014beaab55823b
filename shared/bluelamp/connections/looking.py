"""Asking each day how the tokens stand that nothing renews: until when they give data, and which permissions they lack.

A Facebook page's token has no end by the clock, and yet what an app sees ends ninety days after somebody last
consented; people take single permissions back as well. Asking changes nothing there, so nobody claims anything: who
dies is followed by another, and two who ask at once write the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.connections import rules
from bluelamp.connections.crowd import Crowd
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.model import Connection
from bluelamp.connections.recording import commit
from bluelamp.connections.store import LOOKS, ConnectionStore
from bluelamp.platforms.contract import PlatformError, ThrottledError
from bluelamp.platforms.grants import AppNotSetError, Standing
from bluelamp.times import Clock, utc_now

MOST = 60
LONGEST = timedelta(seconds=5)


class Asks(Protocol):
    """Asks an account's platform how a token stands."""

    def __call__(self, account: str, access: str) -> Standing | None:
        """Return it; raises as `bluelamp.platforms.grants.Grants.standing`."""


class Looked(NamedTuple):
    """What came of one account: whether the platform said how its token stands, and what failed."""

    account: str
    seen: bool = False
    failed: str = ""


class Looking:
    """What the schedule does for tokens that nothing renews.

    Parameters
    ----------
    store, box
        Where connections and tokens are kept.
    ask
        Asks an account's platform.
    failed
        Is told, for the log, which platform did not say, and why.
    clock
        The present.
    """

    def __init__(
        self,
        store: ConnectionStore,
        box: TokenBox,
        *,
        ask: Asks,
        failed: Callable[[str, str], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._box = box
        self._ask = ask
        self._failed = failed
        self._clock = clock

    def run(self) -> int:
        """Ask what is due; return for how many accounts the platform said how the token stands."""
        due = self._store.due(self._clock(), MOST, LOOKS)
        with Crowd(self._one, longest=LONGEST, clock=self._clock) as crowd:
            done = crowd.all(due)
        for one in done:
            if one.failed:
                self._failed(one.account, one.failed)
        crowd.complain()
        return sum(one.seen for one in done)

    def _one(self, account: str) -> Looked:
        now, found = self._clock(), self._store.get(account)
        if found is None or found.state != "connected" or found.look_at is None or found.look_at > now:
            return Looked(account)  # the index was behind, or somebody connects it anew
        access = self._box.read(account).access
        try:
            standing = self._ask(account, access) if access else Standing(valid=False)
        except (PlatformError, AppNotSetError) as error:
            until = error.until if isinstance(error, ThrottledError) else now
            self._noted(found, found.model_copy(update={"look_at": max(until, now + rules.LOOK_AGAIN)}))
            return Looked(account, failed=error.code)
        return self._seen(found, standing, now)

    def _seen(self, found: Connection, standing: Standing | None, now: datetime) -> Looked:
        if standing is None:
            self._noted(found, found.model_copy(update={"look_at": None}))
        elif not standing.valid:
            # As a call that was refused: recorded and told by whoever renews, within a minute.
            self._store.refused(found.account, now)
        else:
            self._noted(found, _with(found, standing, now))
        return Looked(found.account, seen=standing is not None)

    def _noted(self, found: Connection, new: Connection) -> None:
        try:
            commit(self._store, new.model_copy(update={"rev": found.rev + 1}), None)
        except ConditionFailedError:
            return  # it was connected, disconnected or refused meanwhile: what is to be said of it has changed


def _with(found: Connection, standing: Standing, now: datetime) -> Connection:
    return rules.seen(
        found, expires_at=standing.expires_at, data_until=standing.data_until, lacks=standing.lacks, now=now
    )
