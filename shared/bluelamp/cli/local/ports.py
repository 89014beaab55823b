"""Which TCP ports the local stack listens on: the usual ones, or free ones when those are taken."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Mapping

from bluelamp.cli.local.errors import PortTakenError

LOOPBACK = "127.0.0.1"

# What each port is for. The usual numbers are those of the programs themselves, where they have one.
USUAL = {
    "front": 4500,
    "cloud": 4566,
    "sandbox": 4700,
    "s3": 8333,
    "s3_grpc": 18333,
    "filer": 8888,
    "filer_grpc": 18888,
    "volume": 8380,
    "volume_grpc": 18380,
    "master": 9333,
    "master_grpc": 19333,
}

# Below the ports that the system itself gives to outgoing connections: one of those may be taken a moment later.
ANY = range(20_000, 32_000)

STORE = tuple(name for name in USUAL if name not in {"front", "cloud", "sandbox"})


def is_free(port: int) -> bool:
    """Return whether nobody listens on `port` of the loopback address."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def require_free(port: int) -> None:
    """Refuse a port that somebody asked for and that is in use.

    Raises
    ------
    PortTakenError
        With what can be done instead.
    """
    if not is_free(port):
        raise PortTakenError(
            f"port {port} is in use by another program",
            way_out="stop that program, or choose another with --port (without it, a free port is taken)",
        )


def choose(previous: Mapping[str, int], *, front: int | None = None) -> dict[str, int]:
    """Return a port for each part: the one of last time, else the usual one, else any that is free.

    Who asks for a page at another port has, or will have, a second stack beside this one: the first to start must not
    take the usual ports of the other while that one is starting too, so none of the usual ones is taken.

    Parameters
    ----------
    previous
        The ports of the last run, so that addresses stay the same across restarts.
    front
        The port that the person asked for the page; it is never replaced.

    Raises
    ------
    PortTakenError
        When `front` is in use.
    """
    if front is not None:
        require_free(front)
    ports: dict[str, int] = {}
    wishes = {name: previous.get(name, usual) for name, usual in USUAL.items()}
    if front not in {None, USUAL["front"]}:
        wishes = dict.fromkeys(USUAL, 0) | dict(previous) | {"front": front}
    # The store's ports go together: where one is taken another store is running, perhaps ending, and its other ports
    # only look free. Two stores that share some of them find each other and neither comes up.
    alone = all(wishes[name] and is_free(wishes[name]) for name in STORE)
    for name, wanted in wishes.items():
        usable = (alone or name not in STORE) and wanted and wanted not in ports.values() and is_free(wanted)
        ports[name] = wanted if usable else _any_free(set(ports.values()))
    return ports


def _any_free(chosen: set[int]) -> int:
    """Return a free port that is not among those already chosen for another part."""
    while True:
        port = ANY[secrets.randbelow(len(ANY))]
        if port not in chosen and is_free(port):
            return port
