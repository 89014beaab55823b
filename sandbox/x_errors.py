"""X API errors as problem objects, and the rate-limit windows every answer tells of."""

from typing import Any

from flask import Response, jsonify

from sandbox.clock import SECOND
from sandbox.state import Doc
from sandbox.world import World

_PROBLEMS = "https://api.twitter.com/2/problems/"
WINDOW = 15 * 60 * SECOND
_TITLES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found Error", 429: "Too Many Requests"}


class XError(Exception):
    """An error the X API answers with."""

    def __init__(self, status: int, detail: str | None = None, *, errors: list[Doc] | None = None) -> None:
        super().__init__(detail or _TITLES.get(status, "Invalid Request"))
        self.status = status
        self.errors = errors

    def answer(self) -> Response:
        """Return it as the platform's response."""
        body: dict[str, Any] = {"title": _TITLES.get(self.status, "Invalid Request"), "detail": str(self)}
        body |= {"type": _type(self.status), "status": self.status}
        if self.errors:
            body["errors"] = self.errors
        response = jsonify(body)
        response.status_code = self.status
        response.mimetype = "application/problem+json"
        return response


def invalid(name: str, value: object, why: str) -> XError:
    """Return the error of a parameter X does not take."""
    error = {"parameters": {name: [str(value)]}, "message": f"The `{name}` query parameter value [{value}] {why}"}
    return XError(400, "One or more parameters to your request was invalid.", errors=[error])


def missing(kind: str, parameter: str, key: str) -> Doc:
    """Return the entry of ``errors`` for something that is not there, in an answer of 200."""
    return {
        "value": key,
        "detail": f"Could not find {kind} with {parameter}: [{key}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": key,
        "type": _PROBLEMS + "resource-not-found",
    }


def refuse(fault: Doc, account: Doc | None) -> Response:
    """Return the answer of a fault that prevents an X call."""
    del account
    if fault["kind"] == "token":
        return XError(401).answer()
    if fault["kind"] == "throttle":
        return XError(429).answer()
    return XError(int(fault.get("status") or 400), fault.get("message")).answer()


class Windows:
    """Calls by account and endpoint in windows of a quarter of an hour."""

    def __init__(self, world: World) -> None:
        self._world = world

    def count(self, account: Doc, endpoint: str) -> None:
        """Count a call; raise XError 429 when the window's are used up."""
        calls = self._calls(account, endpoint)
        if len(calls) >= self._limit():
            raise XError(429)
        calls.append(self._world.clock())

    def headers(self, account: Doc | None, endpoint: str, fault: Doc | None) -> dict[str, str]:
        """Return the three headers; a throttling fault says when it ends."""
        now = self._world.clock()
        calls = self._calls(account, endpoint) if account else []
        reset, left = (calls[0] if calls else now) + WINDOW, self._limit() - len(calls)
        if fault is not None:
            seconds = fault.get("seconds") or (fault.get("minutes") or 1) * 60
            reset, left = now + round(seconds * SECOND), 0
        # Rounded up: a caller who waits until then must not be early.
        values = {"limit": self._limit(), "remaining": max(0, left), "reset": -(-reset // SECOND)}
        return {f"x-rate-limit-{name}": str(value) for name, value in values.items()}

    def _calls(self, account: Doc, endpoint: str) -> list[int]:
        calls = self._world.usage.setdefault(f"x:{account['id']}:{endpoint}", [])
        if calls and calls[0] + WINDOW <= self._world.clock():
            calls.clear()
        return calls

    def _limit(self) -> int:
        return int(self._world.settings()["x_calls_per_window"])


def _type(status: int) -> str:
    names = {400: "invalid-request", 403: "not-authorized-for-resource", 404: "resource-not-found"}
    return _PROBLEMS + names[status] if status in names else "about:blank"
