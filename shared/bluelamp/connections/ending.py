"""Ending the platform's consent of a disconnected account, once the record of disconnecting is sealed.

The order: claim (a conditional write), put the tokens where nobody calls with them, wait for the seal, ask the
platform, forget the tokens, note what it said. Who dies on the way is followed by another: a token that the platform
has ended already is no error there, and what it said lies in the place of the tokens until it is noted. What the
platform does not do within half an hour is noted as such: the account is disconnected all the same, and a person ends
the consent on the platform itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.cloud.secrets import SecretNotSavedError
from bluelamp.connections import rules
from bluelamp.connections.crowd import Crowd
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.model import Connection, Ended, Over
from bluelamp.connections.recording import CONSENT_ENDED, commit, leaf
from bluelamp.connections.store import ENDING, ConnectionStore
from bluelamp.ids import new_ulid
from bluelamp.platforms.contract import PlatformError, ThrottledError, TimedOutError, TryAgainError
from bluelamp.platforms.grants import AppNotSetError, Tokens
from bluelamp.times import Clock, utc_now

MOST = 60
LONGEST = timedelta(seconds=5)
# With pauses from one to fifteen minutes, half an hour.
TRIES = 6


class Revokes(Protocol):
    """Asks an account's platform to end its consent."""

    def __call__(self, account: str, tokens: Tokens) -> Ended:
        """Return how it ended; raises as `bluelamp.platforms.grants.Grants.revoke`."""


class Places(Protocol):
    """Knows where records lie in the log."""

    def sealed(self, chunks: Sequence[str], *, consistent: bool = False) -> dict[str, dict[str, Any]]:
        """Return the places of those that are sealed."""


class Left(NamedTuple):
    """What came of one account: whether the matter is over, whether it was recorded, and what failed."""

    account: str
    over: bool = False
    recorded: bool = False
    failed: str = ""


class Ending:
    """What the schedule does for consents of disconnected accounts.

    Parameters
    ----------
    store, box
        Where connections and tokens are kept.
    revoke
        Asks an account's platform to end its consent.
    places
        Knows what is sealed.
    failed
        Is told, for the log, which consent the platform did not end and why.
    wake
        Wakes the sequencer.
    clock
        The present.
    """

    def __init__(
        self,
        store: ConnectionStore,
        box: TokenBox,
        *,
        revoke: Revokes,
        places: Places,
        failed: Callable[[str, str], None],
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._box = box
        self._revoke = revoke
        self._places = places
        self._failed = failed
        self._wake = wake
        self._clock = clock

    def run(self) -> int:
        """End what is due; return for how many accounts there is nothing more to do."""
        due = self._store.due(self._clock(), MOST, ENDING)
        with Crowd(self._one, longest=LONGEST, clock=self._clock) as crowd:
            done = crowd.all(due)
        for one in done:
            if one.failed:
                self._failed(one.account, one.failed)
        if any(one.recorded for one in done):
            self._wake()
        crowd.complain()
        return sum(one.over for one in done)

    def _one(self, account: str) -> Left:
        now, found = self._clock(), self._store.get(account)
        if found is None or found.state != "disconnected" or found.due_at is None or found.due_at > now:
            return Left(account)  # the index was behind, or somebody connects it again
        claim = rules.ending(found, attempt=new_ulid(), now=now)
        try:
            commit(self._store, claim, None)
            return self._claimed(claim)
        except ConditionFailedError:
            return Left(account)  # somebody was first, or went on once the lease was over: theirs is what stands

    def _claimed(self, claim: Connection) -> Left:
        account = claim.account
        try:
            tokens = self._box.retire(account, str(claim.attempt))
        except SecretNotSavedError:
            return self._later(claim, "not_saved")
        if tokens is None:
            return self._found(claim)
        if claim.chunk is not None and claim.chunk not in self._places.sealed([claim.chunk], consistent=True):
            commit(self._store, rules.end_later(claim, now=self._clock(), tried=False), None)
            return Left(account)
        return self._asked(claim, tokens)

    def _asked(self, claim: Connection, tokens: Tokens) -> Left:
        account = claim.account
        try:
            how = self._revoke(account, tokens)
        except (TryAgainError, TimedOutError, ThrottledError) as error:
            until = error.until if isinstance(error, ThrottledError) else None
            if claim.failures + 1 < TRIES:
                commit(self._store, rules.end_later(claim, now=self._clock(), until=until), None)
                return Left(account, failed=error.code)
            return self._over(claim, "stands", error.code)
        except (PlatformError, AppNotSetError) as error:
            return self._over(claim, "stands", error.code)
        return self._over(claim, how, None)

    def _over(self, claim: Connection, how: Over, said: str | None) -> Left:
        """Forget the tokens, and note how the consent ended or that it may still stand."""
        try:
            self._box.empty(claim.account, str(claim.attempt), how, said)
        except SecretNotSavedError:
            return self._later(claim, "not_saved")
        return self._noted(claim, how, said)

    def _found(self, claim: Connection) -> Left:
        """Note what whoever went before got as far as; nothing where there never was a token."""
        kept = self._box.read(claim.account)
        if kept.outcome is not None:
            return self._noted(claim, *kept.outcome)
        commit(self._store, rules.consent_over(claim, None), None)
        return Left(claim.account, over=True)

    def _noted(self, claim: Connection, how: Over, said: str | None) -> Left:
        account = claim.account
        record = leaf(CONSENT_ENDED, account, at=self._clock(), actor=Actor.system("tick"), to=how, error=said)
        commit(self._store, rules.consent_over(claim, how, said), record)
        return Left(account, over=True, recorded=True, failed=said or "")

    def _later(self, claim: Connection, why: str) -> Left:
        commit(self._store, rules.end_later(claim, now=self._clock()), None)
        return Left(claim.account, failed=why)
