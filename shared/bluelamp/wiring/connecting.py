"""Accounts' connections to their platforms: consent on the page, renewal by the schedule."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from bluelamp.wiring import base, force

if TYPE_CHECKING:
    from bluelamp.connections.ending import Ending
    from bluelamp.connections.keeping import TokenBox
    from bluelamp.connections.looking import Looking
    from bluelamp.connections.model import Ended
    from bluelamp.connections.renewing import Renewing
    from bluelamp.connections.service import Connecting
    from bluelamp.platforms.grants import AppSecrets, Standing, Tokens
    from bluelamp.platforms.http import PlatformHttp, Scheme

# Imports stand inside the functions: each Lambda pays for the parts that it uses, and no other.
# ruff: noqa: PLC0415


@lru_cache(maxsize=1)
def renewing() -> Renewing:
    """Return what renews the tokens that are about to end."""
    from bluelamp.connections.renewing import Renewing
    from bluelamp.connections.store import ConnectionStore

    return Renewing(
        ConnectionStore(base.table()),
        _box(),
        renew=partial(_renewed, _apps()),
        failed=_not_renewed,
        answers=_answers,
        wake=base.wake(),
        notify=base.notify_wake(),
    )


@lru_cache(maxsize=1)
def looking() -> Looking:
    """Return what asks how the tokens stand that nothing renews."""
    from bluelamp.connections.looking import Looking
    from bluelamp.connections.store import ConnectionStore

    return Looking(ConnectionStore(base.table()), _box(), ask=partial(_stands, _apps()), failed=_not_looked)


@lru_cache(maxsize=1)
def ending() -> Ending:
    """Return what ends the platforms' consents of disconnected accounts."""
    from bluelamp.connections.ending import Ending
    from bluelamp.connections.store import ConnectionStore
    from bluelamp.wiring import desk

    return Ending(
        ConnectionStore(base.table()),
        _box(),
        revoke=partial(_revoked, _apps()),
        places=desk.post_store(),
        failed=_not_ended,
        wake=base.wake(),
    )


@lru_cache(maxsize=1)
def connecting() -> Connecting:
    """Return the use cases of the connection routes."""
    from bluelamp.connections.service import Connecting
    from bluelamp.connections.store import ConnectionStore
    from bluelamp.platforms.registry import grants

    settings = base.settings()
    pages = {"facebook": settings["FACEBOOK_CONSENT_URL"], "x": settings["X_CONSENT_URL"]}
    return Connecting(
        ConnectionStore(base.table()),
        _box(),
        accounts=force.accounts(),
        grants=lambda platform: grants(platform, pages[platform]),
        apps=_apps(),
        open_http=token_way,
        public_url=settings["PUBLIC_URL"],
        secret=base.session_key(),
        wake=base.wake(),
    )


def _box() -> TokenBox:
    from bluelamp.connections.keeping import TokenBox

    return TokenBox(base.secrets(), base.settings()["ACCOUNT_SECRET_PREFIX"])


def _apps() -> AppSecrets:
    from bluelamp.platforms.grants import AppSecrets

    return AppSecrets(base.secrets(), base.settings()["APP_SECRET_PREFIX"])


def _renewed(apps: AppSecrets, account: str, refresh: str) -> Tokens:
    """Ask an account's platform for the next pair; the consent page has no part in it."""
    from bluelamp.platforms.registry import grants

    platform = account.partition("-")[0]
    return grants(platform, "").renew(apps.of(platform), refresh, partial(token_way, account))


def _revoked(apps: AppSecrets, account: str, tokens: Tokens) -> Ended:
    """Ask an account's platform to end its consent."""
    from bluelamp.platforms.registry import grants

    platform, _, native = account.partition("-")
    return grants(platform, "").revoke(apps.of(platform), tokens, native, partial(token_way, account))


def _stands(apps: AppSecrets, account: str, access: str) -> Standing | None:
    """Ask an account's platform how a token stands."""
    from bluelamp.platforms.registry import grants

    platform = account.partition("-")[0]
    return grants(platform, "").standing(apps.of(platform), access, partial(token_way, account))


def _answers(account: str) -> frozenset[str]:
    """Return who answers for an account; nobody for one that is not registered."""
    found = force.accounts().many([account]).get(account)
    return found.answers if found else frozenset()


def token_way(account: str, token: str, scheme: Scheme) -> PlatformHttp:
    """Return the HTTP client that asks for tokens, or looks whose a new one is."""
    from bluelamp.platforms.grants import Unheeded
    from bluelamp.platforms.http import PlatformHttp
    from bluelamp.times import utc_now
    from bluelamp.wiring import intake

    return PlatformHttp(
        None,
        intake.base_url(account),
        token,
        Unheeded(),
        utc_now,
        account_id=account,
        scheme=scheme,
    )


def _not_renewed(account: str, why: str) -> None:
    """Say that a token was not renewed; the alarm on this metric tells the force when that goes on."""
    from aws_lambda_powertools.metrics import MetricUnit

    from bluelamp.telemetry import logger, metrics

    logger.error("token not renewed", account=account, why=why)
    metrics.add_metric("TokensNotRenewed", MetricUnit.Count, 1)


def _not_ended(account: str, why: str) -> None:
    """Say that a platform did not end a consent; the account says so as well once that is final."""
    from bluelamp.telemetry import logger

    logger.warning("consent not ended", account=account, why=why)


def _not_looked(account: str, why: str) -> None:
    """Say that a platform did not tell how a token stands; it is asked again within the hour."""
    from bluelamp.telemetry import logger

    logger.warning("token not looked at", account=account, why=why)
