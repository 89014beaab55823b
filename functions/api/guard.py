"""Who is it? Asked before every view, in this one place, and refused unless answered.

Two ways in: the page's session cookie, and an access token as bearer for API clients and the command line. What
is public is listed by name. A write by cookie must show that our own page made it: the `X-Bluelamp` header, which
no form can send, and our `Origin`. The gateway's own authorizer reads one header only, and Chalice's `authorizer=`
is not enforced in Lambda; neither is relied on.
"""

from collections.abc import Callable

from chalice.app import Request, Response

from bluelamp.errors import NotSignedInError, RefusedError
from bluelamp.people.model import Principal
from contract import failed
from cookies import read_cookie, session_name
from parts import parts

# Reached without signing in, and nothing else is.
PUBLIC = frozenset({("GET", "/health"), ("GET", "/auth/login"), ("GET", "/auth/callback")})
READS = frozenset({"GET", "HEAD"})


class CrossSiteError(RefusedError):
    """A write came with the session cookie, but not from our own page."""

    code = "cross_site"


def guard(request: Request, next_handler: Callable[[Request], Response]) -> Response:
    """Set the request's principal and go on, or answer the refusal."""
    if (request.method, request.path) in PUBLIC:
        return next_handler(request)
    principal: Principal | None = None
    try:
        principal, by_cookie = identify(request)
        if by_cookie and request.method not in READS:
            require_own_page(request)
    except Exception as error:  # noqa: BLE001 -- whatever goes wrong here, the view is not reached
        return failed(error, request, principal)
    request.principal = principal  # type: ignore[attr-defined]  # Chalice hands this object on to the view
    return next_handler(request)


def identify(request: Request) -> tuple[Principal, bool]:
    """Return who sends the request, and whether they proved it by cookie.

    An `Authorization` header is taken at its word: when it is there and wrong, no cookie makes up for it.

    Raises
    ------
    NotSignedInError
        When there is no credential, or one that is wrong, expired, ended or of a suspended person.
    """
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedInError("This kind of sign-in is not known here. Send a bearer token.")
        return parts().sessions.of_token(parts().tokens.access(token.strip())), False
    cookie = read_cookie(request.headers.get("cookie", ""), session_name())
    if not cookie:
        raise NotSignedInError("You are not signed in. Sign in first.")
    return parts().sessions.load(cookie), True


def require_own_page(request: Request) -> None:
    """Refuse a write by cookie that our own page did not make.

    Raises
    ------
    CrossSiteError
        Without ``X-Bluelamp: 1``, or with an `Origin` that is not our own.
    """
    own = parts().public_url.rstrip("/")
    if request.headers.get("x-bluelamp") != "1" or request.headers.get("origin") != own:
        raise CrossSiteError(
            "Refused because this write did not come from the Bluelamp page.", reason_code="cross_site"
        )
