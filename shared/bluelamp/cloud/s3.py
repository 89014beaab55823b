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


class ObjectContendedError(ObjectExistsError):
    """Another conditional put to the same key is under way: which one wins is open."""

    code = "object_contended"


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

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> str | None:
        """Write an object that is not there yet.

        Returns
        -------
        str or None
            The id of its version, where the bucket keeps versions.

        Raises
        ------
        ObjectExistsError
            When something is there (S3 answers 412): read it, and compare.
        ObjectContendedError
            One of these, when another put is under way (409).
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- loaded with the client anyway

        try:
            answer = self._client.put_object(
                Bucket=self.name,
                Key=key,
                Body=body,
                ContentType=content_type,
                IfNoneMatch="*",
                ChecksumSHA256=_sha256(body),
            )
        except ClientError as error:
            if _code(error) in {"PreconditionFailed", "412"}:
                raise ObjectExistsError(f"{self.name}/{key} is there already") from error
            if _code(error) in {"ConditionalRequestConflict", "409"}:
                raise ObjectContendedError(f"{self.name}/{key} is being put by somebody else") from error
            raise
        return answer.get("VersionId")

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
        return self._get({"Bucket": self.name, "Key": key})

    def get_range(self, key: str, offset: int, length: int, *, version_id: str | None = None) -> bytes:
        """Return `length` bytes of an object from `offset` on; fewer when it ends before, none beyond its end.

        Parameters
        ----------
        version_id
            The version that is wanted; without it the latest.

        Raises
        ------
        ObjectMissingError
            When there is no such object, or no such version of it.
        """
        if length < 1:
            return b""
        request = {"Bucket": self.name, "Key": key, "Range": f"bytes={offset}-{offset + length - 1}"}
        if version_id is not None:
            request["VersionId"] = version_id
        return self._get(request)

    def _get(self, request: dict[str, Any]) -> bytes:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            return self._client.get_object(**request)["Body"].read()
        except ClientError as error:
            if _code(error) in {"NoSuchKey", "NoSuchVersion", "404"}:
                raise ObjectMissingError(f"{self.name}/{request['Key']} is not there") from error
            if _code(error) in {"InvalidRange", "416"}:
                return b""
            raise

    def hold(self, key: str, *, version_id: str | None = None) -> None:
        """Put a legal hold on an object: nobody deletes it, whatever becomes of its lock. A repeat changes nothing.

        Parameters
        ----------
        version_id
            The version that is meant; without it the latest.

        Raises
        ------
        ObjectMissingError
            When there is no such object, or no such version of it.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        request: dict[str, Any] = {"Bucket": self.name, "Key": key, "LegalHold": {"Status": "ON"}}
        if version_id is not None:
            request["VersionId"] = version_id
        try:
            self._client.put_object_legal_hold(**request)
        except ClientError as error:
            if _code(error) in {"NoSuchKey", "NoSuchVersion", "404"}:
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
