"""Somebody reads the digest; and each morning those who answer for accounts are told that it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bluelamp.audit.leaf import Query
from bluelamp.calls.rules import view
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.digests import rules
from bluelamp.digests.model import Digest
from bluelamp.notices.telling import told
from bluelamp.people.rules import require
from bluelamp.posts.rules import SHARDS
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from datetime import datetime

    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts
    from bluelamp.calls.model import Call
    from bluelamp.digests.store import DigestStore
    from bluelamp.people.model import Principal
    from bluelamp.posts.changing import Changer
    from bluelamp.posts.model import Post
    from bluelamp.roster.model import HandOver

# What is read of each partition of the queue: a night in which more happened is an incident, and looked at as one.
MOST: Final = 1_000
# A notice takes a hundred recipients.
_TOGETHER: Final = 99


class Digests:
    """The use case of the digest route.

    Parameters
    ----------
    changer
        Reads posts, and records that somebody looked.
    accounts
        Those within reach.
    calls
        Gives the calls that wait.
    notes
        Gives the newest hand-over notes of an account.
    """

    def __init__(
        self,
        *,
        changer: Changer,
        accounts: Accounts,
        calls: Callable[[], Sequence[Call]],
        notes: Callable[[str], Sequence[HandOver]],
    ) -> None:
        self._changer = changer
        self._accounts = accounts
        self._calls = calls
        self._notes = notes

    def read(self, principal: Principal, since: datetime | None = None) -> Digest:
        """Return what happened since on the accounts within reach; recorded as a search.

        Parameters
        ----------
        since
            Left out: five in the afternoon of the last office day that is over.

        Raises
        ------
        NotPermittedError
            When the role does not see posts.
        InvalidInputError
            When it is in the future, or more than a week ago.
        """
        require(principal, "see")
        now = self._changer.clock()
        moment = rules.since(now, since)
        reached = [one for one in self._accounts.reached_by(principal) if one.status == "active"]
        opened, closed, more = self._posts(principal, reached, moment)
        touched = {post.account for post in (*opened, *closed)}
        notes = self._notes_of(reached, touched)
        found = rules.counted(reached, opened, closed, notes, moment)
        ids = {one.id for one in reached}
        waiting = tuple(view(call) for call in self._calls() if call.account in ids)
        query = Query(view="digest", filters={"since": iso(moment)}, hits=len(found))
        self._changer.searched(principal, query, account=None)
        return Digest(
            since=iso(moment),
            until=iso(now),
            accounts=tuple(found),
            calls=waiting,
            quiet=len(reached) - len(found),
            more=more,
        )

    def _posts(
        self, principal: Principal, reached: Sequence[Account], moment: datetime
    ) -> tuple[list[Post], list[Post], bool]:
        places = (
            [f"F#{shard}" for shard in range(SHARDS)] if principal.all_accounts else [f"A#{one.id}" for one in reached]
        )
        opened: list[Post] = []
        closed: list[Post] = []
        more = False
        start = iso(moment)
        for place in places:
            part = self._changer.posts.queue_part(f"{place}#open", after=None, limit=MOST, newest_first=False)
            done = self._changer.posts.queue_part(f"{place}#done", after=None, limit=MOST, newest_first=True)
            more |= len(part) == MOST or (len(done) == MOST and done[-1].updated_at >= start)
            opened += part
            closed += done
        return opened, closed, more

    def _notes_of(self, reached: Sequence[Account], touched: Iterable[str]) -> Mapping[str, Sequence[HandOver]]:
        """Return notes by account: of all that a person has, or where they are hundreds, of those that were busy."""
        wanted = {one.id for one in reached} if len(reached) <= _TOGETHER else set(touched)
        return {account: self._notes(account) for account in sorted(wanted)}


class Mornings:
    """Tells each team once a morning, and the communications team, that the digest of the night is there.

    Parameters
    ----------
    store
        Knows which mornings were told.
    accounts
        Gives every account.
    notify
        Wakes whoever delivers notices.
    clock
        The present.
    """

    def __init__(
        self,
        store: DigestStore,
        *,
        accounts: Callable[[], Iterable[Account]],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._notify = notify
        self._clock = clock

    def tell(self) -> int:
        """Tell of this morning's digest if nobody was told; return how many teams were. One read otherwise."""
        now = self._clock()
        day = rules.due_day(now)
        if day is None:
            return 0
        last, rev = self._store.last()
        if last >= day:
            return 0
        teams = sorted({one.team for one in self._accounts() if one.status == "active"})
        whom = ["role:comms", *(f"team:{team}" for team in teams)]
        notices = [
            told("digest", to=whom[n : n + _TOGETHER], at=now, about={"day": day})
            for n in range(0, len(whom), _TOGETHER)
        ]
        try:
            self._store.table.transact([self._store.tell(day, rev), *notices])
        except ConditionFailedError:
            return 0  # another run was here
        self._notify()
        return len(teams)
