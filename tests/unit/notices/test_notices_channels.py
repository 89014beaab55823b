"""Each way out against what it talks to: SES and SNS as moto plays them, and a server with faults in place of Teams."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends
from moto.sns import sns_backends

from bluelamp.cloud.mail import Mail
from bluelamp.cloud.phone import Phones
from bluelamp.notices import channels
from bluelamp.notices.channels import ByMail, ByPush, BySms, PermanentError, Teams, TemporaryError, ThrottledError
from bluelamp.notices.model import Message

MESSAGE = Message(
    key="01J.mail",
    to="ann@x.example",
    subject="A post needs you now",
    text="One. Two.",
    link="https://b.example/#/calls",
)
NUMBER = MESSAGE.model_copy(update={"to": "+447700900123"})


@pytest.fixture
def aws(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield lambda service: boto3.client(service, region_name="eu-west-2")


def test_an_email_is_sent_with_the_link_and_no_more(aws):
    aws("ses").verify_email_identity(EmailAddress="desk@x.example")
    ByMail(Mail(aws("sesv2"), "desk@x.example")).send(MESSAGE)
    (sent,) = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-2"].sent_messages
    assert sent.source == "desk@x.example"
    assert sent.destinations["ToAddresses"] == ["ann@x.example"]
    assert (sent.subject, sent.body) == ("A post needs you now", "One. Two.\n\nhttps://b.example/#/calls\n")


def test_a_sender_that_is_not_verified_is_a_fault_for_good(aws):
    with pytest.raises(PermanentError) as caught:
        ByMail(Mail(aws("sesv2"), "desk@x.example")).send(MESSAGE)
    assert caught.value.why == "message_rejected"
    assert "example" not in str(caught.value)


def test_a_text_message_and_a_push_are_published(aws):
    sns = aws("sns")
    BySms(Phones(sns)).send(NUMBER)
    backend = sns_backends[DEFAULT_ACCOUNT_ID]["eu-west-2"]
    ((number, text, *_),) = backend.sms_messages.values()
    assert (number, text) == ("+447700900123", "A post needs you now: https://b.example/#/calls")
    app = sns.create_platform_application(Name="b", Platform="GCM", Attributes={})["PlatformApplicationArn"]
    device = sns.create_platform_endpoint(PlatformApplicationArn=app, Token="t")["EndpointArn"]
    ByPush(Phones(sns)).send(MESSAGE.model_copy(update={"to": device}))
    with pytest.raises(PermanentError):
        ByPush(Phones(sns)).send(MESSAGE.model_copy(update={"to": device + "x"}))


class Failing:
    def __init__(self, error):
        self.error = error

    def publish(self, **_):
        raise self.error


def refusal(code, status=400):
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Publish")


@pytest.mark.parametrize(
    ("error", "kind", "why"),
    [
        (refusal("ThrottledException"), ThrottledError, "throttled_exception"),
        (refusal("TooManyRequestsException", 429), ThrottledError, "too_many_requests_exception"),
        (refusal("InternalError", 500), TemporaryError, "internal_error"),
        (refusal("Odd", 503), TemporaryError, "odd"),
        (refusal("InvalidParameter"), PermanentError, "invalid_parameter"),
        (refusal("OptedOut"), PermanentError, "opted_out"),
        (ConnectTimeoutError(endpoint_url="https://x"), TemporaryError, "connect_timeout_error"),
    ],
)
def test_what_aws_answers_decides_whether_it_is_tried_again(error, kind, why):
    with pytest.raises(kind) as caught:
        BySms(Phones(Failing(error))).send(NUMBER)
    assert caught.value.why == why


class Room(BaseHTTPRequestHandler):
    """Answers with the status that the path names; 0 says nothing, 302 sends elsewhere."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, body))
        status = int(self.path.strip("/"))
        if status == 0:
            self.close_connection = True
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def room():
    server = HTTPServer(("127.0.0.1", 0), Room)
    server.seen = []
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def post(room, status):
    address = f"http://127.0.0.1:{room.server_port}/{status}"
    Teams(lambda: address, allowed=lambda _: True).send(MESSAGE)


def test_a_card_is_posted_to_the_room(room):
    room.seen.clear()
    post(room, 202)
    ((_, body),) = room.seen
    card = json.loads(body)["attachments"][0]["content"]
    assert [block["text"] for block in card["body"]] == ["A post needs you now", "One. Two."]
    assert card["actions"][0]["url"] == "https://b.example/#/calls"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, ThrottledError), (500, TemporaryError), (503, TemporaryError), (0, TemporaryError),
        (400, PermanentError), (404, PermanentError), (302, PermanentError),
    ],
)  # fmt: skip
def test_what_a_room_answers(room, status, kind):
    room.seen.clear()
    with pytest.raises(kind) as caught:
        post(room, status)
    assert len(room.seen) == 1, "neither a redirect nor another attempt"
    assert "127.0.0.1" not in str(caught.value)


def test_a_room_that_does_not_answer_is_not_waited_for(room, monkeypatch):
    monkeypatch.setattr(channels, "TEAMS_SECONDS", 0.05)
    monkeypatch.setattr(Room, "do_POST", lambda self: threading.Event().wait(0.2))
    with pytest.raises(TemporaryError) as caught:
        post(room, 200)
    assert caught.value.why == "no_answer_readtimeout"


@pytest.mark.parametrize(
    "url",
    [
        "http://x.webhook.office.com/a", "https://evil.example/?.webhook.office.com", "https://webhook.office.com/a",
        "https://x.webhook.office.com@evil.example/", "https://x.webhook.office.com:8443/", "https://[", "",
        "https://x.webhook.office.com.evil.example/", "https://a:b@x.webhook.office.com/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(url):
    with pytest.raises(PermanentError):
        Teams(lambda: url).send(MESSAGE)


@pytest.mark.parametrize("url", ["https://x.webhook.office.com/a", "https://p.uksouth.logic.azure.com:443/w?sig=a"])
def test_the_addresses_of_teams_are_allowed(url):
    assert channels._of_teams(url)
