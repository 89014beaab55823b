"""The ways in: webhooks, polls, and how far each account has been read."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from bluelamp.wiring import base, force

if TYPE_CHECKING:
    from bluelamp.completeness.service import Statements
    from bluelamp.platforms.contract import AccountRef, PlatformError
    from bluelamp.platforms.http import PlatformHttp, Purpose
    from bluelamp.platforms.polling import Poller
    from bluelamp.platforms.receiving import Receiver
    from bluelamp.platforms.store import BudgetTable

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def receiver() -> Receiver:
    """Return the use case of the receive function."""
    from bluelamp.platforms.receiving import Receiver, RefusalCounts

    return Receiver(
        staging=base.staging(),
        queue=base.queue("INGEST"),
        secrets=base.secrets(),
        prefix=base.settings()["PLATFORM_SECRET_PREFIX"],
        counts=RefusalCounts(base.table),
    )


@lru_cache(maxsize=1)
def poller() -> Poller:
    """Return the use case of the poll function."""
    from bluelamp.accounts.finder import ref_of
    from bluelamp.platforms.polling import Poller
    from bluelamp.platforms.registry import connector
    from bluelamp.platforms.store import CursorTable, ThrottleTable

    def active(account_id: str) -> AccountRef | None:
        account = force.finder().find(account_id)
        return ref_of(account) if account and account.status == "active" else None

    return Poller(
        connector=connector,
        accounts=lambda: [ref_of(a) for a in force.accounts().all() if a.status == "active"],
        account=active,
        open_http=lambda account: platform_http(account.account_id, "poll"),
        staging=base.staging(),
        ingest=base.queue("INGEST"),
        polls=base.queue("POLL"),
        cursors=CursorTable(base.table()),
        throttles=ThrottleTable(base.table()),
        heartbeats=force.coverage(),
        unwell=_unwell,
    )


@lru_cache(maxsize=1)
def statements() -> Statements:
    """Return what states in the log how complete each account's days are."""
    from bluelamp.completeness.service import Statements
    from bluelamp.completeness.store import CompletenessStore

    return Statements(CompletenessStore(base.table()), accounts=force.accounts().all, wake=base.wake())


def _unwell(account: AccountRef, error: PlatformError) -> None:
    """Say that an account needs a person; the alarm on this metric tells the force."""
    from aws_lambda_powertools.metrics import MetricUnit

    from bluelamp.connections.store import ConnectionStore
    from bluelamp.platforms.contract import ReauthoriseError
    from bluelamp.platforms.store import HeardTable
    from bluelamp.telemetry import logger, metrics
    from bluelamp.times import utc_now

    logger.error("account unwell", account=account.account_id, code=error.code)
    HeardTable(base.table()).refused(account.account_id, utc_now(), error.code)
    if isinstance(error, ReauthoriseError):
        ConnectionStore(base.table()).refused(account.account_id, utc_now())
    metrics.add_metric("AccountsUnwell", MetricUnit.Count, 1)


@lru_cache(maxsize=1)
def budgets() -> BudgetTable:
    """Return the writing calls of each account."""
    from bluelamp.platforms.budgets import parse_rates
    from bluelamp.platforms.store import BudgetTable

    return BudgetTable(base.table(), parse_rates(base.settings()["WRITE_BUDGETS"]))


def platform_http(account_id: str, purpose: Purpose) -> PlatformHttp:
    """Return the HTTP client of one account, with its token; made anew each time, so that a new token is used."""
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.platforms.secrets import account_token
    from bluelamp.platforms.store import ThrottleTable
    from bluelamp.times import utc_now

    secrets, prefix = base.secrets(), base.settings()["ACCOUNT_SECRET_PREFIX"]
    return PlatformHttp(
        None,
        base_url(account_id),
        account_token(secrets.get, prefix, account_id),
        ThrottleTable(base.table()),
        utc_now,
        account_id=account_id,
        purpose=purpose,
        fresh=lambda: account_token(secrets.fresh, prefix, account_id),
    )


def base_url(account_id: str) -> str:
    """Return where the API of an account's platform stands."""
    from bluelamp.platforms.registry import BaseUrls

    urls = BaseUrls(base.settings()["GRAPH_URL"], base.settings()["GRAPH_VERSION"], base.settings()["X_URL"])
    return urls.of(account_id.partition("-")[0])
