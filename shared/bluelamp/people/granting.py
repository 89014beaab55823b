"""Access for a time: one account, one person, from and until, with a reason and a number of the force's files.

It stands with the person, so that a request finds it by the read that it makes anyway, and once more in a list of its
own, where it stays after its end. That it ends needs nobody: `rules.decide` asks the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Change, Leaf, Obj, Query, Reason, draft
from bluelamp.audit.leaf import Grant as LeafGrant
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.people.access import (
    Grant,
    GrantPage,
    GrantReason,
    GrantTimesError,
    GrantView,
    OneselfError,
    WithdrawReason,
)
from bluelamp.people.matrix import OVERSIGHT
from bluelamp.people.model import FORCE
from bluelamp.people.rules import authorise, decide, require
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.model import Account
    from bluelamp.accounts.service import Accounts
    from bluelamp.audit.leaf import Actor
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Access, Gives, Person, Principal
    from bluelamp.people.store import PeopleStore

MAX_PAGE = 100
# More at a time for one person, and what they reach is a matter of teams, not of exceptions.
MOST_EACH = 20
_QUERY = {"list": "grants"}


class Grants:
    """The use cases of the routes of access for a time.

    Parameters
    ----------
    store
        People, and what they were given.
    accounts
        The force's accounts.
    cursors
        Makes and opens cursors.
    longest
        How long access may last at most.
    wake
        Has the outbox sealed now.
    clock
        The present.
    """

    def __init__(
        self,
        store: PeopleStore,
        *,
        accounts: Accounts,
        cursors: Cursors,
        longest: timedelta,
        wake: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._cursors = cursors
        self._longest = longest
        self._wake = wake
        self._clock = clock

    def give(
        self,
        principal: Principal,
        *,
        person: str,
        account: str,
        gives: Gives,
        begins_at: datetime | None,
        ends_at: datetime,
        reason: GrantReason,
        ref: str,
        idem: Idempotency,
    ) -> GrantView:
        """Give somebody access to an account for a time.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the giver may not, the account is out of his reach, or there is no such account or active person.
        OneselfError
            When it is for the giver.
        GrantTimesError
            When it has ended before it begins, or lasts longer than the force allows.
        ConflictError
            When the person was changed meanwhile.
        """
        require(principal, "grant")
        found = self._accounts.get(account)
        authorise(principal, "grant", found)
        now = self._clock()
        begins = begins_at or now
        self._check_times(begins, ends_at, now)
        old = self._grantee(principal, person, gives)
        grant = Grant(
            id=new_ulid(),
            person=person,
            account=account,
            gives=gives,
            begins_at=begins,
            ends_at=ends_at,
            reason=reason,
            ref=ref,
            by=principal.id,
            given_at=now,
        )
        leaf = leaf_of(principal.actor(), grant, Reason(code=reason, ref=ref), now)
        return self._commit(old, grant, (*_kept(old, now), grant.access), leaf, idem)

    def withdraw(self, principal: Principal, grant_id: str, *, reason: WithdrawReason, idem: Idempotency) -> GrantView:
        """End access before its time. The next request of the person is decided without it.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not, or there is none on an account in reach.
        ConflictError
            When it has ended, was withdrawn, or the person was changed meanwhile.
        """
        require(principal, "grant")
        grant = self._store.grant(grant_id)
        if grant is None:
            raise NotFoundError("There is no such access.")
        if grant.account != FORCE:
            authorise(principal, "grant", self._accounts.get(grant.account))
        elif not principal.all_accounts:
            raise NotFoundError("There is no such access.")
        now = self._clock()
        if grant.state(now) in {"ended", "withdrawn"}:
            raise ConflictError(f"This access is {grant.state(now)} already.", rev=grant.rev)
        old = self._store.person(grant.person)
        if old is None:
            raise NotFoundError("There is no such person.")
        ended = grant.model_copy(update={"withdrawn_at": now, "withdrawn_by": principal.id, "rev": grant.rev + 1})
        leaf = leaf_of(principal.actor(), ended, Reason(code=reason, ref=grant.ref), now)
        return self._commit(old, ended, tuple(one for one in old.access if one.id != grant_id), leaf, idem)

    def list_for(self, principal: Principal, *, cursor: str | None = None, limit: int = 50) -> GrantPage:
        """Return a page of what was given, newest first, on accounts in reach. Recorded as a search.

        Raises
        ------
        NotPermittedError, CursorError
            When the role does not see this, or the cursor is not theirs.
        """
        require(principal, "grants")
        before = self._cursors.open(principal.id, _QUERY, cursor)["before"] if cursor else None
        found, more = self._store.grants(before=before, limit=max(1, min(limit, MAX_PAGE)))
        accounts = self._accounts.many(grant.account for grant in found)
        shown = [grant for grant in found if self._sees(principal, grant, accounts)]
        now = self._clock()
        query = Query(view="grants", hits=len(shown))
        self._store.table.write(Chunk.of([draft(type="search", at=now, actor=principal.actor(), query=query)]).put())
        return GrantPage(
            grants=tuple(_view(grant, now) for grant in shown),
            next=self._cursors.seal(principal.id, _QUERY, {"before": more}) if more else None,
        )

    @staticmethod
    def _sees(principal: Principal, grant: Grant, accounts: Mapping[str, Account]) -> bool:
        if grant.account == FORCE:
            return principal.all_accounts
        account = accounts.get(grant.account)
        return account is not None and decide(principal, "grants", account).allowed

    def _check_times(self, begins: datetime, ends: datetime, now: datetime) -> None:
        if begins.tzinfo is None or ends.tzinfo is None:
            raise GrantTimesError("A time needs its zone, as in 2026-11-22T16:00:00Z.")
        if ends <= max(begins, now):
            raise GrantTimesError("This access would have ended before it begins. Choose a later end.")
        if ends - begins > self._longest or begins - now > self._longest:
            days = self._longest.days
            raise GrantTimesError(f"Access lasts {days} days at most and begins within {days} days; give it anew then.")

    def _grantee(self, principal: Principal, person_id: str, gives: Gives) -> Person:
        if person_id == principal.id:
            raise OneselfError(
                "Refused because nobody gives access to himself; ask an administrator.", reason_code="oneself"
            )
        person = self._store.person(person_id)
        if person is None or not person.active:
            raise NotFoundError("There is no active person with this id.")
        if gives == "desk" and person.role in OVERSIGHT:
            raise InvalidInputError(
                f"A person with the role {person.role} reaches every account as far as the role goes. Give `reading`, "
                "or change the role."
            )
        return person

    def _commit(
        self, old: Person, grant: Grant, access: tuple[Access, ...], leaf: Leaf, idem: Idempotency
    ) -> GrantView:
        person = old.model_copy(update={"access": access, "rev": old.rev + 1})
        view = _view(grant, self._clock())
        stored = grant.model_copy(update={"head": leaf.digest})
        writes = [
            self._store.replace(person),
            self._store.put_grant(stored),
            Chunk.of([leaf]).put(),
            idem.put(view.model_dump(mode="json")),
        ]
        try:
            self._store.table.transact(writes)
        except (ConditionFailedError, ContentionError):
            raise ConflictError("Somebody else changed this person meanwhile. Send it again.") from None
        self._wake()
        return view


def leaf_of(by: Actor, grant: Grant, reason: Reason, now: datetime) -> Leaf:
    """Return the record of access that was given, or has ended before its time."""
    ends = grant.withdrawn_at or grant.ends_at
    # Withdrawn before it began, it was never in force: from and until are the same moment then.
    part = LeafGrant(person=grant.person, gives=grant.gives, begin=iso(min(grant.begins_at, ends)), end=iso(ends))
    return draft(
        type="config",
        at=now,
        actor=by,
        account=None if grant.account == FORCE else grant.account,
        obj=Obj(kind="grant", key=grant.id, rev=grant.rev, prev=grant.head or None),
        change=Change(field="grant", to="withdrawn" if grant.withdrawn_at else "given"),
        reason=reason,
        grant=part,
        correlation=grant.id,
    )


def _kept(person: Person, now: datetime) -> tuple[Access, ...]:
    """Return what a person has for a time and has not ended; what has goes with the next that is given."""
    kept = tuple(one for one in person.access if now < one.ends_at)
    if len(kept) >= MOST_EACH:
        raise ConflictError(f"This person has {MOST_EACH} accounts for a time already. Withdraw one, or add a team.")
    return kept


def _view(grant: Grant, now: datetime) -> GrantView:
    return GrantView(**grant.model_dump(exclude={"head", "rev"}), state=grant.state(now))
