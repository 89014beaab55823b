"""The second step of the hosted sign-in, which Cognito has and the embedded one lacks: the one-time code.

The embedded Cognito's page asks for a password only. So the front holds back its answer to a right password, asks for
the code as Cognito would, and lets the answer go when the code is right. The codes are those of RFC 6238 (SHA-1, six
digits, 30 seconds), one step either way, each usable once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

STEP_SECONDS = 30
HELD_SECONDS = 180
TRIES = 5
FOUND = 302

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
PAGE = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>One-time code</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{{font:15px/1.45 system-ui,sans-serif;background:#f3f5f7;color:#0b0c0c}}
body{{display:grid;place-items:center;min-height:90vh}}
main{{background:#fff;padding:24px;width:20rem;max-width:90vw}}
input,button{{font:inherit;padding:8px;width:100%;box-sizing:border-box;margin-top:8px}}
button{{background:#12284c;color:#fff;border:0}}
:focus-visible{{outline:3px solid #ffdd00;box-shadow:0 0 0 5px #0b0c0c}}
[role=alert]{{color:#b3180c;font-weight:600}}
</style></head><body><main><h1>One-time code</h1>{error}
<form method="post" action="/login"><input type="hidden" name="code_token" value="{token}">
<label for="code">Code from your authenticator app</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 ]*" required autofocus>
<button type="submit">Sign in</button></form></main></body></html>
"""


def one_time_code(secret: str, at: float) -> str:
    """Return the one-time code for a base32 secret at a time (seconds since 1970)."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    mac = hmac.new(key, int(at // STEP_SECONDS).to_bytes(8, "big"), hashlib.sha1).digest()
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@dataclass
class _Held:
    """A sign-in whose password was right and whose code is still to come."""

    username: str
    location: str
    until: float
    tries: int = field(default=0)


class SignIn:
    """Holds sign-ins back until their one-time code was right.

    Parameters
    ----------
    second_factors
        The secret of each person who has one, by username.
    """

    def __init__(self, second_factors: Mapping[str, str]) -> None:
        self._secrets = {name.casefold(): secret for name, secret in second_factors.items()}
        self._held: dict[str, _Held] = {}
        self._used: dict[tuple[str, str], float] = {}

    def first_step(self, form: Mapping[str, str], answer: web.Response) -> web.Response:
        """Return the answer to a password, or the page that asks for the code first."""
        username = form.get("username", "").strip().casefold()
        if answer.status != FOUND or username not in self._secrets:
            return answer
        now = time.time()
        self._held = {token: held for token, held in self._held.items() if held.until > now}
        token = secrets.token_urlsafe(24)
        self._held[token] = _Held(username, answer.headers["Location"], now + HELD_SECONDS)
        return _asking(token)

    def second_step(self, form: Mapping[str, str]) -> web.Response | None:
        """Return the answer to a one-time code; None when the form brings none."""
        if "code_token" not in form:
            return None
        token, now = form["code_token"], time.time()
        held = self._held.get(token)
        if held is None or held.until < now:
            return web.Response(status=400, text="This sign-in took too long. Go back to the page and sign in again.\n")
        if self._right(held.username, form.get("code", "").replace(" ", ""), now):
            del self._held[token]
            return web.Response(status=FOUND, headers={"Location": held.location, "Cache-Control": "no-store"})
        held.tries += 1
        if held.tries >= TRIES:
            del self._held[token]
            return web.Response(status=400, text="Too many wrong codes. Go back to the page and sign in again.\n")
        return _asking(token, error="That code is not right. Wait for the next one and type that.")

    def _right(self, username: str, code: str, now: float) -> bool:
        self._used = {used: at for used, at in self._used.items() if at > now - 4 * STEP_SECONDS}
        secret = self._secrets[username]
        steps = (now, now - STEP_SECONDS, now + STEP_SECONDS)
        # Compared as bytes: what a browser sends need not be ASCII.
        right = any(hmac.compare_digest(one_time_code(secret, at).encode(), code.encode()) for at in steps)
        if not right or (username, code) in self._used:
            return False
        self._used[username, code] = now
        return True


def _asking(token: str, error: str = "") -> web.Response:
    shown = f'<p role="alert">{html.escape(error)}</p>' if error else ""
    text = PAGE.format(token=html.escape(token), error=shown)
    return web.Response(text=text, content_type="text/html", headers=HEADERS)
