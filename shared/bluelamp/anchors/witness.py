"""A witness (C2SP tlog-witness): cosigns checkpoints of logs that it knows, and never two that do not fit one another.

For each log it remembers the largest tree that it cosigned. A checkpoint is cosigned when it is proven to continue that
tree, and after the memory was moved there by a compare-and-swap: so neither two requests at once nor a kill between any
two steps makes it cosign two trees of which neither continues the other. The time is read between the look at the
memory and the swap, and never runs back: cosignatures in the order of their times have their sizes in order, too.

::

    WitnessError
    ├── MalformedRequestError   no request, or an old size beyond the new one
    ├── LogNotWitnessedError    an origin that this witness was not told of
    ├── NotSignedByLogError     no signature of the log's key, or a wrong one
    ├── OldSizeError            it cosigned another size last; `size` says which
    └── InconsistentError       the proof does not hold: the log forks, or somebody is mistaken
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from bluelamp.audit import cosign, tree
from bluelamp.audit.cosign import WitnessKey
from bluelamp.audit.note import Checkpoint, Note, NoteError, Signer, VerifierKey, decode_base64
from bluelamp.audit.tree import ProofError, check_consistency
from bluelamp.errors import BluelampError
from bluelamp.times import Clock, utc_now

MAX_REQUEST = 64 * 1024
MAX_PROOF = 63
# KMS signs 4,096 bytes at the most; the two lines in front of the text take less than the rest.
MAX_TEXT = 4_000
_ATTEMPTS = 6
_OLD = re.compile(r"old (0|[1-9]\d{0,15})")
_YEAR = re.compile(r"(.+)/\d{4}")


class WitnessError(BluelampError):
    """The checkpoint is not cosigned."""

    code: ClassVar[str] = "witness"


class MalformedRequestError(WitnessError):
    """The body is no request, or asks for what cannot be."""

    code = "witness_malformed"


class LogNotWitnessedError(WitnessError):
    """Nobody told the witness of a log with that origin."""

    code = "witness_log_unknown"


class NotSignedByLogError(WitnessError):
    """The checkpoint is not signed by the log's key."""

    code = "witness_not_signed"


class OldSizeError(WitnessError):
    """Another size was cosigned last.

    Attributes
    ----------
    size
        That size.
    """

    code = "witness_old_size"

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} records were cosigned last; ask again with a proof from there")
        self.size = size


class InconsistentError(WitnessError):
    """The checkpoint is not shown to continue what was cosigned last."""

    code = "witness_inconsistent"


class BusyError(WitnessError):
    """Others were quicker each time."""

    code = "witness_busy"


@dataclass(frozen=True, slots=True)
class Seen:
    """The largest tree of a log that was cosigned, the time of the last cosignature, and how often that changed."""

    size: int
    root: bytes
    at: datetime
    rev: int


class Store(Protocol):
    """The witness's memory."""

    def seen(self, origin: str) -> Seen | None:
        """Return what was cosigned last of a log, as it stands now."""

    def swap(self, origin: str, old: Seen | None, new: Seen) -> bool:
        """Put `new` in the place of `old`, durably; return False, with nothing done, when `old` is there no more."""

    def keep(self, origin: str, seen: Seen, cosigned: bytes) -> None:
        """Keep a cosigned checkpoint for monitors, unless a later one has been cosigned."""

    def cosigned(self, origin_hash: str) -> bytes | None:
        """Return the last cosigned checkpoint that was kept, by SHA-256 of the origin in hex."""


@dataclass(frozen=True, slots=True)
class _Request:
    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


class Witness:
    """One witness.

    Parameters
    ----------
    name
        Its name in cosignatures, e.g. ``witness.example/w1``.
    logs
        Keys of the logs. Where a name ends with a year, the key holds for that log's other years, too.
    store
        Its memory.
    signer
        Holder of its key.
    clock
        The present.
    """

    def __init__(
        self, *, name: str, logs: Sequence[VerifierKey], store: Store, signer: Signer, clock: Clock = utc_now
    ) -> None:
        self._name = name
        self._logs = tuple(logs)
        self._store = store
        self._signer = signer
        self._clock = clock

    def key(self) -> WitnessKey:
        """Return its key, as the operators of logs and verifiers are to be given it."""
        return WitnessKey(self._name, self._signer.public())

    def add_checkpoint(self, body: bytes) -> bytes:
        """Answer ``add-checkpoint``: return the cosignature line.

        Raises
        ------
        WitnessError
            The one of its kinds that says why nothing was cosigned.
        """
        request = _parse(body)
        origin, new = request.checkpoint.origin, request.checkpoint
        self._signed(request.note, origin)
        if request.old > new.size:
            raise MalformedRequestError(f"a log of {request.old} records does not grow into one of {new.size}")
        for _ in range(_ATTEMPTS):
            seen = self._store.seen(origin)
            if request.old != (seen.size if seen else 0):
                raise OldSizeError(seen.size if seen else 0)
            _continues(seen, request)
            now = self._clock().replace(microsecond=0)
            next_ = Seen(new.size, new.root, max(now, seen.at) if seen else now, seen.rev + 1 if seen else 1)
            if self._store.swap(origin, seen, next_):
                line = str(cosign.cosign(request.note.text, self._name, self._signer, next_.at)).encode()
                self._store.keep(origin, next_, bytes(request.note) + line)
                return line
        raise BusyError("others were quicker each time; ask again")

    def checkpoint(self, origin_hash: str) -> bytes | None:
        """Return the last cosigned checkpoint of a log, for monitors, by SHA-256 of its origin in hex; or None."""
        return self._store.cosigned(origin_hash) if re.fullmatch(r"[0-9a-f]{64}", origin_hash) else None

    def _signed(self, note: Note, origin: str) -> None:
        keys = [key for key in (_key_for(log, origin) for log in self._logs) if key is not None]
        if not keys:
            raise LogNotWitnessedError("this witness does not know the log; give its operator the log's key")
        try:
            note.check(keys)
        except NoteError as error:
            raise NotSignedByLogError(f"the checkpoint is not signed by the log's key: {error}") from error


def _key_for(log: VerifierKey, origin: str) -> VerifierKey | None:
    """Return the key with which the log of this origin signs, if `log` is its key for this or another year."""
    if log.name == origin:
        return log
    known, asked = _YEAR.fullmatch(log.name), _YEAR.fullmatch(origin)
    return VerifierKey(origin, log.public) if known and asked and known[1] == asked[1] else None


def _continues(seen: Seen | None, request: _Request) -> None:
    new = request.checkpoint
    if new.size == 0 and new.root != tree.EMPTY_ROOT:
        raise InconsistentError("a log without records has the root of the empty tree")
    old_root = seen.root if seen else tree.EMPTY_ROOT
    try:
        check_consistency(request.old, new.size, request.proof, old_root, new.root)
    except ProofError as error:
        raise InconsistentError(f"the checkpoint is not shown to continue the one before: {error}") from error


def _parse(body: bytes) -> _Request:
    if len(body) > MAX_REQUEST:
        raise MalformedRequestError(f"a request has {MAX_REQUEST} bytes at the most")
    head, _, raw = body.partition(b"\n\n")
    old, *lines = head.decode("ascii", "replace").split("\n")
    match = _OLD.fullmatch(old)
    if match is None or len(lines) > MAX_PROOF:
        raise MalformedRequestError(f"a request begins with 'old <size>' and {MAX_PROOF} hashes at the most")
    try:
        proof = tuple(map(decode_base64, lines))
        note = Note.parse(raw)
        checkpoint = Checkpoint.parse(note.text)
    except NoteError as error:
        raise MalformedRequestError(f"the request cannot be read: {error}") from error
    if any(len(node) != tree.HASH for node in proof) or len(note.text.encode()) > MAX_TEXT:
        raise MalformedRequestError("a hash of the proof is none, or the checkpoint is too long")
    return _Request(int(match[1]), proof, note, checkpoint)
