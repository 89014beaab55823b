"""Break-glass: somebody lets himself in to an account, for an hour at most, when there is nobody to ask.

It is access for a time that one gives oneself, and so it stands where that stands: with the person, in the list of all
of it, in the log, and in `actor.grants` of whatever is done meanwhile. Auditors and administrators are told at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from bluelamp.audit.leaf import Change, Obj, Reason, draft
from bluelamp.audit.leaf import Grant as LeafGrant
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.errors import ConflictError, NotFoundError
from bluelamp.ids import new_ulid
from bluelamp.notices.telling import told
from bluelamp.people.access import GlassReason, Grant, GrantView
from bluelamp.people.model import FORCE, Access
from bluelamp.people.rules import NotPermittedError, require
from bluelamp.times import Clock, iso, utc_now

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.cloud.dynamodb import Put
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Gives, Person, Principal
    from bluelamp.people.store import PeopleStore

LONGEST = 60
TOLD = ("role:auditor", "role:admin")
_GIVES: tuple[Gives, ...] = ("desk", "reading")


class Emergency:
    """The use case of the break-glass route.

    Parameters
    ----------
    store
        People, and what they were given.
    accounts
        The force's accounts.
    wake, notify
        Has the outbox sealed, and people told, now.
    clock
        The present.
    """

    def __init__(
        self,
        store: PeopleStore,
        *,
        accounts: Accounts,
        wake: Callable[[], None],
        notify: Callable[[], None],
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._wake = wake
        self._notify = notify
        self._clock = clock

    def open(
        self,
        principal: Principal,
        *,
        account: str | None,
        minutes: int,
        reason: GlassReason,
        ref: str,
        idem: Idempotency,
    ) -> GrantView:
        """Let oneself in to one account, or with None to all, from now on.

        Raises
        ------
        NotPermittedError
            When the role has no need of it or may not take all accounts, or the person was suspended meanwhile.
        NotFoundError
            When there is no such account.
        ConflictError
            When the person has done so already and it is not over, or was changed meanwhile.
        """
        require(principal, "break_glass_all" if account is None else "break_glass")
        if account is not None:
            self._accounts.get(account)
        now = self._clock()
        old = self._mine(principal)
        if any(one.glass and now < one.ends_at for one in old.access):
            raise ConflictError("You have let yourself in to an account already. Wait until that is over.", rev=old.rev)
        grant = Grant(
            id=new_ulid(),
            person=principal.id,
            account=account or FORCE,
            gives="desk",
            begins_at=now,
            ends_at=now + timedelta(minutes=max(1, min(minutes, LONGEST))),
            reason=reason,
            ref=ref,
            by=principal.id,
            given_at=now,
            glass=True,
        )
        return self._commit(principal, old, grant, idem)

    def _mine(self, principal: Principal) -> Person:
        person = self._store.person(principal.id)
        if person is None:
            raise NotFoundError("There is no such person.")
        if not person.active:
            raise NotPermittedError(
                "Refused because you are suspended; ask an administrator. Asked for: break_glass.", reason="role"
            )
        return person

    def _commit(self, principal: Principal, old: Person, grant: Grant, idem: Idempotency) -> GrantView:
        now = grant.given_at
        leaf = draft(
            type="config",
            at=now,
            actor=principal.actor(),
            account=None if grant.account == FORCE else grant.account,
            obj=Obj(kind="grant", key=grant.id, rev=grant.rev),
            change=Change(field="grant", to="break_glass"),
            reason=Reason(code=grant.reason, ref=grant.ref),
            grant=LeafGrant(person=grant.person, gives="desk", begin=iso(now), end=iso(grant.ends_at)),
            correlation=grant.id,
        )
        kept = [one for one in old.access if now < one.ends_at]
        taken = [
            Access(id=grant.id, account=grant.account, gives=gives, begins_at=now, ends_at=grant.ends_at, glass=True)
            for gives in _GIVES
        ]
        person = old.model_copy(update={"access": (*kept, *taken), "rev": old.rev + 1})
        view = GrantView(**grant.model_dump(exclude={"head", "rev"}), state=grant.state(now))
        about = {"account": grant.account, "person": grant.person, "grant": grant.id}
        notice: Put = told("break_glass", to=TOLD, at=now, about=about, urgent=True)
        try:
            self._store.table.transact(
                [
                    self._store.replace(person),
                    self._store.put_grant(grant.model_copy(update={"head": leaf.digest})),
                    Chunk.of([leaf]).put(),
                    notice,
                    idem.put(view.model_dump(mode="json")),
                ]
            )
        except (ConditionFailedError, ContentionError):
            raise ConflictError("You were changed meanwhile, perhaps by a second try. Look again.") from None
        self._wake()
        self._notify()
        return view
