"""The two cookies: the session, and what a sign-in under way must remember.

Over https they carry the ``__Host-`` prefix, so that no other host and no plain connection can set them. The
local front speaks plain http on the loopback address, where browsers refuse that prefix; there it is left out.
"""

from bluelamp.people.sign_in import FLOW
from parts import parts

_COMMON = "Path=/; HttpOnly; SameSite=Lax"


def session_name() -> str:
    """Return the name of the session's cookie."""
    return "__Host-sid" if _secure() else "sid"


def flow_name() -> str:
    """Return the name of the cookie of a sign-in under way."""
    return "__Host-flow" if _secure() else "flow"


def set_cookie(name: str, value: str) -> str:
    """Return a `Set-Cookie` header; the flow ends with its ten minutes, the session with the browser's."""
    age = f"; Max-Age={int(FLOW.total_seconds())}" if name == flow_name() else ""
    return f"{name}={value}; {_COMMON}{age}{'; Secure' if _secure() else ''}"


def clear_cookie(name: str) -> str:
    """Return the `Set-Cookie` header that takes a cookie away."""
    return f"{name}=; {_COMMON}; Max-Age=0{'; Secure' if _secure() else ''}"


def read_cookie(header: str, name: str) -> str | None:
    """Return the value of the first cookie of this name in a `Cookie` header, or None."""
    for pair in header.split(";"):
        found, _, value = pair.strip().partition("=")
        if found == name:
            return value
    return None


def _secure() -> bool:
    return parts().public_url.startswith("https://")
