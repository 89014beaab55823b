"""How the Graph API answers: its errors, its allowances, its lists. Every call to Facebook is judged here.

Sources: Graph API, "Handling errors" and "Rate limits"; Video API, "Uploading videos with the Graph API" (subcode
1363037 of a transfer: another part is wanted, named in ``error_data``).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bluelamp.platforms.contract import (
    ActResult,
    BrokenPayloadError,
    GoneError,
    NotAllowedError,
    OutsideWindowError,
    PlatformError,
    PolicyBlockedError,
    ReauthoriseError,
    ThrottledError,
    TryAgainError,
)
from bluelamp.platforms.http import Answer
from bluelamp.platforms.reading import ident, listing, load, mapping, text_of

_RETRY = frozenset({1, 2})
_THROTTLED = frozenset({4, 17, 32, 613, 80001, 80002, 80006})
_TOKEN_DEAD = frozenset({102, 190})
_PERMISSION = frozenset({10, *range(200, 300)})
_POLICY = 368
_GONE = (100, 33)
_OUTSIDE_WINDOW = (10, 2018278)
_OTHER_PART = 1363037
_SERVER_FAILED, _TOO_MANY = 500, 429
_NEARLY_USED_PERCENT = 95
_REST = timedelta(minutes=15)


class OtherPartError(PlatformError):
    """An upload goes on elsewhere than where we thought: at `start`, up to `end`."""

    def __init__(self, message: str, *, start: int, end: int, **about: Any) -> None:
        super().__init__(message, **about)
        self.start = start
        self.end = end


class GraphDialect:
    """How the Graph API speaks of failure: a code and a subcode in ``error``, usage in headers."""

    request_id_header = "x-fb-trace-id"
    whole_account = True

    def failure(self, answer: Answer, now: datetime) -> PlatformError | None:
        """Return the error that the answer stands for, by the table of Meta's "Handling errors"."""
        try:
            error = mapping(load(answer.body)[1].get("error"))
        except BrokenPayloadError:
            error = {}
        if answer.success and not error:
            return None
        code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
        about: dict[str, Any] = {
            "platform_code": f"{code}/{subcode}" if subcode else str(code or answer.status),
            "request_id": ident(error.get("fbtrace_id")) or answer.headers.get(self.request_id_header),
        }
        said = text_of(error.get("message"))[:200] or f"HTTP {answer.status}"
        if code in _THROTTLED or (not error and answer.status == _TOO_MANY):
            until = _regain(answer, now) or now + _REST
            return ThrottledError(f"Facebook throttles the account: {said}", until=until, **about)
        wanted = _wanted(error) if subcode == _OTHER_PART else None
        if wanted is not None:
            return OtherPartError(f"Facebook wants another part: {said}", start=wanted[0], end=wanted[1], **about)
        if error.get("is_transient") is True or code in _RETRY or (answer.status >= _SERVER_FAILED and not code):
            return TryAgainError(f"Facebook failed for the moment: {said}", **about)
        return _kind_of(code, subcode)(f"Facebook refused: {said}", **about)

    def regain(self, answer: Answer, now: datetime) -> datetime | None:
        """Return when polling may go on, once 95 % of any allowance is used."""
        return _regain(answer, now)


def _kind_of(code: int, subcode: int) -> type[PlatformError]:
    if (code, subcode) == _OUTSIDE_WINDOW:
        return OutsideWindowError
    if (code, subcode) == _GONE:
        return GoneError
    if code == _POLICY:
        return PolicyBlockedError
    if code in _TOKEN_DEAD:
        return ReauthoriseError
    return NotAllowedError if code in _PERMISSION else PlatformError


def _wanted(error: Mapping[str, Any]) -> tuple[int, int] | None:
    about = mapping(error.get("error_data"))
    start, end = whole(about.get("start_offset")), whole(about.get("end_offset"))
    return None if start is None or end is None else (start, end)


def whole(value: Any) -> int | None:
    """Read an offset, which Graph writes as text; None for anything else."""
    text = ident(value) or ""
    return int(text) if text.isascii() and text.isdigit() else None


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _regain(answer: Answer, now: datetime) -> datetime | None:
    used, minutes = 0, 0
    for usage in _usages(answer):
        used = max(used, *(_number(usage.get(name)) for name in ("call_count", "total_cputime", "total_time")))
        minutes = max(minutes, _number(usage.get("estimated_time_to_regain_access")))
    if minutes:
        return now + timedelta(minutes=minutes)
    return now + _REST if used >= _NEARLY_USED_PERCENT else None


def _usages(answer: Answer) -> Iterator[Mapping[str, Any]]:
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            _, usage = load(answer.headers.get(name, "{}").encode("utf-8"))
        except BrokenPayloadError:
            continue  # a header that we cannot read throttles nobody
        yield usage
        for entries in usage.values():
            yield from (mapping(entry) for entry in listing(entries))


GRAPH = GraphDialect()


def items(answer: Answer) -> list[Mapping[str, Any]]:
    """Return what a list of Graph's holds."""
    return [mapping(item) for item in listing(answer.data.get("data"))]


def following(answer: Answer) -> str:
    """Return the address of a list's next page, empty on the last one."""
    return text_of(mapping(answer.data.get("paging")).get("next"))


def result(answer: Answer, native: Any = None) -> ActResult:
    """Return a writing call's answer as the contract has it."""
    return ActResult(
        status="done",
        native_id=ident(native),
        request_id=answer.headers.get(GRAPH.request_id_header),
        response=answer.body,
    )
