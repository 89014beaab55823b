"""The force's accounts: which there are, who reaches them, and what can be done there."""

from collections.abc import Callable, Collection, Iterable
from typing import Literal, Protocol

from bluelamp.accounts.model import (
    PLATFORM_VERBS,
    Account,
    AccountKind,
    AccountView,
    Officer,
    PlatformVerb,
    Policy,
)
from bluelamp.accounts.rules import registration
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor, Change, draft
from bluelamp.audit.lines import ROSTER, line
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import ConditionFailedError
from bluelamp.errors import NotFoundError
from bluelamp.ids import account_id
from bluelamp.people.model import Principal
from bluelamp.people.rules import authorise
from bluelamp.people.service import People
from bluelamp.times import Clock, utc_now

_KINDS = ("post", "comment", "reply", "mention", "message")


class Offers(Protocol):
    """The part of a platform's connector that says what it can do."""

    def capabilities(self, kind: str) -> frozenset[PlatformVerb]:
        """Return the verbs that the platform offers for incoming posts of this kind."""


class Accounts:
    """The accounts of the force.

    Parameters
    ----------
    store
        Where they are kept.
    connector
        Returns a platform's connector by its name.
    clock
        The present.
    """

    def __init__(self, store: AccountStore, connector: Callable[[str], Offers], clock: Clock = utc_now) -> None:
        self._store = store
        self._connector = connector
        self._clock = clock

    def get(self, wanted: str) -> Account:
        """Return an account by its id.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        account = self._store.get(wanted)
        if account is None:
            raise NotFoundError(f"there is no account {wanted}")
        return account

    def many(self, wanted: Iterable[str]) -> dict[str, Account]:
        """Return the accounts that exist among the ids `wanted`, by id."""
        return self._store.many(dict.fromkeys(wanted))

    def all(self) -> list[Account]:
        """Return every account, by id."""
        return list(self._store.all())

    def reached_by(self, principal: Principal) -> list[Account]:
        """Return the accounts within a principal's scope, by id.

        One query for a role that oversees all; else one a team, and one read for what they cover.
        """
        if principal.reaches_all:
            return self.all()
        found = {a.id: a for team in sorted(principal.teams) for a in self._store.of_team(team)}
        missing = sorted(principal.single_accounts - found.keys())
        if missing:
            found |= self._store.many(missing)
        return [found[i] for i in sorted(found)]

    def get_for(self, principal: Principal, wanted: str) -> Account:
        """Return an account that the principal may see.

        Raises
        ------
        NotFoundError
            When there is none, or it is out of their scope.
        """
        account = self.get(wanted)
        authorise(principal, "accounts", account)
        return account

    def capabilities(self, account: Account, kind: str | None = None) -> frozenset[PlatformVerb]:
        """Return what the account's platform offers, for one kind of post or for any."""
        connector = self._connector(account.platform)
        kinds = (kind,) if kind else _KINDS
        return frozenset().union(*(connector.capabilities(k) for k in kinds))

    def view(self, account: Account) -> AccountView:
        """Return an account as a page shows it."""
        offered = self.capabilities(account)
        return AccountView(
            id=account.id,
            platform=account.platform,
            name=account.name,
            handle=account.handle,
            kind=account.kind,
            team=account.team,
            lead=account.lead,
            deputy=account.deputy,
            status=account.status,
            policy=account.policy,
            rev=account.rev,
            capabilities=tuple(verb for verb in PLATFORM_VERBS if verb in offered),
        )

    def add_account(
        self,
        *,
        platform: str,
        native_id: str,
        name: str,
        kind: AccountKind,
        team: str,
        by: Actor,
        handle: str | None = None,
        lead: Officer | None = None,
        deputy: Officer | None = None,
        local_verbs: Collection[Literal["delete"]] = (),
        people: People | None = None,
    ) -> Account:
        """Register an account, or return it unchanged when it is there already.

        Parameters
        ----------
        native_id
            The platform's own id of the page or profile.
        local_verbs
            What the local team may do beyond its role: its policy.
        by
            Who registers it, for the record.
        people
            Lead and deputy reach the account from now on when this is given.
        """
        account = Account(
            id=account_id(platform, native_id),
            platform=platform,
            native_id=native_id,
            name=name,
            handle=handle,
            kind=kind,
            team=team,
            lead=lead,
            deputy=deputy,
            since=self._clock(),
            policy=Policy(delete=("comms", "local") if "delete" in local_verbs else ("comms",)),
        )
        leaf = draft(
            type="config",
            at=self._clock(),
            actor=by,
            account=account.id,
            change=Change(field="status", to=account.status),
            registration=registration(account, ()),
        )
        duties = people.answering({one: [account.id] for one in account.answers}, {}) if people else []
        try:
            chunk = Chunk.of([leaf])
            self._store.table.transact([self._store.insert(account), chunk.put(), line(ROSTER, chunk), *duties])
        except ConditionFailedError:
            return self.get(account.id)
        return account
