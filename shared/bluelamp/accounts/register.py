"""The register of accounts as page and API clients use it: listed by pages, opened, changed by administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bluelamp.accounts import rules
from bluelamp.accounts.model import (
    Account,
    AccountDetail,
    AccountHealth,
    AccountPage,
    AccountStatus,
    AccountView,
    Fields,
    Officer,
    Policy,
    StatusReason,
)
from bluelamp.accounts.registering import Author, Registrar, Step
from bluelamp.audit.leaf import Query, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.errors import ConflictError, InvalidInputError, NotFoundError
from bluelamp.ids import account_id
from bluelamp.people.rules import authorise, require

if TYPE_CHECKING:
    from bluelamp.accounts.service import Accounts
    from bluelamp.accounts.store import AccountStore
    from bluelamp.cursors import Cursors
    from bluelamp.idempotency import Idempotency
    from bluelamp.people.model import Principal
    from bluelamp.people.service import People

MAX_PAGE = 500
# How many parts of the list are read for one page; a page may be short and still have a next one.
READS = 4


class Register:
    """The use cases of the account routes.

    Parameters
    ----------
    store
        Where accounts are kept.
    accounts
        Reads and shows them.
    registrar
        Writes them.
    people
        Knows who may lead or deputise.
    health
        Tells how well an account is read.
    cursors
        Makes and opens cursors.
    wake
        Wakes the sequencer.
    """

    def __init__(
        self,
        store: AccountStore,
        *,
        accounts: Accounts,
        registrar: Registrar,
        people: People,
        health: Callable[[Account], AccountHealth],
        cursors: Cursors,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._registrar = registrar
        self._people = people
        self._health = health
        self._cursors = cursors
        self._wake = wake

    def page(
        self,
        principal: Principal,
        *,
        team: str | None = None,
        platform: str | None = None,
        status: AccountStatus | None = None,
        cursor: str | None = None,
        limit: int = MAX_PAGE,
    ) -> AccountPage:
        """Return the accounts within a principal's scope, by id, page by page. Recorded as a search.

        Nothing hurries: the record is sealed with the next ones, within a minute.

        Raises
        ------
        NotPermittedError
            When the role sees no accounts.
        CursorError
            When the cursor is not of this person and query.
        """
        require(principal, "accounts")
        asked = {"team": team, "platform": platform, "status": status}
        query = {"list": "accounts", **asked}
        after = self._cursors.open(principal.id, query, cursor)["after"] if cursor else None
        read = self._force_wide if principal.reaches_all else self._reached
        limit = max(1, min(limit, MAX_PAGE))
        found, last, more = read(principal, team=team, platform=platform, after=after, limit=limit, status=status)
        filters = {name: value for name, value in asked.items() if value}
        leaf = draft(
            type="search",
            at=self._registrar.clock(),
            actor=principal.actor(),
            query=Query(view="accounts", filters=filters, hits=len(found)),
        )
        self._store.table.write(Chunk.of([leaf]).put())
        views = tuple(self._accounts.view(account) for account in found)
        return AccountPage(
            accounts=views, next=self._cursors.seal(principal.id, query, {"after": last}) if more else None
        )

    def _force_wide(
        self, _: Principal, *, team: str | None, platform: str | None, after: str | None, limit: int, status: str | None
    ) -> tuple[list[Account], str | None, bool]:
        found: list[Account] = []
        more = True
        for _read in range(READS):
            wanted = limit - len(found)
            # Of one team the platforms are picked out here: a team has few accounts.
            part, more = self._store.part(team=team, platform=None if team else platform, after=after, limit=wanted)
            after = part[-1].id if part else after
            found += [a for a in part if status in {None, a.status} and platform in {None, a.platform}]
            if not more or len(found) == limit:
                break
        return found, after, more

    def _reached(
        self, principal: Principal, *, after: str | None, limit: int, **asked: str | None
    ) -> tuple[list[Account], str | None, bool]:
        fits = [
            account
            for account in self._accounts.reached_by(principal)
            if all(value in {None, getattr(account, name)} for name, value in asked.items())
            and (after is None or account.id > after)
        ]
        shown = fits[:limit]
        return shown, shown[-1].id if shown else after, len(fits) > limit

    def detail(self, principal: Principal, wanted: str) -> AccountDetail:
        """Return one account with how well it is read. Recorded as a view.

        Raises
        ------
        NotFoundError
            When there is none, or it is out of their scope.
        """
        account = self._accounts.get_for(principal, wanted)
        leaf = draft(type="view", at=self._registrar.clock(), actor=principal.actor(), account=account.id)
        self._store.table.write(Chunk.of([leaf]).put())
        return AccountDetail(
            account=self._accounts.view(account),
            native_id=account.native_id,
            since=account.since,
            changed_at=account.changed_at,
            changed_by=account.changed_by,
            health=self._health(account),
        )

    def create(
        self, principal: Principal, *, platform: str, native_id: str, fields: Fields, idem: Idempotency
    ) -> AccountView:
        """Register an account.

        Raises
        ------
        NotPermittedError
            When the person may not change the register.
        ConflictError
            When it is there already.
        InvalidInputError
            When name, kind or team is missing, or the lead or deputy is nobody active here.
        """
        require(principal, "register")
        missing = [name for name in ("name", "kind", "team") if getattr(fields, name) is None]
        if missing:
            raise InvalidInputError(f"A new account needs {', '.join(missing)}.")
        author, now, policy = Author.of(principal), self._registrar.clock(), fields.policy or Policy()
        wanted = self._wanted(fields, None) | {"policy": policy}
        account = Account(
            id=account_id(platform, native_id), platform=platform, native_id=native_id,
            since=now, changed_at=now, changed_by=author.officer, **wanted,
        )  # fmt: skip
        there = self._store.get(account.id)
        if there is not None:
            raise ConflictError(
                f"{account.id} is registered already, as {there.name} of the team {there.team}.", rev=there.rev
            )
        return self._write(Step(None, account), author, idem)

    def change(self, principal: Principal, wanted: str, *, fields: Fields, rev: int, idem: Idempotency) -> AccountView:
        """Change an account; what was not named stays as it is.

        Raises
        ------
        NotPermittedError, NotFoundError
            When the person may not change the register, or there is no such account.
        ConflictError
            When another revision than `rev` is in force; it tells what is there now.
        InvalidInputError
            When the lead or deputy is nobody active here.
        """
        author, old = self._opened(principal, wanted)
        changes = self._wanted(fields, old)
        if old.rev != rev:
            raise rules.overtaken(old, changes)
        return self._write(self._registrar.stepped(old, changes, author), author, idem)

    def suspend(
        self, principal: Principal, wanted: str, *, rev: int, idem: Idempotency, reason: StatusReason | None = None
    ) -> AccountView:
        """Stop everything that goes out from an account, until it is resumed; raises as `change`."""
        return self._set_status(principal, wanted, "suspended", rev=rev, idem=idem, reason=reason)

    def resume(
        self, principal: Principal, wanted: str, *, rev: int, idem: Idempotency, reason: StatusReason | None = None
    ) -> AccountView:
        """Let an account work again; raises as `change`."""
        return self._set_status(principal, wanted, "active", rev=rev, idem=idem, reason=reason)

    def archive(
        self, principal: Principal, wanted: str, *, rev: int, idem: Idempotency, reason: StatusReason | None = None
    ) -> AccountView:
        """Put an account that is not used any more away; raises as `change`."""
        return self._set_status(principal, wanted, "archived", rev=rev, idem=idem, reason=reason)

    def _set_status(
        self,
        principal: Principal,
        wanted: str,
        status: AccountStatus,
        *,
        rev: int,
        idem: Idempotency,
        reason: StatusReason | None,
    ) -> AccountView:
        author, old = self._opened(principal, wanted)
        if old.rev != rev:
            raise rules.overtaken(old, {"status": status})
        step = self._registrar.set_status(old, status, author)
        return self._write(replace(step, reason=reason), author, idem)

    def _opened(self, principal: Principal, wanted: str) -> tuple[Author, Account]:
        account = self._store.get(wanted, consistent=True)
        if account is None:
            raise NotFoundError(f"there is no account {wanted}")
        authorise(principal, "register", account)
        return Author.of(principal), account

    def _write(self, step: Step, author: Author, idem: Idempotency) -> AccountView:
        view = self._accounts.view(step.new)
        if step.new is not step.old:
            self._registrar.write(step, author, [idem.put(view.model_dump(mode="json"))])
            self._wake()
        return view

    def _wanted(self, fields: Fields, old: Account | None) -> dict[str, Any]:
        """Return what is to be changed, with people by name."""
        wanted: dict[str, Any] = {name: getattr(fields, name) for name in fields.model_fields_set}
        for column in ("lead", "deputy"):
            if wanted.get(column):
                wanted[column] = self._officer(column, wanted[column], getattr(old, column, None))
        lead, deputy = (wanted.get(name, getattr(old, name, None)) for name in ("lead", "deputy"))
        if lead and deputy and lead.id == deputy.id:
            raise InvalidInputError("The deputy is the lead too: name somebody else, or nobody.")
        return wanted

    def _officer(self, column: str, person_id: str, present: Officer | None) -> Officer:
        if present and present.id == person_id:
            return present
        try:
            person = self._people.get(person_id)
        except NotFoundError:
            raise InvalidInputError(f"The {column} is nobody here: name a person by the id that they have.") from None
        if not person.active:
            raise InvalidInputError(f"The {column} is {person.status}: name somebody who is active.")
        return Officer(id=person.id, name=person.name)
