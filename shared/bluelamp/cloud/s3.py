"""Buckets: conditional puts for what must never be overwritten, plain puts for staging."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class ObjectExistsError(BluelampError):
    """The key is taken: a conditional put did nothing."""

    code = "object_exists"


class ObjectMissingError(BluelampError):
    """There is no object under the key."""

    code = "object_missing"


class Bucket:
    """One S3 bucket.

    Parameters
    ----------
    client
        A boto3 S3 client.
    name
        The bucket's name.
    """

    def __init__(self, client: S3Client, name: str) -> None:
        self._client = client
        self.name = name

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> None:
        """Write an object that is not there yet.

        Raises
        ------
        ObjectExistsError
            When something is there (S3 answers 412), or another put is under way (409): read it, and compare.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- loaded with the client anyway

        try:
            self._client.put_object(
                Bucket=self.name,
                Key=key,
                Body=body,
                ContentType=content_type,
                IfNoneMatch="*",
                ChecksumSHA256=_sha256(body),
            )
        except ClientError as error:
            if _code(error) in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
                raise ObjectExistsError(f"{self.name}/{key} is there already") from error
            raise

    def put(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> None:
        """Write an object, whatever was there."""
        self._client.put_object(
            Bucket=self.name, Key=key, Body=body, ContentType=content_type, ChecksumSHA256=_sha256(body)
        )

    def get(self, key: str) -> bytes:
        """Return an object's bytes.

        Raises
        ------
        ObjectMissingError
            When there is none.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            return self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
        except ClientError as error:
            if _code(error) in {"NoSuchKey", "404"}:
                raise ObjectMissingError(f"{self.name}/{key} is not there") from error
            raise

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[str]:
        """Yield keys in order, from those that begin with `prefix` and stand after `after`."""
        request: dict[str, Any] = {"Bucket": self.name, "Prefix": prefix}
        if after:
            request["StartAfter"] = after
        for page in self._client.get_paginator("list_objects_v2").paginate(**request):
            for entry in page.get("Contents", []):
                yield entry["Key"]


def _sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
