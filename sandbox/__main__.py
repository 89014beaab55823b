"""Runs the sandbox: one process, 127.0.0.1 only, until SIGINT or SIGTERM."""

import argparse
import json
import logging
import signal
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import create_app
from sandbox.control import shake_hands
from sandbox.state import Store
from sandbox.webhooks import Secrets
from sandbox.world import World, build

log = logging.getLogger("sandbox")
_HANDSHAKE_SECONDS = 60.0
_WRONG = 2


class _Handler(WSGIRequestHandler):
    """Keeps connections open and logs through `logging`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log a call."""
        del size
        log.info("%s %s: %s", self.command, self.path.partition("?")[0], code)


def main(arguments: list[str] | None = None) -> int:
    """Run; return 0 after a signal, 2 when it cannot start."""
    options = _options(arguments)
    logging.basicConfig(level=options.log_level, format="%(asctime)s sandbox %(message)s")
    try:
        world = _world(options)
        server = _server(world, options.port)
    except (OSError, ValueError, sqlite3.Error) as error:
        sys.stderr.write(f"sandbox cannot start: {error}\n")
        return _WRONG
    _run(world, server, handshake=options.handshake)
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=4700, help="port on 127.0.0.1, 0 for a free one")
    parser.add_argument("--state", type=Path, help="SQLite file; in memory when left out")
    parser.add_argument("--deliver-to", metavar="URL", help="webhooks go to URL/facebook and URL/x")
    parser.add_argument("--secrets", type=Path, metavar="FILE", help="JSON with the apps' secrets")
    parser.add_argument("--handshake", action="store_true", help="challenge the receiver after the start")
    parser.add_argument("--log-level", default="WARNING", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    options = parser.parse_args(arguments)
    if options.handshake and not options.deliver_to:
        parser.error("--handshake needs --deliver-to")
    return options


def _world(options: argparse.Namespace) -> World:
    if options.state is not None:
        options.state.parent.mkdir(parents=True, exist_ok=True)
    return build(store=Store(options.state), secrets=Secrets(options.secrets), target=options.deliver_to)


def _server(world: World, port: int) -> BaseWSGIServer:
    # Bound here, because werkzeug ends the process itself when a port is taken.
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise OSError(f"port {port} on 127.0.0.1 is taken or not allowed; choose another with --port") from error
    listener.listen(128)
    return make_server(
        "127.0.0.1", port, create_app(world), threaded=True, request_handler=_Handler, fd=listener.detach()
    )


def _run(world: World, server: BaseWSGIServer, *, handshake: bool) -> None:
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    world.deliverer.start()
    sys.stdout.write(f"sandbox ready http://127.0.0.1:{server.socket.getsockname()[1]}\n")
    sys.stdout.flush()
    if handshake:
        threading.Thread(target=_challenge, args=(world, stop), daemon=True).start()
    while not stop.wait(0.5):
        pass
    server.shutdown()
    world.deliverer.stop()
    world.store.close()


def _challenge(world: World, stop: threading.Event) -> None:
    """Try until the receiver answers both challenges, as somebody registering a webhook does."""
    end = time.monotonic() + _HANDSHAKE_SECONDS
    results = shake_hands(world)
    while not all(result["ok"] for result in results.values()) and time.monotonic() < end and not stop.wait(2):
        results = shake_hands(world)
    sys.stdout.write(f"sandbox handshake {json.dumps(results)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
