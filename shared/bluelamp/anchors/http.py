"""The way out to authorities and witnesses: one POST over TLS, bounded in time and size, tried again when that helps.

Nothing secret is sent: a hash, or a checkpoint that anybody may see. What comes back is signed; the caller checks it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bluelamp.anchors.errors import BadAnswerError, UnreachableError

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
WHOLE_ANSWER_SECONDS = 15.0
MAX_ANSWER = 64 * 1024
ATTEMPTS = 3
BACKOFF_SECONDS = 1.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_UNWELL = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, media type without parameters, and body of an answer."""

    status: int
    kind: str
    body: bytes


# Address, body and its media type; returns the answer, whatever its status.
Post = Callable[[str, bytes, str], Reply]


class Courier:
    """Posts, and tries again when the other side is unwell.

    Parameters
    ----------
    sleep
        Waiting, for tests.
    """

    def __init__(self, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._session: requests.Session | None = None

    def __call__(self, url: str, body: bytes, kind: str) -> Reply:
        """Post `body` to `url`.

        Raises
        ------
        BadAnswerError
            When the address is neither https nor on this machine, or the answer is too large.
        UnreachableError
            When nobody answered in three attempts.
        """
        address = urlsplit(url)
        if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
            raise BadAnswerError(f"{address.scheme}://{address.hostname} is not asked: the address must be https")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                reply = self._once(url, body, kind)
            except UnreachableError:
                if attempt == ATTEMPTS:
                    raise
            else:
                if reply.status not in _UNWELL:
                    return reply
                if attempt == ATTEMPTS:
                    raise UnreachableError(f"{address.hostname} answers {reply.status} each time")
            self._sleep(BACKOFF_SECONDS * 4 ** (attempt - 1))
        raise AssertionError  # the loop returns or raises

    def _once(self, url: str, body: bytes, kind: str) -> Reply:
        import requests  # noqa: PLC0415 -- a function without anchors does not pay for it

        if self._session is None:
            self._session = requests.Session()
            # Neither a proxy of the environment nor a .netrc has a say in where evidence goes.
            self._session.trust_env = False
        try:
            with self._session.post(
                url,
                data=body,
                headers={"Content-Type": kind, "User-Agent": "Bluelamp"},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = b"".join(_bounded(response.iter_content(8192)))
                media = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
                return Reply(response.status_code, media, content)
        except requests.exceptions.RequestException as error:
            raise UnreachableError(f"no whole answer from {urlsplit(url).hostname} ({type(error).__name__})") from error


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    size, started = 0, time.monotonic()
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_ANSWER:
            raise BadAnswerError(f"the answer has more than {MAX_ANSWER} bytes")
        if time.monotonic() - started > WHOLE_ANSWER_SECONDS:
            raise UnreachableError("the answer trickles in too slowly")
        yield chunk
