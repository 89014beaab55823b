"""Fetching from hosts that lie, dawdle, never end, point elsewhere or are not who they say; on real connections."""

from __future__ import annotations

import gzip
import socket
import time
import urllib.request

import pytest

from bluelamp.media import fetching
from bluelamp.media.addresses import Allowed
from bluelamp.media.errors import (
    ForbiddenError,
    MediaGoneError,
    MediaTimedOutError,
    MediaTooLargeError,
    OddAnswerError,
    PrivateAddressError,
    RedirectedError,
    UnavailableError,
    UnreachableError,
    UntrustedError,
    WrongTypeError,
)
from bluelamp.media.fetching import Fetcher
from tests.unit.media.media_host import JPEG, answer, certificate, sends, serving

NAME = "scontent.fbcdn.net"
HTTPS = Allowed.parse("fbcdn.net")


def fetch(script, *, seconds=5.0, max_bytes=100_000, path="/a.jpg"):
    """Fetch from a host of this machine that runs a script."""
    with serving(script) as (port, _):
        fetcher = Fetcher(Allowed.parse(f"http://127.0.0.1:{port}"), max_bytes=max_bytes)
        return fetcher.fetch(f"http://127.0.0.1:{port}{path}", seconds=seconds)


def test_a_picture_comes_as_it_is():
    medium = fetch(sends(answer(Content_Type="text/html")))
    assert (medium.body, medium.type) == (JPEG, "image/jpeg")


def test_a_picture_in_chunks_comes_whole():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (JPEG[:100], JPEG[100:])) + b"0\r\n\r\n"
    assert fetch(sends(head + chunks)).body == JPEG


def test_a_picture_that_ends_with_the_connection_comes_whole():
    assert fetch(sends(b"HTTP/1.1 200 OK\r\n\r\n" + JPEG)).body == JPEG


def test_what_is_asked_names_nobody_and_carries_nothing(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert urllib.request.getproxies()["http"] == "http://127.0.0.1:1"
    with serving(sends(answer(Set_Cookie="seen=1"))) as (port, requests):
        fetcher = Fetcher(Allowed.parse(f"http://127.0.0.1:{port}"))
        for _ in range(2):
            fetcher.fetch(f"http://127.0.0.1:{port}/a.jpg?x=%41&y=1#part")
    assert requests[0] == requests[1]
    assert requests[0].decode().split("\r\n") == [
        "GET /a.jpg?x=%41&y=1 HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: Bluelamp",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("301 Moved", RedirectedError),
        ("302 Found", RedirectedError),
        ("307 Temporary", RedirectedError),
        ("304 Not Modified", RedirectedError),
        ("401 Who", ForbiddenError),
        ("403 No", ForbiddenError),
        ("404 Gone", MediaGoneError),
        ("410 Gone", MediaGoneError),
        ("429 Slow", UnavailableError),
        ("500 Oh", UnavailableError),
        ("503 Busy", UnavailableError),
        ("204 Nothing", OddAnswerError),
        ("206 Part", OddAnswerError),
        ("418 Teapot", OddAnswerError),
    ],
)
def test_only_a_plain_success_is_read(status, error):
    with serving(sends(answer())) as (inside, reached):
        script = sends(answer(status=status, Location=f"http://127.0.0.1:{inside}/secret"))
        with pytest.raises(error):
            fetch(script)
    assert reached == []  # whatever it points to


def test_a_body_that_is_announced_too_large_is_not_read():
    started = time.monotonic()
    with pytest.raises(MediaTooLargeError, match="announces"):
        fetch(sends(answer(b"", length=10**12), forever=False))
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("head", [b"", b"Transfer-Encoding: chunked\r\n"])
def test_a_body_without_end_is_cut_at_the_most(head):
    block = JPEG * 20
    part = b"%x\r\n%s\r\n" % (len(block), block) if head else block
    script = sends(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n", *[part] * 50)
    with pytest.raises(MediaTooLargeError, match="sends more"):
        fetch(script)


def test_a_body_shorter_than_announced_is_none():
    with pytest.raises(UnreachableError, match="before the end"):
        fetch(sends(answer(length=len(JPEG) + 1)))


def test_a_chunk_cut_short_is_none():
    with pytest.raises(UnreachableError):
        fetch(sends(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + JPEG))


def test_what_is_packed_is_not_unpacked():
    bomb = gzip.compress(JPEG + bytes(10_000_000))
    with pytest.raises(OddAnswerError, match="packed"):
        fetch(sends(answer(bomb, Content_Encoding="gzip")))
    # Nor when it does not say so: its bytes are what they are.
    with pytest.raises(WrongTypeError):
        fetch(sends(answer(bomb)))


@pytest.mark.parametrize(
    "body", [b"", b"short", b"<html><script>alert(1)</script></html>", b"<svg xmlns='x'/>" * 9, b"MZ" + bytes(99)]
)
def test_what_is_no_medium_is_not_kept(body):
    with pytest.raises(WrongTypeError):
        fetch(sends(answer(body, Content_Type="image/jpeg")))


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        lambda line: line.recv(1),
        sends(*(bytes([b]) for b in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 999), pause=0.02),
        sends(answer(length=99_999), *[b"x"] * 999, pause=0.02),
        sends(b"HTTP/1.1 200 OK\r\n\r\n" + JPEG, *[b"x"] * 999, pause=0.02),
        sends(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.02, forever=True),
    ],
    ids=["silent", "head", "body", "body without length", "continue"],
)
def test_who_dawdles_is_cut_off(script):
    started = time.monotonic()
    with pytest.raises(MediaTimedOutError):
        fetch(script, seconds=0.4)
    assert time.monotonic() - started < 0.9


@pytest.mark.parametrize(
    "raw", [b"SSH-2.0-OpenSSH_9.6\r\n", b"\x00" * 64, b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n"]
)
def test_what_is_no_http_is_said_to_be_odd(raw):
    with pytest.raises(OddAnswerError):
        fetch(sends(raw))


def test_who_hangs_up_is_unreachable():
    with pytest.raises(UnreachableError):
        fetch(sends())


def test_nobody_listening_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(UnreachableError):
        Fetcher(Allowed.parse(f"http://127.0.0.1:{port}")).fetch(f"http://127.0.0.1:{port}/")


# names and addresses --------------------------------------------------------------------------------------------------


class Resolver:
    """Answers with the next of some lists of addresses each time it is asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, host, port):
        self.asked.append((host, port))
        return self.answers.pop(0)


class Lines:
    """Connects every address to one port of this machine, and notes which addresses were asked for."""

    def __init__(self, port, *, dead=()):
        self.port, self.dead, self.asked = port, dead, []

    def __call__(self, address, port, seconds):
        self.asked.append((address, port))
        if address in self.dead:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), seconds)


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fd00:ec2::254", "64:ff9b::a00:1"]
)
@pytest.mark.parametrize("others", [[], ["157.240.214.35"]])
def test_a_name_that_leads_inside_is_not_connected_to(inside, others):
    lines = Lines(0)
    fetcher = Fetcher(HTTPS, resolver=Resolver([*others, inside]), connector=lines)
    with pytest.raises(PrivateAddressError):
        fetcher.fetch(f"https://{NAME}/a.jpg")
    assert lines.asked == []


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(tmp_path):
    tls, pem = certificate(tmp_path, NAME)
    resolver = Resolver(["157.240.214.35"], ["127.0.0.1"])  # rebinding: another answer the second time
    with serving(sends(answer()), tls=tls) as (port, requests):
        lines = Lines(port)
        medium = Fetcher(HTTPS, resolver=resolver, connector=lines, certificates=pem).fetch(f"https://{NAME}/a.jpg")
    assert medium.body == JPEG
    assert resolver.asked == [(NAME, 443)]
    assert lines.asked == [("157.240.214.35", 443)]
    assert f"\r\nHost: {NAME}\r\n".encode() in requests[0]


def test_the_next_address_is_tried_when_the_first_is_dead(tmp_path):
    tls, pem = certificate(tmp_path, NAME)
    with serving(sends(answer()), tls=tls) as (port, _):
        lines = Lines(port, dead={"157.240.214.35"})
        resolver = Resolver(["157.240.214.35", "157.240.214.36", "157.240.214.36"])
        Fetcher(HTTPS, resolver=resolver, connector=lines, certificates=pem).fetch(f"https://{NAME}/a.jpg")
    assert [address for address, _ in lines.asked] == ["157.240.214.35", "157.240.214.36"]


@pytest.mark.parametrize("name", ["other.fbcdn.net", "fbcdn.net"])
def test_a_certificate_for_another_name_is_not_believed(tmp_path, name):
    tls, pem = certificate(tmp_path, name)
    with serving(sends(answer()), tls=tls) as (port, requests):
        fetcher = Fetcher(HTTPS, resolver=Resolver(["157.240.214.35"]), connector=Lines(port), certificates=pem)
        with pytest.raises(UntrustedError):
            fetcher.fetch(f"https://{NAME}/a.jpg")
    assert requests == []


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path, monkeypatch):
    tls, pem = certificate(tmp_path, NAME)
    monkeypatch.setenv("SSL_CERT_FILE", pem)  # what stands in the environment adds nobody
    with serving(sends(answer()), tls=tls) as (port, _):
        fetcher = Fetcher(HTTPS, resolver=Resolver(["157.240.214.35"]), connector=Lines(port))
        with pytest.raises(UntrustedError):
            fetcher.fetch(f"https://{NAME}/a.jpg")


def test_a_host_without_tls_is_unreachable():
    with serving(sends(answer())) as (port, _):
        fetcher = Fetcher(HTTPS, resolver=Resolver(["157.240.214.35"]), connector=Lines(port))
        with pytest.raises(UnreachableError, match="no safe connection"):
            fetcher.fetch(f"https://{NAME}/a.jpg")


@pytest.mark.parametrize("failure", [socket.gaierror(-2, "unknown"), UnicodeError("label")])
def test_a_name_that_nobody_knows_is_unreachable(failure):
    def unknown(host, port):
        raise failure

    with pytest.raises(UnreachableError):
        Fetcher(HTTPS, resolver=unknown).fetch(f"https://{NAME}/a.jpg")


def test_a_name_without_an_address_is_unreachable():
    with pytest.raises(UnreachableError):
        Fetcher(HTTPS, resolver=Resolver([])).fetch(f"https://{NAME}/a.jpg")


def test_the_own_resolver_and_connector_take_numbers_as_they_are():
    assert fetching.resolve("127.0.0.1", 80) == ["127.0.0.1"]
    with serving(sends()) as (port, _), fetching.connect("127.0.0.1", port, 1.0) as line:
        assert line.getpeername() == ("127.0.0.1", port)


def test_an_error_tells_the_host_and_nothing_more():
    with pytest.raises(MediaGoneError) as caught:
        fetch(sends(answer(status="404 Gone")), path="/v/secret.jpg?oh=signature")
    assert "secret" not in str(caught.value)
    assert "signature" not in str(caught.value)
    assert caught.value.__cause__ is None
