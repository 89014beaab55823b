"""The receiver, through its handler, on the events that API Gateway sends."""

import base64
import hashlib
import hmac
import json

import pytest

from bluelamp import wiring
from bluelamp.cloud.memory import MemoryBucket, MemoryQueue, MemorySecrets, MemoryTable
from bluelamp.platforms.receiving import MAX_BODY_BYTES, Receiver, RefusalCounts
from functions.receive.handler import handler, raw_body

SECRETS = {
    "bluelamp/platform/facebook": {
        "app_secret": "test-app-secret",
        "previous_app_secret": "",
        "verify_token": "test-verify-token",
    },
    "bluelamp/platform/x": {"consumer_secret": "test-consumer-secret", "previous_consumer_secret": ""},
}
MINUTE = "COUNT#2026-11-22T16:30:00.000Z"


class Desk:
    """A receiver over a cloud in memory, behind the handler."""

    def __init__(self, clock, monkeypatch):
        self.bucket, self.queue, self.table = MemoryBucket(), MemoryQueue(), MemoryTable()
        self.table_asked = 0
        self.receiver = Receiver(
            staging=self.bucket,
            queue=self.queue,
            secrets=MemorySecrets(SECRETS),
            prefix="bluelamp/platform/",
            counts=RefusalCounts(self._table, clock),
            clock=clock,
        )
        monkeypatch.setattr(wiring, "receiver", lambda: self.receiver)

    def _table(self):
        self.table_asked += 1
        return self.table

    def counts(self):
        assert all(pk == MINUTE for pk, _ in self.table.items)
        return {sk: item["n"] for (_, sk), item in self.table.items.items()}

    def stored_nothing(self):
        return not self.bucket.objects and not self.queue.messages


@pytest.fixture
def desk(clock, monkeypatch):
    return Desk(clock, monkeypatch)


@pytest.mark.parametrize(
    "name",
    [
        "receive-facebook-comment",
        "receive-facebook-batch",
        "receive-x-reply",
        "receive-x-message",
        "receive-x-delete",
        "receive-x-legacy",
    ],
)
def test_a_signed_webhook_is_kept_raw_and_queued(desk, event, name):
    webhook = event(name)
    assert handler(webhook, None)["statusCode"] == 200
    raw, platform = raw_body(webhook), webhook["pathParameters"]["platform"]
    key = f"{platform}/2026-11-22/{hashlib.sha256(raw).hexdigest()}"
    assert desk.bucket.objects == {key: raw}
    (message,) = desk.queue.messages
    assert message.body == {
        "v": 1,
        "platform": platform,
        "source": "webhook",
        "kind": None,
        "account": None,
        "key": key,
        "received_at": "2026-11-22T16:30:00.000Z",
        "inline": base64.b64encode(raw).decode(),
    }
    assert desk.counts() == {}
    assert desk.table_asked == 0


def test_the_same_webhook_five_times_is_one_object(desk, event):
    for _ in range(5):
        assert handler(event("receive-facebook-comment"), None)["statusCode"] == 200
    assert len(desk.bucket.objects) == 1
    assert len({json.dumps(m.body) for m in desk.queue.messages}) == 1


def test_the_sample_for_ingest_is_what_the_first_webhook_becomes(desk, event):
    handler(event("receive-facebook-comment"), None)
    (record,) = event("ingest-webhook")["Records"]
    sample = json.loads(record["body"])
    sent = desk.queue.messages[0].body
    assert sample.keys() == sent.keys()
    assert (sample["key"], sample["inline"]) == (sent["key"], sent["inline"])


def test_a_wrong_signature_is_refused_counted_and_not_stored(desk, event):
    answers = [handler(event("receive-facebook-wrong-signature"), None) for _ in range(3)]
    assert {a["statusCode"] for a in answers} == {401}
    assert desk.stored_nothing()
    assert desk.counts() == {"webhook:facebook:bad_signature": 3}


def test_no_signature_at_all_is_refused(desk, event):
    webhook = event("receive-x-reply") | {"headers": None}
    assert handler(webhook, None)["statusCode"] == 401
    assert desk.stored_nothing()


def test_header_names_come_in_any_case(desk, event):
    webhook = event("receive-facebook-comment")
    webhook["headers"] = {name.upper(): value for name, value in webhook["headers"].items()}
    assert handler(webhook, None)["statusCode"] == 200


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body_over_the_cap_is_refused_before_it_is_verified(desk, event, encoded, monkeypatch):
    webhook = event("receive-facebook-comment")
    big = b"x" * (MAX_BODY_BYTES + 1)
    webhook["body"] = base64.b64encode(big).decode() if encoded else big.decode()
    webhook["isBase64Encoded"] = encoded
    monkeypatch.setattr(desk.receiver, "_secrets", None)
    assert handler(webhook, None)["statusCode"] == 413
    assert desk.stored_nothing()
    assert desk.counts() == {"webhook:facebook:too_large": 1}


def test_broken_json_under_a_right_signature_is_kept_and_counted(desk, event):
    webhook = event("receive-facebook-broken-json")
    assert handler(webhook, None)["statusCode"] == 200
    assert list(desk.bucket.objects.values()) == [raw_body(webhook)]
    assert len(desk.queue.messages) == 1
    assert desk.counts() == {"webhook:facebook:broken_json": 1}


def test_a_large_body_travels_by_its_key_alone(desk):
    raw = b'{"entry":[],"padding":"' + b"x" * 200_000 + b'"}'
    key = b"test-app-secret"
    signature = hmac.new(key, raw, hashlib.sha256).hexdigest()
    desk.receiver.receive("facebook", raw, {"x-hub-signature-256": f"sha256={signature}"})
    (message,) = desk.queue.messages
    assert message.body["inline"] is None
    assert desk.bucket.objects[message.body["key"]] == raw


def test_staged_but_never_queued_is_queued_when_it_comes_again(desk, event):
    def die(name):
        raise ConnectionError(name)

    desk.queue.faults.before = die
    with pytest.raises(ConnectionError):
        handler(event("receive-facebook-comment"), None)
    assert len(desk.bucket.objects) == 1
    desk.queue.faults.before = None
    assert handler(event("receive-facebook-comment"), None)["statusCode"] == 200
    assert len(desk.queue.messages) == 1


def test_facebooks_handshake_is_answered_in_plain_text(desk, event):
    answer = handler(event("receive-facebook-handshake"), None)
    assert (answer["statusCode"], answer["body"]) == (200, "1158201444")
    assert answer["headers"]["Content-Type"].startswith("text/plain")
    assert desk.stored_nothing()


def test_the_challenge_of_x_is_answered_with_our_secret(desk, event):
    answer = handler(event("receive-x-handshake"), None)
    digest = hmac.digest(b"test-consumer-secret", b"challenge_string", hashlib.sha256)
    expected = {"response_token": "sha256=" + base64.b64encode(digest).decode()}
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, expected)


def test_a_handshake_with_the_wrong_token_is_refused_and_counted(desk, event):
    shake = event("receive-facebook-handshake")
    shake["queryStringParameters"]["hub.verify_token"] = "guessed"
    assert handler(shake, None)["statusCode"] == 403
    assert handler(shake | {"queryStringParameters": None}, None)["statusCode"] == 403
    assert desk.counts() == {"webhook:facebook:bad_signature": 2}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_platforms_are_not_found_and_leave_no_key_of_their_own(desk, event, method):
    webhook = event("receive-facebook-comment") | {"httpMethod": method, "pathParameters": {"platform": "my space"}}
    assert handler(webhook, None)["statusCode"] == 404
    assert desk.counts() == {"webhook:unknown:unknown_platform": 1}
    assert desk.stored_nothing()


@pytest.mark.parametrize(("platform", "counted"), [("x", "x"), ("myspace", "unknown")])
def test_other_methods_are_refused(desk, event, platform, counted):
    webhook = event("receive-x-reply") | {"httpMethod": "DELETE", "pathParameters": {"platform": platform}}
    answer = handler(webhook, None)
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "GET, POST")
    assert desk.counts() == {f"webhook:{counted}:bad_method": 1}


def test_a_body_that_is_no_base64_is_signed_by_nobody(desk, event):
    webhook = event("receive-facebook-batch") | {"body": "%%%"}
    assert handler(webhook, None)["statusCode"] == 401


def test_what_is_logged_names_the_object_and_nobody(desk, event, caplog):
    caplog.set_level("INFO")
    handler(event("receive-facebook-comment"), None)
    handler(event("receive-facebook-wrong-signature"), None)
    assert "Okafor" not in caplog.text
    assert "192.0.2.10" not in caplog.text
    assert "webhook refused: bad_signature" in caplog.text
