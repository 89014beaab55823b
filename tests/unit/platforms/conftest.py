"""What the tests of the platforms share: a tiny platform on the loopback, a clock that stands, and the events."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from bluelamp.cloud.memory import MemoryTable
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.store import ThrottleTable

EVENTS = Path(__file__).parents[3] / "events"
TOKEN = "token-that-nobody-may-see"


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class Loopback:
    """Answers each call with the next of `answers`: (status, headers, body), or by calling what stands there."""

    base_url: str = ""
    answers: list[Any] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def will(self, *answers: Any) -> None:
        self.answers.extend(answers)


def answer(body: Any, status: int = 200, **headers: str) -> tuple[int, dict[str, str], bytes]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, raw


class HangupError(Exception):
    """Put among the answers: the connection is closed without one."""


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    state = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            call = Call(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {k.lower(): v for k, v in self.headers.items()},
                self.rfile.read(length),
            )
            state.calls.append(call)
            given = state.answers.pop(0) if state.answers else answer({})
            if given is HangupError:
                self.close_connection = True
                return
            status, headers, body = given(call) if callable(given) else given
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 -- the names http.server asks for

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.base_url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


class StandingClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


@pytest.fixture
def throttles(table: MemoryTable, clock: StandingClock) -> ThrottleTable:
    return ThrottleTable(table, clock)


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def open_http(
    loopback: Loopback,
    clock: StandingClock,
    throttles: ThrottleTable,
    session: requests.Session,
    slept: list[float],
) -> Callable[..., PlatformHttp]:
    def make(account_id: str = "facebook-1", purpose: Any = "act", base: str = "") -> PlatformHttp:
        return PlatformHttp(
            session,
            base or loopback.base_url,
            TOKEN,
            throttles,
            clock,
            account_id=account_id,
            purpose=purpose,
            sleep=slept.append,
            jitter=lambda: 0.5,
        )

    return make


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    return lambda name: json.loads((EVENTS / f"{name}.json").read_bytes())


@pytest.fixture
def reply() -> Callable[..., tuple[int, dict[str, str], bytes]]:
    """How an answer of the loopback is made (a fixture, because test modules cannot import each other)."""
    return answer


@pytest.fixture
def hangup() -> type[HangupError]:
    return HangupError
