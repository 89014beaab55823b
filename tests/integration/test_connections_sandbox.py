"""An account's whole life with its platform over HTTP: connected, renewed, revoked, told, connected again, left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from bluelamp.connections.ending import Ending
from bluelamp.connections.looking import Looking
from bluelamp.platforms.contract import ReauthoriseError
from bluelamp.platforms.facebook_grants import SCOPES
from tests.support.platforms import APP, serving
from tests.unit.connections.test_connections_sandbox import ADMIN, Desk

OURS = (APP["client_id"], APP["client_secret"])


@pytest.fixture(scope="module")
def served():
    with serving() as running:
        yield running


class Everything:
    """A log in which every record is sealed."""

    def sealed(self, chunks: Any, *, consistent: bool = False) -> dict[str, dict[str, Any]]:
        return {chunk: {"seq": 1} for chunk in chunks}


class Life(Desk):
    """The desk, with what is done by the minute beside renewing."""

    def later(self, **more: float) -> None:
        self.early += timedelta(**more)

    def http(self, token: str, scheme: Any) -> Any:
        return self.way(token, scheme=scheme)

    def end(self) -> int:
        self.later(seconds=2)
        self.failed = []
        return Ending(
            self.store, self.box,
            revoke=lambda _, tokens: self.grants.revoke(self.apps.of(self.platform), tokens, self.native, self.http),
            places=Everything(), failed=lambda *why: self.failed.append(why), wake=lambda: None, clock=self.clock,
        ).run()  # fmt: skip

    def look(self) -> int:
        return Looking(
            self.store, self.box,
            ask=lambda _, access: self.grants.standing(self.apps.of(self.platform), access, self.http),
            failed=lambda *why: self.failed.append(why), clock=self.clock,
        ).run()  # fmt: skip

    def leave(self) -> str:
        token = self.token()
        self.connecting.disconnect(ADMIN, self.id)
        return token

    @property
    def line(self) -> Any:
        return self.store.get(self.id)

    def notices(self) -> list[str]:
        return [item["kind"] for (pk, _), item in self.table.items.items() if pk == "NOTICES"]


@pytest.fixture
def x(served):
    return Life("x", served)


@pytest.fixture
def facebook(served):
    return Life("facebook", served)


def test_a_life_on_x(x):
    x.connect()
    assert x.me()["data"]["id"] == x.native
    x.later(minutes=95)
    assert x.renew() == 1
    assert x.me()["data"]["id"] == x.native

    refresh = x.secrets.values[f"account/{x.id}"]["refresh_token"]
    taken = requests.post(f"{x.sandbox.url}/x/2/oauth2/revoke", data={"token": refresh}, auth=OURS, timeout=5)
    assert taken.json() == {"revoked": True}
    with pytest.raises(ReauthoriseError):
        x.me()
    x.later(minutes=95)
    assert x.renew() == 0
    assert (x.line.state, x.line.why) == ("reconnect", "refused")
    assert x.notices() == ["reconnect_needed"]

    x.connect()
    assert x.me()["data"]["id"] == x.native
    token = x.leave()
    assert x.me(token)["data"]["id"] == x.native, "the platform is not called before the record is sealed"
    assert x.end() == 1
    assert (x.line.state, x.line.consent) == ("disconnected", "ended")
    with pytest.raises(ReauthoriseError):
        x.me(token)
    assert not any("token" in name or "ending" in name for name in x.secrets.values[f"account/{x.id}"])


def test_a_renewing_token_that_somebody_else_used_ends_the_family(x):
    x.connect()
    refresh = x.secrets.values[f"account/{x.id}"]["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    theirs = requests.post(f"{x.sandbox.url}/x/2/oauth2/token", data=form, auth=OURS, timeout=5).json()
    x.later(minutes=95)
    assert x.renew() == 0
    assert x.line.state == "reconnect"
    with pytest.raises(ReauthoriseError):
        x.me(theirs["access_token"])


def test_an_answer_to_the_revocation_that_is_lost_is_asked_for_again(x):
    x.connect()
    token = x.leave()
    x.fault("act_then_close", "/x/2/oauth2/revoke")
    assert x.end() == 0
    assert x.failed == [(x.id, "platform_timed_out")]
    assert x.line.consent == "to_end"
    x.later(minutes=2)
    assert x.end() == 1
    assert x.line.consent == "ended"
    with pytest.raises(ReauthoriseError):
        x.me(token)


def test_another_app_secret_leaves_the_consent_standing_and_says_so(x):
    x.connect()
    x.leave()
    x.secrets.values["app/x"] = {"client_id": "desk", "client_secret": "made anew"}
    assert x.end() == 1
    assert (x.line.state, x.line.consent, x.line.said) == ("disconnected", "stands", "platform_not_allowed")


def test_a_life_on_facebook(facebook):
    facebook.connect()
    line = facebook.line
    assert timedelta(days=89) < line.data_until - facebook.clock() < timedelta(days=91)
    assert (line.state, line.lacks, line.expires_at) == ("connected", (), None)

    account = f"/accounts/facebook/{facebook.native}"
    facebook.sandbox.control.patch(account, scopes=[one for one in SCOPES if one != "pages_messaging"])
    facebook.later(days=1, minutes=1)
    assert facebook.look() == 1
    assert facebook.line.lacks == ("pages_messaging",)

    facebook.sandbox.control.patch(account, token_state="revoked")
    facebook.later(days=1, minutes=1)
    facebook.look()
    facebook.later(minutes=1)
    facebook.renew()
    assert (facebook.line.state, facebook.line.why) == ("reconnect", "no_refresh_token")
    assert facebook.notices() == ["reconnect_needed"]

    facebook.connect()
    assert facebook.me()["id"] == facebook.native
    facebook.leave()
    assert facebook.end() == 1
    assert (facebook.line.state, facebook.line.consent) == ("disconnected", "page_left")
    assert facebook.sandbox.control.calls(platform="facebook")[-1]["path"].endswith("/subscribed_apps")


def test_what_was_not_allowed_is_named_at_connecting(facebook):
    facebook.connect(declined=["pages_messaging", "pages_manage_posts"])
    assert (facebook.line.state, facebook.line.lacks) == ("connected", ("pages_manage_posts", "pages_messaging"))
    facebook.connect()
    assert facebook.line.lacks == ()


def test_a_platform_that_does_not_say_at_connecting_is_asked_soon_after(facebook):
    facebook.fault("server_error", "/graph/v26.0/debug_token")
    facebook.connect()
    assert (facebook.line.state, facebook.line.data_until) == ("connected", None)
    facebook.later(minutes=1)
    assert facebook.look() == 1
    assert facebook.line.data_until is not None


def test_a_page_whose_token_is_refused_says_that_the_consent_may_stand(facebook):
    facebook.connect()
    facebook.sandbox.control.patch(f"/accounts/facebook/{facebook.native}", token_state="revoked")
    facebook.leave()
    assert facebook.end() == 1
    assert (facebook.line.consent, facebook.line.said) == ("stands", "platform_reauthorise")


def test_no_token_stands_in_an_address(facebook):
    facebook.connect()
    token = facebook.token()
    facebook.leave()
    facebook.end()
    assert token not in str(facebook.sandbox.control.get("/calls"))
