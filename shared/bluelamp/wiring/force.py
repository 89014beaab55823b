"""People and accounts: who they are, what they may reach, who answers when, and how they sign in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base

if TYPE_CHECKING:
    from bluelamp.accounts.files import AccountFiles
    from bluelamp.accounts.finder import AccountFinder
    from bluelamp.accounts.model import Account, AccountHealth
    from bluelamp.accounts.register import Register
    from bluelamp.accounts.service import Accounts
    from bluelamp.checks.chasing import Chasing
    from bluelamp.checks.service import Checks
    from bluelamp.completeness.service import Coverage
    from bluelamp.connections.leaving import Leaving
    from bluelamp.people.emergency import Emergency
    from bluelamp.people.granting import Grants
    from bluelamp.people.managing import Managing
    from bluelamp.people.refusals import Refusals
    from bluelamp.people.service import People
    from bluelamp.people.sessions import Sessions
    from bluelamp.people.sign_in import SignIn
    from bluelamp.people.tokens import TokenVerifier

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def accounts() -> Accounts:
    """Return the force's accounts."""
    from bluelamp.accounts.service import Accounts
    from bluelamp.accounts.store import AccountStore
    from bluelamp.platforms.registry import connector

    return Accounts(AccountStore(base.table()), connector)


@lru_cache(maxsize=1)
def register() -> Register:
    """Return the use cases of the account routes."""
    from bluelamp.accounts.register import Register
    from bluelamp.accounts.registering import Registrar
    from bluelamp.accounts.store import AccountStore

    store = AccountStore(base.table())
    return Register(
        store,
        accounts=accounts(),
        registrar=Registrar(store, people(), leaving=_leaving()),
        people=people(),
        health=_health,
        cursors=base.cursors(),
        wake=base.wake(),
    )


def _leaving() -> Leaving:
    from bluelamp.connections.leaving import Leaving
    from bluelamp.connections.store import ConnectionStore

    return Leaving(ConnectionStore(base.table()))


def _health(account: Account) -> AccountHealth:
    """Tell how well an account is read, from what polls left in the table."""
    from bluelamp.accounts.rules import health
    from bluelamp.connections.store import ConnectionStore
    from bluelamp.platforms.store import HeardTable, ThrottleTable
    from bluelamp.times import utc_now

    until, lost = coverage().read_until(account.id)
    line = ConnectionStore(base.table()).get(account.id)
    throttle, heard = ThrottleTable(base.table()).read(account.id), HeardTable(base.table()).read(account.id)
    return health(account, until=until, lost=lost, throttle=throttle, now=utc_now(), heard=heard, line=line)


@lru_cache(maxsize=1)
def checks() -> Checks:
    """Return the use cases of the check routes."""
    from bluelamp.checks.service import Checks
    from bluelamp.checks.store import CheckStore

    return Checks(CheckStore(base.table()), accounts=accounts(), cursors=base.cursors(), wake=base.wake())


@lru_cache(maxsize=1)
def chasing() -> Chasing:
    """Return what tells of checks that nobody does."""
    from bluelamp.checks.chasing import Chasing
    from bluelamp.checks.store import CheckStore

    return Chasing(
        CheckStore(base.table()),
        accounts=accounts().all,
        people=people().everybody,
        wake=base.wake(),
        notify=base.notify_wake(),
    )


@lru_cache(maxsize=1)
def account_files() -> AccountFiles:
    """Return imports and exports of the register."""
    from bluelamp.accounts.files import AccountFiles
    from bluelamp.accounts.registering import Registrar
    from bluelamp.accounts.store import AccountStore
    from bluelamp.platforms.registry import NAMES

    store = AccountStore(base.table())
    registrar = Registrar(store, people(), leaving=_leaving())
    return AccountFiles(store, registrar=registrar, people=people(), platforms=NAMES, wake=base.wake())


@lru_cache(maxsize=1)
def finder() -> AccountFinder:
    """Return accounts by id, remembered for half a minute."""
    from bluelamp.accounts.finder import AccountFinder

    return AccountFinder(accounts())


@lru_cache(maxsize=1)
def people() -> People:
    """Return the people of the force."""
    from bluelamp.people.service import People
    from bluelamp.people.store import PeopleStore

    return People(PeopleStore(base.table()))


@lru_cache(maxsize=1)
def sessions() -> Sessions:
    """Return sessions, and the people behind tokens."""
    from bluelamp.people.sessions import Sessions
    from bluelamp.people.store import PeopleStore

    return Sessions(PeopleStore(base.table()), wake=base.wake())


@lru_cache(maxsize=1)
def managing() -> Managing:
    """Return what shuts people out, lets them in again and signs them out."""
    from bluelamp.people.managing import Managing
    from bluelamp.people.store import PeopleStore
    from bluelamp.wiring import identity

    return Managing(PeopleStore(base.table()), wake=base.wake(), closing=identity.closing())


@lru_cache(maxsize=1)
def grants() -> Grants:
    """Return access for a time."""
    from datetime import timedelta

    from bluelamp.people.granting import Grants
    from bluelamp.people.store import PeopleStore

    longest = timedelta(days=int(base.settings()["GRANT_DAYS"]))
    return Grants(
        PeopleStore(base.table()), accounts=accounts(), cursors=base.cursors(), longest=longest, wake=base.wake()
    )


@lru_cache(maxsize=1)
def emergency() -> Emergency:
    """Return what lets somebody in to an account in an emergency."""
    from bluelamp.people.emergency import Emergency
    from bluelamp.people.store import PeopleStore

    return Emergency(PeopleStore(base.table()), accounts=accounts(), wake=base.wake(), notify=base.notify_wake())


@lru_cache(maxsize=1)
def tokens() -> TokenVerifier:
    """Return what verifies bearer tokens."""
    from bluelamp.people.tokens import TokenVerifier

    return TokenVerifier(
        issuer=base.settings()["ISSUER"],
        client_id=base.settings()["USER_POOL_CLIENT_ID"],
        jwks_url=base.settings()["JWKS_URL"],
    )


@lru_cache(maxsize=1)
def sign_in() -> SignIn:
    """Return the sign-in through the provider's page."""
    from bluelamp.people.sign_in import Client, SignIn
    from bluelamp.wiring import identity

    client = Client(
        client_id=base.settings()["USER_POOL_CLIENT_ID"],
        sign_in_url=base.settings()["SIGN_IN_URL"],
        token_url=base.settings()["TOKEN_URL"],
        public_url=base.settings()["PUBLIC_URL"],
    )
    return SignIn(
        client=client,
        secret=base.session_key(),
        tokens=tokens(),
        sessions=sessions(),
        provisioning=identity.provisioning(),
    )


@lru_cache(maxsize=1)
def refusals() -> Refusals:
    """Return the record of refusals."""
    from bluelamp.people.refusals import Refusals

    return Refusals(base.table(), pseudonyms=base.pseudonyms(), wake=base.wake())


@lru_cache(maxsize=1)
def coverage() -> Coverage:
    """Return what notes how far each account has been read without a break."""
    from bluelamp.completeness.service import Coverage
    from bluelamp.completeness.store import CompletenessStore

    return Coverage(CompletenessStore(base.table()))
