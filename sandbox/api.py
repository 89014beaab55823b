"""What surrounds every call to a stand-in: who calls, the request log, and the faults that strike it.

A fault that acts and then keeps silent does so after the log is written, so that a test sees at once that the call
was carried out although its caller never hears of it.
"""

import json
import re
import select
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from flask import Flask, Response, g, request

from sandbox.clock import x_time
from sandbox.faults import AFTER_KINDS, BEFORE_KINDS
from sandbox.state import Doc
from sandbox.world import World

KEPT = 10_000
_HOLD_SECONDS = 30.0
_SLOW_SECONDS = 2.0
_STEP = 0.02
_SECRET = (
    *("access_token", "appsecret_proof", "client_secret", "code", "code_verifier"),
    *("fb_exchange_token", "input_token", "refresh_token", "token"),
)
_BAD_GATEWAY_PAGE = "<html><body><h1>Sorry, something went wrong.</h1></body></html>"

Refuse = Callable[[Doc, Doc | None], Response]


def platform_of(path: str) -> str | None:
    """Return the platform a path belongs to, None for control."""
    found = re.match(r"/(graph|x)/", path)
    return {"graph": "facebook", "x": "x"}[found[1]] if found else None


def token() -> str:
    """Return the token of the current request."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header.removeprefix("Bearer ").strip()
    body = json_body()
    return str(request.values.get("access_token") or body.get("access_token") or "")


def json_body() -> Doc:
    """Return the request's JSON object, empty when there is none."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def fields() -> Doc:
    """Return query, form and JSON fields together, as Graph takes them."""
    return {**request.args.to_dict(), **request.form.to_dict(), **json_body()}


class Guard:
    """The hooks before and after each call; ``refusals`` make a fault's answer, one for each platform."""

    def __init__(self, world: World, refusals: dict[str, Refuse]) -> None:
        self._world = world
        self._refusals = refusals

    def install(self, app: Flask) -> None:
        """Hang the hooks on the application."""
        app.before_request(self.before)
        app.after_request(self.after)

    def before(self) -> Response | None:
        """Find out who calls and which faults strike; a fault that prevents the call answers it."""
        platform = platform_of(request.path)
        if platform is None:
            return None
        g.platform = platform
        g.account = self._world.account_of_token(platform, token())
        g.faults, g.acted, g.imagined = [], True, ExitStack()
        facts = {"method": request.method, "path": request.path, "account": (g.account or {}).get("id", "")}
        g.faults = self._world.faults.strike(BEFORE_KINDS | AFTER_KINDS, platform, facts)
        for fault in g.faults:
            if fault["kind"] in BEFORE_KINDS:
                g.acted = False
                return self._prevent(fault)
        if any(fault["kind"] == "does_nothing" for fault in g.faults):
            g.acted = False
            g.imagined.enter_context(self._world.imagined())
        return None

    def after(self, response: Response) -> Response:
        """Write the log, then let the faults that follow an act happen."""
        platform = g.get("platform")
        if platform is None:
            return response
        g.imagined.close()
        self._log(platform, response)
        for fault in g.faults:
            response = self._follow(fault, response)
        return response

    def _prevent(self, fault: Doc) -> Response:
        if fault["kind"] == "server_error":
            return Response(_BAD_GATEWAY_PAGE, status=fault.get("status") or 503, mimetype="text/html")
        if fault["kind"] in ("hang", "close"):
            return Response(status=503)
        return self._refusals[g.platform](fault, g.account)

    def _follow(self, fault: Doc, response: Response) -> Response:
        kind = fault["kind"]
        if kind in ("act_then_hang", "hang"):
            hold(float(fault.get("seconds") or _HOLD_SECONDS))
        if kind in ("act_then_hang", "hang", "act_then_close", "close"):
            hang_up()
            return Response(status=503)
        if kind == "slow":
            time.sleep(float(fault.get("seconds") or _SLOW_SECONDS))
        if kind == "garbled":
            raw = response.get_data()
            response.set_data(raw[: max(1, len(raw) // 2)])
        if kind == "partial" and response.status_code == 200:  # noqa: PLR2004 - success
            response.set_data(json.dumps(_partial(json.loads(response.get_data()))))
        return response

    def _log(self, platform: str, response: Response) -> None:
        store = self._world.store
        with store.atomic():
            number = (store.get("counter", "call") or {"n": 0})["n"] + 1
            store.put("counter", "call", {"n": number})
            body = request.form.to_dict() | json_body()
            call = {
                "n": number,
                "at": x_time(self._world.clock()),
                "platform": platform,
                "method": request.method,
                "path": request.path,
                "query": _without_secrets(request.args.to_dict()),
                "body": _without_secrets(body),
                "account": (g.account or {}).get("id"),
                "status": response.status_code,
                "acted": g.acted and request.method != "GET" and response.status_code < 300,  # noqa: PLR2004 - success
                "fault": ",".join(fault["kind"] for fault in g.faults) or None,
            }
            store.put("call", str(number), call)
            if number % 100 == 0:
                store.prune("call", KEPT)


def _without_secrets(values: Doc) -> Doc:
    return {name: value for name, value in values.items() if name not in _SECRET}


def _partial(body: Any) -> Any:
    if isinstance(body, dict) and "data" in body:
        body["errors"] = [
            {
                "value": "0",
                "detail": "Could not find user with author_id: [0].",
                "title": "Not Found Error",
                "resource_type": "user",
                "parameter": "author_id",
                "resource_id": "0",
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
        ]
    return body


def hold(seconds: float) -> None:
    """Wait until the caller gives up, at most ``seconds``."""
    connection = request.environ.get("werkzeug.socket")
    end = time.monotonic() + seconds
    while time.monotonic() < end and not _left(connection):
        time.sleep(_STEP)


def hang_up() -> None:
    """Close the caller's connection without an answer."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the caller hung up first, which is what was wanted


def _left(connection: object) -> bool:
    if not isinstance(connection, socket.socket):
        return False
    readable, _, _ = select.select([connection], [], [], 0)
    if not readable:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True
