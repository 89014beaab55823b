"""What failed of a batch is delivered again in seconds: asked of a client that writes down, and of moto."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from bluelamp.cloud.sqs import MAX_BATCH, SOON, Redelivery

KEYS = {"region_name": "eu-west-2", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


class Waiting:
    """An SQS client that only writes down for how long which messages are hidden."""

    def __init__(self, error=None) -> None:
        self.error, self.asked, self.hidden = error, [], []

    def get_queue_url(self, **given):
        (name,) = given.values()
        self.asked.append(name)
        return {"QueueUrl": f"https://sqs/{name}"}

    def change_message_visibility_batch(self, **given):
        if self.error:
            raise self.error
        assert given.keys() == {"QueueUrl", "Entries"}
        entries = given["Entries"]
        assert len(entries) <= MAX_BATCH
        assert len({e["Id"] for e in entries}) == len(entries)
        self.hidden += [(given["QueueUrl"], e["ReceiptHandle"], e["VisibilityTimeout"]) for e in entries]


def received(*receives):
    return [
        {
            "messageId": f"m{n}",
            "receiptHandle": f"r{n}",
            "attributes": {"ApproximateReceiveCount": str(times)},
            "eventSourceARN": "arn:aws:sqs:eu-west-2:000000000000:bluelamp-ingest",
        }
        for n, times in enumerate(receives)
    ]


def failing(*numbers):
    return [{"itemIdentifier": f"m{n}"} for n in numbers]


def test_what_failed_comes_again_soon_and_after_two_times_at_the_queues_own_time():
    client = Waiting()
    redelivery = Redelivery(client)
    redelivery.soon(received(1, 1, 2, 3), failing(1, 2, 3))
    redelivery.soon(received(1), failing(0))
    url = "https://sqs/bluelamp-ingest"
    assert client.hidden == [(url, "r1", SOON[1]), (url, "r2", SOON[2]), (url, "r0", SOON[1])]
    assert client.asked == ["bluelamp-ingest"]


def test_where_nothing_failed_nothing_is_asked():
    client = Waiting()
    Redelivery(client).soon(received(1, 2), [])
    Redelivery(client).soon(received(5), failing(0))
    assert client.asked == client.hidden == []


def test_many_that_failed_are_hidden_ten_a_request():
    client = Waiting()
    Redelivery(client).soon(received(*[1] * 23), failing(*range(23)))
    assert len(client.hidden) == 23


def test_what_cannot_come_soon_comes_later(caplog):
    refused = ClientError({"Error": {"Code": "RequestThrottled"}}, "ChangeMessageVisibilityBatch")
    Redelivery(Waiting(refused)).soon(received(1), failing(0))
    assert "comes again later" in caplog.text


@pytest.mark.slow
def test_a_message_that_was_hidden_for_long_is_received_again():
    with mock_aws():
        client = boto3.client("sqs", **KEYS)
        name = "bluelamp-ingest"
        url = client.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody="{}")
        (message,) = client.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
        assert "Messages" not in client.receive_message(QueueUrl=url)
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "attributes": message["Attributes"],
            "eventSourceARN": client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
                "QueueArn"
            ],
        }
        Redelivery(client).soon([record], [{"itemIdentifier": message["MessageId"]}])
        again = client.receive_message(QueueUrl=url, WaitTimeSeconds=SOON[1] + 2)["Messages"]
        assert [one["MessageId"] for one in again] == [message["MessageId"]]
