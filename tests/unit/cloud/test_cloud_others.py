"""Buckets, queues and secrets: the adapters against moto, the fakes under the same tests."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from bluelamp.cloud.kms import DataKeyRefusedError, KmsDataKeys
from bluelamp.cloud.memory import MemoryBucket, MemoryDataKeys, MemoryQueue, MemorySecrets
from bluelamp.cloud.s3 import Bucket, ObjectContendedError, ObjectExistsError, ObjectMissingError
from bluelamp.cloud.secrets import SecretMissingError, SecretNotSavedError, Secrets
from bluelamp.cloud.sqs import Message, Nudge, Queue, QueueError

# The real adapter is tried by `make test`: each of its tests makes a cloud of its own, which takes a second.
REAL = pytest.param("moto", marks=pytest.mark.slow)

KEYS = {"region_name": "eu-west-2", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(params=["memory", REAL])
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


@pytest.fixture(params=["memory", REAL])
def versioned(request):
    if request.param == "memory":
        yield MemoryBucket()
        return
    with mock_aws():
        client = boto3.client("s3", **KEYS)
        client.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
        yield Bucket(client, "bucket")


def test_a_version_of_an_object_is_read_in_part(versioned):
    version = versioned.put_if_absent("pack", b"0123456789")
    assert version
    for which in (None, version):
        assert versioned.get_range("pack", 0, 3, version_id=which) == b"012"
        assert versioned.get_range("pack", 4, 3, version_id=which) == b"456"
        assert versioned.get_range("pack", 8, 5, version_id=which) == b"89"
        assert versioned.get_range("pack", 10, 5, version_id=which) == b""
        assert versioned.get_range("pack", 4, 0, version_id=which) == b""


def test_a_part_of_what_is_not_there_says_so(versioned):
    versioned.put_if_absent("pack", b"0123456789")
    with pytest.raises(ObjectMissingError):
        versioned.get_range("nothing", 0, 3)
    with pytest.raises(ObjectMissingError):
        versioned.get_range("pack", 0, 3, version_id="f" * 32)


@pytest.fixture(params=["memory", REAL])
def lockable(request):
    """A bucket with Object Lock, and what tells whether a version is held."""
    if request.param == "memory":
        bucket = MemoryBucket()
        yield bucket, lambda key, version: (key, version) in bucket.held
        return
    with mock_aws():
        client = boto3.client("s3", **KEYS)
        client.create_bucket(
            Bucket="bucket",
            CreateBucketConfiguration={"LocationConstraint": "eu-west-2"},
            ObjectLockEnabledForBucket=True,
        )

        def held(key, version):
            answer = client.head_object(Bucket="bucket", Key=key, VersionId=version)
            return answer.get("ObjectLockLegalHoldStatus") == "ON"

        yield Bucket(client, "bucket"), held


def test_a_legal_hold_is_put_on_one_object_and_may_be_repeated(lockable):
    bucket, held = lockable
    first, second = bucket.put_if_absent("one", b"1"), bucket.put_if_absent("two", b"2")
    for _ in range(2):
        bucket.hold("one", version_id=first)
    assert held("one", first)
    assert not held("two", second)
    bucket.hold("two")
    assert held("two", second)


class RefusingHolds:
    """An S3 client that finds no such object; moto fails at one with an error of its own."""

    def __init__(self, code: str) -> None:
        self.code = code

    def put_object_legal_hold(self, **_):
        raise ClientError({"Error": {"Code": self.code}}, "PutObjectLegalHold")


@pytest.mark.parametrize(
    ("code", "error"),
    [("NoSuchKey", ObjectMissingError), ("NoSuchVersion", ObjectMissingError), ("AccessDenied", ClientError)],
)
def test_what_is_not_there_cannot_be_held(code, error):
    with pytest.raises(error):
        Bucket(RefusingHolds(code), "bucket").hold("a", version_id="v")
    bucket = MemoryBucket()
    version = bucket.put_if_absent("a", b"")
    for key, other in (("b", version), ("a", "f" * 32)):
        with pytest.raises(ObjectMissingError):
            bucket.hold(key, version_id=other)


class RefusingPuts:
    """An S3 client that answers a put with an error."""

    def __init__(self, code: str) -> None:
        self.code = code

    def put_object(self, **_):
        raise ClientError({"Error": {"Code": self.code}}, "PutObject")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("PreconditionFailed", ObjectExistsError),
        ("ConditionalRequestConflict", ObjectContendedError),
        ("SlowDown", ClientError),
    ],
)
def test_what_a_conditional_put_may_meet(code, error):
    with pytest.raises(error) as caught:
        Bucket(RefusingPuts(code), "bucket").put_if_absent("a", b"")
    assert isinstance(caught.value, ObjectContendedError) == (code == "ConditionalRequestConflict")


@pytest.fixture(params=["memory", REAL])
def data_keys(request):
    if request.param == "memory":
        yield MemoryDataKeys()
        return
    with mock_aws():
        client = boto3.client("kms", **KEYS)
        key_id = client.create_key()["KeyMetadata"]["KeyId"]
        yield KmsDataKeys(client, key_id, {"deployment": "example", "purpose": "content"})


def test_a_data_key_is_made_and_opened_again(data_keys):
    plain, sealed = data_keys.generate()
    assert len(plain) == 32
    assert plain not in sealed
    assert data_keys.decrypt(sealed) == plain
    assert data_keys.generate() != (plain, sealed)


def test_a_data_key_that_was_changed_is_refused(data_keys):
    _, sealed = data_keys.generate()
    with pytest.raises(DataKeyRefusedError):
        data_keys.decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1]))


def test_a_data_key_opens_under_its_own_context_alone():
    with mock_aws():
        client = boto3.client("kms", **KEYS)
        key_id = client.create_key()["KeyMetadata"]["KeyId"]
        _, sealed = KmsDataKeys(client, key_id, {"deployment": "one", "purpose": "content"}).generate()
        with pytest.raises(DataKeyRefusedError):
            KmsDataKeys(client, key_id, {"deployment": "two", "purpose": "content"}).decrypt(sealed)


def test_a_missing_object_says_so(bucket):
    with pytest.raises(ObjectMissingError):
        bucket.get("nothing")


def test_list_goes_by_prefix_and_place(bucket):
    for key in ("a/2", "a/1", "b/1", "a/3"):
        bucket.put(key, b"x")
    assert list(bucket.list("a/")) == ["a/1", "a/2", "a/3"]
    assert list(bucket.list("a/", after="a/1")) == ["a/2", "a/3"]


@pytest.mark.slow
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


def test_whoever_is_woken_in_vain_finds_it_by_the_schedule(caplog):
    def refuse(_messages):
        raise QueueError("SQS does not answer")

    queue = MemoryQueue()
    nudge = Nudge(queue)
    nudge()
    assert [one.body for one in queue.messages] == [{"v": 1}]
    queue.send = refuse
    nudge()
    assert "found by the schedule" in caplog.text
    with pytest.raises(QueueError):
        nudge.send()


def test_the_queue_in_memory_keeps_order():
    queue = MemoryQueue()
    queue.send([Message({"n": 1}), Message({"n": 2}, delay_seconds=5)])
    assert [m.body["n"] for m in queue.messages] == [1, 2]


@pytest.fixture(params=["memory", REAL])
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


def test_a_secret_gets_a_new_value_that_is_seen_at_once(secrets):
    assert secrets.get("s") == {"key": "v"}
    secrets.put("s", {"key": "w"})
    assert secrets.get("s") == secrets.fresh("s") == {"key": "w"}
    secrets.put("new", {"key": "n"})
    assert secrets.get("new") == {"key": "n"}


def test_another_writer_is_seen_by_who_asks_anew():
    client = FakeSecretsManager()
    ours, theirs = Secrets(client), Secrets(client)
    ours.put("s", {"key": "v"})
    assert ours.get("s") == {"key": "v"}
    theirs.put("s", {"key": "w"})
    assert (ours.get("s"), ours.fresh("s"), ours.get("s")) == ({"key": "v"}, {"key": "w"}, {"key": "w"})


def test_a_value_that_was_not_taken_is_not_shown():
    with pytest.raises(SecretNotSavedError) as raised:
        Secrets(FakeSecretsManager(broken=True)).put("s", {"key": "hidden"})
    assert "hidden" not in str(raised.value)
    assert raised.value.__cause__ is None


class FakeSecretsManager:
    """What `Secrets` needs of boto3's client; broken, its line drops."""

    class exceptions:  # noqa: N801 -- boto3's name
        class ResourceNotFoundException(Exception):  # noqa: N818 -- likewise
            pass

    def __init__(self, *, broken: bool = False) -> None:
        self.held, self.broken = {}, broken

    def put_secret_value(self, SecretId, SecretString):  # noqa: N803 -- likewise
        if self.broken:
            raise EndpointConnectionError(endpoint_url="https://secrets.test")
        if SecretId not in self.held:
            raise self.exceptions.ResourceNotFoundException
        self.held[SecretId] = SecretString

    def create_secret(self, Name, SecretString):  # noqa: N803 -- likewise
        self.held[Name] = SecretString

    def get_secret_value(self, SecretId):  # noqa: N803 -- likewise
        return {"SecretString": self.held[SecretId]}


def test_a_missing_secret_names_itself(secrets):
    with pytest.raises(SecretMissingError, match="nothing"):
        secrets.get("nothing")


@pytest.mark.slow
def test_a_broken_secret_is_never_shown():
    with mock_aws():
        client = boto3.client("secretsmanager", **KEYS)
        client.create_secret(Name="broken", SecretString="hunter2")
        with pytest.raises(SecretMissingError) as caught:
            Secrets(client).get("broken")
    assert "hunter2" not in str(caught.value)
