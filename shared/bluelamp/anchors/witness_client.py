"""Asks a witness to cosign a checkpoint: C2SP tlog-witness, from the log's side.

The witness says which size it saw last when we are wrong about it (409), and is asked again with a proof from there.
What it says of a fork (422, or a size beyond ours) is passed on as such: then somebody else signs in our name, or
records were lost, and a person has to look.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bluelamp.anchors.errors import (
    BadAnswerError,
    ClockError,
    ForkSeenError,
    KeyRefusedError,
    LogUnknownError,
)
from bluelamp.anchors.http import Post, Reply
from bluelamp.anchors.model import CLOCK_SKEW, Kind, Made, Subject
from bluelamp.audit import cosign, layout
from bluelamp.audit.cosign import MalformedCosignatureError, WitnessKey
from bluelamp.audit.note import Note, NoteError, encode_base64
from bluelamp.errors import InvalidInputError
from bluelamp.times import Clock, iso, utc_now

ATTEMPTS = 3
SIZE_TYPE = "text/x.tlog.size"
_SIZE = re.compile(rb"(0|[1-9]\d{0,15})\n")
_OK, _FORBIDDEN, _UNKNOWN, _CONFLICT, _INCONSISTENT = 200, 403, 404, 409, 422


class WitnessClient:
    """One witness.

    Parameters
    ----------
    key
        Its key, got from its operator on another way.
    url
        Its submission prefix, without ``/add-checkpoint``.
    post
        The way out.
    clock
        The present.
    """

    kind: Kind = "cosignature"

    def __init__(self, key: WitnessKey, url: str, *, post: Post, clock: Clock = utc_now) -> None:
        self.id = f"witness.{key.id.hex()}"
        self.who = f"witness:{cosign.file_name(key.name, key.id)}"
        self._key = key
        self._url = url.rstrip("/") + "/add-checkpoint"
        self._host = urlsplit(url).hostname
        self._post = post
        self._clock = clock

    def key(self, subject: Subject) -> str:
        """See `Source.key`."""
        return layout.cosignature_key(subject.year, subject.size, cosign.file_name(self._key.name, self._key.id))

    def obtain(self, subject: Subject, known: int) -> bytes:
        """Have the checkpoint cosigned; see `Source.obtain`.

        Raises
        ------
        AnchorError
            When nobody answered, or the witness would not cosign.
        CosignatureError
            When what it answered is not its cosignature of this checkpoint.
        """
        for _ in range(ATTEMPTS):
            reply = self._post(self._url, _request(known, subject), "text/plain")
            if reply.status == _CONFLICT:
                known = self._seen(reply, subject)
                continue
            if reply.status != _OK:
                raise self._refusal(reply)
            return self._ours(reply.body, subject)
        raise BadAnswerError(f"{self._host} goes on naming another size ({known}) than the one it named before")

    def check(self, raw: bytes, subject: Subject) -> Made:
        """See `Source.check`.

        Raises
        ------
        CosignatureError
            When it is not this witness's cosignature of this checkpoint.
        """
        mine = [c for c in cosign.read(subject.checkpoint, raw) if c.is_by(self._key)]
        if len(mine) != 1:
            raise MalformedCosignatureError(f"there is no one cosignature of {self._key.name}")
        mine[0].check(Note.parse(subject.checkpoint).text, self._key)
        return Made(self.who, mine[0].at)

    def _ours(self, lines: bytes, subject: Subject) -> bytes:
        made = self.check(lines, subject)
        if abs(made.at - self._clock()) > CLOCK_SKEW:
            raise ClockError(f"{self._host} says {iso(made.at)}, and here it is {iso(self._clock())}")
        # Lines by other keys of the same operator are left out: nobody here can check them.
        return next(str(c).encode() for c in cosign.read(subject.checkpoint, lines) if c.is_by(self._key))

    def _seen(self, reply: Reply, subject: Subject) -> int:
        match = _SIZE.fullmatch(reply.body)
        if reply.kind != SIZE_TYPE or match is None:
            raise BadAnswerError(f"{self._host} says that it saw another size, and not which")
        size = int(match[1])
        if size > subject.size:
            raise ForkSeenError(
                f"{self._host} has cosigned {size} records of {subject.origin}, and its last checkpoint here has "
                f"{subject.size}: somebody else signs with this key, or records were lost"
            )
        return size

    def _refusal(self, reply: Reply) -> Exception:
        errors = {
            _UNKNOWN: LogUnknownError(f"{self._host} does not know this log; its operator has to be given the key"),
            _FORBIDDEN: KeyRefusedError(f"{self._host} knows this log under another key"),
            _INCONSISTENT: ForkSeenError(f"{self._host} says that this checkpoint does not continue what it saw"),
        }
        return errors.get(reply.status) or BadAnswerError(f"{self._host} answers {reply.status} to a checkpoint")


def parse_witnesses(setting: str) -> list[tuple[WitnessKey, str]]:
    """Read the setting: each witness as ``<vkey> <address>``, with commas between.

    Raises
    ------
    InvalidInputError
        When one of them cannot be read; it says which.
    """
    found = []
    for number, part in enumerate(filter(str.strip, setting.split(",")), 1):
        vkey, _, url = part.strip().partition(" ")
        try:
            found.append((WitnessKey.parse(vkey), url.strip()))
        except NoteError as error:
            raise InvalidInputError(f"witness {number} of the setting has no key that can be read: {error}") from error
    return found


def _request(old: int, subject: Subject) -> bytes:
    proof = "".join(f"{encode_base64(node)}\n" for node in subject.proof(old))
    return f"old {old}\n{proof}\n".encode() + subject.checkpoint
