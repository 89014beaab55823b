"""Fetching one medium, or one page, from an address that a stranger chose, without being led anywhere else.

What is promised: only hosts on the list; the name is resolved once, every address of it is checked, and the connection
goes to the very address that was checked, with the host's name in the certificate, in SNI and in `Host`. No redirect is
followed, no proxy and no credential of this process is used, nothing is kept between two calls. An answer is bounded in
size and in time, however slowly it trickles, and is judged by its bytes.

Python's own HTTP client is used, bare: it follows nothing, reads nothing of the environment, decompresses nothing, and
takes a socket that is connected already. (The examples looked at, Advocate among them, check the address inside
urllib3's connection; a ready socket needs no private part of anybody's library.)
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache

from bluelamp.media.addresses import LONGEST, Allowed, Target, is_public
from bluelamp.media.errors import (
    ForbiddenError,
    MediaGoneError,
    MediaTimedOutError,
    MediaTooLargeError,
    OddAnswerError,
    PrivateAddressError,
    RedirectedError,
    UnavailableError,
    UnreachableError,
    UntrustedError,
    WrongTypeError,
)
from bluelamp.media.limits import MAX_BYTES
from bluelamp.media.rules import type_of

WHOLE_SECONDS = 20.0
CONNECT_SECONDS = 3.0
SILENCE_SECONDS = 5.0
ADDRESSES_TRIED = 3
LONGEST_SAID = 200
_CHUNK = 256 * 1024
_HEADERS = {"User-Agent": "Bluelamp", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}

_OK = 200
_BUSY = frozenset({408, 425, 429})
_GONE = frozenset({404, 410})
_FORBIDDEN = frozenset({401, 403})

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium as it came: its exact bytes, and what they are."""

    body: bytes = field(repr=False)
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered: the exact bytes, and what it calls them: its ``Content-Type``, in small letters."""

    body: bytes = field(repr=False)
    said: str


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system's resolver gives them."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to an address; being a number, it is not resolved again."""
    return socket.create_connection((address, port), timeout=seconds)


class Fetcher:
    """Fetches media.

    Parameters
    ----------
    allowed
        The hosts to fetch from.
    resolver, connector
        How a name becomes addresses, and an address a connection.
    certificates
        File of the authorities that are believed; None takes those that come with `requests`.
    max_bytes
        How large a medium may be.
    """

    def __init__(
        self,
        allowed: Allowed,
        *,
        resolver: Resolve = resolve,
        connector: Connect = connect,
        certificates: str | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._allowed = allowed
        self._resolve = resolver
        self._connect = connector
        self._certificates = certificates
        self._max_bytes = max_bytes

    def fetch(self, url: str, *, seconds: float = WHOLE_SECONDS) -> Medium:
        """Fetch a medium.

        Parameters
        ----------
        url
            As the platform gave it.
        seconds
            All the time that it may take, at most `WHOLE_SECONDS`.

        Raises
        ------
        MediaError
            Says by its code why it could not be had.
        """
        answer = self.ask(url, seconds=seconds)
        kind = type_of(answer.body)
        if kind is None:
            host = self._allowed.target(url).host
            raise WrongTypeError(f"what {host} sent is no medium that is kept ({len(answer.body)} bytes)")
        return Medium(answer.body, kind)

    def ask(self, url: str, *, seconds: float = WHOLE_SECONDS) -> Answer:
        """Fetch whatever lies at an address; the caller judges what it is. Raises as `fetch` does."""
        until = time.monotonic() + min(seconds, WHOLE_SECONDS)
        target = self._allowed.target(url)
        line = self._line(target, self._addresses(target), until)
        with _cut_at(line, until) as was_cut:
            try:
                answer = self._ask(target, line)
            except (OSError, http.client.HTTPException, UnreachableError) as error:
                if was_cut() or isinstance(error, TimeoutError):
                    raise _too_slow(target) from None
                if isinstance(error, http.client.IncompleteRead | ConnectionError | UnreachableError):
                    raise UnreachableError(f"{target.host} cut the line before the end") from None
                raise OddAnswerError(f"{target.host} does not speak HTTP ({type(error).__name__})") from None
            if was_cut():
                # What came so far looks whole when the host does not say how long it is.
                raise _too_slow(target)
        return answer

    def _addresses(self, target: Target) -> list[str]:
        try:
            found = list(dict.fromkeys(self._resolve(target.host, target.port)))
        except (OSError, UnicodeError):
            raise UnreachableError(f"the name {target.host} is not known") from None
        if not found:
            raise UnreachableError(f"the name {target.host} has no address")
        # One private address among public ones is as bad as it alone: somebody else's name server chose the order.
        if not target.local and not all(map(is_public, found)):
            raise PrivateAddressError(f"{target.host} leads to an address that is not of the public internet")
        return found[:ADDRESSES_TRIED]

    def _line(self, target: Target, addresses: Sequence[str], until: float) -> socket.socket:
        """Return a connection to one of the addresses, made safe by TLS where the scheme asks for it."""
        for address in addresses:
            left = until - time.monotonic()
            if left <= 0:
                raise _too_slow(target)
            try:
                line = self._connect(address, target.port, min(CONNECT_SECONDS, left))
            except OSError:
                continue
            return self._secured(line, target) if target.tls else line
        raise UnreachableError(f"{target.host} takes no connection")

    def _secured(self, line: socket.socket, target: Target) -> socket.socket:
        try:
            return _trust(self._certificates).wrap_socket(line, server_hostname=target.host)
        except ssl.SSLCertVerificationError:
            line.close()
            raise UntrustedError(f"the certificate of {target.host} does not prove its name") from None
        except OSError as error:
            line.close()
            if isinstance(error, TimeoutError):
                raise _too_slow(target) from None
            raise UnreachableError(f"{target.host} makes no safe connection") from None

    def _ask(self, target: Target, line: socket.socket) -> Answer:
        line.settimeout(SILENCE_SECONDS)
        # It is given the connection: by itself it would resolve the name once more.
        client = http.client.HTTPConnection(target.host, target.port)
        client.sock = line
        if target.tls:
            client.default_port = 443  # so that `Host` names no port
        client.request("GET", target.path, headers=_HEADERS)
        with client.getresponse() as answer:
            _judge(target, answer)
            said = (answer.getheader("Content-Type") or "")[:LONGEST_SAID].lower()
            return Answer(self._read(target, answer), said)

    def _read(self, target: Target, answer: http.client.HTTPResponse) -> bytes:
        said = answer.length
        if said is not None and said > self._max_bytes:
            raise MediaTooLargeError(f"{target.host} announces {said} bytes; {self._max_bytes} are kept at most")
        body = bytearray()
        while chunk := answer.read(_CHUNK):
            body += chunk
            if len(body) > self._max_bytes:
                raise MediaTooLargeError(f"{target.host} sends more than the {self._max_bytes} bytes that are kept")
        if said is not None and len(body) < said:
            raise UnreachableError(f"{target.host} sent {len(body)} of {said} bytes")
        return bytes(body)


def _judge(target: Target, answer: http.client.HTTPResponse) -> None:
    """Raise what an answer's head stands for, unless a medium follows it."""
    status = answer.status
    if status in _GONE:
        raise MediaGoneError(f"{target.host} has it no more ({status})")
    if status in _FORBIDDEN:
        raise ForbiddenError(f"{target.host} does not give it ({status})")
    if status in _BUSY or status >= 500:  # noqa: PLR2004 -- the server's own failures
        raise UnavailableError(f"{target.host} cannot serve it now ({status})")
    if 300 <= status < 400:  # noqa: PLR2004 -- whatever points elsewhere
        to = (answer.getheader("Location") or "")[:LONGEST]
        raise RedirectedError(f"{target.host} points elsewhere ({status}); that is not followed", to=to)
    if status != _OK:
        raise OddAnswerError(f"{target.host} answered {status}")
    if answer.getheader("Content-Encoding", "identity").strip().lower() not in {"identity", ""}:
        raise OddAnswerError(f"{target.host} sends it packed although that was not asked for")


def _too_slow(target: Target) -> MediaTimedOutError:
    return MediaTimedOutError(f"{target.host} did not send it whole in time")


@contextmanager
def _cut_at(line: socket.socket, until: float) -> Iterator[Callable[[], bool]]:
    """Cut the connection when its time is over: a time limit on each reading alone bounds nobody who trickles."""
    over = threading.Event()

    def cut() -> None:
        over.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(max(0.0, until - time.monotonic()), cut)
    watch.daemon = True
    watch.start()
    try:
        yield over.is_set
    finally:
        watch.cancel()
        line.close()


@lru_cache(maxsize=4)
def _trust(certificates: str | None) -> ssl.SSLContext:
    """Return how hosts prove who they are. The file is named, so that no variable of the environment adds to it."""
    import certifi  # noqa: PLC0415 -- only where something is fetched over TLS

    return ssl.create_default_context(cafile=certificates or certifi.where())
