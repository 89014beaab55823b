"""Signing in and out. A browser is led to the provider's own page and back; no token ever reaches it."""

from http import HTTPStatus

from chalice.app import HeadersType, Request, Response
from pydantic import ConfigDict, Field

from bluelamp.errors import NotSignedInError
from bluelamp.models import Model
from bluelamp.people.model import Principal
from contract import JSON, Resource
from cookies import clear_cookie, flow_name, read_cookie, session_name, set_cookie
from parts import parts

resource = Resource(__name__)


class LoginQuery(Model):
    """Where to come back to."""

    next: str | None = Field(default=None, description="A path on this origin; anything else is read as `/`.")


class CallbackQuery(Model):
    """What the provider sends the browser back with."""

    model_config = ConfigDict(extra="ignore")

    code: str | None = Field(default=None, max_length=2048)
    state: str = Field(default="", max_length=2048)
    error: str | None = Field(default=None, max_length=200)


class SignedOut(Model):
    """The session has ended here; `sign_out_url` ends it at the provider too."""

    sign_out_url: str


@resource.route("/auth/login", public=True, browser=True, status=HTTPStatus.FOUND)
def begin_sign_in(query: LoginQuery) -> Response:
    """Lead the browser to the provider's sign-in page."""
    begun = parts().sign_in.begin(query.next)
    return _redirect(begun.location, [set_cookie(flow_name(), begun.flow)])


@resource.route("/auth/callback", public=True, browser=True, status=HTTPStatus.FOUND)
def finish_sign_in(request: Request, query: CallbackQuery) -> Response:
    """Open the session that the provider vouches for, and lead the browser back to its page."""
    flow = read_cookie(request.headers.get("cookie", ""), flow_name())
    if query.error or not query.code:
        raise NotSignedInError("The sign-in service did not sign you in. Begin it again.")
    done = parts().sign_in.finish(code=query.code, state=query.state, flow=flow or "")
    return _redirect(done.location, [set_cookie(session_name(), done.cookie), clear_cookie(flow_name())])


@resource.route("/auth/logout", methods=["POST"])
def sign_out(principal: Principal) -> SignedOut:
    """End the session, and take its cookie away."""
    parts().sessions.end(principal)
    text = SignedOut(sign_out_url=parts().sign_in.sign_out_url()).model_dump_json()
    headers: HeadersType = {"Content-Type": JSON, "Set-Cookie": [clear_cookie(session_name())]}
    return Response(body=text, headers=headers)  # type: ignore[return-value]  # the model, with a cookie


def _redirect(location: str, cookies: list[str]) -> Response:
    return Response(body="", headers={"Location": location, "Set-Cookie": cookies}, status_code=HTTPStatus.FOUND)
