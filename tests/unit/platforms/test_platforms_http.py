"""The one way out: what is tried again, what is never, and what nobody gets to see."""

# ruff: noqa: PLR0917 -- pytest passes fixtures by name

import logging
from datetime import timedelta

import pytest

from bluelamp.platforms import http as http_module
from bluelamp.platforms.contract import (
    GoneError,
    NotAllowedError,
    OutsideWindowError,
    PlatformError,
    PolicyBlockedError,
    ReauthoriseError,
    ThrottledError,
    TimedOutError,
    TryAgainError,
)
from bluelamp.platforms.graph import GRAPH
from bluelamp.platforms.http import PlatformHttp
from bluelamp.platforms.x_dialect import X_API

TOKEN = "token-that-nobody-may-see"


def graph_error(code, subcode=None, **more):
    error = {"message": "no", "code": code, "fbtrace_id": "T1", **more}
    return {"error": error | ({"error_subcode": subcode} if subcode else {})}


def test_the_token_travels_in_the_header_alone(loopback, open_http, reply, caplog):
    caplog.set_level(logging.DEBUG)
    loopback.will(reply({"id": "1"}))
    open_http().read(GRAPH, "/1", {"fields": "id"})
    (call,) = loopback.calls
    assert call.headers["authorization"] == f"Bearer {TOKEN}"
    assert call.query == {"fields": "id"}
    assert TOKEN not in caplog.text


def test_reads_are_tried_again_with_jitter(loopback, open_http, reply, slept):
    loopback.will(reply(b"<html>", 503), reply(graph_error(2), 400), reply({"id": "1"}))
    assert open_http().read(GRAPH, "/1").data == {"id": "1"}
    assert slept == [0.5, 1.0]


def test_reads_give_up_after_three(loopback, open_http, reply, hangup):
    loopback.will(hangup, reply(b"", 500), reply(b'{"half": ', 200))
    with pytest.raises(TryAgainError, match="tried 3 times"):
        open_http().read(GRAPH, "/1")
    assert len(loopback.calls) == 3


@pytest.mark.parametrize("lost", ["hangup", "server", "half", "transient"])
def test_writes_are_made_once_and_say_that_they_may_have_acted(loopback, open_http, reply, hangup, lost):
    given = {
        "hangup": hangup,
        "server": reply(b"", 502),
        "half": reply(b'{"success": tr', 200),
        "transient": reply(graph_error(1), 400),
    }
    loopback.will(given[lost])
    with pytest.raises(TimedOutError):
        open_http().write(GRAPH, "POST", "/1", form={"is_hidden": "true"})
    assert len(loopback.calls) == 1


def test_what_was_never_sent_may_be_sent_again(open_http, unused_port):
    http = open_http(base=f"http://127.0.0.1:{unused_port}")
    with pytest.raises(TryAgainError, match="nothing was sent"):
        http.write(GRAPH, "POST", "/1")


@pytest.fixture
def unused_port():
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_slow_answer_is_a_time_out(loopback, open_http, reply, monkeypatch):
    import time  # noqa: PLC0415

    monkeypatch.setattr(http_module, "READ_SECONDS", 0.05)

    def slow(call):
        time.sleep(0.3)
        return reply({})

    loopback.will(slow)
    with pytest.raises(TimedOutError) as caught:
        open_http().write(X_API, "POST", "/2/tweets", body={"text": "hello"})
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, graph_error(190, 463), ReauthoriseError),
        (403, graph_error(200), NotAllowedError),
        (403, graph_error(10), NotAllowedError),
        (400, graph_error(10, 2018278), OutsideWindowError),
        (400, graph_error(100, 33), GoneError),
        (400, graph_error(368), PolicyBlockedError),
        (400, graph_error(80001), ThrottledError),
        (400, graph_error(4), ThrottledError),
        (400, graph_error(100), PlatformError),
        (400, graph_error("190"), PlatformError),
    ],
)
def test_graph_errors_are_told_apart(loopback, open_http, reply, status, body, error):
    loopback.will(reply(body, status))
    with pytest.raises(PlatformError) as caught:
        open_http().read(GRAPH, "/1")
    assert type(caught.value) is error
    assert caught.value.request_id == "T1"


@pytest.mark.parametrize(
    ("status", "detail", "error"),
    [
        (401, "Unauthorized", ReauthoriseError),
        (403, "You are not permitted to perform this action.", NotAllowedError),
        (403, "You attempted to reply to a Tweet that is deleted or not visible to you.", GoneError),
        (404, "Not Found", GoneError),
        (429, "Too Many Requests", ThrottledError),
        (400, "Invalid", PlatformError),
    ],
)
def test_x_errors_are_told_apart(loopback, open_http, reply, status, detail, error):
    loopback.will(reply({"title": "x", "detail": detail, "status": status}, status))
    with pytest.raises(PlatformError) as caught:
        open_http("x-1").read(X_API, "/2/tweets/1")
    assert type(caught.value) is error


def test_a_throttle_outlives_the_invocation(loopback, open_http, reply, clock):
    usage = '{"104": [{"call_count": 100, "estimated_time_to_regain_access": 7}]}'
    loopback.will(reply(graph_error(80001), 400, X_Business_Use_Case_Usage=usage))
    with pytest.raises(ThrottledError) as caught:
        open_http().read(GRAPH, "/1")
    assert caught.value.until == clock() + timedelta(minutes=7)
    for purpose in ("act", "poll"):
        with pytest.raises(ThrottledError):
            open_http(purpose=purpose).write(GRAPH, "POST", "/1")
    assert len(loopback.calls) == 1
    clock.forward(minutes=7)
    loopback.will(reply({"id": "1"}))
    open_http().read(GRAPH, "/1")


def test_a_nearly_used_allowance_stops_polls_and_not_officers(loopback, open_http, reply):
    loopback.will(reply({"id": "1"}, X_App_Usage='{"call_count": 96, "total_time": 3, "total_cputime": 2}'))
    open_http(purpose="poll").read(GRAPH, "/1")
    with pytest.raises(ThrottledError):
        open_http(purpose="poll").read(GRAPH, "/1")
    loopback.will(reply({"success": True}))
    open_http(purpose="act").write(GRAPH, "POST", "/1")


@pytest.mark.parametrize("usage", ["not json", "[1]", '{"1": "x", "call_count": "96"}', '{"1": [3]}'])
def test_an_unreadable_usage_header_throttles_nobody(loopback, open_http, reply, usage):
    loopback.will(reply({"id": "1"}, X_App_Usage=usage, X_Business_Use_Case_Usage=usage))
    open_http(purpose="poll").read(GRAPH, "/1")
    loopback.will(reply({"id": "1"}))
    open_http(purpose="poll").read(GRAPH, "/1")


def test_x_is_left_alone_until_its_window_resets(loopback, open_http, reply, clock):
    reset = str(int(clock().timestamp()) + 300)
    loopback.will(reply({"title": "Too Many"}, 429, x_rate_limit_reset=reset))
    with pytest.raises(ThrottledError) as caught:
        open_http("x-1", "poll").read(X_API, "/2/users/1/mentions")
    assert caught.value.until == clock() + timedelta(minutes=5)
    # X counts by endpoint: a poll that used up its window holds back no officer.
    loopback.will(reply({"data": {"hidden": True}}))
    open_http("x-1", "act").write(X_API, "PUT", "/2/tweets/1/hidden", body={"hidden": True})


def test_a_policy_block_stops_actions_and_not_polls(loopback, open_http, reply):
    loopback.will(reply(graph_error(368), 400))
    with pytest.raises(PolicyBlockedError):
        open_http().write(GRAPH, "POST", "/1")
    with pytest.raises(PolicyBlockedError):
        open_http().write(GRAPH, "POST", "/1")
    loopback.will(reply({"id": "1"}))
    open_http(purpose="poll").read(GRAPH, "/1")
    assert len(loopback.calls) == 2


def test_a_nonsensical_reset_silences_for_a_day_at_most(throttles, clock):
    throttles.stop("x-1", clock() + timedelta(days=4000), scope="all", code="429")
    assert throttles.read("x-1").all_until == clock() + timedelta(days=1)


def test_next_pages_lose_the_token_and_keep_the_host(loopback, open_http, reply):
    loopback.will(reply({"data": []}))
    url = f"{loopback.base_url}/v26.0/1/feed?access_token=other&limit=5&after=abc"
    open_http().follow(GRAPH, url)
    assert loopback.calls[0].query == {"limit": "5", "after": "abc"}
    for foreign in (
        "https://evil.example/v26.0/1/feed",
        "//evil.example/1",
        loopback.base_url.replace("http", "https"),
    ):
        with pytest.raises(PlatformError, match="another host"):
            open_http().follow(GRAPH, foreign)
    assert len(loopback.calls) == 1


def test_redirects_stay_on_the_host_and_writes_follow_none(loopback, open_http, reply):
    loopback.will(reply(b"", 302, Location="/2"), reply({"id": "2"}))
    assert open_http().read(GRAPH, "/1").data == {"id": "2"}
    loopback.will(reply(b"", 307, Location="https://evil.example/"))
    with pytest.raises(PlatformError, match="another host"):
        open_http().read(GRAPH, "/1")
    loopback.will(reply(b"", 307, Location="/2"))
    with pytest.raises(PlatformError, match="redirect"):
        open_http().write(GRAPH, "POST", "/1")
    loopback.will(*[reply(b"", 302, Location="/1")] * 3)
    with pytest.raises(PlatformError, match="more than 3"):
        open_http().read(GRAPH, "/1")


def test_an_endless_answer_is_cut_off(loopback, open_http, reply, monkeypatch):
    monkeypatch.setattr(http_module, "MAX_ANSWER_BYTES", 1000)
    loopback.will(reply(b'{"a":"' + b"x" * 5000 + b'"}'))
    with pytest.raises(PlatformError, match="larger than"):
        open_http().read(GRAPH, "/1")


def test_a_write_whose_answer_was_cut_off_may_have_acted(loopback, open_http, reply, monkeypatch):
    monkeypatch.setattr(http_module, "MAX_ANSWER_BYTES", 1000)
    loopback.will(reply(b'{"a":"' + b"x" * 5000 + b'"}'))
    with pytest.raises(TimedOutError, match="may have acted"):
        open_http().write(GRAPH, "POST", "/1", form={"a": "b"})


def test_without_a_session_the_process_shares_one(loopback, throttles, clock, reply):
    loopback.will(reply({"id": "1"}), reply({"id": "2"}))
    try:
        for number in ("1", "2"):
            http = PlatformHttp(None, loopback.base_url, TOKEN, throttles, clock, account_id="facebook-1")
            assert http.read(GRAPH, f"/{number}").data == {"id": number}
        assert http_module._shared_session().trust_env is False
    finally:
        http_module._shared_session().close()
        http_module._shared_session.cache_clear()
