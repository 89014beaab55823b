"""A sandbox of the platforms in this process, on the loopback, and one platform's connector before it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from bluelamp.cloud.memory import MemoryTable
from bluelamp.platforms import registry
from bluelamp.platforms.contract import AccountRef, Target
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.signatures import PlatformSecrets
from bluelamp.platforms.store import ThrottleTable
from bluelamp.times import utc_now
from sandbox.app import create_app
from sandbox.client import ControlClient
from sandbox.webhooks import Secrets
from sandbox.world import build

IDS = {"facebook": "104857600012345", "x": "1585841080431321088"}
APP = {
    "client_id": "desk",
    "client_secret": "an app's secret",
    "redirect_uri": "https://desk.test/api/accounts/callback",
}
SECRETS = {
    "facebook": {"app_secret": "sandbox-app-secret", "verify_token": "sandbox-verify-token", **APP},
    "x": {"consumer_secret": "sandbox-consumer-secret", **APP},
}
KEYS = {
    "facebook": PlatformSecrets("sandbox-app-secret", "", "sandbox-verify-token"),
    "x": PlatformSecrets("sandbox-consumer-secret"),
}


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *args: object) -> None:
        """Say nothing."""


class Running(NamedTuple):
    """A sandbox and what it pushed."""

    url: str
    control: ControlClient
    pushed: list[tuple[str, bytes, dict[str, str]]]


@contextmanager
def serving() -> Iterator[Running]:
    """Run a sandbox on the loopback."""
    pushed: list[tuple[str, bytes, dict[str, str]]] = []

    def take(url: str, raw: bytes, headers: dict[str, str], timeout: float) -> int:
        pushed.append((url.rsplit("/", 1)[-1], raw, {k.lower(): v for k, v in headers.items()}))
        return 200

    world = build(secrets=Secrets(values=SECRETS), target="http://receiver.test/webhooks", send=take)
    server = make_server("127.0.0.1", 0, create_app(world), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    world.deliverer.start()
    url = f"http://127.0.0.1:{server.server_port}"
    with requests.Session() as session:
        yield Running(url, ControlClient(f"{url}/_control", session), pushed)
    server.shutdown()
    world.deliverer.stop()
    server.server_close()
    thread.join()
    world.store.close()


def fresh(running: Running) -> Running:
    """Make a running sandbox forget everything but the force's accounts, which are as they should be."""
    running.control.post("/reset")
    running.control.delete("/faults")
    for platform, native in IDS.items():
        running.control.post(
            "/accounts",
            platform=platform,
            id=native,
            name="Wealdshire Police",
            handle="WealdshirePol",
            token=f"t-{platform}",
        )
        running.control.patch(f"/accounts/{platform}/{native}", token_state="valid", permitted=True)
    running.control.idle()
    running.pushed.clear()
    return running


class Desk:
    """One platform's connector with the force's account on it, and the public's hand."""

    def __init__(self, platform: str, sandbox: Running, session: requests.Session) -> None:
        self.platform, self.sandbox, self.control = platform, sandbox, sandbox.control
        self.connector = registry.connector(platform)
        self.native = IDS[platform]
        self.account = AccountRef(account_id=f"{platform}-{self.native}", platform=platform, native_id=self.native)
        self.throttles = ThrottleTable(MemoryTable())
        self.session = session
        self.cursors: dict[str, Any] = {}

    def http(self, purpose: Any = "act") -> PlatformHttp:
        urls = registry.BaseUrls(f"{self.sandbox.url}/graph", "v26.0", f"{self.sandbox.url}/x")
        return PlatformHttp(
            self.session,
            urls.of(self.platform),
            f"t-{self.platform}",
            self.throttles,
            utc_now,
            account_id=self.account.account_id,
            purpose=purpose,
            sleep=lambda _: None,
        )

    def post(self, text: str = "Roads policing update", **more: Any) -> dict[str, Any]:
        if self.platform == "facebook":
            return self.control.post("/facebook/posts", page=self.native, text=text, **more)
        return self.control.post("/x/posts", author=self.native, text=text, **more)

    def reply_to(self, on: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
        more = {"author_name": "Tilda Rowe", **more}
        if self.platform == "facebook":
            return self.control.post("/facebook/comments", on=on["id"], text=text, **more)
        return self.control.post("/x/posts", reply_to=on["id"], text=text, **more)

    def message(self, text: str, **more: Any) -> dict[str, Any]:
        if self.platform == "facebook":
            return self.control.post(
                "/facebook/messages", page=self.native, text=text, author_name="Tilda Rowe", **more
            )
        return self.control.post("/x/messages", account=self.native, text=text, author_name="Tilda Rowe", **more)

    def state(self, thing: dict[str, Any]) -> str:
        return self.control.object(self.platform, thing["id"])["state"]

    def target(self, thing: dict[str, Any]) -> Target:
        private = thing["kind"] == "message"
        return Target(
            account_native=self.native,
            native_id=thing["id"],
            kind=thing["kind"],
            parent_native=thing["parent"],
            thread_native=thing["author"]["id"] if private else thing["thread"],
            author_id=thing["author"]["id"],
            private=private,
        )

    def webhooks(self) -> list[Any]:
        assert self.control.idle()
        events = []
        for platform, raw, headers in self.sandbox.pushed:
            self.connector.verify(raw, headers, KEYS[platform])
            batch = self.connector.parse(raw)
            assert batch.unrecognised == ()
            events.extend(batch.events)
        self.sandbox.pushed.clear()
        return events

    def poll(self) -> list[Any]:
        events = []
        for page in self.connector.poll(self.account, self.cursors, self.http("poll")):
            if page.raw:
                batch = self.connector.parse_page(page.kind, page.raw, self.account)
                assert batch.unrecognised == ()
                events.extend(batch.events)
            self.cursors[page.stream] = page.cursor
        return events

    def calls(self, **query: Any) -> list[dict[str, Any]]:
        return [call for call in self.control.calls(platform=self.platform, **query) if call["method"] != "GET"]
