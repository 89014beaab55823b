"""The signing key: Ed25519 in KMS, so that no process ever holds the private half."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class KmsSigningKey:
    """An ``ECC_NIST_EDWARDS25519`` key.

    Parameters
    ----------
    client
        A boto3 KMS client.
    key_id
        Id, ARN or alias of the key.
    """

    def __init__(self, client: KMSClient, key_id: str) -> None:
        self._client = client
        self._key_id = key_id
        self._public: bytes | None = None

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `message` (RFC 8032 pure mode, at most 4,096 bytes)."""
        answer = self._client.sign(
            KeyId=self._key_id,
            Message=message,
            MessageType="RAW",
            SigningAlgorithm="ED25519_SHA_512",
        )
        return answer["Signature"]

    def public(self) -> bytes:
        """Return the 32 raw bytes of the public key; asked for once."""
        if self._public is None:
            # SubjectPublicKeyInfo of Ed25519 (RFC 8410) is a 12-byte header and the raw key.
            self._public = self._client.get_public_key(KeyId=self._key_id)["PublicKey"][-32:]
        return self._public
