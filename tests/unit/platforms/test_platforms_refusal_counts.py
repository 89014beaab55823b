"""A refusal stands, whatever becomes of its count."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from bluelamp import wiring
from bluelamp.cloud.dynamodb import ContentionError, Table
from bluelamp.cloud.memory import MemoryBucket, MemoryQueue, MemorySecrets
from bluelamp.platforms.receiving import MAX_BODY_BYTES, Receiver, RefusalCounts
from functions.receive.handler import handler

SECRETS = {"bluelamp/platform/x": {"consumer_secret": "test-consumer-secret", "previous_consumer_secret": ""}}


class Troubled:
    """DynamoDB's client, as it fails."""

    def __init__(self, error):
        self.error = error

    def update_item(self, **_request):
        raise self.error


def _client_error(code):
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "UpdateItem")


@pytest.fixture(
    params=[
        _client_error("ProvisionedThroughputExceededException"),
        _client_error("ThrottlingException"),
        _client_error("InternalServerError"),
        _client_error("AccessDeniedException"),
        EndpointConnectionError(endpoint_url="https://dynamodb.invalid"),
    ],
    ids=lambda error: getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__),
)
def receiver(request, clock, monkeypatch):
    made = Receiver(
        staging=MemoryBucket(),
        queue=MemoryQueue(),
        secrets=MemorySecrets(SECRETS),
        prefix="bluelamp/platform/",
        counts=RefusalCounts(lambda: Table(Troubled(request.param), "table"), clock),
        clock=clock,
    )
    monkeypatch.setattr(wiring, "receiver", lambda: made)
    return made


def _request(method="POST", platform="x", body="{}"):
    return {"httpMethod": method, "pathParameters": {"platform": platform}, "headers": {}, "body": body}


@pytest.mark.usefixtures("receiver")
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (_request(), 401),
        (_request(body="x" * (MAX_BODY_BYTES + 1)), 413),
        (_request(platform="myspace"), 404),
        (_request(method="GET"), 403),
        (_request(method="PUT"), 405),
    ],
    ids=["signature", "size", "platform", "handshake", "method"],
)
def test_a_count_that_fails_leaves_the_refusal_as_it_is(request_, status, caplog):
    assert handler(request_, None)["statusCode"] == status
    (said,) = [record for record in caplog.records if "not counted" in record.getMessage()]
    assert said.levelname == "ERROR"


def test_contention_is_told_without_a_traceback(clock, caplog):
    class Busy:
        def write(self, _write):
            raise ContentionError("busy")

    RefusalCounts(Busy, clock).add("x", "bad_signature")
    (said,) = caplog.records
    assert said.getMessage() == "refusal not counted: x:bad_signature: busy"
    assert said.exc_info is None


def test_a_fault_in_the_admission_is_not_hidden(clock):
    class Broken(MemorySecrets):
        def get(self, name):
            raise RuntimeError(name)

    receiver = Receiver(
        staging=MemoryBucket(),
        queue=MemoryQueue(),
        secrets=Broken({}),
        prefix="bluelamp/platform/",
        counts=RefusalCounts(lambda: Table(Troubled(_client_error("ThrottlingException")), "table"), clock),
        clock=clock,
    )
    with pytest.raises(RuntimeError):
        receiver.receive("x", b"{}", {})
