"""Renewing tokens well before their end, one renewer at a time for each account, and none lost on the way.

X gives two hours, and a renewing token that is worth one use: the new pair exists nowhere but in the answer. So there
is an order: claim (a conditional write), ask, keep the new pair, note it. Who dies after asking and before keeping has
lost the pair. Nobody can know that; the next one asks again with the token that lies there, and when X does not take
it, the account is ``reconnect``, and people are told. Who dies after keeping is found whole by the attempt that the
secret names.

Accounts are renewed beside one another, whose token ends first before the others: a platform that hangs costs each
account its own time and not the others'. What was not begun in time is begun by the next run, a minute later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, Write
from bluelamp.cloud.secrets import SecretNotSavedError
from bluelamp.connections import rules
from bluelamp.connections.crowd import Crowd
from bluelamp.connections.keeping import Kept, TokenBox
from bluelamp.connections.model import Connection, Why
from bluelamp.connections.recording import commit, leaf
from bluelamp.connections.store import ConnectionStore
from bluelamp.ids import new_ulid
from bluelamp.notices.telling import told
from bluelamp.platforms.contract import PlatformError, ReauthoriseError, ThrottledError, TimedOutError
from bluelamp.platforms.grants import AppNotSetError, Tokens
from bluelamp.times import Clock, utc_now

# What one run looks at at most, and for how long it begins anything: a call fails after twenty seconds at the latest,
# so that a run is over well before the function is, and other work of the minute waits behind it.
MOST = 240
LONGEST = timedelta(seconds=10)
TOLD = "role:admin"


class Renews(Protocol):
    """Asks an account's platform for the next pair of tokens."""

    def __call__(self, account: str, refresh: str) -> Tokens:
        """Return it; raises as `bluelamp.platforms.grants.Grants.renew`."""


class Done(NamedTuple):
    """What came of one account: whether its token is good again, whether anything was recorded, and what failed."""

    account: str
    good: bool = False
    told: bool = False
    failed: str = ""


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
    answers
        Gives the ids of who answers for an account, its lead and deputy: they are told beside the administrators.
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
        answers: Callable[[str], Iterable[str]],
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._box = box
        self._renew = renew
        self._failed = failed
        self._answers = answers
        self._wake = wake
        self._notify = notify
        self._clock = clock

    def run(self) -> int:
        """Renew what is due; return how many tokens are good again."""
        due = self._store.pressing(self._clock(), MOST)
        with Crowd(self._one, longest=LONGEST, clock=self._clock) as crowd:
            done = crowd.all(due)
        for one in done:
            if one.failed:
                self._failed(one.account, one.failed)
        if any(one.told for one in done):
            self._wake()
            self._notify()
        crowd.complain()
        return sum(one.good for one in done)

    def _one(self, account: str) -> Done:
        now = self._clock()
        found = self._store.get(account)
        if found is None or found.due_at is None or found.due_at > now:
            return Done(account)  # the index was behind, or somebody is at it
        claim = rules.claimed(found, account, attempt=new_ulid(), now=now)
        try:
            commit(self._store, claim, None)
        except ConditionFailedError:
            return Done(account)
        return self._claimed(found, claim)

    def _claimed(self, found: Connection, claim: Connection) -> Done:
        kept = self._box.read(claim.account)
        if found.state == "renewing" and kept.attempt is not None and kept.attempt == found.attempt:
            return self._found(claim, kept, found.attempt)
        if claim.consent == "to_end":
            # Somebody died while connecting again what is disconnected: the old tokens are to end, not to be renewed.
            back = rules.stranded(claim, consented=True, usable=False, expires_at=None, now=self._clock())
            self._committed(back)
            return Done(claim.account)
        if kept.refresh is None and found.state == "renewing" and found.refused_at is None:
            consented = kept.attempt is not None
            usable = kept.access is not None
            back = rules.stranded(
                claim, consented=consented, usable=usable, expires_at=kept.expires_at, now=self._clock()
            )
            self._committed(back)
            return Done(claim.account)
        if kept.refresh is None:
            return self._give_up(claim, "no_refresh_token")
        if rules.in_vain(found):
            return self._give_up(claim, "refused_again")
        return self._asked(claim, kept.refresh)

    def _found(self, claim: Connection, kept: Kept, attempt: str) -> Done:
        """Note what whoever died got as far as: nothing is to be asked for."""
        now, account = self._clock(), claim.account
        if kept.access is None:
            # Somebody took the tokens away to disconnect it: nobody calls with them any more.
            record = leaf("token_removed", account, at=now, actor=Actor.system("tick"), to="disconnected")
            chunk = Chunk.of([record])
            left = rules.ended(claim, account, chunk=chunk.id, now=now, to_end=kept.retired is not None)
            return Done(account, told=self._committed(left, [chunk.put()]))
        return self._good(claim, kept.expires_at, attempt=attempt, renews=kept.refresh is not None)

    def _asked(self, claim: Connection, refresh: str) -> Done:
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

    def _good(self, claim: Connection, expires_at: datetime | None, *, attempt: str, renews: bool) -> Done:
        """Note the new token. What a person began and could not end has its record here, and is asked about now."""
        now, account = self._clock(), claim.account
        new = rules.connected(claim, account, attempt=attempt, expires_at=expires_at, renews=renews, now=now)
        if not claim.by_person:
            return Done(account, good=self._committed(new))
        record = leaf("token_set", account, at=now, actor=Actor.system("tick"), to="connected")
        new = new if renews else new.model_copy(update={"look_at": now})
        good = self._committed(new, [Chunk.of([record]).put()])
        return Done(account, good=good, told=good)

    def _put_off(self, claim: Connection, error: PlatformError | AppNotSetError) -> Done:
        until = error.until if isinstance(error, ThrottledError) else None
        doubted = isinstance(error, TimedOutError)
        self._committed(rules.put_off(claim, now=self._clock(), until=until, doubted=doubted))
        return Done(claim.account, failed=error.code)

    def _give_up(self, claim: Connection, why: Why) -> Done:
        """Say, in the record and to people, that somebody must connect the account again."""
        now, account = self._clock(), claim.account
        record = leaf("token_renew", account, at=now, actor=Actor.system("tick"), to="reconnect", error=why)
        people = [TOLD, *(f"person:{one}" for one in sorted(self._answers(account)))]
        notice = told("reconnect_needed", to=people, at=now, about={"account": account}, urgent=True)
        try:
            commit(self._store, rules.given_up(claim, why), record, [notice])
        except ConditionFailedError:
            return Done(account)  # it was connected or disconnected meanwhile: what is to be said of it has changed
        return Done(account, told=True, failed=why)

    def _committed(self, new: Connection, also: Iterable[Write] = ()) -> bool:
        try:
            commit(self._store, new, None, also)
        except ConditionFailedError:
            return False  # the lease was over, and somebody else went on: theirs is what stands
        return True
