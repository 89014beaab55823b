"""Who is at the door: handshakes and signatures of the platforms' webhooks.

This is all that the receiving function needs of a platform, so it stands on the standard library alone and is imported
in a few milliseconds. Signatures are computed over the raw bytes and compared in constant time; during a rotation two
secrets are valid. An empty secret opens nothing.

Sources: Meta, "Graph API Webhooks, Getting Started" (``hub.*``, ``X-Hub-Signature-256``); X, "Securing webhooks" (CRC,
``x-twitter-webhooks-signature``).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from bluelamp.errors import NotFoundError, SignatureError

MAX_CHALLENGE = 1024


class PlatformSecrets(NamedTuple):
    """What was agreed with a platform. ``previous`` is the secret being rotated out, empty when there is none."""

    current: str
    previous: str = ""
    verify_token: str = ""


class Handshake(NamedTuple):
    """The answer to a platform that asks whether this address is ours."""

    body: str
    content_type: str


class Door(NamedTuple):
    """How one platform proves itself, and under which names its secret holds what."""

    verify: Callable[[bytes, Mapping[str, str], PlatformSecrets], None]
    handshake: Callable[[Mapping[str, str], PlatformSecrets], Handshake]
    secret_name: str


def door(platform: str) -> Door:
    """Return the platform's door.

    Raises
    ------
    NotFoundError
        When no such platform is received from.
    """
    try:
        return _DOORS[platform]
    except KeyError:
        raise NotFoundError("no platform of that name sends webhooks here") from None


def secrets_from(platform: str, values: Mapping[str, str]) -> PlatformSecrets:
    """Pick a platform's secrets out of the stored object, e.g. ``app_secret`` and ``previous_app_secret``."""
    name = door(platform).secret_name
    return PlatformSecrets(
        current=values.get(name, ""),
        previous=values.get(f"previous_{name}", ""),
        verify_token=values.get("verify_token", ""),
    )


def verify_facebook(raw: bytes, headers: Mapping[str, str], secrets: PlatformSecrets) -> None:
    """Check ``X-Hub-Signature-256: sha256=<hex>``; `headers` have lower-case names.

    Raises
    ------
    SignatureError
        When the header is missing or made with none of our secrets.
    """
    given = headers.get("x-hub-signature-256", "")
    _compare(given.lower(), [f"sha256={_mac(key, raw).hex()}" for key in _keys(secrets)])


def handshake_facebook(query: Mapping[str, str], secrets: PlatformSecrets) -> Handshake:
    """Echo ``hub.challenge`` to whoever knows our verify token.

    Raises
    ------
    SignatureError
        When the mode or the token is wrong, or there is nothing to echo.
    """
    challenge = query.get("hub.challenge", "")
    if query.get("hub.mode") != "subscribe" or not 0 < len(challenge) <= MAX_CHALLENGE:
        raise SignatureError("this is no subscription handshake of Meta's")
    _compare(query.get("hub.verify_token", ""), [secrets.verify_token] if secrets.verify_token else [])
    return Handshake(challenge, "text/plain; charset=utf-8")


def verify_x(raw: bytes, headers: Mapping[str, str], secrets: PlatformSecrets) -> None:
    """Check ``x-twitter-webhooks-signature: sha256=<base64>``; `headers` have lower-case names.

    Raises
    ------
    SignatureError
        When the header is missing or made with none of our secrets.
    """
    given = headers.get("x-twitter-webhooks-signature", "")
    _compare(given, [_x_signature(key, raw) for key in _keys(secrets)])


# The answer to a challenge is made exactly like a webhook's signature. A token that could be a JSON object would turn
# the handshake into a machine that signs anybody's forged webhooks; X's own tokens are of this alphabet.
_CRC_TOKEN = re.compile(r"[A-Za-z0-9+/=_.\-]{1,512}")


def handshake_x(query: Mapping[str, str], secrets: PlatformSecrets) -> Handshake:
    """Answer X's challenge-response check (CRC) with the current secret.

    Raises
    ------
    SignatureError
        When there is no token, or one that X would not send.
    """
    token = query.get("crc_token", "")
    if not secrets.current or not _CRC_TOKEN.fullmatch(token):
        raise SignatureError("this is no challenge of X's")
    answer = {"response_token": _x_signature(secrets.current, token.encode("ascii"))}
    return Handshake(json.dumps(answer, separators=(",", ":")), "application/json")


def _x_signature(key: str, raw: bytes) -> str:
    return "sha256=" + base64.b64encode(_mac(key, raw)).decode("ascii")


def _mac(key: str, raw: bytes) -> bytes:
    return hmac.digest(key.encode("utf-8"), raw, hashlib.sha256)


def _keys(secrets: PlatformSecrets) -> list[str]:
    return [key for key in (secrets.current, secrets.previous) if key]


def _compare(given: str, valid: list[str]) -> None:
    known = given.encode("utf-8", "surrogatepass")
    # Every candidate is compared, so that the time does not tell which secret was nearly right.
    matches = [hmac.compare_digest(known, candidate.encode("utf-8")) for candidate in valid]
    if not any(matches):
        raise SignatureError("the signature is missing or was not made with a secret of ours")


_DOORS = {
    "facebook": Door(verify_facebook, handshake_facebook, "app_secret"),
    "x": Door(verify_x, handshake_x, "consumer_secret"),
}
