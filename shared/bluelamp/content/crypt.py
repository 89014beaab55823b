"""How an entry is sealed: AES-256-GCM under a key of its own, which is wrapped under the data key of its pack.

Account and key id are bound in, so that a ciphertext or a wrapped key in another's place does not open. The format
stands to the byte in ``docs/evidence.md``; the verifier of an export reads it without this module.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bluelamp.content.model import ContentBrokenError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = NONCE_BYTES + TAG_BYTES
_CONTEXT = b"bluelamp/content/1\n"


def new_key() -> bytes:
    """Return a fresh AES-256 key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plain: bytes, *, account: str, key_id: str) -> bytes:
    """Return nonce, ciphertext and tag of an entry."""
    return _encrypt(key, plain, _CONTEXT + _binding(account, key_id))


def unseal(key: bytes, cipher: bytes, *, account: str, key_id: str) -> bytes:
    """Return what `seal` was given.

    Raises
    ------
    ContentBrokenError
        When bytes, key, account or key id are not those that it was sealed with.
    """
    return _decrypt(key, cipher, _CONTEXT + _binding(account, key_id), what="content")


def wrap(data_key: bytes, key: bytes, *, account: str, key_id: str) -> bytes:
    """Return an item key as it is stored."""
    return _encrypt(data_key, key, _binding(account, key_id))


def unwrap(data_key: bytes, wrapped: bytes, *, account: str, key_id: str) -> bytes:
    """Return the item key.

    Raises
    ------
    ContentBrokenError
        When the wrapped key is not the one that was stored for this account and key id.
    """
    return _decrypt(data_key, wrapped, _binding(account, key_id), what="key")


def _binding(account: str, key_id: str) -> bytes:
    return f"{account}\n{key_id}".encode()


def _encrypt(key: bytes, plain: bytes, about: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, about)


def _decrypt(key: bytes, cipher: bytes, about: bytes, *, what: str) -> bytes:
    try:
        return AESGCM(key).decrypt(cipher[:NONCE_BYTES], cipher[NONCE_BYTES:], about)
    except (InvalidTag, ValueError) as error:
        raise ContentBrokenError(
            f"this {what} does not open: its bytes, its key or the account it is kept for were changed"
        ) from error
