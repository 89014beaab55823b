"""Cosignatures of witnesses: C2SP tlog-cosignature, Ed25519 (``cosignature/v1``).

A cosignature says: at this time, the largest tree of this log that I have seen is this one, and it continues every one
that I saw before. It is a signature line that belongs under a checkpoint: the two behind one another are a signed note.
Other kinds (ML-DSA-44) are lines by unknown keys, which a reader of notes passes over
(docs/decisions/0045-witnesses.md).
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from bluelamp.audit.note import (
    PUBLIC_KEY,
    SIGNATURE,
    Checkpoint,
    Note,
    NoteError,
    Signature,
    Signer,
    VerifierKey,
    decode_base64,
    encode_base64,
)
from bluelamp.errors import BluelampError
from bluelamp.times import epoch

COSIGNATURE_1 = 4
_KEY_ID = 4
_TIME = struct.Struct(">Q")
# Year 9999: what is later can be no time here, and C2SP ends at 2^63 - 1.
_LAST = 253_402_300_799
_NAME = re.compile(r"[^\s+]+")
_ODD = re.compile(r"[^A-Za-z0-9._-]")
_MAX_FILE_NAME = 90


class CosignatureError(BluelampError):
    """A cosignature does not show what it should."""

    code: ClassVar[str] = "cosignature"


class MalformedCosignatureError(CosignatureError):
    """The bytes are no cosignature line."""

    code = "cosignature_malformed"


class BrokenCosignatureError(CosignatureError):
    """The signature is not that of the witness over this checkpoint."""

    code = "cosignature_broken"


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The public key of a witness, under its name; written as a vkey of signature type 4."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public) != PUBLIC_KEY:
            raise NoteError("a witness's key has a name without spaces or '+', and 32 bytes")

    @property
    def id(self) -> bytes:
        """The key id: the first four bytes of SHA-256 over name, newline, type 4 and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([COSIGNATURE_1]) + self.public).digest()[:_KEY_ID]

    @classmethod
    def parse(cls, text: str) -> WitnessKey:
        """Read a vkey.

        Raises
        ------
        NoteError
            When it is malformed, of another type, or its id is not that of its key.
        """
        name, _, rest = text.partition("+")
        _, _, encoded = rest.partition("+")
        raw = decode_base64(encoded)
        if raw[:1] != bytes([COSIGNATURE_1]):
            raise NoteError("the vkey is not that of a witness with Ed25519 (type 4)")
        key = cls(name, raw[1:])
        if str(key) != text:
            raise NoteError("the id in the vkey is not that of its key")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([COSIGNATURE_1]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One line of a witness, not yet checked."""

    name: str
    key_id: bytes
    at: datetime
    signature: bytes

    @classmethod
    def of_line(cls, line: Signature) -> Cosignature:
        """Read what a signature line holds.

        Raises
        ------
        MalformedCosignatureError
            When it has not the length of one, or a time that is none.
        """
        seconds = int.from_bytes(line.signature[: _TIME.size], "big")
        if len(line.signature) != _TIME.size + SIGNATURE or not 0 < seconds <= _LAST:
            raise MalformedCosignatureError(f"the line of {line.name} is no cosignature with a time and Ed25519")
        return cls(line.name, line.key_id, datetime.fromtimestamp(seconds, UTC), line.signature[_TIME.size :])

    @property
    def file_name(self) -> str:
        """The name of its object in the archive: the witness's, as far as it is fit for a file, and the key's id."""
        return file_name(self.name, self.key_id)

    def __str__(self) -> str:
        return str(Signature(self.name, self.key_id, _TIME.pack(epoch(self.at)) + self.signature))

    def is_by(self, key: WitnessKey) -> bool:
        """Return whether it claims to be this key's."""
        return (self.name, self.key_id) == (key.name, key.id)

    def check(self, text: str, key: WitnessKey) -> None:
        """Check that `key` cosigned the checkpoint with this text.

        Raises
        ------
        BrokenCosignatureError
            When it did not.
        """
        message = _message(text, epoch(self.at))
        if not self.is_by(key) or not VerifierKey(key.name, key.public).check(message, self.signature):
            raise BrokenCosignatureError(f"{key.name} ({key.id.hex()}) did not cosign this checkpoint")


def file_name(name: str, key_id: bytes) -> str:
    """Return the name that a witness's cosignatures have in the archive."""
    return f"{_ODD.sub('-', name)[:_MAX_FILE_NAME]}.{key_id.hex()}"


def read(checkpoint: bytes, lines: bytes) -> list[Cosignature]:
    """Read the cosignatures that were put behind a signed checkpoint.

    A line that is no cosignature of type 4 by its length is passed over, as C2SP asks for lines by unknown keys.

    Raises
    ------
    MalformedCosignatureError
        When checkpoint and lines are no signed note together.
    """
    try:
        before = len(Note.parse(checkpoint).signatures)
        added = Note.parse(checkpoint + lines).signatures[before:]
    except NoteError as error:
        raise MalformedCosignatureError(f"this is no signature line under the checkpoint: {error}") from error
    fitting = (line for line in added if len(line.signature) == _TIME.size + SIGNATURE)
    return [Cosignature.of_line(line) for line in fitting]


def cosign(text: str, name: str, signer: Signer, at: datetime) -> Cosignature:
    """Cosign a checkpoint's text, and check the signature before anybody gets it.

    Raises
    ------
    NoteError
        When the text is no checkpoint, or the signature does not fit the public key.
    """
    Checkpoint.parse(text)
    key = WitnessKey(name, signer.public())
    at = at.replace(microsecond=0)
    made = Cosignature(name, key.id, at, signer.sign(_message(text, epoch(at))))
    try:
        made.check(text, key)
    except BrokenCosignatureError as error:
        raise NoteError(f"the signing key of {name} gave a signature that its public key does not accept") from error
    return made


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
