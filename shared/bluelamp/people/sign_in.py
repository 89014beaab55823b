"""Signing in through the provider's hosted page, by authorisation code with PKCE (RFC 7636, OpenID Connect Core 3.1).

`begin` sends the browser off with a state, a nonce and the challenge of a verifier, and leaves what it must
remember in a signed cookie of ten minutes: nothing is stored for somebody who has not signed in. `finish`
compares, exchanges the code, verifies the identity token, and opens the session. No token ever reaches the browser.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from bluelamp.cursors import Signer
from bluelamp.errors import NotSignedInError, RefusedError, SignatureError
from bluelamp.people.model import Person, Principal
from bluelamp.people.provisioning import Provisioning
from bluelamp.people.rules import principal_of
from bluelamp.people.sessions import Sessions
from bluelamp.people.tokens import ProviderUnavailableError, TokenVerifier
from bluelamp.times import Clock, epoch, utc_now

FLOW = timedelta(minutes=10)
MAX_ANSWER = 64 * 1024
_TIMEOUT = (2.0, 5.0)
_NEXT = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,511}")

Exchange = Callable[[str, Mapping[str, str]], bytes]


class UnknownPersonError(RefusedError):
    """Somebody proved who they are, but is not, or no longer, among the force's people here.

    Parameters
    ----------
    person
        Whom we know, but have suspended or seen leave.
    """

    code = "unknown_person"

    def __init__(self, message: str, *, person: Person | None) -> None:
        super().__init__(message, reason_code="suspended" if person else "unknown_person")
        self.principal = principal_of(person) if person else None


@dataclass(frozen=True)
class Client:
    """Our registration with the provider, and where things are."""

    client_id: str
    sign_in_url: str
    token_url: str
    public_url: str

    @property
    def callback(self) -> str:
        """The address that the provider sends the browser back to."""
        return f"{self.public_url.rstrip('/')}/api/auth/callback"


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and the cookie that it brings back."""

    location: str
    flow: str


@dataclass(frozen=True)
class SignedIn:
    """The session's cookie, who it is for, and the page that they came for."""

    cookie: str
    principal: Principal
    location: str


def exchange_code(url: str, form: Mapping[str, str]) -> bytes:
    """Post the code to the provider's token address and return its answer.

    Raises
    ------
    NotSignedInError
        When the provider does not take the code.
    ProviderUnavailableError
        When it does not answer in time, or not sensibly.
    """
    import requests  # noqa: PLC0415 -- 125 ms that only a sign-in pays

    try:
        with requests.post(url, data=form, timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer:
            body: bytes = answer.raw.read(MAX_ANSWER + 1, decode_content=True)
            status = answer.status_code
    except (requests.RequestException, OSError) as error:
        raise ProviderUnavailableError("The sign-in service does not answer. Try again in a minute.") from error
    if status in {400, 401, 403}:
        raise _failed()
    if status != 200 or len(body) > MAX_ANSWER:  # noqa: PLR2004 -- HTTP's own number
        raise ProviderUnavailableError("The sign-in service does not answer sensibly. Try again in a minute.")
    return body


class SignIn:
    """The two halves of a sign-in, and the sign-out.

    Parameters
    ----------
    client
        Our registration with the provider.
    secret
        The deployment's session secret.
    tokens, sessions
        What verifies, and what opens.
    provisioning
        Brings somebody to what the force's groups give.
    exchange
        Posts the code; a test gives its own.
    clock
        The present.
    """

    def __init__(
        self,
        *,
        client: Client,
        secret: bytes,
        tokens: TokenVerifier,
        sessions: Sessions,
        provisioning: Provisioning,
        exchange: Exchange = exchange_code,
        clock: Clock = utc_now,
    ) -> None:
        self._client = client
        self._signer = Signer(secret, "sign-in")
        self._tokens = tokens
        self._sessions = sessions
        self._provisioning = provisioning
        self._exchange = exchange
        self._clock = clock

    def begin(self, wanted: str | None) -> Begun:
        """Return the way to the provider.

        Parameters
        ----------
        wanted
            The page to come back to: a path on our own origin, anything else is read as ``/``.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.callback,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        flow = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "next": own_path(wanted),
            "until": epoch(self._clock() + FLOW),
        }
        base = self._client.sign_in_url.rstrip("/")
        return Begun(location=f"{base}/oauth2/authorize?{urlencode(query)}", flow=self._signer.sign(flow))

    def finish(self, *, code: str, state: str, flow: str) -> SignedIn:
        """Turn the provider's code into a session.

        Raises
        ------
        NotSignedInError
            When the answer does not belong to a sign-in that this browser began, or is too late,
            or the provider does not stand by it.
        UnknownPersonError
            When the provider vouches for somebody who is not an active person here.
        NotPlacedError
            When it is the force's own, and its groups give this person nothing.
        ProviderUnavailableError
            When the provider cannot be reached.
        """
        begun = self._begun(flow, state)
        form = {
            "grant_type": "authorization_code",
            "client_id": self._client.client_id,
            "code": code,
            "redirect_uri": self._client.callback,
            "code_verifier": begun["verifier"],
        }
        token = _identity_token(self._exchange(self._client.token_url, form))
        claims = self._tokens.identity(token, nonce=begun["nonce"])
        person = self._provisioning.arrive(claims)
        if person is None or not person.active:
            raise UnknownPersonError(
                "You signed in, but you are not set up in Bluelamp, or your access is suspended. "
                "Ask your administrator.",
                person=person,
            )
        cookie, principal = self._sessions.create(person)
        return SignedIn(cookie=cookie, principal=principal, location=begun["next"])

    def sign_out_url(self) -> str:
        """Return the provider's own sign-out, which comes back to our page."""
        query = {"client_id": self._client.client_id, "logout_uri": self._client.public_url.rstrip("/") + "/"}
        return f"{self._client.sign_in_url.rstrip('/')}/logout?{urlencode(query)}"

    def _begun(self, flow: str, state: str) -> dict[str, Any]:
        try:
            begun = self._signer.open(flow)
        except SignatureError:
            raise _failed() from None
        if not compare_digest(begun["state"].encode(), state.encode()):
            raise _failed()
        if begun["until"] < epoch(self._clock()):
            raise NotSignedInError("The sign-in took longer than ten minutes. Begin it again.")
        return begun


def own_path(wanted: str | None) -> str:
    """Return `wanted` when it is a path on our own origin, else ``/``: no sign-in ends on a stranger's page."""
    if wanted and _NEXT.fullmatch(wanted):
        return wanted
    return "/"


def _identity_token(body: bytes) -> str:
    try:
        token = json.loads(body)["id_token"]
    except (ValueError, KeyError, TypeError) as error:
        raise ProviderUnavailableError("The sign-in service gave no identity token. Try again.") from error
    return str(token)


def _failed() -> NotSignedInError:
    return NotSignedInError("This sign-in was not begun in this browser, or was finished before. Begin it again.")
