"""The outermost layer: whatever happened inside leaves as JSON that no browser may sniff, frame or keep."""

from collections.abc import Callable
from http import HTTPStatus

from chalice.app import HeadersType, Request, Response

from bluelamp.errors import BluelampError, NotFoundError
from contract import failed
from parts import parts
from problems import MediaTypeError, MethodError

HEADERS: HeadersType = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HSTS = "max-age=63072000; includeSubDomains"

# What Chalice itself answers, in its own words, before a view is reached.
_CHALICE: dict[int, BluelampError] = {
    404: NotFoundError("there is no such address"),
    405: MethodError("This address does not take this method."),
    415: MediaTypeError("The body must be application/json."),
}


def secure(request: Request, next_handler: Callable[[Request], Response]) -> Response:
    """Answer with the security headers on everything, and with a problem for whatever went wrong."""
    try:
        response = next_handler(request)
    except Exception as error:  # noqa: BLE001 -- the last line: no traceback leaves
        response = failed(error, request, getattr(request, "principal", None))
    if isinstance(response.body, dict):
        allowed = response.headers.get("Allow")
        # To Chalice an address that nobody declared is one that takes no method.
        status = response.status_code if allowed != "" else HTTPStatus.NOT_FOUND
        said = _CHALICE.get(status) or RuntimeError(f"Chalice answered {status}")
        response = failed(said, request, getattr(request, "principal", None))
        if allowed:
            response.headers["Allow"] = allowed
    response.headers = HEADERS | response.headers
    if parts().public_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = _HSTS
    return response
