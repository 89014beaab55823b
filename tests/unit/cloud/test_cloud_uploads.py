"""Uploads: the same of the fake and of S3: parts by links, one object of them, and reading it as it was looked at."""

from __future__ import annotations

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import IncompleteReadError
from moto import mock_aws

from bluelamp.cloud.memory_uploads import MemoryUploads
from bluelamp.cloud.s3 import ObjectMissingError
from bluelamp.cloud.uploads import ObjectChangedError, Uploads

# The real adapter is tried by `make test`: each of its tests makes a cloud of its own, which takes a second.
REAL = pytest.param("s3", marks=pytest.mark.slow)
PART = 5 * 1024 * 1024


def sent(url: str, body: bytes) -> int:
    return requests.put(url, data=body, timeout=5).status_code


@pytest.fixture(params=["memory", REAL])
def made(request, monkeypatch):
    """A bucket, and what a browser does with a link."""
    if request.param == "memory":
        fake = MemoryUploads()
        yield fake, fake.put_part
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        how = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
        client = boto3.client("s3", region_name="eu-west-2", config=how)
        client.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        yield Uploads(client, "uploads"), sent


def begun(uploads, put, *bodies):
    upload = uploads.begin("films/a", content_type="video/mp4")
    for number, body in enumerate(bodies, 1):
        link = uploads.part_link("films/a", upload, number, size=len(body), seconds=60)
        assert put(link, body) == 200
    return upload


def test_parts_become_one_object(made):
    uploads, put = made
    upload = begun(uploads, put, b"a" * PART, b"end")
    parts = uploads.parts("films/a", upload)
    assert {number: part.size for number, part in parts.items()} == {1: PART, 2: 3}
    assert uploads.head("films/a") is None
    uploads.complete("films/a", upload, parts)
    there = uploads.head("films/a")
    assert there.size == PART + 3
    assert uploads.read("films/a", PART - 1, 100, etag=there.etag) == b"aend"
    assert uploads.read("films/a", 5, 0, etag=there.etag) == b""
    # What was completed is not there to be added to.
    with pytest.raises(ObjectMissingError):
        uploads.parts("films/a", upload)


def test_a_part_may_be_sent_again(made):
    uploads, put = made
    upload = begun(uploads, put, b"first")
    assert put(uploads.part_link("films/a", upload, 1, size=6, seconds=60), b"second") == 200
    uploads.complete("films/a", upload, uploads.parts("films/a", upload))
    there = uploads.head("films/a")
    assert uploads.read("films/a", 0, 100, etag=there.etag) == b"second"


def test_what_was_given_up_is_not_there_and_may_be_given_up_again(made):
    uploads, put = made
    upload = begun(uploads, put, b"some")
    uploads.abort("films/a", upload)
    uploads.abort("films/a", upload)
    with pytest.raises(ObjectMissingError):
        uploads.parts("films/a", upload)


def test_another_object_is_not_read_for_the_one_that_was_looked_at(made):
    uploads, _ = made
    before = uploads.put("pictures/a", b"one", content_type="image/png")
    assert uploads.read("pictures/a", 0, 10, etag=before) == b"one"
    uploads.put("pictures/a", b"another", content_type="image/png")
    with pytest.raises(ObjectChangedError):
        uploads.read("pictures/a", 0, 10, etag=before)
    uploads.delete("pictures/a")
    uploads.delete("pictures/a")
    with pytest.raises(ObjectMissingError):
        uploads.read("pictures/a", 0, 10, etag=before)


def test_a_link_is_for_so_many_bytes_and_for_the_bucket_itself():
    with mock_aws():
        how = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        uploads = Uploads(boto3.client("s3", region_name="eu-west-2", config=how, **keys), "uploads")
        link = uploads.part_link("in/a", "u", 3, size=7, seconds=900)
    # Not the address for all regions: that one sends browsers on, which they do not follow when they may not.
    assert link.startswith("https://uploads.s3.eu-west-2.amazonaws.com/in/a?")
    assert "X-Amz-SignedHeaders=content-length%3Bhost" in link
    assert "X-Amz-Expires=900" in link
    # A sum of the empty body, which boto3 may add of itself, would refuse every part.
    assert "checksum" not in link


class Breaking:
    """An S3 whose answers break off so many times."""

    def __init__(self, times: int) -> None:
        self.asked: list[str] = []
        self.times = times

    def get_object(self, *, Range: str, IfMatch: str, **_):  # noqa: N803 -- as boto3 calls them
        assert IfMatch == "e"
        self.asked.append(Range)
        return {"Body": self}

    def read(self) -> bytes:
        if len(self.asked) <= self.times:
            raise IncompleteReadError(actual_bytes=1, expected_bytes=4)
        return b"film"


def test_an_answer_that_breaks_off_is_asked_for_again_and_not_for_ever():
    twice = Breaking(2)
    assert Uploads(twice, "uploads").read("films/a", 8, 4, etag="e") == b"film"
    assert twice.asked == ["bytes=8-11"] * 3
    always = Breaking(99)
    with pytest.raises(IncompleteReadError):
        Uploads(always, "uploads").read("films/a", 8, 4, etag="e")
    assert len(always.asked) == 3
