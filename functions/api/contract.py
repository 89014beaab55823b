"""From HTTP to a use case and back: the one place that knows how a body becomes a model and an error a status.

A view is a plain typed function. What it needs it names in its parameters: the `Principal`, a pydantic `body`
or `query`, the `Idempotency` of a write, the ids in its path. What it returns is a pydantic model. Everything
else, the shape of the request, the errors, the record of a refusal, happens around it here, the same for all.
"""

import base64
import binascii
import functools
import hashlib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, get_type_hints

from aws_lambda_powertools.metrics import MetricUnit
from chalice.app import Blueprint, HeadersType, Request, Response
from pydantic import BaseModel, ValidationError

from bluelamp.audit.prove import BrokenArchiveError
from bluelamp.errors import BluelampError, ConflictError, NotFoundError, NotSignedInError, TooLargeError
from bluelamp.idempotency import Idempotency
from bluelamp.people.model import Principal
from bluelamp.telemetry import described, logger, metrics
from parts import parts
from problems import MalformedError, NotValidError, problem_response, status_of
from refusals import record_refusal

MAX_BODY = 64 * 1024
JSON = "application/json"
# A point stands between others: 2026.1 is a version, and .. leads nowhere.
_PATH_VALUE = re.compile(r"(?=.{1,80}$)[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_SAID = ("status", "public", "browser", "polled")
View = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """What the routes say about themselves: read by the wrapper here and by the OpenAPI document.

    Attributes
    ----------
    body, query, answer
        The models of the JSON body, the query string and the answer, where there are such.
    idempotent
        A write that needs an `Idempotency-Key`.
    public
        Reached without signing in; `guard.PUBLIC` lists it too, and a test compares.
    browser
        An address that a browser itself shows.
    polled
        Asked again and again: the answer carries an `ETag`, and the same answer is a 304.
    """

    method: str
    path: str
    status: int
    name: str
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: type[BaseModel] | None
    arguments: Mapping[str, type]
    idempotent: bool
    public: bool
    browser: bool
    polled: bool


class Resource(Blueprint):
    """A blueprint whose views are typed functions; see the head of this module."""

    def route(self, path: str, **kwargs: Any) -> Callable[[View], View]:
        """Register a view.

        Parameters
        ----------
        path
            As API Gateway declares the resource.
        **kwargs
            ``methods`` with one method (GET when left out), ``status`` of a success (200), ``public``,
            ``browser``, ``polled``.
        """
        (method,) = kwargs.pop("methods", ["GET"])
        said = {"status": HTTPStatus.OK} | {name: kwargs.pop(name) for name in _SAID if name in kwargs}
        register = super().route(path, methods=[method], **kwargs)

        def decorate(view: View) -> View:
            operation = _operation(view, method, path, said)

            @functools.wraps(view)
            def answer(**path_values: str) -> Response:
                return self._answer(operation, view, path_values)

            answer.operation = operation  # type: ignore[attr-defined]  # carried to the OpenAPI document
            registered: View = register(answer)
            return registered

        return decorate

    def _answer(self, operation: Operation, view: View, path_values: Mapping[str, str]) -> Response:
        request = self.current_request
        principal: Principal | None = getattr(request, "principal", None)
        try:
            return _run(operation, view, request, principal, path_values)
        except Exception as error:  # noqa: BLE001 -- the border: what nobody expected must leave as a problem too
            return failed(error, request, principal, browser=operation.browser)


def complete(event: dict[str, Any]) -> dict[str, Any]:
    """Return a REST event with every key that Chalice reads, whatever the sender left out."""
    empty: dict[str, Any] = dict.fromkeys(
        ("multiValueQueryStringParameters", "headers", "pathParameters", "body", "stageVariables")
    )
    context = {"httpMethod": "GET", "resourcePath": "/"} | (event.get("requestContext") or {})
    found = empty | event | {"requestContext": context}
    return found | {"headers": found["headers"] or {}}


def failed(error: Exception, request: Request, principal: Principal | None, *, browser: bool = False) -> Response:
    """Record a refusal, log what nobody expected, and return the problem that answers for it."""
    broken = isinstance(error, BrokenArchiveError)
    if broken:
        metrics.add_metric("ArchiveBroken", MetricUnit.Count, 1)
        metrics.flush_metrics()  # no other figure comes out of here, and a line without any would be a warning
    if status_of(error) is HTTPStatus.INTERNAL_SERVER_ERROR:
        what = "broken archive" if broken else "unexpected error"
        logger.error(what, extra={"route": f"{request.method} {request.path}"} | described(error))
    if isinstance(error, BluelampError):
        record_refusal(error, request, principal)
    return problem_response(error, request, browser=browser)


def _run(
    operation: Operation,
    view: View,
    request: Request,
    principal: Principal | None,
    path_values: Mapping[str, str],
) -> Response:
    if principal is None and not operation.public:
        raise NotSignedInError("You are not signed in. Sign in first.")
    given = _arguments(operation, request, principal, path_values)
    idem = next((value for value in given.values() if isinstance(value, Idempotency)), None)
    kept = idem.replay(parts().answers) if idem else None
    if kept is None:
        try:
            found = view(**given)
            return found if isinstance(found, Response) else _success(operation, request, found)
        except ConflictError:
            # Perhaps a twin of this very request was quicker: then its answer is ours.
            kept = idem.replay(parts().answers) if idem else None
            if kept is None:
                raise
    body = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    headers: HeadersType = {"Content-Type": JSON, "Idempotent-Replayed": "true"}
    return Response(body=body, headers=headers, status_code=operation.status)


def _operation(view: View, method: str, path: str, said: Mapping[str, Any]) -> Operation:
    hints = get_type_hints(view)
    returned = hints.pop("return", None)
    return Operation(
        method=method,
        path=path,
        status=int(said["status"]),
        name=view.__name__,
        summary=inspect.getdoc(view) or "",
        body=hints.get("body"),
        query=hints.get("query"),
        answer=returned if inspect.isclass(returned) and issubclass(returned, BaseModel) else None,
        arguments=hints,
        idempotent=Idempotency in hints.values(),
        public=said.get("public", False),
        browser=said.get("browser", False),
        polled=said.get("polled", False),
    )


def _arguments(
    operation: Operation, request: Request, principal: Principal | None, path_values: Mapping[str, str]
) -> dict[str, Any]:
    for value in path_values.values():
        if not _PATH_VALUE.fullmatch(value):
            raise NotFoundError("there is no such id")
    raw = _raw_body(request) if operation.method != "GET" else b""
    given: dict[str, Any] = dict(path_values)
    for name, kind in operation.arguments.items():
        if name == "body":
            given[name] = _model(kind, _json(raw), "The request is not valid")
        elif name == "query":
            given[name] = _model(kind, _query(request), "The query is not valid")
        elif kind is Principal:
            given[name] = principal
        elif kind is Request:
            given[name] = request
        elif kind is Idempotency and principal is not None:
            given[name] = Idempotency.of(
                principal.id,
                request.headers.get("idempotency-key"),
                method=operation.method,
                path=request.context.get("path") or "/".join([operation.path, *path_values.values()]),
                body=raw,
            )
    return given


def _raw_body(request: Request) -> bytes:
    sent = request.to_original_event().get("body") or ""
    if len(sent) > 2 * MAX_BODY:
        raise TooLargeError(f"The body is larger than {MAX_BODY} bytes.")
    try:
        raw = request.raw_body
    except (binascii.Error, ValueError) as error:
        raise MalformedError("The body is not the base64 that it says it is.") from error
    raw = raw.encode() if isinstance(raw, str) else raw
    if len(raw) > MAX_BODY:
        raise TooLargeError(f"The body is larger than {MAX_BODY} bytes.")
    return raw


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw or b"{}")
    except (ValueError, RecursionError) as error:
        raise MalformedError("The body is not JSON in UTF-8.") from error


def _query(request: Request) -> dict[str, str]:
    return dict(request.query_params or {})


def _model(kind: type, given: Any, what: str) -> BaseModel:
    try:
        return kind.model_validate(given)  # type: ignore[attr-defined,no-any-return]
    except ValidationError as error:
        wrong = [
            {"at": ".".join(str(p) for p in e["loc"]) or "body", "problem": e["msg"]}
            for e in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        first = wrong[0]
        raise NotValidError(f"{what}: {first['at']}: {first['problem']}.", wrong) from None


def _success(operation: Operation, request: Request, found: BaseModel) -> Response:
    text = found.model_dump_json()
    headers: HeadersType = {"Content-Type": JSON}
    if operation.polled:
        headers["Cache-Control"] = "private, no-cache"
        tag = f'"{base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:15]).decode()}"'
        headers["ETag"] = tag
        if request.headers.get("if-none-match") == tag:
            return Response(body="", headers=headers, status_code=HTTPStatus.NOT_MODIFIED)
    return Response(body=text, headers=headers, status_code=operation.status)
