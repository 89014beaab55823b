"""How the X API answers: statuses with problem objects, allowances in headers. Every call to X is judged here.

Source: X, API v2, "Response codes and errors" and "Rate limits".
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bluelamp.platforms.contract import (
    ActResult,
    BrokenPayloadError,
    GoneError,
    NotAllowedError,
    PlatformError,
    ReauthoriseError,
    ThrottledError,
    TryAgainError,
)
from bluelamp.platforms.http import Answer
from bluelamp.platforms.reading import ident, listing, load, mapping, moment, text_of

_REST = timedelta(minutes=15)
_UNAUTHORISED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER_FAILED = 401, 403, 404, 429, 500
DUPLICATE = "403/duplicate"


class XDialect:
    """How X speaks of failure: HTTP statuses with problem objects, allowances by endpoint in headers."""

    request_id_header = "x-transaction-id"
    whole_account = False

    def failure(self, answer: Answer, now: datetime) -> PlatformError | None:
        """Return the error that the answer stands for."""
        if answer.success:
            return None
        try:
            _, problem = load(answer.body)
        except BrokenPayloadError:
            problem = {}
        first = mapping(next(iter(listing(problem.get("errors"))), None))
        said = text_of(problem.get("detail")) or text_of(first.get("message")) or f"HTTP {answer.status}"
        about: dict[str, Any] = {
            "platform_code": DUPLICATE if "duplicate content" in said else str(answer.status),
            "request_id": answer.headers.get(self.request_id_header),
        }
        if answer.status == _TOO_MANY:
            return ThrottledError(
                f"X throttles the account: {said[:200]}", until=_reset(answer) or now + _REST, **about
            )
        return _kind_of(answer.status, said)(f"X refused: {said[:200]}", **about)

    def regain(self, answer: Answer, now: datetime) -> datetime | None:
        """Return when polling may go on, once the endpoint's window is used up."""
        used_up = answer.headers.get("x-rate-limit-remaining") == "0"
        return (_reset(answer) or now + _REST) if used_up else None


def _kind_of(status: int, said: str) -> type[PlatformError]:
    if status == _UNAUTHORISED:
        return ReauthoriseError
    if status == _NOT_FOUND or (status == _FORBIDDEN and "deleted" in said.lower()):
        return GoneError
    if status == _FORBIDDEN:
        return NotAllowedError
    return TryAgainError if status >= _SERVER_FAILED else PlatformError


def _reset(answer: Answer) -> datetime | None:
    return moment(answer.headers.get("x-rate-limit-reset", ""))


X_API = XDialect()


def items(answer: Answer) -> list[Mapping[str, Any]]:
    """Return what a list of X's holds."""
    return [mapping(item) for item in listing(answer.data.get("data"))]


def data(answer: Answer) -> Mapping[str, Any]:
    """Return the one object that an answer of X's holds."""
    return mapping(answer.data.get("data"))


def result(answer: Answer, native: Any = None) -> ActResult:
    """Return a writing call's answer as the contract has it."""
    return ActResult(
        status="done",
        native_id=ident(native),
        request_id=answer.headers.get(X_API.request_id_header),
        response=answer.body,
    )
