"""Renewing tokens well before their end, one renewer at a time for each account, and none lost on the way.

X gives two hours, and a renewing token that is worth one use: the new pair exists nowhere but in the answer. So there
is an order: claim (a conditional write), ask, keep the new pair, note it. Who dies after asking and before keeping has
lost the pair. Nobody can know that; the next one asks again with the token that lies there, and when X does not take
it, the account is ``reconnect``, and people are told. Who dies after keeping is found whole by the attempt that the
secret names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.secrets import SecretNotSavedError
from bluelamp.connections import rules
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.model import Connection, Why
from bluelamp.connections.recording import commit, leaf
from bluelamp.connections.store import ConnectionStore
from bluelamp.ids import new_ulid
from bluelamp.notices.telling import told
from bluelamp.platforms.contract import PlatformError, ReauthoriseError, ThrottledError, TimedOutError
from bluelamp.platforms.grants import AppNotSetError, Tokens
from bluelamp.times import Clock, utc_now

# What one run begins at most, and for how long: other work of the minute waits behind it.
MOST = 60
LONGEST = timedelta(seconds=15)
TOLD = "role:admin"


class Renews(Protocol):
    """Asks an account's platform for the next pair of tokens."""

    def __call__(self, account: str, refresh: str) -> Tokens:
        """Return it; raises as `bluelamp.platforms.grants.Grants.renew`."""


class Renewing:
    """What the schedule does for tokens.

    Parameters
    ----------
    store
        Where connections are kept.
    box
        Where tokens are kept.
    renew
        Asks an account's platform for the next pair.
    failed
        Is told, for log and metric, which renewal did not succeed and why.
    wake, notify
        Wake the sequencer, and the delivery of notices.
    clock
        The present.
    """

    def __init__(
        self,
        store: ConnectionStore,
        box: TokenBox,
        *,
        renew: Renews,
        failed: Callable[[str, str], None],
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._box = box
        self._renew = renew
        self._failed = failed
        self._wake = wake
        self._notify = notify
        self._clock = clock

    def run(self) -> int:
        """Renew what is due; return how many tokens are good again."""
        begun, done = self._clock(), 0
        for account in self._store.due(begun, MOST):
            if self._clock() - begun > LONGEST:
                break
            done += self._one(account)
        return done

    def _one(self, account: str) -> bool:
        now = self._clock()
        found = self._store.get(account)
        if found is None or found.due_at is None or found.due_at > now:
            return False  # the index was behind, or somebody is at it
        claim = rules.claimed(found, account, attempt=new_ulid(), now=now)
        try:
            commit(self._store, claim, None)
        except ConditionFailedError:
            return False
        return self._claimed(found, claim)

    def _claimed(self, found: Connection, claim: Connection) -> bool:
        kept = self._box.read(claim.account)
        if found.state == "renewing" and kept.attempt is not None and kept.attempt == found.attempt:
            # Whoever began before got as far as keeping the new pair: nothing is to be asked for.
            return self._good(claim, kept.expires_at, attempt=found.attempt, renews=kept.refresh is not None)
        if kept.refresh is None and found.state == "renewing" and found.refused_at is None:
            consented = kept.attempt is not None
            self._committed(rules.stranded(claim, consented=consented, expires_at=kept.expires_at))
            return False
        if kept.refresh is None:
            return self._give_up(claim, "no_refresh_token")
        if rules.in_vain(found):
            return self._give_up(claim, "refused_again")
        return self._asked(claim, kept.refresh)

    def _asked(self, claim: Connection, refresh: str) -> bool:
        account, attempt = claim.account, str(claim.attempt)
        try:
            tokens = self._renew(account, refresh)
        except ReauthoriseError:
            return self._give_up(claim, "answer_lost" if claim.doubted else "refused")
        except (PlatformError, AppNotSetError) as error:
            return self._put_off(claim, error)
        try:
            self._box.save(account, Tokens(tokens.access, tokens.refresh or refresh, tokens.expires_at), attempt)
        except SecretNotSavedError:
            return self._give_up(claim, "not_saved")
        return self._good(claim, tokens.expires_at, attempt=attempt, renews=True)

    def _good(self, claim: Connection, expires_at: datetime | None, *, attempt: str, renews: bool) -> bool:
        new = rules.connected(
            claim, claim.account, attempt=attempt, expires_at=expires_at, renews=renews, now=self._clock()
        )
        return self._committed(new)

    def _put_off(self, claim: Connection, error: PlatformError | AppNotSetError) -> bool:
        until = error.until if isinstance(error, ThrottledError) else None
        doubted = isinstance(error, TimedOutError)
        self._committed(rules.put_off(claim, now=self._clock(), until=until, doubted=doubted))
        self._failed(claim.account, error.code)
        return False

    def _give_up(self, claim: Connection, why: Why) -> bool:
        """Say, in the record and to people, that somebody must connect the account again."""
        now, account = self._clock(), claim.account
        record = leaf("token_renew", account, at=now, actor=Actor.system("tick"), to="reconnect", error=why)
        notice = told("reconnect_needed", to=[TOLD], at=now, about={"account": account}, urgent=True)
        try:
            commit(self._store, rules.given_up(claim, why), record, [notice])
        except ConditionFailedError:
            return False  # it was connected or disconnected meanwhile: what is to be said of it has changed
        self._failed(account, why)
        self._wake()
        self._notify()
        return False

    def _committed(self, new: Connection) -> bool:
        try:
            commit(self._store, new, None)
        except ConditionFailedError:
            return False  # the lease was over, and somebody else went on: theirs is what stands
        return True
