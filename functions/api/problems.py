"""Errors as callers see them: RFC 9457 problem documents, made from the domain's errors by one table.

What a problem says is fit for an officer to read. What nobody expected says nothing at all but the id of
the request, under which the log has the rest.
"""

import html
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chalice.app import HeadersType, Request, Response
from pydantic import ConfigDict

from bluelamp.audit.prove import BrokenArchiveError
from bluelamp.cloud.dynamodb import ConditionFailedError, ContentionError
from bluelamp.cursors import CursorError
from bluelamp.errors import (
    BluelampError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotSignedInError,
    RefusedError,
    SignatureError,
    TooLargeError,
    UnsupportedError,
)
from bluelamp.idempotency import IdempotencyKeyError
from bluelamp.models import Model
from bluelamp.people.rules import NotPermittedError
from bluelamp.people.tokens import ProviderUnavailableError

CONTENT_TYPE = "application/problem+json"
_NOT_FOUND = "There is nothing here with this id, or it is not on an account of yours."
# What stands between is a name in the archive and what is wrong with it, never what a record says.
_BROKEN = (
    "The sealed archive is not as it must be here: {}. Nothing was changed. Tell your administrator: `bluelamp archive "
    "pull` and `bluelamp archive verify` say what else is wrong, and docs/runbooks/anchors.md what to do."
)
_UNEXPECTED = "Something went wrong here. Try again; if it goes on, give your administrator the request id."


class MalformedError(InvalidInputError):
    """The request cannot be read at all: no JSON, or not the bytes that it says it has."""

    code = "malformed"


class NotValidError(InvalidInputError):
    """The request was read, and fields of it are missing or wrong.

    Parameters
    ----------
    message
        For the person.
    errors
        Which field, and what is wrong with it; never what was sent.
    """

    code = "invalid_input"

    def __init__(self, message: str, errors: list[dict[str, str]]) -> None:
        super().__init__(message)
        self.errors = errors


class MethodError(BluelampError):
    """There is such an address, but not with this method."""

    code = "method_not_allowed"


class MediaTypeError(BluelampError):
    """A body of another type than JSON."""

    code = "media_type"


# The first class that an error is an instance of decides: narrower ones stand above wider ones.
STATUSES: tuple[tuple[type[BluelampError], HTTPStatus], ...] = (
    (NotSignedInError, HTTPStatus.UNAUTHORIZED),
    (RefusedError, HTTPStatus.FORBIDDEN),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (MethodError, HTTPStatus.METHOD_NOT_ALLOWED),
    (MediaTypeError, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    (ConflictError, HTTPStatus.CONFLICT),
    (ConditionFailedError, HTTPStatus.CONFLICT),
    (TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (MalformedError, HTTPStatus.BAD_REQUEST),
    (CursorError, HTTPStatus.BAD_REQUEST),
    (IdempotencyKeyError, HTTPStatus.BAD_REQUEST),
    (SignatureError, HTTPStatus.BAD_REQUEST),
    (InvalidInputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnsupportedError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ContentionError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ProviderUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    # Ours, and no matter of time: to try again does not help.
    (BrokenArchiveError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


class FieldProblem(Model):
    """One field of a request that is missing or wrong."""

    at: str
    problem: str


class Problem(Model):
    """A problem document. `rev` and `by` come with a conflict, `errors` with a body that is not valid.

    `see` is the page where whoever was refused can put it right, `instead` what could be done in place of what a
    platform does not do.
    """

    model_config = ConfigDict(frozen=True)

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    request_id: str
    rev: int | None = None
    by: str | None = None
    see: str | None = None
    instead: tuple[str, ...] = ()
    errors: tuple[FieldProblem, ...] = ()


def status_of(error: Exception) -> HTTPStatus:
    """Return the status that an error is answered with; 500 for what nobody expected."""
    for kind, status in STATUSES:
        if isinstance(error, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem_of(error: Exception, *, instance: str, request_id: str) -> Problem:
    """Return the document for an error. An object out of scope reads like one that does not exist."""
    status = status_of(error)
    code, detail = getattr(error, "code", "unexpected"), str(error)
    extra: dict[str, Any] = {}
    match error:
        case NotFoundError():
            code, detail = NotFoundError.code, _NOT_FOUND
        case ConflictError():
            extra = {"rev": error.rev, "by": error.by}
        case ConditionFailedError():
            code, detail = ConflictError.code, "Somebody else changed this meanwhile. Look at it again."
        case ContentionError():
            detail = "Too much happens here at this moment. Try again in a second."
        case BrokenArchiveError():
            detail = _BROKEN.format(error)
        case NotPermittedError(see=see) if see:
            extra = {"see": see}
        case UnsupportedError():
            extra = {"instead": error.instead}
        case NotValidError():
            extra = {"errors": error.errors}
        case _ if status is HTTPStatus.INTERNAL_SERVER_ERROR:
            code, detail = "unexpected", _UNEXPECTED
    return Problem(
        type=f"urn:bluelamp:problem:{code}",
        title=status.phrase,
        status=int(status),
        detail=detail,
        code=code,
        instance=instance,
        request_id=request_id,
        **extra,
    )


def problem_response(error: Exception, request: Request, *, browser: bool = False) -> Response:
    """Return the answer to a request that failed.

    Parameters
    ----------
    error
        What it failed with.
    request
        The request; where it went and its id stand in the problem.
    browser
        The address is one that a browser shows: answer a page when a page is asked for.
    """
    context: Mapping[str, Any] = request.context
    problem = problem_of(
        error,
        instance=str(context.get("path") or request.path),
        request_id=str(context.get("requestId") or ""),
    )
    headers: HeadersType = {"Content-Type": CONTENT_TYPE}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="bluelamp"'
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
    if browser and "text/html" in request.headers.get("accept", ""):
        headers["Content-Type"] = "text/html; charset=utf-8"
        return Response(body=_page(problem), headers=headers, status_code=problem.status)
    body = problem.model_dump(exclude_defaults=True)
    if isinstance(error, ConflictError):
        body |= {"rev": error.rev, "by": error.by}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(body=text, headers=headers, status_code=problem.status)


def _page(problem: Problem) -> str:
    detail = html.escape(problem.detail)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign-in: Bluelamp</title>'
        f"<h1>You are not signed in</h1><p>{detail}</p>"
        f'<p><a href="/">Back to Bluelamp</a></p><p>Request {html.escape(problem.request_id)}</p></html>'
    )
