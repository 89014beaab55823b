"""Graph API errors, as "Graph API: handling errors" describes them, and the usage headers every answer carries."""

import hashlib
import json
from typing import Any

from flask import Response, jsonify

from sandbox.clock import HOUR
from sandbox.state import Doc
from sandbox.world import World

_TRANSIENT = frozenset({1, 2, 4, 17, 32, 341, 613, 80001, 80002, 80006})
_FULL = 100
_MESSAGES = {
    1: "An unknown error occurred",
    2: "Service temporarily unavailable",
    4: "Application request limit reached",
    10: "(#10) Application does not have permission for this action",
    17: "User request limit reached",
    32: "Page request limit reached",
    200: "(#200) Permissions error",
    368: "The action attempted has been deemed abusive or is otherwise disallowed",
    613: "Calls to this api have exceeded the rate limit.",
    80001: "There have been too many calls to this Page account. Wait a bit and try again.",
}
THROTTLED = 80001


class GraphError(Exception):
    """An error the Graph API answers with."""

    def __init__(
        self,
        code: int,
        message: str | None = None,
        *,
        subcode: int | None = None,
        status: int = 400,
        data: Doc | None = None,
    ) -> None:
        super().__init__(message or _MESSAGES.get(code, f"(#{code}) Error"))
        self.code = code
        self.subcode = subcode
        self.status = status
        self.data = data

    def answer(self) -> Response:
        """Return it as the platform's response."""
        text = str(self)
        error: dict[str, Any] = {"message": text, "type": "OAuthException", "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.code in _TRANSIENT:
            error["is_transient"] = True
        if self.data is not None:
            error["error_data"] = self.data
        error["fbtrace_id"] = "A" + hashlib.sha256(f"{text}{self.code}{self.subcode}".encode()).hexdigest()[:22]
        response = jsonify({"error": error})
        response.status_code = self.status
        return response


def token_error(state: str = "expired") -> GraphError:
    """Return the error of a token that is not, or no longer, good."""
    if state == "revoked":
        return GraphError(190, "Error validating access token: The user has not authorized application.", subcode=460)
    if state == "expired":
        return GraphError(190, "Error validating access token: Session has expired.", subcode=463)
    return GraphError(190, "Invalid OAuth access token - Cannot parse access token")


def gone(key: str, method: str) -> GraphError:
    """Return the error of an object that is deleted, never was, or may not be seen: the platform does not say which."""
    message = (
        f"Unsupported {method.lower()} request. Object with ID '{key}' does not exist, cannot be loaded due to missing"
        " permissions, or does not support this operation."
    )
    return GraphError(100, message, subcode=33)


def refuse(fault: Doc, account: Doc | None) -> Response:
    """Return the answer of a fault that prevents a Graph call."""
    if fault["kind"] == "token":
        return token_error().answer()
    throttle = fault["kind"] == "throttle"
    code = int(fault.get("code") or (THROTTLED if throttle else 2))
    status = fault.get("status") or 400
    answer = GraphError(code, fault.get("message"), subcode=fault.get("subcode"), status=status).answer()
    if throttle:
        minutes = fault.get("minutes") or max(1, round((fault.get("seconds") or 60) / 60))
        add_usage(answer, account, percent=_FULL, minutes=int(minutes))
    return answer


def count_call(world: World, account: Doc) -> None:
    """Count a call of the page's; raise GraphError when the hour's are used up."""
    hour_ago = world.clock() - HOUR
    calls = world.usage.setdefault(f"graph:{account['id']}", [])
    calls[:] = [at for at in calls if at > hour_ago]
    if len(calls) >= world.settings()["graph_calls_per_hour"]:
        raise GraphError(THROTTLED, status=400)
    calls.append(world.clock())


def usage(world: World, account: Doc) -> tuple[int, int]:
    """Return how much of the hour's calls a page has used (percent), and the minutes until it may call again."""
    calls = world.usage.get(f"graph:{account['id']}", [])
    percent = min(_FULL, len(calls) * _FULL // max(1, world.settings()["graph_calls_per_hour"]))
    minutes = -((world.clock() - HOUR - calls[0]) // 60_000) if calls and percent >= _FULL else 0
    return percent, max(0, minutes)


def add_usage(response: Response, account: Doc | None, *, percent: int, minutes: int) -> None:
    """Write the two usage headers."""
    spent = {"call_count": percent, "total_cputime": percent // 2, "total_time": percent // 2}
    response.headers["X-App-Usage"] = json.dumps(spent)
    if account is not None:
        use = {"type": "pages", **spent, "estimated_time_to_regain_access": minutes}
        response.headers["X-Business-Use-Case-Usage"] = json.dumps({account["id"]: [use]})
