"""Signed notes and checkpoints: the log's head as a text of three lines that anyone can check.

C2SP signed-note and tlog-checkpoint with Ed25519. Base64 must be canonical: what decodes and does not encode back to
the same text is refused, or one bit of a signature line could be changed unnoticed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

ED25519 = 1
PUBLIC_KEY = 32
SIGNATURE = 64
_KEY_ID = 4
_BREAK = "\n\n"
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9]\d{0,15}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_MAX_NOTE = 64 * 1024


class NoteError(ValueError):
    """A note, checkpoint or key is malformed, or no known key signed it."""


class Signer(Protocol):
    """Holds an Ed25519 key; `cloud.kms.KmsSigningKey` is one, `LocalSigner` another."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature (RFC 8032, pure Ed25519)."""

    def public(self) -> bytes:
        """Return the 32 raw bytes of the public key."""


class LocalSigner:
    """A signer whose key is in this process: for tests and tools, never for a deployment.

    Parameters
    ----------
    seed
        The 32 bytes of the private key.
    """

    def __init__(self, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 -- slow import

        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, message: bytes) -> bytes:
        """See `Signer.sign`."""
        return self._key.sign(message)

    def public(self) -> bytes:
        """See `Signer.public`."""
        return self._key.public_key().public_bytes_raw()


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under the name it signs for; written as ``name+id+base64`` (a vkey)."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public) != PUBLIC_KEY:
            raise NoteError("a key has a name without spaces or '+', and 32 bytes")

    @property
    def id(self) -> bytes:
        """The key id: the first four bytes of SHA-256 over name, newline, algorithm and key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public).digest()[:_KEY_ID]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a vkey.

        Raises
        ------
        NoteError
            When it is malformed, of another algorithm, or its id is not that of its key.
        """
        try:
            name, _, encoded = text.split("+", 2)
        except ValueError:
            raise NoteError("a vkey has three parts between '+'") from None
        raw = decode_base64(encoded)
        if raw[:1] != bytes([ED25519]):
            raise NoteError("the vkey is not of Ed25519")
        key = cls(name, raw[1:])
        if str(key) != text:
            raise NoteError("the id in the vkey is not that of its key")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode_base64(bytes([ED25519]) + self.public)}"

    def check(self, message: bytes, signature: bytes) -> bool:
        """Return whether this key signed `message`."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- slow import
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who, and the bytes behind the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"\N{EM DASH} {self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures, not yet checked."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, raw: bytes) -> Note:
        """Read a signed note.

        Raises
        ------
        NoteError
            When it is no well-formed note.
        """
        if len(raw) > _MAX_NOTE:
            raise NoteError(f"the note has more than {_MAX_NOTE} bytes")
        try:
            whole = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise NoteError("the note is not UTF-8") from None
        if _CONTROL.search(whole):
            raise NoteError("the note holds control characters")
        text, found, lines = whole.rpartition(_BREAK)
        if not found or not text or not lines.endswith("\n"):
            raise NoteError("the note has no text, or no signatures behind an empty line")
        return cls(text + "\n", tuple(_signature(line) for line in lines[:-1].split("\n")))

    def __bytes__(self) -> bytes:
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()

    def check(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Return those of `keys` that signed; a line by a key that is not among them is passed over.

        Raises
        ------
        NoteError
            When none signed, or a line under one of the keys is no signature of it.
        """
        known = {(key.name, key.id): key for key in keys}
        signers = []
        for line in self.signatures:
            key = known.get((line.name, line.key_id))
            if key is None:
                continue
            if not key.check(self.text.encode(), line.signature):
                raise NoteError(f"the signature of {key.name} ({key.id.hex()}) is wrong")
            signers.append(key)
        if not signers:
            raise NoteError("no known key signed this note")
        return signers


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, how many leaves, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed (C2SP tlog-checkpoint)."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text; lines behind the third are left aside.

        Raises
        ------
        NoteError
            When it is malformed.
        """
        origin, size, root, *_ = [*text.split("\n"), "", ""]
        if not origin or not _SIZE.fullmatch(size):
            raise NoteError("the checkpoint has no origin, or no size")
        checkpoint = cls(origin, int(size), decode_base64(root))
        if len(checkpoint.root) != hashlib.sha256().digest_size or not text.startswith(checkpoint.text):
            raise NoteError("the checkpoint's root is no SHA-256 hash")
        return checkpoint


def sign_note(text: str, name: str, signer: Signer) -> Note:
    """Sign a text under a name, and check the signature before anybody keeps it.

    Raises
    ------
    NoteError
        When the signer's signature does not fit its public key.
    """
    key = VerifierKey(name, signer.public())
    signature = signer.sign(text.encode())
    if len(signature) != SIGNATURE or not key.check(text.encode(), signature):
        raise NoteError(f"the signing key of {name} gave a signature that its public key does not accept")
    return Note(text, (Signature(name, key.id, signature),))


def encode_base64(raw: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(raw).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Read standard base64.

    Raises
    ------
    NoteError
        When it is not canonical: other characters, missing padding, or set bits behind the end.
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("this is not base64") from None
    if encode_base64(raw) != text:
        raise NoteError("the base64 is not canonical")
    return raw


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = decode_base64(encoded)
    if dash != "\N{EM DASH}" or not _NAME.fullmatch(name) or len(raw) <= _KEY_ID:
        raise NoteError("a signature line is malformed")
    return Signature(name, raw[:_KEY_ID], raw[_KEY_ID:])
