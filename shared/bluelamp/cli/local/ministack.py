"""The embedded AWS: one ministack process on the loopback address, its state in the state folder.

It saves what it holds when it is asked to stop, and only then; so it is always asked, and waited for.
"""

from __future__ import annotations

import re
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bluelamp.cli.local.paths import MINISTACK
from bluelamp.cli.local.ports import LOOPBACK
from bluelamp.cli.local.processes import Child, clean_environment

if TYPE_CHECKING:
    from bluelamp.cli.local.state import StateFolder

REGION = "eu-west-2"
# The embedded cloud's own administrator; it takes no other before the first user exists.
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105 - not a secret: the emulator's documented root key
STOP_SIGNAL = signal.SIGINT
STOP_GRACE = 60.0


class Ministack:
    """The embedded AWS.

    Parameters
    ----------
    state
        Where it keeps what it holds.
    port
        Where it listens.
    """

    name = "ministack"

    def __init__(self, state: StateFolder, port: int) -> None:
        self.url = f"http://{LOOPBACK}:{port}"
        self._state = state
        self._port = port
        self.child = Child(
            self.name,
            [MINISTACK.path],
            env=clean_environment(state.folder("tmp"), self._settings()),
            log=state.log / "ministack.log",
            cwd=state.folder("tmp"),
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        MINISTACK.require()
        readdress(self._state.folder("cloud", "state"), self._port)
        self.child.start()
        self.child.wait_ready(self.ready, seconds=60)

    def ready(self) -> bool:
        """Return whether it answers."""
        return answers(f"{self.url}/_ministack/health")

    def client(self, service: str) -> Any:
        """Return a boto3 client of the embedded cloud's administrator."""
        import boto3  # noqa: PLC0415 - a quarter of a second that `doctor` and `--help` need not pay
        from botocore.config import Config  # noqa: PLC0415 - likewise

        session: Any = boto3.session.Session()
        return session.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(retries={"max_attempts": 3, "mode": "standard"}, connect_timeout=5, read_timeout=60),
        )

    def stop(self) -> bool:
        """Stop it and wait until it has saved what it holds; return whether it did."""
        return self.child.stop(STOP_SIGNAL, grace=STOP_GRACE)

    def _settings(self) -> dict[str, str]:
        return {
            "BIND_HOST": LOOPBACK,
            # Addresses that it makes itself (queues, APIs) must reach it: localhost may be IPv6 first.
            "MINISTACK_HOST": LOOPBACK,
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "S3_PERSIST": "1",
            "STATE_DIR": str(self._state.folder("cloud", "state")),
            "S3_DATA_DIR": str(self._state.folder("cloud", "s3")),
        }


def readdress(saved: Path, port: int) -> None:
    """Put the present port into the addresses of queues in the saved state.

    The embedded cloud knows its queues by address, port included, and looks there for the messages that wake a
    function. When it comes back on another port, messages would be taken in and never delivered.
    """
    queue = re.compile(rf"(https?://{re.escape(LOOPBACK)}:)\d+(/\d{{12}}/)")
    for file in sorted(saved.glob("*.json")):
        text = file.read_text(encoding="utf-8")
        moved = queue.sub(rf"\g<1>{port}\g<2>", text)
        if moved != text:
            partial = file.with_name(file.name + ".partial")
            partial.write_text(moved, encoding="utf-8")
            partial.replace(file)


def fetched(url: str) -> bytes:
    """Return what an address on this machine answers to a GET; empty when it does not, or refuses."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            found: bytes = answer.read()
    except OSError:
        return b""
    return found


def answers(url: str) -> bool:
    """Return whether an address on this machine answers a GET with anything at all."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
