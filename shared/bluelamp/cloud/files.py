"""Large files that are written as a stream and fetched by a link: a part is all that is ever in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

# S3 takes parts of 5 MB and more, ten thousand of them.
PART = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written: the digest of all of it in hex, and its length."""

    sha256: str
    size: int


class Files:
    """The files of one bucket.

    Parameters
    ----------
    client
        A boto3 S3 client that signs with version 4: only such links end when they say.
    name
        The bucket's name.
    part
        How many bytes are sent, and held, at a time.
    """

    def __init__(self, client: S3Client, name: str, *, part: int = PART) -> None:
        self._client = client
        self._part = part
        self.name = name

    def write(
        self,
        key: str,
        chunks: Iterable[bytes],
        *,
        content_type: str = "application/octet-stream",
        each: Callable[[int], None] = lambda _: None,
    ) -> Stored:
        """Write a file whole or not at all, in place of the one that was there.

        Parameters
        ----------
        chunks
            Its bytes; what the iterator raises ends the writing, and nothing is left behind.
        each
            Told after each part how many bytes are written.
        """
        digest, size = hashlib.sha256(), 0
        parts = parts_of(chunks, self._part)
        first = next(parts, b"")
        second = next(parts, None)
        digest.update(first)
        if second is None:
            self._client.put_object(Bucket=self.name, Key=key, Body=first, ContentType=content_type)
            return Stored(digest.hexdigest(), len(first))
        upload = self._client.create_multipart_upload(Bucket=self.name, Key=key, ContentType=content_type)
        where: dict[str, Any] = {"Bucket": self.name, "Key": key, "UploadId": upload["UploadId"]}
        done: list[Any] = []
        try:
            for body in _again(first, second, parts):
                answer = self._client.upload_part(**where, PartNumber=len(done) + 1, Body=body)
                done.append({"PartNumber": len(done) + 1, "ETag": answer["ETag"]})
                size += len(body)
                if len(done) > 1:
                    digest.update(body)
                each(size)
            self._client.complete_multipart_upload(**where, MultipartUpload={"Parts": done})
        except BaseException:
            self._client.abort_multipart_upload(**where)
            raise
        return Stored(digest.hexdigest(), size)

    def link(self, key: str, *, seconds: int, name: str) -> str:
        """Return an address that gives the file to whoever has it, for so many seconds, to be saved under `name`."""
        wanted = {"Bucket": self.name, "Key": key, "ResponseContentDisposition": f'attachment; filename="{name}"'}
        return self._client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds)


def parts_of(chunks: Iterable[bytes], size: int = PART) -> Iterator[bytes]:
    """Yield the bytes of `chunks` anew, in parts of exactly `size`; the last one may be shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _again(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest
