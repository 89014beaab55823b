"""Tokens of a timestamp authority (RFC 3161 over HTTP), one for each checkpoint that is anchored."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from bluelamp.anchors.errors import BadAnswerError, ClockError
from bluelamp.anchors.http import Post
from bluelamp.anchors.model import CLOCK_SKEW, Kind, Made, Subject
from bluelamp.audit import certificates, layout, timestamps
from bluelamp.times import Clock, iso, utc_now

ASKED, ANSWERED = "application/timestamp-query", "application/timestamp-reply"
HTTP_OK = 200


def new_nonce() -> int:
    """Return a number that no other request carries."""
    return secrets.randbits(63) | 1 << 62


class TimestampAuthority:
    """One authority.

    Parameters
    ----------
    url
        Where it answers.
    post
        The way out.
    certificate
        SHA-256, in hex, of a certificate that its tokens carry. When given, another authority's token is refused at
        once, and not years later by whoever verifies.
    clock, nonce
        The present, and chance.
    """

    id = "timestamp"
    kind: Kind = "timestamp"

    def __init__(
        self,
        url: str,
        *,
        post: Post,
        certificate: str = "",
        clock: Clock = utc_now,
        nonce: Callable[[], int] = new_nonce,
    ) -> None:
        self._host = urlsplit(url).hostname
        self.who = f"authority:{self._host}"
        self._url = url
        self._post = post
        self._certificate = certificate.lower().replace(":", "")
        self._clock = clock
        self._nonce = nonce

    def key(self, subject: Subject) -> str:
        """See `Source.key`."""
        return layout.timestamp_key(subject.year, subject.size)

    def obtain(self, subject: Subject, known: int) -> bytes:
        """Ask for a token; see `Source.obtain`.

        Raises
        ------
        AnchorError
            When nobody answered, or no token came.
        TimestampError
            When the token is not over this checkpoint, is broken, or is another authority's.
        """
        del known  # a token stands alone
        nonce = self._nonce()
        reply = self._post(self._url, timestamps.request(subject.checkpoint, nonce), ASKED)
        if (reply.status, reply.kind) != (HTTP_OK, ANSWERED):
            raise BadAnswerError(f"{self._host} answers {reply.status} and {reply.kind or 'nothing'}, not with a token")
        if timestamps.read(reply.body).nonce != nonce:
            raise BadAnswerError(f"{self._host} answers another request than ours")
        made = self.check(reply.body, subject)
        if abs(made.at - self._clock()) > CLOCK_SKEW:
            raise ClockError(f"{self._host} says {iso(made.at)}, and here it is {iso(self._clock())}")
        return reply.body

    def check(self, raw: bytes, subject: Subject) -> Made:
        """See `Source.check`.

        Raises
        ------
        TimestampError
            When it is no token over this checkpoint, or another authority's.
        """
        token = timestamps.read(raw)
        stamp = token.check(subject.checkpoint)
        if self._certificate:
            held = [c for c in map(certificates.load, token.signed.held) if c is not None]
            token.check_authority([c for c in held if certificates.fingerprint(c) == self._certificate])
        return Made(f"sha256:{stamp.certificate}", stamp.at)
