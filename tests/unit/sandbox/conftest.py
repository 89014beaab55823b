"""A sandbox in the process: its clock and its receiver are fakes, everything else is real."""

import json
from dataclasses import dataclass, field

import pytest

from sandbox.app import create_app
from sandbox.state import Store
from sandbox.webhooks import Secrets
from sandbox.world import build

SECRETS = {
    "facebook": {"app_secret": "fb-app-secret", "verify_token": "verify-me"},
    "x": {"consumer_secret": "x-consumer-secret"},
}
PAGE, TOKEN = "100064000000001", "page-token"
USER, X_TOKEN = "1200000000000000001", "x-token"


@dataclass
class Receiver:
    """Takes webhooks; answers with what is in `statuses`, then 200."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, bytes, dict]] = field(default_factory=list)

    def __call__(self, url, raw, headers, timeout):
        self.got.append((url, raw, headers))
        return self.statuses.pop(0) if self.statuses else 200

    def bodies(self):
        return [json.loads(raw) for _, raw, _ in self.got]


class Sandbox:
    """The test's hands: control, Graph, X, time and what was pushed."""

    def __init__(self, path=None):
        self.now = 1_795_000_000_000
        self.receiver = Receiver()
        self.world = build(
            store=Store(path),
            secrets=Secrets(values=SECRETS),
            clock=lambda: self.now,
            target="http://receiver.test/webhooks",
            send=self.receiver,
        )
        self.http = create_app(self.world).test_client()

    def control(self, path, status=200, method="POST", **body):
        answer = self.http.open(f"/_control{path}", method=method, json=body if method != "GET" else None)
        assert answer.status_code == status, answer.text
        return answer.json

    def look(self, path):
        return self.control(path, method="GET")

    def graph(self, method, path, token=TOKEN, **values):
        where = {"query_string": values} if method == "GET" else {"json": values}
        return self.http.open(
            f"/graph/v26.0{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **where
        )

    def x(self, method, path, token=X_TOKEN, **values):
        where = {"query_string": values} if method == "GET" else {"json": values}
        return self.http.open(f"/x/2{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **where)

    def pushed(self):
        self.world.deliverer.run_due()
        bodies = self.receiver.bodies()
        self.receiver.got.clear()
        return bodies

    def later(self, seconds):
        self.now += round(seconds * 1000)

    def own_post(self):
        return self.control("/facebook/posts", page=PAGE, text="Appeal", push=False)["id"]

    def comment(self, on, text="hello", name="Jo Public", **more):
        self.later(1)
        return self.control("/facebook/comments", on=on, author_name=name, text=text, **more)


def _furnished(path=None):
    sandbox = Sandbox(path)
    sandbox.control(
        "/accounts", platform="facebook", id=PAGE, name="Wealdshire Police", handle="wealdshire", token=TOKEN
    )
    sandbox.control("/accounts", platform="x", id=USER, name="Wealdshire Police", handle="WealdshirePol", token=X_TOKEN)
    return sandbox


@pytest.fixture
def sandbox():
    made = _furnished()
    yield made
    made.world.store.close()


@pytest.fixture
def furnished():
    return _furnished
