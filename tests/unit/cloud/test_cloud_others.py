"""Buckets, queues and secrets: the adapters against moto, the fakes under the same tests."""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

from bluelamp.cloud.memory import MemoryBucket, MemoryQueue, MemorySecrets
from bluelamp.cloud.s3 import Bucket, ObjectExistsError, ObjectMissingError
from bluelamp.cloud.secrets import SecretMissingError, Secrets
from bluelamp.cloud.sqs import Message, Queue, QueueError

KEYS = {"region_name": "eu-west-2", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(params=["memory", "moto"])
def bucket(request):
    if request.param == "memory":
        yield MemoryBucket()
        return
    with mock_aws():
        client = boto3.client("s3", **KEYS)
        client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        yield Bucket(client, "bucket")


def test_an_object_is_written_once(bucket):
    bucket.put_if_absent("a/1", b"one")
    with pytest.raises(ObjectExistsError):
        bucket.put_if_absent("a/1", b"two")
    assert bucket.get("a/1") == b"one"


def test_a_missing_object_says_so(bucket):
    with pytest.raises(ObjectMissingError):
        bucket.get("nothing")


def test_list_goes_by_prefix_and_place(bucket):
    for key in ("a/2", "a/1", "b/1", "a/3"):
        bucket.put(key, b"x")
    assert list(bucket.list("a/")) == ["a/1", "a/2", "a/3"]
    assert list(bucket.list("a/", after="a/1")) == ["a/2", "a/3"]


def test_a_queue_sends_many_in_batches():
    with mock_aws():
        client = boto3.client("sqs", **KEYS)
        url = client.create_queue(QueueName="q")["QueueUrl"]
        Queue(client, url).send([Message({"n": n}) for n in range(23)])
        got = []
        while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            got += [json.loads(m["Body"])["n"] for m in found]
            for m in found:
                client.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
        assert sorted(got) == list(range(23))


class Refusing:
    """An SQS client that refuses one message for the first `times` requests."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.requests: list[list[str]] = []

    def send_message_batch(self, *, QueueUrl, Entries):  # noqa: N803
        self.requests.append([e["Id"] for e in Entries])
        bad = len(self.requests) <= self.times
        return {"Successful": [{"Id": e["Id"]} for e in Entries if not (bad and e["Id"] == "1")], "Failed": []}


def test_a_refused_message_is_sent_again_alone():
    client = Refusing(times=1)
    Queue(client, "https://sqs/q").send([Message({"n": n}) for n in range(3)])
    assert client.requests == [["0", "1", "2"], ["1"]]


def test_a_message_that_stays_refused_is_an_error():
    with pytest.raises(QueueError, match="refused 1 message"):
        Queue(Refusing(times=99), "https://sqs/q").send([Message({"n": n}) for n in range(3)])


def test_the_queue_in_memory_keeps_order():
    queue = MemoryQueue()
    queue.send([Message({"n": 1}), Message({"n": 2}, delay_seconds=5)])
    assert [m.body["n"] for m in queue.messages] == [1, 2]


@pytest.fixture(params=["memory", "moto"])
def secrets(request):
    if request.param == "memory":
        yield MemorySecrets({"s": {"key": "v"}})
        return
    with mock_aws():
        client = boto3.client("secretsmanager", **KEYS)
        client.create_secret(Name="s", SecretString='{"key":"v"}')
        client.create_secret(Name="broken", SecretString="no json")
        yield Secrets(client)


def test_a_secret_is_an_object(secrets):
    assert secrets.get("s") == {"key": "v"}


def test_a_missing_secret_names_itself(secrets):
    with pytest.raises(SecretMissingError, match="nothing"):
        secrets.get("nothing")


def test_a_broken_secret_is_never_shown():
    with mock_aws():
        client = boto3.client("secretsmanager", **KEYS)
        client.create_secret(Name="broken", SecretString="hunter2")
        with pytest.raises(SecretMissingError) as caught:
            Secrets(client).get("broken")
    assert "hunter2" not in str(caught.value)
