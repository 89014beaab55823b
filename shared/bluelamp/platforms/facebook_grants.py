"""How Facebook gives tokens: consent, a person's token, its long-lived form, and the page's own token from that.

A page's token made from a long-lived one has no end by the clock; it dies when the person who consented changes their
password, leaves the page, or takes the consent back. So there is nothing to renew, and a refusal wants a person.

What an app sees ends ninety days after whoever consented was last active in it, whatever the token: `data_until`. Only
a new consent goes beyond that.

Sources: Meta, "Manually build a login flow", "Get long-lived tokens", "Page access tokens", "Debug-Token".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from bluelamp.platforms.contract import BrokenPayloadError, GoneError, NotAllowedError, ReauthoriseError
from bluelamp.platforms.grants import (
    App,
    Asked,
    OpenHttp,
    OtherAccountError,
    Standing,
    Tokens,
    consent_page,
    tokens_from,
)
from bluelamp.platforms.graph import GRAPH
from bluelamp.platforms.reading import ident, text_of

SCOPES = (
    "pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_metadata",
    "pages_manage_engagement", "pages_manage_posts", "pages_messaging",
)  # fmt: skip
_TOKENS = "/oauth/access_token"
_LOOK = "/debug_token"
_LATEST = 4_102_444_800  # the year 2100: later ends are none that we believe


class FacebookGrants:
    """Facebook's login dialogue and token address.

    Parameters
    ----------
    page
        The address of the login dialogue.
    """

    name = "facebook"
    renews = False
    looks = True

    def __init__(self, page: str) -> None:
        self._page = page

    def address(self, app: App, asked: Asked) -> str:
        """See `Grants.address`."""
        return consent_page(self._page, app, asked, scope=",".join(SCOPES))

    def exchange(self, app: App, asked: Asked, code: str, native_id: str, http: OpenHttp) -> Tokens:
        """See `Grants.exchange`."""
        form = {"code": code, "redirect_uri": asked.redirect, "code_verifier": asked.verifier}
        short = self._given(app, form, http)
        long = self._given(app, {"grant_type": "fb_exchange_token", "fb_exchange_token": short.access}, http)
        way = http(long.access, "Bearer")
        try:
            found = way.read(GRAPH, f"/{native_id}", {"fields": "id,access_token"}).data
        except (GoneError, NotAllowedError):
            found = {}
        if ident(found.get("id")) != native_id or not text_of(found.get("access_token")):
            raise OtherAccountError(
                "Whoever consented on Facebook does not run the registered page, or left it out of the consent. "
                "Connect again as somebody who runs it, and tick the page. Nothing was kept."
            )
        return tokens_from({"access_token": found["access_token"]}, way.clock())

    def renew(self, app: App, refresh: str, http: OpenHttp) -> Tokens:
        """See `Grants.renew`; there is no such thing here."""
        del app, refresh, http
        raise ReauthoriseError("Facebook renews no token of a page; connect the account again")

    def standing(self, app: App, access: str, http: OpenHttp) -> Standing:
        """See `Grants.standing`.

        The token goes in the body of a POST that stands for a GET, as Graph takes it: an address is logged on the way.
        """
        way = http(f"{app.client_id}|{app.client_secret}", "Bearer")
        form = {"method": "GET", "input_token": access}
        said = way.write(GRAPH, "POST", _LOOK, form=form).data.get("data")
        if not isinstance(said, dict) or not isinstance(said.get("is_valid"), bool):
            raise BrokenPayloadError("Facebook does not say whether the token is good")
        given = said.get("scopes")
        scopes = {one for one in given if isinstance(one, str)} if isinstance(given, list) else set(SCOPES)
        return Standing(
            valid=said["is_valid"],
            expires_at=_moment(said.get("expires_at")),
            data_until=_moment(said.get("data_access_expires_at")),
            lacks=tuple(one for one in SCOPES if one not in scopes) if said["is_valid"] else (),
        )

    def revoke(self, app: App, tokens: Tokens, native_id: str, http: OpenHttp) -> Literal["page_left"]:
        """See `Grants.revoke`: the app leaves the page.

        Taking the person's permissions away would disconnect every page that they ever consented for, and their own
        token, which that takes, is not kept.
        """
        del app
        http(tokens.access, "Bearer").write(GRAPH, "DELETE", f"/{native_id}/subscribed_apps")
        return "page_left"

    @staticmethod
    def _given(app: App, form: dict[str, str], http: OpenHttp) -> Tokens:
        way = http(f"{app.client_id}|{app.client_secret}", "Bearer")  # Meta's app access token
        ours = {"client_id": app.client_id, "client_secret": app.client_secret}
        return tokens_from(way.write(GRAPH, "POST", _TOKENS, form=form | ours).data, way.clock())


def _moment(seconds: Any) -> datetime | None:
    """Return a time that Graph gives in seconds; 0 stands for none."""
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < _LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC)
