"""How the platforms prove who they are to a receiver, and have the receiver prove itself.

Facebook: X-Hub-Signature-256 and ``hub.challenge`` (Meta, "Webhooks: getting started"). X: x-twitter-webhooks-signature
and ``crc_token`` (X, "V2 webhooks: challenge-response checks").
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

PLATFORMS = ("facebook", "x")
# What the platforms allow a receiver: Meta about five seconds, X ten.
TIMEOUTS = {"facebook": 5.0, "x": 10.0}

log = logging.getLogger(__name__)

Send = Callable[[str, bytes, dict[str, str], float], int]
Fetch = Callable[[str, dict[str, str]], tuple[int, str]]


class Secrets:
    """The app's secrets, from a file that is read again when it changes (a rotation needs no restart)."""

    def __init__(self, path: Path | None = None, values: dict[str, dict[str, str]] | None = None) -> None:
        self._path = path
        self._values = values or {}
        self._stamp = 0
        if path is not None:
            self._refresh(path)

    def get(self, platform: str, name: str) -> str:
        """Return one secret, "" when there is none; a file caught half-written leaves the last good values."""
        if self._path is not None:
            try:
                self._refresh(self._path)
            except (OSError, ValueError) as error:
                log.warning("secrets not read again, the last ones stay: %s", error)
        return str(self._values.get(platform, {}).get(name, ""))

    def _refresh(self, path: Path) -> None:
        stamp = path.stat().st_mtime_ns
        if stamp != self._stamp:
            self._values = json.loads(path.read_text())
            self._stamp = stamp


def facebook_signature(app_secret: str, raw: bytes) -> str:
    """Return the value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(app_secret.encode(), raw, hashlib.sha256).hexdigest()


def x_signature(consumer_secret: str, raw: bytes) -> str:
    """Return the value of x-twitter-webhooks-signature; the answer to a ``crc_token`` has the same form."""
    return "sha256=" + base64.b64encode(hmac.new(consumer_secret.encode(), raw, hashlib.sha256).digest()).decode()


def headers_for(platform: str, raw: bytes, secrets_: Secrets, signature: str = "valid") -> dict[str, str]:
    """Return the headers of a webhook; ``signature`` is ``valid``, ``previous``, ``wrong`` or ``none``."""
    headers = {"Content-Type": "application/json"}
    wrong = "not-the-secret-" if signature == "wrong" else ""
    which = "previous_" if signature == "previous" else ""
    if platform == "facebook":
        headers["User-Agent"] = "facebookexternalua"
        name, value = (
            "X-Hub-Signature-256",
            facebook_signature(wrong + secrets_.get("facebook", which + "app_secret"), raw),
        )
    else:
        headers["User-Agent"] = "Twitterbot/1.0"
        name, value = (
            "x-twitter-webhooks-signature",
            x_signature(wrong + secrets_.get("x", which + "consumer_secret"), raw),
        )
    if signature != "none":
        headers[name] = value
    return headers


def http_send(url: str, raw: bytes, headers: dict[str, str], timeout: float) -> int:
    """POST a webhook; return the status, or 0 when there was no answer."""
    try:
        answer = requests.post(url, data=raw, headers=headers, timeout=timeout, allow_redirects=False)
    except requests.RequestException:
        return 0
    return answer.status_code


def http_fetch(url: str, query: dict[str, str]) -> tuple[int, str]:
    """GET for a handshake; return status and text, or 0 and what went wrong."""
    try:
        answer = requests.get(url, params=query, timeout=10, allow_redirects=False)
    except requests.RequestException as error:
        return 0, type(error).__name__
    return answer.status_code, answer.text


def handshake(platform: str, url: str, secrets_: Secrets, fetch: Fetch = http_fetch) -> dict[str, Any]:
    """Challenge the receiver at ``url`` as the platform does; return ``{"ok", "detail"}``."""
    token = secrets.token_hex(16)
    if platform == "facebook":
        verify = secrets_.get("facebook", "verify_token")
        query = {"hub.mode": "subscribe", "hub.challenge": token, "hub.verify_token": verify}
        status, text = fetch(url, query)
        ok = status == requests.codes.ok and text == token
    else:
        status, text = fetch(url, {"crc_token": token})
        expected = x_signature(secrets_.get("x", "consumer_secret"), token.encode())
        ok = status == requests.codes.ok and _response_token(text) == expected
    detail = "verified" if ok else f"status {status}, answer {text[:80]!r} is not what the challenge asks for"
    return {"ok": ok, "detail": detail}


def _response_token(text: str) -> str | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer.get("response_token") if isinstance(answer, dict) else None
