"""X's own peculiarities, in what it sends and in what it is asked."""

# ruff: noqa: PLR0917 -- pytest passes fixtures by name

import json
from datetime import UTC, datetime

import pytest

from bluelamp.platforms.contract import AccountRef, MediaRef, NotAllowedError, Target, Tombstone
from bluelamp.platforms.registry import connector
from bluelamp.platforms.x_events import GONE_TYPE
from functions.receive.handler import raw_body

ME = "1585841080431321088"
WRITER = "2244994945001122334"
ACCOUNT = AccountRef(account_id=f"x-{ME}", platform="x", native_id=ME, handle="WealdshirePol")
REPLY = Target(account_native=ME, native_id="2092", kind="reply", thread_native="2090", author_id=WRITER)
MESSAGE = Target(account_native=ME, native_id="2093", kind="message", thread_native=WRITER, private=True)
SINCE = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


@pytest.fixture
def x():
    return connector("x")


def activity(x, event_type, payload, includes=None):
    event = {"event_type": event_type, "filter": {"user_id": ME}, "payload": payload, "includes": includes or {}}
    return x.parse(json.dumps({"data": event}).encode())


def test_a_reply_by_the_activity_api(x, event):
    (post,) = x.parse(raw_body(event("receive-x-reply"))).events
    assert (post.kind, post.direction, post.native_id) == ("reply", "in", "2092345678901230001")
    assert (post.author_id, post.author_name, post.author_handle) == (WRITER, "Tilda Rowe", "tilda_rowe")
    assert (post.thread_native, post.parent_native) == ("2092300000000000001", "2092300000000000001")
    assert post.permalink == "https://x.com/i/web/status/2092345678901230001"
    assert post.event_at == datetime(2026, 11, 22, 16, 29, 50, tzinfo=UTC)


def test_the_older_api_with_bare_numbers(x, event):
    mention, own, removal, message = x.parse(raw_body(event("receive-x-legacy"))).events
    assert mention.text.endswith("and nobody says why"), "the whole text stands in extended_tweet"
    assert (mention.kind, mention.author_handle) == ("mention", "tilda_rowe")
    assert (own.native_id, own.direction, own.kind) == ("2092345678901230003", "out", "reply")
    assert own.parent_native == "2092345678901230002"
    assert isinstance(removal, Tombstone)
    assert removal.event_at == datetime(2026, 11, 22, 16, 29, 51, 500_000, tzinfo=UTC)
    assert (message.kind, message.thread_native, message.author_name) == ("message", WRITER, "Tilda Rowe")
    assert message.private


def test_a_message_comes_in_the_older_shape_inside_the_newer(x, event):
    (message,) = x.parse(raw_body(event("receive-x-message"))).events
    assert (message.text, message.author_handle) == ("It is about the shop on Tanyard Row", "tilda_rowe")


def test_one_odd_message_does_not_cost_its_neighbours(x, event):
    body = json.loads(raw_body(event("receive-x-message")))
    body["data"]["payload"]["direct_message_events"].insert(0, {"type": "welcome"})
    batch = x.parse(json.dumps(body).encode())
    assert (len(batch.events), len(batch.unrecognised)) == (1, 1)


@pytest.mark.parametrize("direction", ["in", "out"])
def test_messages_as_the_second_version_has_them(x, direction):
    sender = WRITER if direction == "in" else ME
    payload = {"id": "7", "text": "hello", "sender_id": sender, "dm_conversation_id": f"{ME}-{WRITER}"}
    (message,) = activity(x, "dm.received", payload).events
    assert (message.direction, message.thread_native, message.author_id) == (direction, WRITER, sender)


def test_a_group_is_its_own_thread(x):
    (message,) = activity(x, "dm.sent", {"id": "7", "sender_id": ME, "dm_conversation_id": "12345"}).events
    assert message.thread_native == "12345"


def test_a_deletion_has_no_time_of_its_own(x, event):
    (removal,) = x.parse(raw_body(event("receive-x-delete"))).events
    assert removal.native_id == "2092345678901230003"
    assert abs((removal.event_at - datetime.now(UTC)).total_seconds()) < 60


@pytest.mark.parametrize(
    "kind", ["dm.read", "dm.indicate_typing", "follow.follow", "profile.update.bio", "like.create"]
)
def test_noise_is_counted(x, kind):
    assert activity(x, kind, {}).ignored == 1


@pytest.mark.parametrize("kind", ["oauth.revoke", "chat.received", "hovercraft.eel", ""])
def test_what_matters_and_is_no_post_is_kept(x, kind):
    assert len(activity(x, kind, {}).unrecognised) == 1


def test_events_may_come_in_a_list_one_of_them_odd(x):
    good = {"event_type": "post.create", "filter": {"user_id": ME}, "payload": {"id": "1", "text": "t"}}
    batch = x.parse(json.dumps({"data": [7, good, {"event_type": "post.create"}]}).encode())
    assert (len(batch.events), [u.raw for u in batch.unrecognised]) == (1, [b"7", b'{"event_type": "post.create"}'])


def test_an_unknown_part_beside_an_event_is_kept_with_it(x):
    good = {"event_type": "post.create", "filter": {"user_id": ME}, "payload": {"id": "1", "text": "t"}}
    raw = json.dumps({"data": good, "beta_insights": []}).encode()
    batch = x.parse(raw)
    assert (len(batch.events), [u.raw for u in batch.unrecognised]) == (1, [raw])


def test_reposts_are_nobodys_words(x):
    payload = {"id": "1", "author_id": WRITER, "referenced_tweets": [{"type": "retweeted", "id": "2"}]}
    assert activity(x, "post.mention.create", payload).ignored == 1
    legacy = {"for_user_id": ME, "tweet_create_events": [{"id": 1, "retweeted_status": {}}]}
    assert x.parse(json.dumps(legacy).encode()).ignored == 1


def test_a_mention_that_answers_us_is_a_reply(x):
    payload = {"id": "3", "author_id": WRITER, "in_reply_to_tweet_id": "2", "text": "@WealdshirePol when?"}
    (mention,) = activity(x, "post.mention.create", payload).events
    assert (mention.kind, mention.parent_native) == ("mention", "2")
    (reply,) = activity(x, "post.mention.create", payload, {"tweets": [{"id": "2", "author_id": ME}]}).events
    assert reply.kind == "reply"


def test_an_answer_to_us_in_somebody_elses_thread_is_a_mention(x):
    payload = {"id": "3", "author_id": WRITER, "in_reply_to_user_id": ME, "conversation_id": "1", "text": "and?"}
    root = {"tweets": [{"id": "1", "author_id": WRITER}]}
    assert activity(x, "post.reply.create", payload).events[0].kind == "reply"
    assert activity(x, "post.reply.create", payload, root).events[0].kind == "mention", "X would refuse to hide it"


def test_what_a_search_of_our_conversations_finds_are_replies(x):
    page = {"data": [{"id": "3", "author_id": WRITER, "text": "no name in it", "conversation_id": "1"}]}
    for kind, read_as in (("search", "reply"), ("mentions", "mention")):
        assert x.parse_page(kind, json.dumps(page).encode(), ACCOUNT).events[0].kind == read_as


def test_an_edit_is_a_post_of_its_own(x):
    payload = {"id": "3", "author_id": WRITER, "text": "b", "edit_history_tweet_ids": ["2", "3"]}
    (post,) = activity(x, "post.mention.create", payload).events
    assert (post.native_id, post.edited) == ("3", True)


def test_long_posts_and_pictures(x):
    payload = {
        "id": "3",
        "text": "cut…",
        "note_tweet": {"text": "whole"},
        "attachments": {"media_keys": ["3_1", "3_2"]},
    }
    includes = {"media": [{"media_key": "3_1", "type": "photo", "url": "https://pbs.example/1.jpg"}]}
    (post,) = activity(x, "post.mention.create", payload, includes).events
    assert post.text == "whole"
    assert post.media == (MediaRef(kind="image", url="https://pbs.example/1.jpg"), MediaRef(kind="media", url=""))


def test_a_page_with_data_and_errors(x):
    page = {"data": [{"id": "1", "text": "t"}], "errors": [{"resource_id": "9", "type": GONE_TYPE}]}
    assert [e.native_id for e in x.parse_page("mentions", json.dumps(page).encode(), ACCOUNT).events] == ["1"]
    (removal,) = x.parse_page("check", json.dumps(page).encode(), ACCOUNT).events
    assert (type(removal), removal.native_id) == (Tombstone, "9")


def test_a_post_that_may_not_be_seen_is_not_a_removal(x):
    page = {"errors": [{"resource_id": "9", "type": "https://api.twitter.com/2/problems/not-authorized-for-resource"}]}
    assert x.parse_page("check", json.dumps(page).encode(), ACCOUNT).events == ()


class TestAct:
    def test_nobody_elses_post_is_deleted(self, x, loopback, open_http):
        with pytest.raises(NotAllowedError, match="somebody else"):
            x.act("delete", REPLY, open_http(ACCOUNT.account_id))
        assert loopback.calls == []

    def test_hiding(self, x, loopback, open_http, reply):
        loopback.will(reply({"data": {"hidden": True}}, x_transaction_id="T7"))
        assert x.act("hide", REPLY, open_http(ACCOUNT.account_id)).request_id == "T7"
        call = loopback.calls[0]
        assert (call.method, call.path, json.loads(call.body)) == ("PUT", "/2/tweets/2092/hidden", {"hidden": True})

    def test_answering_in_private(self, x, loopback, open_http, reply):
        loopback.will(reply({"data": {"dm_event_id": "5", "dm_conversation_id": "1-2"}}, 201))
        assert x.act("reply", MESSAGE, open_http(ACCOUNT.account_id), text="hello").native_id == "5"
        assert loopback.calls[0].path == f"/2/dm_conversations/with/{WRITER}/messages"


class TestReadBack:
    def test_whether_a_reply_is_hidden_cannot_be_read(self, x, loopback, open_http, reply):
        loopback.will(reply({"data": {"id": "2092", "text": "t"}}))
        assert x.read_back("hide", REPLY, open_http(ACCOUNT.account_id), since=SINCE).state == "unknown"

    def test_a_200_with_errors_alone_is_a_missing_post(self, x, loopback, open_http, reply):
        loopback.will(reply({"errors": [{"resource_id": "2092"}]}))
        assert x.read_back("hide", REPLY, open_http(ACCOUNT.account_id), since=SINCE).state == "gone"

    @pytest.mark.parametrize(
        ("text", "parent", "state"),
        [
            ("@tilda_rowe Thank you, see https://t.co/abc", "2092", "done"),
            ("@tilda_rowe Thank you", "2092", "not_done"),
            ("@tilda_rowe Thank you, see https://t.co/abc", "2000", "not_done"),
        ],
    )
    def test_our_reply_is_found_as_x_shows_it(self, x, loopback, open_http, reply, text, parent, state):
        ours = {"id": "2099", "text": text, "referenced_tweets": [{"type": "replied_to", "id": parent}]}
        loopback.will(reply({"data": {"id": "2092"}}), reply({"data": [ours]}))
        sent = "Thank you, see https://www.wealdshire.example/report"
        found = x.read_back("reply", REPLY, open_http(ACCOUNT.account_id), text=sent, since=SINCE)
        assert (found.state, found.native_id) == (state, "2099" if state == "done" else None)
        assert loopback.calls[1].query["start_time"] == "2026-11-22T15:30:00Z"

    @pytest.mark.parametrize(
        ("change", "state"),
        [
            ({}, "done"),
            ({"sender_id": WRITER}, "not_done"),
            ({"created_at": "2026-11-22T15:29:59Z"}, "not_done"),
            ({"created_at": None}, "unknown"),
        ],
    )
    def test_our_message_is_found(self, x, loopback, open_http, reply, change, state):
        ours = {"id": "9", "text": "hello", "sender_id": ME, "created_at": "2026-11-22T16:29:52Z", **change}
        loopback.will(reply({"data": [ours]}))
        assert x.read_back("reply", MESSAGE, open_http(ACCOUNT.account_id), text="hello", since=SINCE).state == state

    @pytest.mark.parametrize(
        ("sent", "shown"),
        [
            ("Lost & found: ring 101", {"text": "@tilda_rowe Lost &amp; found: ring 101"}),
            ("word " * 80, {"text": "word " * 50 + "\N{HORIZONTAL ELLIPSIS}", "note_tweet": {"text": "word " * 80}}),
        ],
    )
    def test_escaped_and_long_words_are_still_ours(self, x, loopback, open_http, reply, sent, shown):
        ours = {"id": "2099", "referenced_tweets": [{"type": "replied_to", "id": "2092"}], **shown}
        loopback.will(reply({"data": {"id": "2092"}}), reply({"data": [ours]}))
        assert x.read_back("reply", REPLY, open_http(ACCOUNT.account_id), text=sent, since=SINCE).state == "done"

    def test_a_reply_is_found_on_the_second_page(self, x, loopback, open_http, reply):
        ours = {"id": "2099", "text": "hello", "referenced_tweets": [{"type": "replied_to", "id": "2092"}]}
        other = {"id": "2100", "text": "news", "created_at": "2026-11-22T16:00:00Z"}
        loopback.will(
            reply({"data": {"id": "2092"}}),
            reply({"data": [other], "meta": {"next_token": "T"}}),
            reply({"data": [ours]}),
        )
        assert x.read_back("reply", REPLY, open_http(ACCOUNT.account_id), text="hello", since=SINCE).state == "done"
        assert loopback.calls[2].query["pagination_token"] == "T"

    @pytest.mark.parametrize("target", [REPLY, MESSAGE])
    def test_what_does_not_reach_back_says_nothing(self, x, loopback, open_http, reply, target):
        other = {"id": "9", "text": "news", "created_at": "2026-11-22T16:00:00Z"}
        if target is REPLY:
            loopback.will(reply({"data": {"id": "2092"}}))
        loopback.will(*[reply({"data": [other], "meta": {"next_token": "T"}})] * 9)
        found = x.read_back("reply", target, open_http(ACCOUNT.account_id), text="hello", since=SINCE)
        assert found.state == "unknown"


class Platform:
    """Answers polls by path; what is not given is empty."""

    def __init__(self, loopback, reply):
        self.calls, self.given, self.reply = loopback.calls, {}, reply
        loopback.answers = [self.answer] * 200

    def answer(self, call):
        steps = self.given.get(call.path)
        return steps.pop(0) if steps else self.reply({"meta": {"result_count": 0}})

    def queries(self, path):
        return [call.query for call in self.calls if call.path == path]


def snowflake(clock, minutes_ago=0):
    return str((int(clock().timestamp() * 1000) - minutes_ago * 60_000 - 1_288_834_974_657) << 22)


class TestPoll:
    MENTIONS = f"/2/users/{ME}/mentions"
    POSTS = f"/2/users/{ME}/tweets"
    SEARCH = "/2/tweets/search/recent"

    @pytest.fixture
    def platform(self, loopback, reply):
        return Platform(loopback, reply)

    def run(self, x, http, cursors):
        pages = list(x.poll(ACCOUNT, cursors, http))
        for page in pages:
            cursors[page.stream] = page.cursor
        return [page.kind for page in pages if page.raw]

    def test_mentions_are_read_on_from_the_newest_seen(self, x, platform, open_http, reply):
        cursors = {}
        platform.given[self.MENTIONS] = [
            reply({"data": [{"id": "30"}, {"id": "20"}], "meta": {"next_token": "t1"}}),
            reply({"data": [{"id": "10"}], "meta": {}}),
        ]
        assert self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors) == ["mentions", "mentions"]
        assert cursors["mentions"] == {"since": "30"}
        assert platform.queries(self.MENTIONS)[1]["pagination_token"] == "t1"
        self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors)
        assert platform.queries(self.MENTIONS)[2]["since_id"] == "30"

    def test_a_walk_that_broke_off_goes_on_at_its_token(self, x, platform, open_http, reply):
        platform.given[self.MENTIONS] = [
            reply({"data": [{"id": "30"}], "meta": {"next_token": "t1"}}),
            reply({"data": [{"id": "20"}], "meta": {}}),
        ]
        cursors = {"mentions": {"since": "5"}}
        first = next(iter(x.poll(ACCOUNT, cursors, open_http(ACCOUNT.account_id, "poll"))))
        assert first.cursor == {"since": "5", "newest": "30", "token": "t1"}
        cursors["mentions"] = first.cursor
        self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors)
        assert cursors["mentions"] == {"since": "30"}

    def test_a_place_that_x_refuses_begins_again(self, x, platform, open_http, reply):
        platform.given[self.MENTIONS] = [
            reply({"title": "Invalid Request", "detail": "since_id"}, 400),
            reply({"data": [{"id": "50"}]}),
        ]
        cursors = {"mentions": {"since": "1"}}
        assert self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors) == ["mentions"]
        assert cursors["mentions"] == {"since": "50"}

    def test_conversations_that_we_began_are_searched(self, x, platform, open_http, reply, clock):
        ours, theirs = snowflake(clock, 90), snowflake(clock, 80)
        own = [{"id": ours, "conversation_id": ours}, {"id": theirs, "conversation_id": "1"}]
        platform.given[self.POSTS] = [reply({"data": own})]
        deep = snowflake(clock, 10)
        platform.given[self.SEARCH] = [reply({"data": [{"id": deep, "text": "no name in it"}]})]
        cursors = {}
        assert self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors) == ["search", "search"]
        assert platform.queries(self.SEARCH)[0]["query"] == f"conversation_id:{ours}"
        self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors)
        since = int(platform.queries(self.SEARCH)[1]["since_id"])
        assert since < int(deep), "the index lags, so the search reaches back a little"

    def test_no_query_is_too_long(self, x, platform, open_http, reply, clock):
        begun = [{"id": snowflake(clock, n), "conversation_id": snowflake(clock, n)} for n in range(1, 31)]
        platform.given[self.POSTS] = [reply({"data": begun})]
        self.run(x, open_http(ACCOUNT.account_id, "poll"), {})
        queries = [query["query"] for query in platform.queries(self.SEARCH)]
        assert len(queries) == 3
        assert max(map(len, queries)) <= 512

    def test_messages_are_read_until_the_last_one_known(self, x, platform, open_http, reply):
        cursors = {"messages": {"since": "20"}}
        platform.given["/2/dm_events"] = [reply({"data": [{"id": "30"}, {"id": "20"}], "meta": {"next_token": "t"}})]
        assert self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors) == ["messages"]
        assert (cursors["messages"], len(platform.queries("/2/dm_events"))) == ({"since": "30"}, 1)
        platform.given["/2/dm_events"] = [reply({"data": [{"id": "30"}]})]
        assert self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors) == []

    def test_posts_that_went_missing_are_noticed(self, x, platform, open_http, reply):
        cursors = {}
        platform.given[self.MENTIONS] = [reply({"data": [{"id": "30"}, {"id": "20"}]})]
        self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors)
        missing = {"resource_id": "20", "type": GONE_TYPE}
        platform.given["/2/tweets"] = [reply({"data": [{"id": "30"}], "errors": [missing]})]
        assert self.run(x, open_http(ACCOUNT.account_id, "poll"), cursors) == ["check"]
        assert cursors["check"] == {"ids": ["30"]}
