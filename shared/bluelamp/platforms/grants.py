"""What a platform gives tokens for: a person's consent (a code), or the token that renews the one before (RFC 6749).

A code and a renewing token of X are worth one use. So an exchange is a write that is never repeated by itself: where
its answer was lost, `TimedOutError` says so, and who asked decides. Each exchange goes the way of every call
(`PlatformHttp`): bounded, to the pinned host, with the app's own credential in a header or in the body, never in an
address.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlencode

from bluelamp.cloud.secrets import SecretMissingError
from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import TimedOutError
from bluelamp.platforms.http import PlatformHttp, Scheme, Scope, Throttle
from bluelamp.platforms.reading import text_of
from bluelamp.platforms.secrets import SecretReader

# What we take of a platform: longer tokens or lives are none.
MAX_TOKEN = 4096
MAX_LIFE = timedelta(days=400)
MAX_CODE = 2048


class OtherAccountError(ConflictError):
    """Who consented, consented for another account than the registered one, or cannot for this one."""

    code = "other_account"


class AppNotSetError(ConflictError):
    """The force's own app at the platform is not known here, so nobody can connect."""

    code = "app_not_set"


@dataclass(frozen=True)
class App:
    """The force's registration with a platform; neither field is ever shown."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)

    @property
    def basic(self) -> str:
        """Return the credential of HTTP Basic, each half encoded as RFC 6749 2.3.1 has it."""
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        return base64.b64encode(pair.encode()).decode("ascii")


@dataclass(frozen=True)
class Tokens:
    """What a platform gave: the token that calls, the one that renews it, and its end (None: it has none)."""

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """A consent that is asked for: where the person comes back to, the state, and the secret behind the challenge."""

    redirect: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    challenge: str


@dataclass(frozen=True)
class Standing:
    """What a platform says of a token: whether it is good, its own end, until when it gives data, and what it lacks.

    `lacks` names the permissions that we asked for and that were not given.
    """

    valid: bool
    expires_at: datetime | None = None
    data_until: datetime | None = None
    lacks: tuple[str, ...] = ()


# Opens the way to a platform's API with a token; the second value is how the token is shown.
OpenHttp = Callable[[str, Scheme], PlatformHttp]


class Grants(Protocol):
    """How one platform gives tokens."""

    name: str
    renews: bool
    looks: bool

    def address(self, app: App, asked: Asked) -> str:
        """Return the platform's page where a person consents."""

    def exchange(self, app: App, asked: Asked, code: str, native_id: str, http: OpenHttp) -> Tokens:
        """Turn a code into the tokens of the account `native_id`.

        Raises
        ------
        ReauthoriseError
            When the platform does not take the code.
        OtherAccountError
            When the consent is not for that account.
        """

    def renew(self, app: App, refresh: str, http: OpenHttp) -> Tokens:
        """Turn the renewing token into the next pair; the one given is worth nothing afterwards.

        Raises
        ------
        ReauthoriseError
            When the platform does not take it.
        TimedOutError
            When it may have taken it, and the new pair is lost.
        """

    def standing(self, app: App, access: str, http: OpenHttp) -> Standing | None:
        """Return what the platform says of a token; None where it says nothing (`looks` is False).

        Raises
        ------
        PlatformError
            When it does not answer, or not with what can be read.
        """

    def revoke(self, app: App, tokens: Tokens, native_id: str, http: OpenHttp) -> Literal["ended", "page_left"]:
        """End the consent that the tokens of the account `native_id` were had by; a repeat is no error.

        Returns
        -------
        str
            ``ended``; or ``page_left`` where the platform stops sending, and the person's own consent stands.

        Raises
        ------
        PlatformError
            When the platform did not do it, or nobody knows whether it did.
        """


def tokens_from(data: Mapping[str, Any], now: datetime) -> Tokens:
    """Read a platform's answer to an exchange.

    Raises
    ------
    TimedOutError
        When it holds no token that we could use: what was given for it is used up all the same.
    """
    access, refresh, life = (
        text_of(data.get("access_token")),
        text_of(data.get("refresh_token")),
        data.get("expires_in"),
    )
    if not _usable(access) or (refresh and not _usable(refresh)):
        raise TimedOutError("the platform's answer holds no token that can be used; what was given for it is used up")
    seconds = life if isinstance(life, int) and not isinstance(life, bool) else 0
    lasts = 0 < seconds <= MAX_LIFE.total_seconds()
    return Tokens(access, refresh or None, now + timedelta(seconds=seconds) if lasts else None)


def _usable(token: str) -> bool:
    return 0 < len(token) <= MAX_TOKEN and token.isascii() and token.isprintable() and " " not in token


def consent_page(base: str, app: App, asked: Asked, *, scope: str) -> str:
    """Return the address of a platform's consent page with its question (RFC 6749, 4.1.1; RFC 7636, 4.3)."""
    question = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": asked.redirect,
        "scope": scope,
        "state": asked.state,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
    }
    return f"{base}?{urlencode(question, quote_via=quote)}"


class AppSecrets:
    """The force's registrations with the platforms, from ``<prefix><platform>``.

    Parameters
    ----------
    secrets
        Reads secrets.
    prefix
        What their names begin with.
    """

    def __init__(self, secrets: SecretReader, prefix: str) -> None:
        self._secrets = secrets
        self._prefix = prefix

    def of(self, platform: str) -> App:
        """Return the registration with a platform.

        Raises
        ------
        AppNotSetError
            When it was not brought here.
        """
        try:
            held = self._secrets.get(self._prefix + platform)
        except SecretMissingError:
            held = {}
        client_id, secret = held.get("client_id"), held.get("client_secret")
        if not (isinstance(client_id, str) and client_id and isinstance(secret, str) and secret):
            raise AppNotSetError(
                f"The force's app at {platform} is not set up here. An operator does that: "
                f"bluelamp secret set app/{platform}."
            )
        return App(client_id, secret)


class Unheeded:
    """Throttles of the addresses that give out tokens: the times of renewals keep them, no account is stopped."""

    def read(self, account_id: str) -> Throttle:
        """Return that nothing holds."""
        del account_id
        return Throttle()

    def stop(self, account_id: str, until: datetime, *, scope: Scope, code: str) -> None:
        """Leave it to the `ThrottledError` that is raised beside this."""
