"""What a refused request leaves behind: a leaf when we know who asked, else a count."""

import re

from chalice.app import Request

from bluelamp.errors import BluelampError, NotSignedInError, OutOfScopeError, RefusedError
from bluelamp.people.model import Principal
from parts import parts

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


def record_refusal(error: BluelampError, request: Request, principal: Principal | None) -> None:
    """Record `error` when it is a refusal; any other error leaves nothing."""
    if isinstance(error, NotSignedInError):
        parts().refusals.count(f"api.{'bad' if _has_credential(request) else 'no'}_credential")
        return
    if not isinstance(error, (RefusedError, OutOfScopeError)):
        return
    known: Principal | None = principal or getattr(error, "principal", None)
    reason = error.reason_code if isinstance(error, RefusedError) else error.code
    if known is None:
        parts().refusals.count(f"api.{reason}")
        return
    request_id = str(request.context.get("requestId") or "")
    parts().refusals.record(
        known,
        reason=reason,
        verb=_verb(request.path),
        account=getattr(error, "account", None),
        post_id=(request.uri_params or {}).get("post_id"),
        correlation=request_id if _REQUEST_ID.fullmatch(request_id) else None,
    )


def _verb(path: str) -> str:
    """Return ``posts.hide`` for ``/posts/{post_id}/hide``."""
    return ".".join(part for part in path.split("/") if part and not part.startswith("{")) or "root"


def _has_credential(request: Request) -> bool:
    return "authorization" in request.headers or "sid=" in request.headers.get("cookie", "")
