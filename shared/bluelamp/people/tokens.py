"""Tokens of the identity provider, verified by us: nothing in them is believed before the signature holds.

The algorithm is ours to choose, not the token's. Issuer, client, use and time are compared after that. The
provider's keys are fetched when the first token comes, kept for an hour, and asked for again when a token
names an unknown key, but not more than once a minute, and five seconds after a failure at the soonest: a stranger
cannot make us hammer the provider.
Claims follow https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Literal

from bluelamp.errors import BluelampError, NotSignedInError

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = ["RS256"]
MAX_TOKEN = 8192
MAX_KEYS = 16
MAX_KEY_SET = 64 * 1024
KEEP_SECONDS = 3600.0
RETRY_SECONDS = 60.0
FAILED_SECONDS = 5.0
LEEWAY_SECONDS = 10
# The attribute of the pool that the provider's groups are mapped to (infra/identity.yaml).
GROUPS = "custom:groups"
_TIMEOUT = (2.0, 3.0)


class ProviderUnavailableError(BluelampError):
    """The identity provider did not answer, or not sensibly."""

    code = "sign_in_unavailable"


@dataclass(frozen=True)
class Claims:
    """What a verified token says: who, from which sign-in, until when.

    `provider` is the federated provider that vouched, empty for a sign-in of the pool's own; `groups` is what it said
    of groups, None when it said nothing.
    """

    sub: str
    sign_in: str
    signed_in_at: datetime
    expires_at: datetime
    email: str
    name: str = ""
    provider: str = ""
    groups: str | None = None


def fetch_key_set(url: str) -> bytes:
    """Return the body of the provider's key set.

    Raises
    ------
    ProviderUnavailableError
        When it does not answer 200 in time, or answers more than `MAX_KEY_SET` bytes.
    """
    import requests  # noqa: PLC0415 -- 125 ms that only a cold bearer request pays

    try:
        with requests.get(url, timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer:
            body: bytes = answer.raw.read(MAX_KEY_SET + 1, decode_content=True)
            status = answer.status_code
    except (requests.RequestException, OSError) as error:
        raise ProviderUnavailableError("The sign-in service does not answer. Try again in a minute.") from error
    if status != 200 or len(body) > MAX_KEY_SET:  # noqa: PLR2004 -- HTTP's own number
        raise ProviderUnavailableError("The sign-in service does not give its keys. Try again in a minute.")
    return body


class TokenVerifier:
    """Verifies access and identity tokens of one user pool client.

    Parameters
    ----------
    issuer
        What ``iss`` must be, to the letter.
    client_id
        The app client: ``client_id`` of an access token, ``aud`` of an identity token.
    jwks_url
        Where the provider's keys are.
    fetch
        Gets them; a test gives its own.
    clock
        Monotonic seconds, for the age of the kept keys.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        jwks_url: str,
        fetch: Callable[[str], bytes] = fetch_key_set,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._jwks_url = jwks_url
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at: float | None = None
        self._not_before = float("-inf")

    def access(self, token: str) -> Claims:
        """Return what an access token says.

        Raises
        ------
        NotSignedInError
            When anything about it is wrong; the message does not say what.
        ProviderUnavailableError
            When the keys cannot be fetched.
        """
        claims = self._verified(token, use="access")
        if not _same(claims.get("client_id"), self._client_id):
            raise _refusal()
        return _claims(claims)

    def identity(self, token: str, *, nonce: str) -> Claims:
        """Return what an identity token says, made for the sign-in that sent `nonce`.

        Raises
        ------
        NotSignedInError
            When anything about it is wrong; the message does not say what.
        ProviderUnavailableError
            When the keys cannot be fetched.
        """
        claims = self._verified(token, use="id")
        if not _same(claims.get("nonce"), nonce):
            raise _refusal()
        return _claims(claims)

    def _verified(self, token: str, *, use: Literal["access", "id"]) -> dict[str, Any]:
        import jwt  # noqa: PLC0415 -- a cookie needs none of it

        if len(token) > MAX_TOKEN:
            raise _refusal()
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") not in ALGORITHMS:
                raise _refusal()
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(str(header.get("kid", ""))),
                algorithms=ALGORITHMS,
                issuer=self._issuer,
                audience=self._client_id if use == "id" else None,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "sub", "token_use"], "verify_aud": use == "id"},
            )
        except jwt.InvalidTokenError:
            raise _refusal() from None
        if claims["token_use"] != use:
            raise _refusal()
        return claims

    def _key(self, kid: str) -> "PyJWK":
        now = self._clock()
        age = None if self._fetched_at is None else now - self._fetched_at
        unknown = kid not in self._keys
        if age is None or age > KEEP_SECONDS or (unknown and age > RETRY_SECONDS):
            self._keys = self._load(now)
            self._fetched_at = now
        found = self._keys.get(kid)
        if found is None:
            raise _refusal()
        return found

    def _load(self, now: float) -> "dict[str, PyJWK]":
        import jwt  # noqa: PLC0415

        if now < self._not_before:
            raise ProviderUnavailableError("The sign-in service did not answer just now. Try again in a minute.")
        self._not_before = now + FAILED_SECONDS
        keys: dict[str, PyJWK] = {}
        try:
            for listed in json.loads(self._fetch(self._jwks_url))["keys"][:MAX_KEYS]:
                # A key for another use, or one that this library cannot read, spoils none of the others.
                if listed.get("kty") == "RSA" and listed.get("use", "sig") == "sig" and "kid" in listed:
                    with suppress(jwt.PyJWTError):
                        keys[str(listed["kid"])] = jwt.PyJWK(listed, algorithm="RS256")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _no_keys() from error
        if not keys:
            raise _no_keys()
        return keys


def _claims(claims: Mapping[str, Any]) -> Claims:
    signed_in = claims.get("auth_time", claims["iat"])
    return Claims(
        sub=str(claims["sub"]),
        sign_in=str(claims.get("origin_jti") or claims.get("jti") or ""),
        signed_in_at=datetime.fromtimestamp(int(signed_in), UTC),
        expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
        email=str(claims.get("email", "")),
        name=str(claims.get("name", "")),
        provider=_provider(claims),
        groups=claims[GROUPS] if isinstance(claims.get(GROUPS), str) else None,
    )


def _provider(claims: Mapping[str, Any]) -> str:
    """Return the federated provider behind a token, or nothing.

    A sign-in of the pool's own may write its own attributes, groups among them. So what the provider said counts only
    where the very profile is the provider's: Cognito names it ``<provider>_<subject>``, and nobody else can.
    """
    username, identities = claims.get("cognito:username"), claims.get("identities")
    if not isinstance(username, str) or not isinstance(identities, list):
        return ""
    names = (one.get("providerName") for one in identities if isinstance(one, dict))
    return next((n for n in names if isinstance(n, str) and username.casefold().startswith(f"{n.casefold()}_")), "")


def _same(found: object, wanted: str) -> bool:
    return isinstance(found, str) and bool(wanted) and compare_digest(found.encode(), wanted.encode())


def _no_keys() -> ProviderUnavailableError:
    return ProviderUnavailableError("The sign-in service gives no usable keys. Tell your administrator.")


def _refusal() -> NotSignedInError:
    return NotSignedInError("Your sign-in is not valid any more. Sign in again.")
