"""Files: the same of the fake and of S3, small and in parts, whole or not at all, and links that end."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from bluelamp.cloud.files import Files, parts_of
from bluelamp.cloud.memory_files import MemoryFiles

# The real adapter is tried by `make test`: each of its tests makes a cloud of its own, which takes a second.
REAL = pytest.param("s3", marks=pytest.mark.slow)

PART = 5 * 1024 * 1024


@pytest.fixture(params=["memory", REAL])
def bucket(request, monkeypatch):
    if request.param == "memory":
        made = MemoryFiles(part=PART)
        yield made, made.objects.get, list
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="eu-west-2", config=Config(signature_version="s3v4"))
        client.create_bucket(Bucket="bags", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})

        def read(key):
            found = {o["Key"] for o in client.list_objects_v2(Bucket="bags").get("Contents", [])}
            return client.get_object(Bucket="bags", Key=key)["Body"].read() if key in found else None

        yield (
            Files(client, "bags", part=PART),
            read,
            lambda: client.list_multipart_uploads(Bucket="bags").get("Uploads", []),
        )


@pytest.mark.parametrize("size", [0, 1, PART, PART + 1, 2 * PART + 7])
def test_what_is_written_is_there_with_its_digest(bucket, size):
    files, read, open_uploads = bucket
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    chunks = [body[i : i + 999_983] for i in range(0, len(body), 999_983)]
    told = []
    stored = files.write("k", iter(chunks), each=told.append)
    assert (stored.sha256, stored.size) == (hashlib.sha256(body).hexdigest(), size)
    assert read("k") == body
    assert open_uploads() == []
    assert told == sorted(told)


def test_a_write_that_breaks_leaves_nothing(bucket):
    files, read, open_uploads = bucket

    def broken():
        yield bytes(2 * PART)
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        files.write("k", broken())
    assert read("k") is None
    assert open_uploads() == []


def test_a_link_names_its_time_and_the_files_name(bucket):
    files, _, _ = bucket
    files.write("k", [b"x"])
    url = files.link("k", seconds=600, name="bag.zip")
    if url.startswith("memory:"):
        assert url == "memory://k?seconds=600&name=bag.zip"
        return
    asked = parse_qs(urlsplit(url).query)
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert asked["X-Amz-Expires"] == ["600"]
    assert asked["response-content-disposition"] == ['attachment; filename="bag.zip"']


def test_parts_are_even():
    assert list(parts_of([b"ab", b"", b"cdefg", b"h"], 3)) == [b"abc", b"def", b"gh"]
    assert list(parts_of([], 3)) == []
