"""The poll: fan-out, cursors after the pages, and accounts that are to be left alone."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bluelamp import wiring
from bluelamp.cloud.memory import MemoryBucket, MemoryQueue, MemorySecrets
from bluelamp.platforms.contract import (
    AccountRef,
    GoneError,
    NotAllowedError,
    PlatformError,
    PollPage,
    ReauthoriseError,
    ThrottledError,
    TryAgainError,
)
from bluelamp.platforms.polling import MAX_PAGES, PAGES, Poller
from bluelamp.platforms.secrets import account_token
from bluelamp.platforms.store import CursorTable
from functions.poll.handler import handler

PAGE = AccountRef(account_id="facebook-104857600012345", platform="facebook", native_id="104857600012345")
USER = AccountRef(account_id="x-15", platform="x", native_id="15", handle="WealdshirePol")


def page(number, stream="feed", kind="feed", raw=None):
    return PollPage(
        stream=stream, kind=kind, raw=b'{"n":%d}' % number if raw is None else raw, cursor={"after": str(number)}
    )


class Heart:
    """Notes what it is told."""

    def __init__(self):
        self.told = []

    def beat(self, account, at):
        self.told.append((account.account_id, at))

    def doubt(self, account):
        self.told.append((account.account_id, "lost"))


class Round:
    """A poller over a cloud in memory and a connector that yields what it is told."""

    def __init__(self, table, throttles, clock):
        self.table, self.clock, self.throttles = table, clock, throttles
        self.bucket, self.ingest, self.polls = MemoryBucket(), MemoryQueue(), MemoryQueue()
        self.pages = []
        self.seen_cursors = []
        self.unwell = []
        self.heart = Heart()
        self.open_http = lambda account: SimpleNamespace(account=account)
        self.poller = Poller(
            connector=lambda _: self,
            accounts=lambda: [PAGE, USER],
            account={a.account_id: a for a in (PAGE, USER)}.get,
            open_http=self._open,
            staging=self.bucket,
            ingest=self.ingest,
            polls=self.polls,
            cursors=CursorTable(table),
            throttles=throttles,
            heartbeats=self.heart,
            unwell=lambda account, error: self.unwell.append((account.account_id, error.code)),
            clock=clock,
        )

    def _open(self, account):
        return self.open_http(account)

    def poll(self, account, cursors, http):
        self.seen_cursors.append(cursors)
        for step in self.pages:
            if isinstance(step, Exception):
                raise step
            yield step

    def cursors(self):
        found = CursorTable(self.table).read(PAGE.account_id)
        return {stream: cursor for stream, cursor in found.items() if stream != PAGES}


@pytest.fixture
def desk(table, throttles, clock, monkeypatch):
    made = Round(table, throttles, clock)
    monkeypatch.setattr(wiring, "poller", lambda: made.poller)
    return made


@pytest.fixture
def context():
    return SimpleNamespace(
        function_name="poll",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-west-2:123456789012:function:poll",
        aws_request_id="7f3c1e6a",
        get_remaining_time_in_millis=lambda: 60_000,
    )


@pytest.fixture(autouse=True)
def powertools(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Bluelamp")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "poll")
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")


def test_the_schedule_asks_for_each_account(desk, event, context):
    handler(event("poll-schedule"), context)
    assert [m.body for m in desk.polls.messages] == [
        {"v": 1, "account_id": PAGE.account_id},
        {"v": 1, "account_id": USER.account_id},
    ]


def test_pages_are_kept_queued_and_then_remembered(desk, event, context):
    desk.pages = [page(1), page(2, kind="comments:1_2"), page(3, stream="messages", kind="", raw=b"")]
    assert handler(event("poll-account"), context) == {"batchItemFailures": []}
    bodies = [m.body for m in desk.ingest.messages]
    assert [(b["source"], b["kind"], b["account"]) for b in bodies] == [
        ("poll", "feed", PAGE.account_id),
        ("poll", "comments:1_2", PAGE.account_id),
    ]
    assert [desk.bucket.objects[b["key"]] for b in bodies] == [b'{"n":1}', b'{"n":2}']
    assert desk.cursors() == {"feed": {"after": "2"}, "messages": {"after": "3"}}
    desk.poller.poll(PAGE.account_id)
    assert desk.seen_cursors[1] == {"feed": {"after": "2"}, "messages": {"after": "3"}}


def test_a_page_that_is_what_it_was_is_not_queued_again(desk):
    desk.pages = [page(1), page(2)]
    desk.poller.poll(PAGE.account_id)
    desk.pages = [page(1), page(3)]
    desk.poller.poll(PAGE.account_id)
    desk.pages = [page(1), page(2)]  # back again, as after an edit that was undone: that is news
    desk.poller.poll(PAGE.account_id)
    bodies = [desk.bucket.objects[m.body["key"]] for m in desk.ingest.messages]
    assert bodies == [b'{"n":1}', b'{"n":2}', b'{"n":3}', b'{"n":2}']


@pytest.mark.parametrize("dies", ["bucket", "ingest"])
def test_a_poll_that_dies_moves_no_cursor_past_what_was_queued(desk, dies):
    desk.pages = [page(1), page(2)]
    calls = []

    def kill(name):
        calls.append(name)
        if len(calls) == 2:
            raise ConnectionError(name)

    getattr(desk, dies).faults.before = kill
    with pytest.raises(ConnectionError):
        desk.poller.poll(PAGE.account_id)
    assert desk.cursors() == {"feed": {"after": "1"}}
    assert len(desk.ingest.messages) == 1


def test_an_unmoved_cursor_is_not_written_again(desk, table):
    desk.pages = [page(1)]
    desk.poller.poll(PAGE.account_id)
    desk.poller.poll(PAGE.account_id)
    assert table.items[f"CURSOR#{PAGE.account_id}", "feed"]["rev"] == 1


@pytest.mark.parametrize("scope", ["all", "polls"])
def test_a_throttled_account_is_left_alone_until_it_regains(desk, clock, scope):
    desk.pages = [page(1)]
    desk.throttles.stop(PAGE.account_id, clock() + timedelta(minutes=5), scope=scope, code="4")
    assert desk.poller.poll(PAGE.account_id).status == "throttled"
    assert desk.seen_cursors == []
    clock.forward(minutes=5)
    assert desk.poller.poll(PAGE.account_id) == ("done", 1, "")


def test_stopped_actions_do_not_stop_polls(desk, clock):
    desk.throttles.stop(PAGE.account_id, clock() + timedelta(hours=5), scope="acts", code="policy")
    assert desk.poller.poll(PAGE.account_id).status == "done"


def test_a_throttle_in_the_middle_keeps_what_was_found(desk, clock):
    desk.pages = [page(1), ThrottledError("slow down", until=clock(), platform_code="80001")]
    assert desk.poller.poll(PAGE.account_id) == ("throttled", 1, "80001")
    assert desk.cursors() == {"feed": {"after": "1"}}


@pytest.mark.parametrize("error", [ReauthoriseError, NotAllowedError, GoneError])
def test_what_only_a_person_can_mend_is_told_and_not_repeated(desk, event, context, error):
    desk.pages = [error("no")]
    assert handler(event("poll-account"), context) == {"batchItemFailures": []}
    assert desk.unwell == [(PAGE.account_id, error.code)]


def test_an_account_without_a_token_is_unwell(desk):
    def no_token(account):
        raise ReauthoriseError(account.account_id)

    desk.open_http = no_token
    assert desk.poller.poll(PAGE.account_id).status == "unwell"
    assert desk.unwell == [(PAGE.account_id, "platform_reauthorise")]


@pytest.mark.parametrize(
    ("error", "why"),
    [(TryAgainError("503", platform_code="503"), "503"), (PlatformError("points elsewhere"), "platform_failed")],
)
def test_a_failing_platform_is_left_to_the_next_minutes_poll(desk, event, context, error, why):
    desk.pages = [page(1), error]
    assert desk.poller.poll(PAGE.account_id) == ("failed", 1, why)
    assert handler(event("poll-account"), context) == {"batchItemFailures": []}
    assert desk.cursors() == {"feed": {"after": "1"}}
    assert desk.unwell == []


def test_an_account_whose_secret_is_missing_is_unwell(desk, event, context):
    desk.open_http = lambda account: account_token(MemorySecrets().get, "bluelamp/account/", account.account_id)
    assert handler(event("poll-account"), context) == {"batchItemFailures": []}
    assert desk.unwell == [(PAGE.account_id, "platform_reauthorise")]


def test_accounts_that_are_no_longer_ours_are_skipped(desk):
    assert desk.poller.poll("facebook-0").status == "unknown_account"
    assert desk.seen_cursors == []


def test_a_long_poll_leaves_the_rest_and_its_place(desk):
    desk.pages = [page(n) for n in range(MAX_PAGES + 5)]
    assert desk.poller.poll(PAGE.account_id) == ("done", MAX_PAGES, "")
    assert desk.cursors() == {"feed": {"after": str(MAX_PAGES - 1)}}


def test_a_slow_poll_stops_before_the_functions_time_is_up(desk, clock):
    clock_steps = iter(range(100))

    def slow_pages():
        for n in clock_steps:
            clock.forward(seconds=10)
            yield page(n)

    desk.poll = lambda account, cursors, http: slow_pages()
    assert desk.poller.poll(PAGE.account_id).pages == 2


def test_the_message_for_ingest_is_plain_json(desk):
    desk.pages = [page(1)]
    desk.poller.poll(PAGE.account_id)
    assert json.loads(desk.ingest.messages[0].text())["v"] == 1
