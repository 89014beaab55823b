"""What browsers send straight to a bucket, part by part, by links that end; and how it is read when it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# botocore repeats a call that fails, and not one whose body breaks off. A film is read in hundreds of calls, and a
# check that died comes again only after half an hour.
_TRIES = 3


class ObjectChangedError(BluelampError):
    """An object is not the one that was looked at before."""

    code = "object_changed"


@dataclass(frozen=True, slots=True)
class Sent:
    """A part that has arrived: its length in bytes, and what S3 calls its content."""

    size: int
    etag: str


class Uploads:
    """The uploads of one bucket.

    Parameters
    ----------
    client
        A boto3 S3 client that signs with version 4: only such links end when they say.
    name
        The bucket's name.
    """

    def __init__(self, client: S3Client, name: str) -> None:
        self._client = client
        self.name = name

    def begin(self, key: str, *, content_type: str) -> str:
        """Begin an upload and return its id. One that is never completed is cleared away by the bucket's lifecycle."""
        answer = self._client.create_multipart_upload(Bucket=self.name, Key=key, ContentType=content_type)
        return answer["UploadId"]

    def part_link(self, key: str, upload: str, number: int, *, size: int, seconds: int) -> str:
        """Return the address to which a browser PUTs part `number` (from 1 on) of exactly `size` bytes."""
        wanted = {**self._where(key, upload), "PartNumber": number, "ContentLength": size}
        return self._client.generate_presigned_url("upload_part", Params=wanted, ExpiresIn=seconds)

    def parts(self, key: str, upload: str) -> dict[int, Sent]:
        """Return the parts that have arrived, by number.

        Raises
        ------
        ObjectMissingError
            When there is no such upload: never, or it was completed or given up.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415 -- loaded with the client anyway

        found: dict[int, Sent] = {}
        pages = self._client.get_paginator("list_parts").paginate(**self._where(key, upload))
        try:
            for page in pages:
                for part in page.get("Parts", []):
                    found[part["PartNumber"]] = Sent(part["Size"], part["ETag"])
        except ClientError as error:
            raise _named(error, self.name, key) from error
        return found

    def complete(self, key: str, upload: str, parts: Mapping[int, Sent]) -> None:
        """Make one object of the parts.

        Raises
        ------
        ObjectMissingError
            As `parts`; it may have been completed before.
        """
        from botocore.exceptions import ClientError  # noqa: PLC0415

        listed: Any = [{"PartNumber": number, "ETag": parts[number].etag} for number in sorted(parts)]
        try:
            self._client.complete_multipart_upload(**self._where(key, upload), MultipartUpload={"Parts": listed})
        except ClientError as error:
            raise _named(error, self.name, key) from error

    def abort(self, key: str, upload: str) -> None:
        """Give an upload up; one that is not there is given up already."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            self._client.abort_multipart_upload(**self._where(key, upload))
        except ClientError as error:
            if not isinstance(_named(error, self.name, key), ObjectMissingError):
                raise

    def head(self, key: str) -> Sent | None:
        """Return length and content name of an object, or None."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            answer = self._client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if isinstance(_named(error, self.name, key), ObjectMissingError):
                return None
            raise
        return Sent(answer["ContentLength"], answer["ETag"])

    def read(self, key: str, start: int, length: int, *, etag: str) -> bytes:
        """Return `length` bytes from `start` on, fewer at the end, of the object that was called `etag`.

        Raises
        ------
        ObjectMissingError, ObjectChangedError
            When there is none, or another one.
        BotoCoreError
            When the answer broke off each time.
        """
        from botocore.exceptions import (  # noqa: PLC0415
            ClientError,
            IncompleteReadError,
            ReadTimeoutError,
            ResponseStreamingError,
        )

        if length < 1:
            return b""
        wanted = f"bytes={start}-{start + length - 1}"

        def read() -> bytes:
            return self._client.get_object(Bucket=self.name, Key=key, Range=wanted, IfMatch=etag)["Body"].read()

        try:
            for _ in range(_TRIES - 1):
                with suppress(IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
                    return read()
            return read()
        except ClientError as error:
            if _code(error) in {"InvalidRange", "416"}:
                return b""
            raise _named(error, self.name, key) from error

    def put(self, key: str, body: bytes, *, content_type: str) -> str:
        """Write an object, whatever was there, and return what S3 calls its content."""
        return self._client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)["ETag"]

    def delete(self, key: str) -> None:
        """Delete an object; a repeat changes nothing."""
        self._client.delete_object(Bucket=self.name, Key=key)

    def link(self, key: str, *, seconds: int) -> str:
        """Return an address that shows the object to whoever has it, for so many seconds."""
        wanted = {"Bucket": self.name, "Key": key, "ResponseCacheControl": "private, no-store"}
        return self._client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds)

    def _where(self, key: str, upload: str) -> dict[str, Any]:
        return {"Bucket": self.name, "Key": key, "UploadId": upload}


def _named(error: Any, bucket: str, key: str) -> Exception:
    code = _code(error)
    if code in {"NoSuchUpload", "NoSuchKey", "404", "NotFound"}:
        return ObjectMissingError(f"{bucket}/{key} is not there")
    if code in {"PreconditionFailed", "412"}:
        return ObjectChangedError(f"{bucket}/{key} is another one than was looked at")
    return error if isinstance(error, Exception) else RuntimeError(code)


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
