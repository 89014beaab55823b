"""Whether a poll has read all there was: what the connectors say of their walks, and what the poller makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from bluelamp.completeness.rules import STREAMS
from bluelamp.platforms import facebook_polling, x_polling
from bluelamp.platforms.contract import AccountRef, PlatformError, PollPage, ThrottledError
from bluelamp.platforms.http import Answer

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
USER = AccountRef(account_id="x-15", platform="x", native_id="15")
PAGE = AccountRef(account_id="facebook-1", platform="facebook", native_id="1")


class Site:
    """Answers reads by path; what is not given is empty."""

    def __init__(self, **given):
        self.given = {f"/{name}": list(answers) for name, answers in given.items()}

    def clock(self):
        return NOW

    def read(self, dialect, path, params):
        answers = self.given.get("/" + path.rsplit("/", maxsplit=1)[-1], [])
        data = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else {"data": []}
        if isinstance(data, Exception):
            raise data
        return Answer(status=200, headers={}, body=json.dumps(data).encode(), data=data)

    def follow(self, dialect, url):
        return self.read(dialect, url, {})


def x(cursors, **given):
    pages = list(x_polling.poll(None, USER, cursors, Site(**given)))
    for page in pages:
        cursors[page.stream] = page.cursor
    return pages


def facebook(cursors, **given):
    pages = list(facebook_polling.poll(None, PAGE, cursors, Site(**given)))
    for page in pages:
        cursors[page.stream] = page.cursor
    return pages


def ends(pages):
    return {page.stream for page in pages if page.more}, {page.stream for page in pages if page.lost}


def tweets(*ids, token=None):
    return {"data": [{"id": str(i)} for i in ids], "meta": {"next_token": token} if token else {}}


def feed(*numbers, following=False):
    data = [{"id": f"1_{n}", "created_time": "2026-11-01T00:00:00+0000"} for n in numbers]
    return {"data": data, "paging": {"next": "https://graph/feed"} if following else {}}


REFUSED = PlatformError("since_id", platform_code="400")


def test_a_walk_to_the_end_is_whole_on_every_stream():
    cursors = {}
    assert ends(x(cursors, mentions=[tweets(30, 20)], dm_events=[tweets(5)])) == (set(), set())
    assert ends(x(cursors, mentions=[tweets(40)], dm_events=[tweets(6, 5)])) == (set(), set())
    assert set(cursors) == set(STREAMS["x"])
    cursors = {}
    assert ends(facebook(cursors, feed=[feed(1)], conversations=[talks(1)])) == (set(), set())
    assert set(cursors) == set(STREAMS["facebook"])


def talks(*numbers, following=False, minute=0):
    data = [{"id": f"t_{n}", "updated_time": f"2026-11-20T10:{minute:02d}:00+0000"} for n in numbers]
    return {"data": data, "paging": {"next": "https://graph/conversations"} if following else {}}


def test_x_goes_on_at_the_next_poll_where_a_walk_is_long():
    cursors = {"mentions": {"since": "1"}}
    assert ends(x(cursors, mentions=[tweets(30, token="t")])) == ({"mentions"}, set())
    assert cursors["mentions"] == {"since": "1", "newest": "30", "token": "t"}


@pytest.mark.parametrize(
    ("oldest", "lost"),
    [(20, set()), (19, set()), (21, {"mentions"})],
    ids=["meets it", "goes past it", "ends before it"],
)
def test_x_refuses_a_place_and_the_walk_from_the_top_meets_it_or_not(oldest, lost):
    cursors = {"mentions": {"since": "20"}}
    assert ends(x(cursors, mentions=[REFUSED, tweets(30, oldest)]))[1] == lost
    assert cursors["mentions"] == {"since": "30"}


def test_x_does_not_forget_a_refused_place_when_the_walk_breaks_off():
    cursors = {"mentions": {"since": "20"}}
    pages = x_polling.poll(None, USER, cursors, Site(mentions=[REFUSED, tweets(40, token="t")]))
    cursors["mentions"] = next(pages).cursor
    assert cursors["mentions"]["before"] == "20"
    assert ends(x(cursors, mentions=[tweets(30)]))[1] == {"mentions"}


def test_x_searches_and_messages_that_are_cut_short_are_said_to_be():
    young = str((int(NOW.timestamp() * 1000) - 1_288_834_974_657) << 22)
    cursors = {"posts": {"begun": [young]}}
    assert ends(x(cursors, recent=[tweets(30, token="t")]))[1] == {"search"}
    assert ends(x({"messages": {"since": "1"}}, dm_events=[tweets(30, token="t")]))[1] == {"messages"}
    assert ends(x({}, dm_events=[tweets(30, token="t")]))[1] == set()


def test_a_feed_that_does_not_join_up_with_the_last_one_has_lost_something():
    cursors = {}
    facebook(cursors, feed=[feed(1, 2)])
    known = dict(cursors)
    assert ends(facebook(dict(known), feed=[feed(3, following=True), feed(2, following=True)]))[1] == set()
    pages = facebook(dict(known), feed=[feed(5, following=True), feed(4, following=True)])
    assert ends(pages)[1] == {"feed"}
    assert ends(facebook(dict(known), feed=[feed(5, following=True), feed(4)]))[1] == set()
    assert ends(facebook({}, feed=[feed(5, following=True), feed(4, following=True)]))[1] == set()


def test_comments_beyond_the_bound_are_read_on_by_the_next_poll():
    cursors = {}
    many = {"data": [{"id": "1_9"}], "paging": {"next": "https://graph/comments", "cursors": {"after": "A"}}}
    assert ends(facebook(cursors, feed=[feed(1)], comments=[many])) == ({"feed"}, set())
    state = cursors["feed"]["posts"]["1_1"]
    assert (state["after"], state["updated"]) == ("A", "")
    assert ends(facebook(cursors, feed=[feed(1)])) == (set(), set())


def test_a_place_in_the_comments_that_facebook_forgot_is_read_again_from_the_start():
    cursors = {}
    facebook(cursors, feed=[feed(1)], comments=[{"data": [{"id": "9"}], "paging": {"cursors": {"after": "A"}}}])
    cursors["feed"]["posts"]["1_1"]["updated"] = "before"
    gone = PlatformError("after", platform_code="100")
    assert ends(facebook(cursors, feed=[feed(1)], comments=[gone])) == ({"feed"}, set())


def test_conversations_and_messages_beyond_the_bound_have_lost_something():
    cursors = {}
    facebook(cursors, conversations=[talks(1)])
    known = dict(cursors)
    both = [talks(2, following=True), talks(3, following=True)]
    assert ends(facebook(dict(known), conversations=both))[1] == {"messages"}
    assert ends(facebook(dict(known), conversations=[talks(2, following=True), talks(1)]))[1] == set()
    long = {"data": [{"created_time": "2026-11-21T10:00:00+0000"}], "paging": {"next": "https://graph/messages"}}
    again = [talks(1, minute=5)]
    assert ends(facebook(dict(known), conversations=again, messages=[long]))[1] == {"messages"}


# what the poller makes of it ------------------------------------------------------------------------------------


class Heart:
    def __init__(self):
        self.told = []

    def beat(self, account, at):
        self.told.append(("beat", at))

    def doubt(self, account):
        self.told.append(("doubt", None))


def page(number, **said):
    return PollPage(stream="feed", kind="feed", raw=b'{"n":%d}' % number, cursor={"after": str(number)}, **said)


@pytest.fixture
def poll(table, throttles, clock):
    from bluelamp.cloud.memory import MemoryBucket, MemoryQueue  # noqa: PLC0415 -- beside its use
    from bluelamp.platforms.polling import Poller  # noqa: PLC0415
    from bluelamp.platforms.store import CursorTable  # noqa: PLC0415

    heart, site = Heart(), SimpleNamespace(steps=[])

    def walk(*_):
        for step in site.steps:
            if callable(step):
                step()
            elif isinstance(step, Exception):
                raise step
            else:
                yield step

    poller = Poller(
        connector=lambda _: SimpleNamespace(poll=walk),
        accounts=lambda: [PAGE],
        account=lambda _: PAGE,
        open_http=lambda _: None,
        staging=MemoryBucket(),
        ingest=MemoryQueue(),
        polls=MemoryQueue(),
        cursors=CursorTable(table),
        throttles=throttles,
        heartbeats=heart,
        unwell=lambda *_: None,
        clock=clock,
    )

    def run(*steps):
        site.steps, heart.told = steps, []
        poller.poll(PAGE.account_id)
        return [what for what, _ in heart.told]

    run.heart = heart
    return run


def test_a_poll_that_came_to_its_end_beats_with_the_time_at_which_it_began(poll, clock):
    began = clock()
    assert poll(page(1), lambda: clock.forward(seconds=9)) == ["beat"]
    assert poll.heart.told == [("beat", began)]


@pytest.mark.parametrize(
    "steps",
    [
        (page(1, more=True),),
        (page(1), PlatformError("no")),
        (page(1), ThrottledError("slow down", until=NOW)),
        tuple(page(n) for n in range(70)),
    ],
    ids=["more is left", "failed", "throttled", "too many pages"],
)
def test_a_poll_that_did_not_come_to_its_end_proves_nothing(poll, steps):
    assert poll(*steps) == []


def test_what_was_lost_is_told_before_the_cursor_moves_past_it(poll, table):
    seen = []
    poll.heart.doubt = lambda _account: seen.append([k for k in table.items if k[0].startswith("CURSOR#")])
    assert poll(page(1, lost=True), PlatformError("no")) == []
    assert seen == [[]]
