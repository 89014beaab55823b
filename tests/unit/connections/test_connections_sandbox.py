"""Both platforms' real adapters against the stand-ins: consent, tokens that work, renewal, and the ways it breaks."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from bluelamp.accounts.service import Accounts
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.cloud.memory import MemorySecrets, MemoryTable
from bluelamp.connections.errors import NotConnectedError
from bluelamp.connections.keeping import TokenBox
from bluelamp.connections.renewing import Renewing
from bluelamp.connections.service import Connecting
from bluelamp.connections.store import ConnectionStore
from bluelamp.platforms import registry
from bluelamp.platforms.contract import ReauthoriseError
from bluelamp.platforms.grants import AppSecrets, OtherAccountError, Unheeded
from bluelamp.platforms.graph import GRAPH
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.secrets import account_token
from bluelamp.platforms.x_dialect import X_API
from bluelamp.times import utc_now
from tests.support.platforms import APP, IDS, fresh, serving
from tests.support.world import principal

ADMIN = principal("admin").model_copy(update={"session_id": "s1"})
ME = {"x": (X_API, "/2/users/me"), "facebook": (GRAPH, "/me")}
PAGES = {"x": "/x/i/oauth2/authorize", "facebook": "/graph/v26.0/dialog/oauth"}


@pytest.fixture(scope="module")
def served():
    with serving() as running:
        yield running


class Desk:
    """An account of one platform, and the services as they are wired, over HTTP to the sandbox."""

    def __init__(self, platform, sandbox) -> None:
        self.platform, self.native, self.sandbox = platform, IDS[platform], fresh(sandbox)
        self.id, self.early = f"{platform}-{self.native}", timedelta()
        self.table = MemoryTable()
        app = {name: APP[name] for name in ("client_id", "client_secret")}
        self.secrets = MemorySecrets({f"app/{platform}": app})
        self.store, self.box = ConnectionStore(self.table), TokenBox(self.secrets, "account/")
        self.apps = AppSecrets(self.secrets, "app/")
        self.grants = registry.grants(platform, sandbox.url + PAGES[platform])
        accounts = Accounts(AccountStore(self.table), lambda _: None)
        accounts.add_account(
            platform=platform, native_id=self.native, name="Force", kind="headquarters", team="hq",
            by=Actor.system("test"),
        )  # fmt: skip
        self.connecting = Connecting(
            self.store, self.box, accounts=accounts, grants=lambda _: self.grants, apps=self.apps,
            open_http=lambda _, token, scheme: self.way(token, scheme=scheme), public_url="https://desk.test",
            secret=b"k" * 32, wake=lambda: None, clock=self.clock,
        )  # fmt: skip

    def clock(self):
        return utc_now() + self.early

    def way(self, token, **more):
        urls = registry.BaseUrls(f"{self.sandbox.url}/graph", "v26.0", f"{self.sandbox.url}/x")
        return PlatformHttp(
            None, urls.of(self.platform), token, Unheeded(), self.clock, account_id=self.id,
            sleep=lambda _: None, **more,
        )  # fmt: skip

    def token(self):
        return account_token(self.secrets.fresh, "account/", self.id)

    def me(self, token=None, **more):
        dialect, path = ME[self.platform]
        return self.way(token or self.token(), **more).read(dialect, path).data

    def consent(self, account=None, agree="yes", declined=()):
        address = self.connecting.begin(ADMIN, self.id)
        form = {"account": account or self.native, "agree": agree, "declined": list(declined)}
        answer = requests.post(address, data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(APP["redirect_uri"])
        return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def connect(self, **more):
        back = self.consent(**more)
        return self.connecting.finish(ADMIN, state=back["state"], code=back.get("code"))

    def renew(self):
        self.failed = []
        renewing = Renewing(
            self.store, self.box,
            renew=lambda account, refresh: self.grants.renew(
                self.apps.of(self.platform), refresh, lambda token, scheme: self.way(token, scheme=scheme)
            ),
            failed=lambda *why: self.failed.append(why), answers=lambda _: (), wake=lambda: None,
            notify=lambda: None, clock=self.clock,
        )  # fmt: skip
        return renewing.run()

    def fault(self, kind, path, **more):
        self.sandbox.control.post("/faults", platform=self.platform, kind=kind, path=path, times=1, **more)


@pytest.fixture(params=["x", "facebook"])
def desk(request, served):
    return Desk(request.param, served)


@pytest.fixture
def x(served):
    return Desk("x", served)


def test_consent_gives_a_token_that_works(desk):
    assert desk.connect() == desk.id
    me = desk.me()
    assert (me.get("data") or me)["id"] == desk.native
    assert desk.store.get(desk.id).state == "connected"


def test_another_account_is_refused_and_nothing_is_kept(desk):
    desk.sandbox.control.post(
        "/accounts", platform=desk.platform, id="4711", name="Somebody else", handle="other", token="o"
    )
    with pytest.raises(OtherAccountError):
        desk.connect(account="4711")
    assert f"account/{desk.id}" not in desk.secrets.values


def test_a_no_is_told(desk):
    with pytest.raises(NotConnectedError, match="did not consent"):
        desk.connect(agree="no")


def test_a_code_is_not_taken_with_another_app(desk):
    back = desk.consent()
    desk.secrets.values[f"app/{desk.platform}"] = {"client_id": "desk", "client_secret": "wrong"}
    with pytest.raises(NotConnectedError):
        desk.connecting.finish(ADMIN, state=back["state"], code=back["code"])


def test_x_is_renewed_for_as_long_as_it_takes(x):
    x.connect()
    for hours in (2, 4, 6):
        before = x.token()
        x.early = timedelta(hours=hours) - timedelta(minutes=29)
        assert x.renew() == 1
        with pytest.raises(ReauthoriseError):
            x.me(before)
        assert x.me()["data"]["id"] == x.native


def test_a_warm_function_takes_the_fresh_token(x):
    x.connect()
    stale = x.token()
    x.early = timedelta(minutes=100)
    x.renew()
    assert x.me(stale, fresh=x.token)["data"]["id"] == x.native
    with pytest.raises(ReauthoriseError):
        x.me(stale, fresh=lambda: stale)


@pytest.mark.parametrize(("kind", "state"), [("server_error", "connected"), ("act_then_close", "reconnect")])
def test_a_failing_token_address(x, kind, state):
    x.connect()
    x.early = timedelta(minutes=100)
    x.fault(kind, "/x/2/oauth2/token")
    assert x.renew() == 0
    x.early += timedelta(minutes=3)
    x.renew()
    assert x.store.get(x.id).state == state
    assert x.store.get(x.id).why == (None if state == "connected" else "answer_lost")


def test_a_consent_that_was_taken_back(x):
    x.connect()
    refresh = x.secrets.values[f"account/{x.id}"]["refresh_token"]
    ours = (APP["client_id"], APP["client_secret"])
    revoked = requests.post(f"{x.sandbox.url}/x/2/oauth2/revoke", data={"token": refresh}, auth=ours, timeout=5)
    assert revoked.json() == {"revoked": True}
    x.early = timedelta(minutes=100)
    assert x.renew() == 0
    assert x.store.get(x.id).why == "refused"
    assert x.connect() == x.id, "and a person can connect it again"


def test_a_facebook_token_that_is_refused_wants_a_person(served):
    desk = Desk("facebook", served)
    desk.connect()
    assert desk.store.get(desk.id).due_at is None
    desk.store.refused(desk.id, desk.clock())
    desk.early = timedelta(minutes=1)
    desk.renew()
    assert desk.store.get(desk.id).why == "no_refresh_token"


def test_no_token_is_shown_by_logs_or_errors(x, caplog):
    caplog.set_level(logging.DEBUG)
    x.connect()
    words = {APP["client_secret"], *x.secrets.values[f"account/{x.id}"].values()} - {x.store.get(x.id).attempt}
    words -= {x.secrets.values[f"account/{x.id}"]["expires_at"]}
    x.early = timedelta(minutes=100)
    x.fault("server_error", "/x/2/oauth2/token")
    x.renew()
    x.early += timedelta(minutes=3)
    x.renew()
    words |= set(x.secrets.values[f"account/{x.id}"].values()) - {x.store.get(x.id).attempt}
    words -= {x.secrets.values[f"account/{x.id}"]["expires_at"]}
    told = caplog.text + str(x.table.items) + str(x.sandbox.control.get("/calls"))
    assert len(words) == 5
    assert [word for word in words if word in told] == []
