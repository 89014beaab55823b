"""One connection's trouble is its own: logged without a name, and never raised."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from bluelamp.cloud.sockets import Sockets

ADDRESS = "https://ws.example/@connections/secret-id"


def refused(code):
    return ClientError({"Error": {"Code": code, "Message": "secret-id"}}, "PostToConnection")


TROUBLE = [
    refused("LimitExceededException"),
    refused("PayloadTooLargeException"),
    refused("InternalServerError"),
    ReadTimeoutError(endpoint_url=ADDRESS),
    ConnectTimeoutError(endpoint_url=ADDRESS),
]


class Client:
    """Fails as often as told, then does what is asked."""

    def __init__(self, error=None, *, times=99) -> None:
        self.error, self.times, self.calls, self.closed = error, times, [], []

    def post_to_connection(self, **request):
        self.calls.append(request)
        self.answer()

    def delete_connection(self, **request):
        self.closed.append(request)
        self.answer()

    def answer(self):
        if self.error and self.times:
            self.times -= 1
            raise self.error


def test_a_message_is_sent():
    client = Client()
    assert Sockets(client).send("a", b"{}")
    assert client.calls == [{"ConnectionId": "a", "Data": b"{}"}]


@pytest.mark.parametrize("code", ["GoneException", "410"])
def test_a_page_that_is_gone_is_said_to_be(code, caplog):
    sockets = Sockets(Client(refused(code)))
    assert not sockets.send("a", b"{}")
    sockets.close("a")
    assert caplog.text == ""


@pytest.mark.parametrize("error", TROUBLE, ids=lambda e: type(e).__name__)
def test_what_did_not_arrive_is_sent_once_more(error, caplog):
    client = Client(error, times=1)
    assert Sockets(client).send("secret-id", b"words of a post")
    assert [call["Data"] for call in client.calls] == [b"words of a post"] * 2
    assert client.closed == []
    assert "did not reach its page" in caplog.text


@pytest.mark.parametrize("error", TROUBLE, ids=lambda e: type(e).__name__)
def test_a_page_that_cannot_be_told_is_closed_so_that_it_asks(error, caplog):
    client = Client(error, times=2)
    assert not Sockets(client).send("secret-id", b"words of a post")
    assert client.closed == [{"ConnectionId": "secret-id"}]
    assert "did not reach its page" in caplog.text
    assert "secret-id" not in caplog.text
    assert "words" not in caplog.text


@pytest.mark.parametrize("error", TROUBLE, ids=lambda e: type(e).__name__)
def test_a_page_that_cannot_be_closed_stops_nobody(error, caplog):
    Sockets(Client(error)).close("secret-id")
    assert "could not be closed" in caplog.text
    assert "secret-id" not in caplog.text


def test_a_mistake_of_our_own_is_not_hidden():
    with pytest.raises(RuntimeError):
        Sockets(Client(RuntimeError("ours"))).send("a", b"{}")
