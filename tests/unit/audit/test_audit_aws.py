"""The sequencer and the pull on the real adapters, against moto: conditions, conditional puts, listings."""

from __future__ import annotations

from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from bluelamp.audit.choose import pull_part
from bluelamp.audit.leaf import Actor, draft
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.audit.prove import prove_pointer
from bluelamp.audit.selection import Filter
from bluelamp.audit.sequencer import ForkError, Sequencer
from bluelamp.audit.verify import verify
from bluelamp.cloud.dynamodb import Table
from bluelamp.cloud.s3 import Bucket
from bluelamp.cloud.sqs import Queue
from bluelamp.times import iso
from tests.unit.audit.log_kit import ORIGIN, SEED, START, Clock, LocalSigner, pull

REGION = "eu-west-2"


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        keys = ("pk", "HASH"), ("sk", "RANGE")
        dynamodb.create_table(
            TableName="desk",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        )
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket="evidence", CreateBucketConfiguration={"LocationConstraint": REGION})
        sqs = boto3.client("sqs", region_name=REGION)
        url = sqs.create_queue(QueueName="actions")["QueueUrl"]
        yield Table(dynamodb, "desk"), Bucket(s3, "evidence"), Queue(sqs, url), sqs


@pytest.mark.slow
def test_seal_prove_pull_and_verify_on_the_real_adapters(aws, tmp_path):
    table, bucket, actions, sqs = aws
    actor = Actor.system("test")
    chunks = []
    for number in range(5):
        leaves = [draft(type="login", at=START, actor=actor) for _ in range(60)]
        chunk = Chunk.of(leaves, [Release(number, {"post_id": "p"})])
        table.transact([chunk.put()])
        chunks.append((chunk, leaves))
    signer = LocalSigner(SEED)
    sequencer = Sequencer(table=table, bucket=bucket, actions=actions, signer=signer, origin=ORIGIN, clock=Clock(START))
    outcome = sequencer.run()
    assert (outcome.more, outcome.leaves, outcome.puts) == (False, 301, 4)
    assert all(not table.query(f"OUTBOX#{shard}").items for shard in range(4))
    messages = sqs.receive_message(QueueUrl=actions.url, MaxNumberOfMessages=10)["Messages"]
    assert len(messages) == 5
    chunk, leaves = chunks[3]
    assert prove_pointer(table, bucket, chunk.id, 59).leaf == leaves[59].body
    pull(bucket, tmp_path / "whole")
    assert verify(tmp_path / "whole").verdict == "OK"
    today = Filter(since=iso(START), until=iso(START + timedelta(hours=1)))
    assert pull_part(bucket, tmp_path / "part", today).records == 301
    assert verify(tmp_path / "part").verdict == "PARTIAL"
    assert pull_part(bucket, tmp_path / "later", Filter(since=iso(START + timedelta(hours=1)))).records == 0
    bucket.put("2026/entries/000000000301-000000000303", b"what")
    table.transact([Chunk.of([leaves[0]]).put()])
    with pytest.raises(ForkError):
        sequencer.run()
