"""The force in memory, with the real connectors over loopback to platforms that fail as real ones do.

Time is the drill's own: what the platforms' budgets make wait costs nobody's afternoon.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import requests
from werkzeug.serving import WSGIRequestHandler, make_server

from bluelamp.actions.errors import LaterError, WaitingError
from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import Item, Key
from bluelamp.cloud.memory import MemoryTable
from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.platforms import registry
from bluelamp.platforms.budgets import Rate
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.intake import envelope, stage
from bluelamp.platforms.store import BudgetTable, ThrottleTable
from bluelamp.posts.store import PostStore
from sandbox.app import create_app
from sandbox.state import Store
from sandbox.webhooks import Secrets
from sandbox.world import build
from tests.faults.archive import Records
from tests.support.world import START, World

PAGE, XUSER = "104857600012345", "1585841080431321088"
ACCOUNTS = {"facebook": PAGE, "x": XUSER}
SECRETS = {
    "facebook": {"app_secret": "sandbox-app-secret", "verify_token": "sandbox-verify-token"},
    "x": {"consumer_secret": "sandbox-consumer-secret"},
}
BUDGETS = {"facebook": Rate(600, 3600), "x": Rate(50, 900)}
_INDEXED = ("pk", "g1pk", "g2pk", "g3pk", "g4pk")


class _Items(dict[Key, Item]):
    """Items that are found by the attributes that queries ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.by: dict[tuple[str, str], dict[Key, Item]] = defaultdict(dict)

    def __setitem__(self, key: Key, item: Item) -> None:
        self._forget(key)
        super().__setitem__(key, item)
        for name in _INDEXED:
            if name in item:
                self.by[name, item[name]][key] = item

    def pop(self, key: Key, *default: Any) -> Any:
        """Remove an item."""
        self._forget(key)
        return super().pop(key, *default)

    def _forget(self, key: Key) -> None:
        old = self.get(key)
        for name in _INDEXED if old else ():
            if name in old:
                self.by[name, old[name]].pop(key, None)


class LargeTable(MemoryTable):
    """The table in memory, for a hundred thousand items."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.items = self._held[self.name] = _Items()

    def _near(self, attribute: str, value: str) -> Iterable[Item]:
        assert isinstance(self.items, _Items)
        return self.items.by.get((attribute, value), {}).values()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *args: object) -> None:
        """Say nothing."""


class Watched:
    """A connector that notes each call that changes something, and whether all it needs was under lock by then."""

    def __init__(self, real: Any, town: Town) -> None:
        self._real, self._town = real, town

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def act(self, verb: str, target: Any, http: Any, **how: Any) -> Any:
        """Pass the call on."""
        self._town.note(verb, target)
        return self._real.act(verb, target, http, **how)


class Town(World):
    """A force with a Facebook page, its messages, and an account on X."""

    def __init__(self) -> None:
        with patch("tests.support.world.MemoryTable", LargeTable):
            super().__init__()
        self.pushed: list[tuple[str, bytes]] = []
        self.early = 0
        self.platform_calls = 0
        self._sealed: set[tuple[str, str, str]] = set()
        self._read: set[str] = set()
        self._connectors = {name: Watched(registry.connector(name), self) for name in ACCOUNTS}
        self.changer._offered = self._offered  # the world's own platform is another
        self.budgets = BudgetTable(self.table, BUDGETS, self.clock)
        self.throttles = ThrottleTable(self.table)
        self.sandbox = build(
            store=Store(None), secrets=Secrets(values=SECRETS), clock=lambda: int(self.now.timestamp() * 1000),
            target="http://receiver.test/webhooks", send=self._take,
        )  # fmt: skip
        self._app = create_app(self.sandbox)
        self.hand = self._app.test_client()
        self.url = ""
        self.session = requests.Session()
        self.owned = {
            platform: self.accounts.add_account(
                platform=platform, native_id=native, name="Wealdshire Police", kind="headquarters", team="comms",
                by=Actor.system("drill"),
            )
            for platform, native in ACCOUNTS.items()
        }  # fmt: skip
        for platform, native in ACCOUNTS.items():
            self.control("/accounts", platform=platform, id=native, name="Wealdshire Police", handle="WealdshirePol",
                         token=f"t-{platform}")  # fmt: skip

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Let the platforms answer over loopback."""
        server = make_server("127.0.0.1", 0, self._app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            self.session.close()

    def control(self, path: str, **body: Any) -> Any:
        """Use the public's hand, or the drill's."""
        answer = self.hand.post(f"/_control{path}", json=body)
        if answer.status_code >= 300:
            raise ValueError(f"the sandbox answers {answer.status_code} to {path}: {answer.text}")
        return answer.json

    def acting(self) -> Any:
        """Return the act function's use case with the real connectors."""
        made = super().acting()
        made._connector, made._http = self._connectors.__getitem__, self._http
        return made

    def ingester(self) -> Any:
        """Return the ingest function's use case with the real connectors."""
        made = super().ingester()
        made._connector = self._connectors.__getitem__
        return made

    def arrive(self) -> None:
        """Take in what the platforms push, and judge it."""
        self.sandbox.deliverer.run_due()
        pushed, self.pushed = self.pushed, []
        for platform, raw in pushed:
            key = stage(self.staging, platform, raw, self.now)
            made = envelope(platform=platform, source="webhook", key=key, raw=raw, received_at=self.now)
            self.ingester().ingest(made.body)
        self.judge_all()
        self.media_queue.messages.clear()

    def drain(self) -> int:
        """Seal, carry jobs on and act until nothing is left; return how many deliveries it took."""
        deliveries = 0
        idle = 0
        while idle < 2:
            self.seal()
            while self.incident_queue.messages:
                self.incidents.working().run(self.incident_queue.messages.pop(0).body)
                self.seal()
            waiting = [*self.action_queue.messages, *self.bulk_queue.messages]
            self.action_queue.messages.clear()
            self.bulk_queue.messages.clear()
            self.live_queue.messages.clear()
            idle = 0 if waiting else idle + 1
            # What waits comes when its time has come: the clock goes on to the soonest.
            soonest = min((m.delay_seconds for m in waiting), default=0)
            self.pass_time(seconds=soonest)
            deliveries += sum([self._deliver(message, soonest) for message in waiting])
        return deliveries

    def _deliver(self, message: Message, passed: int) -> bool:
        """Deliver a message whose time has come, and say whether it was."""
        if message.delay_seconds > passed:
            self.bulk_queue.messages.append(Message(message.body, delay_seconds=message.delay_seconds - passed))
            return False
        try:
            self.acting().act(message.body)
        except WaitingError:
            return True  # it is in a queue again, or its evidence's seal releases it
        except (LaterError, ConflictError):
            self.bulk_queue.messages.append(Message(message.body, delay_seconds=80))
        return True

    def note(self, verb: str, target: Any) -> None:
        """Count a call, and whether its intent, and its context, were under lock."""
        fresh = {n: body for n, body in self.evidence.objects.items() if n not in self._read}
        self._read |= fresh.keys()
        for _, _, record in Records(fresh).all:
            if record["type"] in {"intent", "context"}:
                self._sealed.add((record["type"], record["op"]["verb"], record["obj"]["key"]))
        platform = next(name for name, native in ACCOUNTS.items() if native == target.account_native)
        key = self.pseudonyms.post(f"{platform}-{target.account_native}", target.native_id)
        needed = [("intent", verb, key)] + ([("context", verb, key)] if verb in {"hide", "delete"} else [])
        self.platform_calls += 1
        self.early += not self._sealed.issuperset(needed)

    def hidden_there(self) -> set[str]:
        """Return the platforms' own ids of what is hidden there."""
        return {node.id for platform in ACCOUNTS for node in self.sandbox.store.nodes(platform, state="hidden")}

    def every(self) -> list[Any]:
        """Return every post in the table."""
        ids = [item["id"] for (_, sk), item in self.table.items.items() if sk == "POST"]
        return list(PostStore(self.table).get_many(ids).values())

    def _offered(self, post: Any) -> frozenset[str]:
        return frozenset(registry.connector(post.platform).capabilities(post.kind, direction=post.direction))

    def _http(self, account_id: str) -> PlatformHttp:
        platform = account_id.partition("-")[0]
        urls = registry.BaseUrls(f"{self.url}/graph", "v26.0", f"{self.url}/x")
        return PlatformHttp(
            self.session, urls.of(platform), f"t-{platform}", self.throttles, self.clock,
            account_id=account_id, purpose="act", sleep=lambda _: None,
        )  # fmt: skip

    def _take(self, url: str, raw: bytes, headers: dict[str, str], timeout: float) -> int:
        del headers, timeout
        self.pushed.append((url.rsplit("/", 1)[-1], raw))
        return 200


__all__ = ["ACCOUNTS", "PAGE", "START", "XUSER", "Town"]
