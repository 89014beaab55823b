"""Connections behind the routes: the real service; the platform consents and gives tokens at once."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from bluelamp.cloud.memory import MemorySecrets
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.service import Connecting
from bluelamp.connections.store import ConnectionStore
from bluelamp.platforms.facebook_grants import FacebookGrants
from bluelamp.platforms.grants import AppSecrets, Standing, Tokens

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("POST", "/accounts/{account}/connect"): ("register", {}, 200),
    ("POST", "/accounts/{account}/disconnect"): ("register", {}, 200),
    # Nobody was sent off.
    ("GET", "/accounts/callback"): ("register", None, 403),
}


class Consenting(FacebookGrants):
    """Facebook, with whoever runs the page at hand."""

    def exchange(self, *_: Any) -> Tokens:
        return Tokens("access")

    def standing(self, *_: Any) -> Standing:
        return Standing(valid=True)


def connecting(world: Any) -> Connecting:
    """Return the use cases of the connection routes."""
    secrets = MemorySecrets({"app/facebook": {"client_id": "desk", "client_secret": "s3cret"}})
    return Connecting(
        ConnectionStore(world.table), TokenBox(secrets, "account/"), accounts=world.accounts,
        grants=lambda _: Consenting("https://facebook.test/consent"), apps=AppSecrets(secrets, "app/"),
        open_http=lambda *_: None, public_url="https://lamp.example", secret=b"k" * 32, wake=lambda: None,
        clock=world.clock,
    )  # fmt: skip


def come_back(whole: Any) -> dict[str, Any]:
    """Send the administrator off, and return what the platform sends them back with."""
    session = {"Cookie": f"__Host-sid={whole.cookie('admin')}"}
    answer = whole.call("POST", "/accounts/facebook-1/connect", body={}, headers=session)
    state = parse_qs(urlsplit(answer.json["address"]).query)["state"][0]
    return {"by": "", "query": {"state": state, "code": "code"}, "headers": session}


ROWS = (
    ("POST", "/accounts/{account_id}/connect", ("key",), lambda _: {}),
    ("POST", "/accounts/{account_id}/disconnect", ("key",), lambda _: {}),
    ("GET", "/accounts/callback", ("key",), come_back),
)
