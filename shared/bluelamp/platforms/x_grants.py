"""How X gives tokens: consent with PKCE, two hours of access, and a renewing token that is worth one use.

Source: X, "OAuth 2.0 Authorization Code Flow with PKCE"; the scopes are those that the connector's calls ask for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from bluelamp.platforms.contract import (
    BrokenPayloadError,
    NotAllowedError,
    PlatformError,
    ReauthoriseError,
    ThrottledError,
    TryAgainError,
)
from bluelamp.platforms.grants import App, Asked, OpenHttp, OtherAccountError, Tokens, consent_page, tokens_from
from bluelamp.platforms.http import Answer
from bluelamp.platforms.reading import ident, load, moment, text_of
from bluelamp.platforms.x_dialect import X_API, data

SCOPES = (
    "tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "like.read", "like.write",
    "dm.read", "dm.write", "media.write", "offline.access",
)  # fmt: skip
_TOKENS = "/2/oauth2/token"
_REVOKE = "/2/oauth2/revoke"
# X says "invalid_request" of a renewing token that it does not know, where RFC 6749 has "invalid_grant".
_DEAD = frozenset({"invalid_grant", "invalid_request"})
_REST = timedelta(minutes=15)
_TOO_MANY, _SERVER_FAILED = 429, 500


class _Dialect:
    """How the token address fails: RFC 6749 5.2, a code in ``error``. What it says in words is not repeated."""

    request_id_header = X_API.request_id_header
    whole_account = False

    def failure(self, answer: Answer, now: datetime) -> PlatformError | None:
        """Return the error that the answer stands for."""
        if answer.status < 300:  # noqa: PLR2004 -- the successes of HTTP
            return None
        try:
            said = text_of(load(answer.body)[1].get("error"))
        except BrokenPayloadError:
            said = ""
        about: dict[str, Any] = {
            "platform_code": str(answer.status),
            "request_id": answer.headers.get(self.request_id_header),
        }
        if answer.status == _TOO_MANY:
            reset = moment(answer.headers.get("x-rate-limit-reset", ""))
            return ThrottledError("X throttles the giving of tokens", until=reset or now + _REST, **about)
        if answer.status >= _SERVER_FAILED:
            return TryAgainError("X gives no tokens for the moment", **about)
        if said in _DEAD:
            return ReauthoriseError("X does not take what was given for a token", **about)
        return NotAllowedError("X does not take the force's app, or not for this", **about)

    def regain(self, answer: Answer, now: datetime) -> datetime | None:
        """Return nothing: no poll comes here."""
        del answer, now
        return None


_OAUTH = _Dialect()


class XGrants:
    """X's consent page and token address.

    Parameters
    ----------
    page
        The address of the consent page.
    """

    name = "x"
    renews = True
    looks = False

    def __init__(self, page: str) -> None:
        self._page = page

    def address(self, app: App, asked: Asked) -> str:
        """See `Grants.address`."""
        return consent_page(self._page, app, asked, scope=" ".join(SCOPES))

    def exchange(self, app: App, asked: Asked, code: str, native_id: str, http: OpenHttp) -> Tokens:
        """See `Grants.exchange`."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked.redirect}
        tokens = self._given(app, form | {"code_verifier": asked.verifier}, http)
        if ident(data(http(tokens.access, "Bearer").read(X_API, "/2/users/me")).get("id")) != native_id:
            raise OtherAccountError(
                "The account that consented on X is not the registered one. Sign out of X, and connect again with the "
                "right account. Nothing was kept."
            )
        return tokens

    def renew(self, app: App, refresh: str, http: OpenHttp) -> Tokens:
        """See `Grants.renew`."""
        return self._given(app, {"grant_type": "refresh_token", "refresh_token": refresh}, http)

    def standing(self, app: App, access: str, http: OpenHttp) -> None:
        """See `Grants.standing`; X says nothing of a token."""
        del app, access, http

    def revoke(self, app: App, tokens: Tokens, native_id: str, http: OpenHttp) -> Literal["ended"]:
        """See `Grants.revoke`: first the token that renews, so that no half of the consent outlives the other."""
        del native_id
        way = http(app.basic, "Basic")
        for token in filter(None, (tokens.refresh, tokens.access)):
            try:
                said = way.write(_OAUTH, "POST", _REVOKE, form={"token": token}).data
            except ReauthoriseError:
                continue  # X does not know it any more: ended already
            if said.get("revoked") is not True:
                raise NotAllowedError("X does not say that the token was revoked")
        return "ended"

    @staticmethod
    def _given(app: App, form: dict[str, str], http: OpenHttp) -> Tokens:
        way = http(app.basic, "Basic")
        return tokens_from(way.write(_OAUTH, "POST", _TOKENS, form=form).data, way.clock())
