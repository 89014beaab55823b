"""How Facebook gives tokens: consent, a person's token, its long-lived form, and the page's own token from that.

A page's token made from a long-lived one has no end by the clock; it dies when the person who consented changes their
password, leaves the page, or takes the consent back. So there is nothing to renew, and a refusal wants a person.

Sources: Meta, "Manually build a login flow", "Get long-lived tokens", "Page access tokens".
"""

from __future__ import annotations

from typing import Literal

from bluelamp.platforms.contract import GoneError, NotAllowedError, ReauthoriseError
from bluelamp.platforms.grants import App, Asked, OpenHttp, OtherAccountError, Tokens, consent_page, tokens_from
from bluelamp.platforms.graph import GRAPH
from bluelamp.platforms.reading import ident, text_of

SCOPES = (
    "pages_show_list", "pages_read_engagement", "pages_read_user_content", "pages_manage_metadata",
    "pages_manage_engagement", "pages_manage_posts", "pages_messaging",
)  # fmt: skip
_TOKENS = "/oauth/access_token"


class FacebookGrants:
    """Facebook's login dialogue and token address.

    Parameters
    ----------
    page
        The address of the login dialogue.
    """

    name = "facebook"
    renews = False

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
