"""Keys in KMS: the signing key (Ed25519), whose private half no process ever holds, and the one behind all content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

_REFUSED = frozenset(
    {"InvalidCiphertextException", "IncorrectKeyException", "DisabledException", "KMSInvalidStateException"}
)


class DataKeyRefusedError(BluelampError):
    """KMS does not open a data key: it was sealed by another key or deployment, or the key is disabled."""

    code = "data_key_refused"


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


class KmsDataKeys:
    """Data keys of a symmetric key, bound to what they are for.

    Parameters
    ----------
    client
        A boto3 KMS client.
    key_id
        Id, ARN or alias of the key.
    context
        The encryption context: KMS opens a data key for the very same one alone, and writes it into CloudTrail.
    """

    def __init__(self, client: KMSClient, key_id: str, context: Mapping[str, str]) -> None:
        self._client = client
        self._key_id = key_id
        self._context = dict(context)

    def generate(self) -> tuple[bytes, bytes]:
        """Return a new AES-256 key, plain and as KMS sealed it."""
        answer = self._client.generate_data_key(KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=self._context)
        return answer["Plaintext"], answer["CiphertextBlob"]

    def decrypt(self, sealed: bytes) -> bytes:
        """Return the plain half of a data key.

        Raises
        ------
        DataKeyRefusedError
            When KMS says that this is no data key of this key and context, or that the key is not in service.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- loaded with the client anyway

        try:
            answer = self._client.decrypt(KeyId=self._key_id, CiphertextBlob=sealed, EncryptionContext=self._context)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _REFUSED:
                raise DataKeyRefusedError(f"KMS opens this data key with {self._key_id} no more: {code}") from error
            raise
        return answer["Plaintext"]
