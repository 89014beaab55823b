"""Where tokens are kept: the secret store, one object an account, under the prefix that the connectors read from.

The object names the attempt that saved it, so that a renewal whose maker died between saving and noting is found whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, get_args

from bluelamp.cloud.secrets import SecretMissingError, SecretNotSavedError
from bluelamp.connections.model import Over
from bluelamp.platforms.grants import Tokens
from bluelamp.times import iso, parse_iso

# The new pair exists nowhere else: worth more than one try.
TRIES = 3


class SecretStore(Protocol):
    """What is needed of `bluelamp.cloud.secrets.Secrets`."""

    def fresh(self, name: str) -> dict[str, Any]:
        """Return the secret's object as it stands now."""

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        """Give the secret a new version."""


class Kept:
    """What lies in an account's secret."""

    def __init__(self, held: Mapping[str, Any]) -> None:
        self._held = held

    @property
    def attempt(self) -> str | None:
        """Return which attempt saved it; None for one that was set by hand."""
        return self._text("attempt")

    @property
    def access(self) -> str | None:
        """Return the token that calls."""
        return self._text("access_token")

    @property
    def retired(self) -> Tokens | None:
        """Return the tokens that nobody calls with any more, and that the platform has yet to hear of."""
        access, refresh = self._text("ending_access"), self._text("ending_refresh")
        return Tokens(access, refresh) if access else None

    @property
    def outcome(self) -> tuple[Over, str | None] | None:
        """Return how the consent stood when the tokens were forgotten, and what the platform said against its end."""
        consent = self._text("consent")
        ways: tuple[Over, ...] = get_args(Over)
        return next(((way, self._text("said")) for way in ways if way == consent), None)

    @property
    def refresh(self) -> str | None:
        """Return the token that renews."""
        return self._text("refresh_token")

    @property
    def expires_at(self) -> datetime | None:
        """Return until when the token is good, where that is known."""
        at = self._text("expires_at")
        return parse_iso(at) if at else None

    def _text(self, name: str) -> str | None:
        value = self._held.get(name)
        return value if isinstance(value, str) and value else None


class TokenBox:
    """Reads and writes the accounts' tokens.

    Parameters
    ----------
    secrets
        The secret store.
    prefix
        What the names of the accounts' secrets begin with.
    """

    def __init__(self, secrets: SecretStore, prefix: str) -> None:
        self._secrets = secrets
        self._prefix = prefix

    def read(self, account: str) -> Kept:
        """Return what lies there now; nothing when there is none."""
        try:
            return Kept(self._secrets.fresh(self._prefix + account))
        except SecretMissingError:
            return Kept({})

    def save(self, account: str, tokens: Tokens, attempt: str) -> None:
        """Keep new tokens in the place of the old ones.

        Raises
        ------
        SecretNotSavedError
            When that failed several times.
        """
        value = {"access_token": tokens.access, "attempt": attempt}
        value |= {"refresh_token": tokens.refresh} if tokens.refresh else {}
        value |= {"expires_at": iso(tokens.expires_at)} if tokens.expires_at else {}
        self._put(account, value)

    def retire(self, account: str, attempt: str) -> Tokens | None:
        """Take the tokens from whoever calls with them, and keep them for the one call that ends the consent.

        Returns
        -------
        Tokens or None
            What is to be ended; None when nothing lies there. A repeat finds what the first time put aside.

        Raises
        ------
        SecretNotSavedError
            When that failed several times; nothing was changed.
        """
        kept = self.read(account)
        if kept.access is None:
            return kept.retired
        value = {"attempt": attempt, "ending_access": kept.access}
        self._put(account, value | ({"ending_refresh": kept.refresh} if kept.refresh else {}))
        return Tokens(kept.access, kept.refresh)

    def empty(self, account: str, attempt: str, consent: str, said: str | None) -> None:
        """Forget the tokens; what came of their consent stays in their place, until that is noted and after."""
        self._put(account, {"attempt": attempt, "consent": consent} | ({"said": said} if said else {}))

    def _put(self, account: str, value: Mapping[str, str]) -> None:
        for turn in range(1, TRIES + 1):
            try:
                return self._secrets.put(self._prefix + account, value)
            except SecretNotSavedError:
                if turn == TRIES:
                    raise
        return None
