"""Every handler under the genuine Lambda runtime client, with the events of ``events/`` and AWS's API from moto."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bluelamp.cloud.dynamodb import Table
from bluelamp.media.store import MarkStore
from bluelamp.posts.model import Post
from bluelamp.posts.store import put_new
from tests.support.lambda_runtime import LambdaProcess

EVENTS = Path(__file__).resolve().parents[2] / "events"
KEYS = {"region_name": "eu-west-2", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
QUEUES = ("INCIDENT", "INGEST", "MODERATION", "ACTION", "BULK", "PUBLISH", "LIVE", "MEDIA", "POLL", "SEAL", "NOTIFY")


def event(name):
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


class Aws:
    """What the template would make, in moto."""

    def __init__(self, endpoint: str) -> None:
        def client(name):
            return boto3.client(name, endpoint_url=endpoint, **KEYS)

        self.dynamodb, self.s3, self.sqs = client("dynamodb"), client("s3"), client("sqs")
        names = [f"{g}{k}" for g in ("", "g1", "g2", "g3") for k in ("pk", "sk")]
        self.dynamodb.create_table(
            TableName="bluelamp",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in names],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": f"{g}-index",
                    "KeySchema": [
                        {"AttributeName": f"{g}pk", "KeyType": "HASH"},
                        {"AttributeName": f"{g}sk", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
                for g in ("g1", "g2", "g3")
            ],
        )
        self.dynamodb.create_table(
            TableName="keys",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        )
        content_key = client("kms").create_key()["KeyMetadata"]["KeyId"]
        for bucket in ("staging", "evidence", "content"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        secrets = client("secretsmanager")
        for name, value in {
            "bluelamp/platform/facebook": {"app_secret": "test-app-secret", "verify_token": "test-verify-token"},
            "bluelamp/platform/x": {"consumer_secret": "test-consumer-secret"},
            "bluelamp/pseudonym": {"key": "00" * 32},
            "bluelamp/session": {"key": "11" * 32},
        }.items():
            secrets.create_secret(Name=name, SecretString=json.dumps(value))
        self.urls = {}
        for name in QUEUES:
            fifo = {"FifoQueue": "true"} if name == "SEAL" else {}
            made = self.sqs.create_queue(QueueName=f"{name.lower()}{'.fifo' if fifo else ''}", Attributes=fifo)
            self.urls[name] = made["QueueUrl"]
        self.env = {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "eu-west-2",
            "AWS_DEFAULT_REGION": "eu-west-2",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "BLUELAMP_TABLE": "bluelamp",
            "BLUELAMP_STAGING_BUCKET": "staging",
            "BLUELAMP_EVIDENCE_BUCKET": "evidence",
            "BLUELAMP_CONTENT_BUCKET": "content",
            "BLUELAMP_KEY_TABLE": "keys",
            "BLUELAMP_CONTENT_KEY_ID": content_key,
            "BLUELAMP_MEDIA_HOSTS": "fbcdn.net",
            "BLUELAMP_LINK_HOSTS": "gov.uk",
            "BLUELAMP_WRITE_BUDGETS": "facebook=600/3600 x=50/900",
            "BLUELAMP_PLATFORM_SECRET_PREFIX": "bluelamp/platform/",
            "BLUELAMP_ACCOUNT_SECRET_PREFIX": "bluelamp/account/",
            "BLUELAMP_APP_SECRET_PREFIX": "bluelamp/app/",
            "BLUELAMP_PSEUDONYM_SECRET": "bluelamp/pseudonym",
            "BLUELAMP_SESSION_SECRET": "bluelamp/session",
            "BLUELAMP_PUBLIC_URL": "https://desk.wealdshire.police.example",
            "BLUELAMP_FORCE": "wealdshire",
            "BLUELAMP_ORIGIN": "wealdshire.police.example",
            **{f"BLUELAMP_{name}_QUEUE_URL": url for name, url in self.urls.items()},
        }

    def messages(self, name):
        answer = self.sqs.receive_message(QueueUrl=self.urls[name], MaxNumberOfMessages=10)
        return [json.loads(m["Body"]) for m in answer.get("Messages", [])]

    def add_account(self, native):
        self.dynamodb.put_item(
            TableName="bluelamp",
            Item={
                "pk": {"S": "ACCOUNTS"},
                "sk": {"S": f"facebook-{native}"},
                **{
                    k: {"S": v}
                    for k, v in {
                        "id": f"facebook-{native}",
                        "platform": "facebook",
                        "native_id": native,
                        "name": "Swindale Police",
                        "kind": "neighbourhood",
                        "team": "swindale",
                        "status": "active",
                    }.items()
                },
                "rev": {"N": "1"},
            },
        )


@pytest.fixture(scope="module")
def aws():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield Aws(f"http://{host}:{port}")
    server.stop()


def test_receive_takes_signed_webhooks_and_no_others(aws):
    with LambdaProcess("receive", aws.env) as receive:
        assert receive.invoke(event("receive-facebook-comment"))["statusCode"] == 200
        assert len(aws.messages("INGEST")) == 1
        assert receive.invoke(event("receive-facebook-wrong-signature"))["statusCode"] == 401
        assert aws.messages("INGEST") == []
        assert receive.invoke(event("receive-facebook-broken-json"))["statusCode"] == 200
        assert receive.invoke(event("receive-facebook-handshake"))["statusCode"] == 200
        shake = receive.invoke(event("receive-x-handshake"))
        assert json.loads(shake["body"])["response_token"].startswith("sha256=")


def test_ingest_and_moderate_make_a_case(aws):
    aws.messages("SEAL")  # whatever another test left there: they run in any order
    body = event("ingest-webhook")
    aws.add_account("104857600012345")
    with LambdaProcess("ingest", aws.env) as ingest:
        assert ingest.invoke(body) == {"batchItemFailures": []}
        assert ingest.invoke(body) == {"batchItemFailures": []}  # twice is once
    told = aws.messages("MODERATION")
    assert {m["rev"] for m in told} == {1}
    record = event("moderation-queue")["Records"][0] | {"body": json.dumps(told[0])}
    with LambdaProcess("moderate", aws.env) as moderate:
        assert moderate.invoke({"Records": [record]}) == {"batchItemFailures": []}
    assert aws.messages("LIVE")[0]["post_id"] == told[0]["post_id"]
    assert aws.messages("SEAL") == [{"v": 1}]


def test_poll_fans_out_on_the_schedule(aws):
    aws.add_account("777")
    with LambdaProcess("poll", aws.env) as poll:
        poll.invoke(event("poll-schedule"))
    assert {"v": 1, "account_id": "facebook-777"} in aws.messages("POLL")


def test_tick_turns_counted_refusals_into_leaves(aws):
    with LambdaProcess("tick", aws.env) as tick:
        assert tick.invoke(event("poll-schedule")) is None


def test_act_gives_back_what_it_cannot_take(aws):
    record = event("ingest-webhook")["Records"][0] | {
        "body": json.dumps(
            {"post_id": "p" + "a" * 26, "action_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "seq": 1, "year": 2026}
        )
    }
    with LambdaProcess("act", aws.env) as act:
        failures = act.invoke({"Records": [record]})["batchItemFailures"]
    assert failures == [{"itemIdentifier": record["messageId"]}]


def test_keep_says_of_a_picture_why_it_is_not_kept(aws):
    media = [{"kind": "image", "url": "https://169.254.169.254/latest/meta-data/"}]
    post = Post(
        **dict.fromkeys(("account", "account_name", "team", "thread", "thread_native", "native_id"), "facebook-1"),
        **dict.fromkeys(("event_at", "seen_at", "received_at", "updated_at"), "2026-11-22T16:29:52.000Z"),
        id="p" + "b" * 26,
        platform="facebook",
        kind="comment",
        direction="in",
        media=media,
    )
    Table(aws.dynamodb, "bluelamp").write(put_new(post))
    own = aws.sqs.create_queue(QueueName="keep.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    with LambdaProcess("keep", aws.env | {"BLUELAMP_SEAL_QUEUE_URL": own}) as keep:
        assert keep.invoke(event("keep-queue")) == {"batchItemFailures": []}
        assert keep.invoke(event("keep-queue")) == {"batchItemFailures": []}  # twice is once
    (mark,) = MarkStore(Table(aws.dynamodb, "bluelamp")).of(post.id).values()
    assert (mark.state, mark.why) == ("lost", "not_allowed")
    assert aws.messages("MEDIA") == []


def test_live_refuses_a_made_up_ticket(aws):
    asked = {
        "requestContext": {"routeKey": "$connect", "connectionId": "abc="},
        "queryStringParameters": {"ticket": "made-up"},
    }
    with LambdaProcess("live", aws.env | {"BLUELAMP_WEBSOCKET_ENDPOINT": "http://127.0.0.1:9/ws"}) as live:
        assert live.invoke(asked) == {"statusCode": 401}


def test_api_answers_in_the_open_and_refuses_the_rest(aws):
    with LambdaProcess("api", aws.env) as api:
        assert api.invoke(event("api-health"))["statusCode"] == 200
        refused = api.invoke(event("api-queue"))
        assert refused["statusCode"] == 401
        assert json.loads(refused["body"])["code"] == "not_signed_in"


def test_incident_does_nothing_for_a_job_that_is_not_there(aws):
    body = {
        "v": 1,
        "incident": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "job": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "seq": 1,
        "year": 2026,
    }
    record = event("ingest-webhook")["Records"][0] | {"body": json.dumps(body)}
    with LambdaProcess("incident", aws.env) as incident:
        assert incident.invoke({"Records": [record]}) == {"batchItemFailures": []}
