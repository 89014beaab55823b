"""Facebook's own peculiarities, in what it sends and in what it is asked."""

# ruff: noqa: PLR0917 -- pytest passes fixtures by name

import json
from datetime import UTC, datetime

import pytest

from bluelamp.platforms.contract import (
    AccountRef,
    MediaRef,
    NotAllowedError,
    OutsideWindowError,
    PostEvent,
    ReadBack,
    StateChange,
    Target,
    Tombstone,
)
from bluelamp.platforms.registry import connector
from functions.receive.handler import raw_body

PAGE = "104857600012345"
POST = f"{PAGE}_7700123456789"
ACCOUNT = AccountRef(account_id=f"facebook-{PAGE}", platform="facebook", native_id=PAGE)
COMMENT = Target(account_native=PAGE, native_id="7_1", kind="comment", parent_native=POST, thread_native=POST)
ANSWER = Target(account_native=PAGE, native_id="7_2", kind="reply", parent_native="7_1", thread_native=POST)
MESSAGE = Target(account_native=PAGE, native_id="m_1", kind="message", thread_native="24601", private=True)
SINCE = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


@pytest.fixture
def facebook():
    return connector("facebook")


@pytest.fixture
def batch(facebook, event):
    return facebook.parse(raw_body(event("receive-facebook-batch")))


def parse_change(facebook, **value):
    body = {"entry": [{"id": PAGE, "time": 1795364992, "changes": [{"field": "feed", "value": value}]}]}
    return facebook.parse(json.dumps(body).encode())


def test_a_comment(facebook, event):
    raw = raw_body(event("receive-facebook-comment"))
    (post,) = facebook.parse(raw).events
    assert post == PostEvent(
        raw=raw[raw.index(b'{"field"') : raw.rindex(b"]}]")],
        platform="facebook",
        account_native=PAGE,
        native_id="7700123456789_998001",
        kind="comment",
        direction="in",
        thread_native=POST,
        parent_native=POST,
        author_id="24601998877665544",
        author_name="Marnie Okafor",
        text="Two lads trying car doors on Linnet Close again \N{EN DASH} third night running",
        permalink="https://www.facebook.com/104857600012345/posts/7700123456789",
        event_at=datetime(2026, 11, 22, 16, 29, 51, tzinfo=UTC),
    )


def test_an_edit_is_the_same_post_at_a_later_time(batch):
    edit = batch.events[0]
    assert (edit.native_id, edit.edited) == ("7700123456789_998001", True)
    assert edit.author_id == "24601998877665544", "sender_id stands for from"
    assert edit.event_at == datetime(2026, 11, 22, 16, 31, 40, tzinfo=UTC)


def test_a_reply_without_an_author(batch):
    reply = batch.events[1]
    assert (reply.kind, reply.parent_native, reply.thread_native) == ("reply", "7700123456789_998001", POST)
    assert (reply.author_id, reply.author_name, reply.direction) == (None, None, "in")
    assert reply.media == (MediaRef(kind="image", url="https://scontent.example/photo-1.jpg"),)


def test_removal_and_hiding(batch):
    assert isinstance(batch.events[2], Tombstone)
    assert batch.events[2].native_id == "7700123456789_998003"
    assert isinstance(batch.events[3], StateChange)
    assert batch.events[3].state == "hidden"


def test_messages_are_in_milliseconds_and_keep_their_thread(batch):
    received, echo, edit, unsent, standby = batch.events[4:]
    assert received.event_at == datetime(2026, 11, 22, 16, 31, 41, 100_000, tzinfo=UTC)
    person = "24601998877665544"
    assert [m.thread_native for m in (received, echo, edit)] == [person] * 3
    assert [(m.direction, m.author_id) for m in (received, echo)] == [("in", person), ("out", PAGE)]
    assert (edit.native_id, edit.edited, edit.text) == (received.native_id, True, "Who do I ring about a found dog?")
    assert isinstance(unsent, Tombstone)
    assert standby.media == (MediaRef(kind="image", url="https://scontent.example/photo-2.jpg"),)


def test_noise_is_counted_and_the_odd_is_kept(batch):
    assert batch.ignored == 1
    assert [u.raw for u in batch.unrecognised] == [
        b'{"field":"feed"}',
        b'{"field":"hovercraft","value":{"item":"eel","verb":"add"}}',
    ]
    assert batch.unrecognised[0].why == f"account {PAGE}: a change of feed without a value"


@pytest.mark.parametrize("verb", ["block", "follow", "mute"])
def test_verbs_about_people_are_noise(facebook, verb):
    assert parse_change(facebook, item="user", verb=verb).ignored == 1


def test_an_unknown_verb_is_kept(facebook):
    (odd,) = parse_change(facebook, item="comment", verb="levitate", comment_id="1").unrecognised
    assert "levitate" in odd.why


def test_a_post_that_arrives_hidden_is_known_to_be_hidden(facebook):
    post, state = parse_change(facebook, item="comment", verb="add", comment_id="1", post_id="2", is_hidden=True).events
    assert (state.native_id, state.state) == (post.native_id, "hidden")


def test_the_pages_own_posts_go_out(facebook):
    value = {"item": "photo", "verb": "add", "post_id": POST, "link": "https://img.example/1", "from": {"id": PAGE}}
    (post,) = parse_change(facebook, **value).events
    assert (post.kind, post.direction, post.media[0].kind) == ("post", "out", "image")
    assert post.event_at == datetime(2026, 11, 22, 16, 29, 52, tzinfo=UTC), "without a time of its own, the entry's"


def test_ratings_and_mentions_can_be_answered_only(facebook):
    rating = {"item": "rating", "verb": "add", "open_graph_story_id": 904, "reviewer_id": 7, "review_text": "Rude"}
    change = {"field": "ratings", "value": rating}
    (post,) = facebook.parse(json.dumps({"entry": [{"id": PAGE, "changes": [change]}]}).encode()).events
    assert (post.kind, post.native_id, post.author_id, post.text) == ("mention", "904", "7", "Rude")


def test_a_message_edit_without_sender_is_odd(facebook):
    body = {"entry": [{"id": PAGE, "messaging": [{"message": {"mid": "m_1", "text": "hello"}}]}]}
    assert "without anybody" in facebook.parse(json.dumps(body).encode()).unrecognised[0].why


def test_photos_and_videos_of_a_post(facebook):
    value = {
        "item": "photo",
        "verb": "add",
        "post_id": POST,
        "photos": ["https://i.example/1", 7],
        "video": "https://v.example",
    }
    (post,) = parse_change(facebook, **value).events
    assert [(m.kind, m.url) for m in post.media] == [("image", "https://i.example/1"), ("video", "https://v.example")]


def test_what_graph_attaches(facebook):
    picture = {"type": "photo", "media": {"image": {"src": "https://i.example/1"}}, "url": "https://facebook.example"}
    comment = {"id": "7_2", "attachment": picture, "is_hidden": True}
    post, state = facebook.parse_page("comments:7", json.dumps({"data": [comment]}).encode(), ACCOUNT).events
    assert (post.media, state.state) == ((MediaRef(kind="image", url="https://i.example/1"),), "hidden")
    files = [
        {"mime_type": "image/png", "image_data": {"url": "https://i.example/2"}},
        {"file_url": "https://f.example"},
    ]
    message = {"id": "m_1", "from": {"id": "5"}, "attachments": {"data": files}}
    (post,) = facebook.parse_page("messages", json.dumps({"data": [message]}).encode(), ACCOUNT).events
    assert [(m.kind, m.url) for m in post.media] == [("image", "https://i.example/2"), ("file", "https://f.example")]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (17, "an entry without an id"),
        ({"id": True}, "an entry without an id"),
        ({"id": PAGE}, "without changes or messages"),
        ({"id": PAGE, "changes": {}}, "changes is no list"),
        ({"id": PAGE, "changes": [{"field": "feed", "value": {"item": "post", "verb": "add"}}]}, "without an id"),
        ({"id": PAGE, "messaging": [{"optin": {"ref": "x"}}]}, "no message (optin)"),
    ],
)
def test_odd_entries_say_what_is_odd_about_them(facebook, entry, why):
    (odd,) = facebook.parse(json.dumps({"entry": [entry]}).encode()).unrecognised
    assert why in odd.why


class TestAct:
    @pytest.mark.parametrize("verb", ["hide", "unhide"])
    def test_what_is_so_already_is_not_asked_for(self, facebook, loopback, open_http, reply, verb):
        loopback.will(reply({"id": "7_1", "is_hidden": verb == "hide", "can_hide": True}))
        assert facebook.act(verb, COMMENT, open_http()).status == "already"
        assert len(loopback.calls) == 1

    @pytest.mark.parametrize(("verb", "denied"), [("hide", "can_hide"), ("delete", "can_remove")])
    def test_what_facebook_says_it_will_refuse_is_not_asked_for(
        self, facebook, loopback, open_http, reply, verb, denied
    ):
        loopback.will(reply({"id": "7_1", "is_hidden": False, denied: False}))
        with pytest.raises(NotAllowedError):
            facebook.act(verb, COMMENT, open_http())
        assert len(loopback.calls) == 1

    def test_hiding_sends_the_form(self, facebook, loopback, open_http, reply):
        loopback.will(reply({"id": "7_1", "can_hide": True}), reply({"success": True}, x_fb_trace_id="T9"))
        assert facebook.act("hide", COMMENT, open_http()).request_id == "T9"
        assert (loopback.calls[1].path, loopback.calls[1].body) == ("/7_1", b"is_hidden=true")

    def test_an_old_message_is_answered_under_the_tag_for_people(self, facebook, loopback, open_http, reply):
        outside = reply({"error": {"code": 10, "error_subcode": 2018278}}, 403)
        loopback.will(outside, reply({"message_id": "m_2"}))
        done = facebook.act("reply", MESSAGE, open_http(), text="Please ring 101")
        assert done.native_id == "m_2"
        first, second = (json.loads(call.body) for call in loopback.calls)
        assert (first["messaging_type"], first["recipient"]) == ("RESPONSE", {"id": "24601"})
        assert (second["messaging_type"], second["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")

    def test_after_seven_days_nothing_helps(self, facebook, loopback, open_http, reply):
        loopback.answers = [reply({"error": {"code": 10, "error_subcode": 2018278}}, 403)] * 2
        with pytest.raises(OutsideWindowError):
            facebook.act("reply", MESSAGE, open_http(), text="Please ring 101")


class TestReadBack:
    def comment(self, **change):
        ours = {"id": "7_9", "message": "Thank you", "from": {"id": PAGE}, "parent": {"id": "7_1"}}
        return {**ours, "created_time": "2026-11-22T16:29:52+0000", **change}

    def look(self, facebook, loopback, open_http, reply, *comments, target=COMMENT):
        loopback.will(reply({"id": "7_1"}), reply({"data": list(comments)}))
        return facebook.read_back("reply", target, open_http(), text="Thank you", since=SINCE)

    def test_our_reply_is_found(self, facebook, loopback, open_http, reply):
        found = self.look(facebook, loopback, open_http, reply, self.comment())
        assert found == ReadBack(state="done", native_id="7_9")

    @pytest.mark.parametrize(
        "other",
        [
            {"message": "Thanks"},
            {"from": {"id": "24601"}},
            {"from": None},
            {"parent": {"id": "7_2"}},
            {"parent": {"id": POST}},
            {"parent": None},
            {"created_time": "2026-11-22T12:00:00+0000"},
        ],
    )
    def test_another_is_not_taken_for_ours(self, facebook, loopback, open_http, reply, other):
        assert self.look(facebook, loopback, open_http, reply, self.comment(**other)).state == "not_done"

    def test_an_answer_to_a_post_hangs_on_nothing(self, facebook, loopback, open_http, reply):
        post = COMMENT.model_copy(update={"kind": "post", "native_id": POST, "parent_native": None})
        found = self.look(facebook, loopback, open_http, reply, self.comment(parent=None), target=post)
        assert found == ReadBack(state="done", native_id="7_9")

    def test_a_sent_message_is_found(self, facebook, loopback, open_http, reply):
        sent = self.comment(id="m_2", to={"data": [{"id": "24601"}]})
        loopback.will(reply({"data": [{"id": "t_1"}]}), reply({"data": [sent]}))
        found = facebook.read_back("reply", MESSAGE, open_http(), text="Thank you", since=SINCE)
        assert (found.state, found.native_id) == ("done", "m_2")

    def test_ours_without_a_time_may_be_this_one(self, facebook, loopback, open_http, reply):
        found = self.look(facebook, loopback, open_http, reply, self.comment(created_time=None))
        assert found.state == "unknown"

    def test_white_space_that_facebook_joined_makes_no_other_reply(self, facebook, loopback, open_http, reply):
        assert self.look(facebook, loopback, open_http, reply, self.comment(message="Thank\nyou ")).state == "done"

    @pytest.mark.parametrize(("parent", "state"), [("7_1", "unknown"), ("7_2", "done"), ("7_5", "not_done")])
    def test_the_same_words_to_a_sibling_are_not_taken_for_ours(
        self, facebook, loopback, open_http, reply, parent, state
    ):
        comment = self.comment(parent={"id": parent})
        assert self.look(facebook, loopback, open_http, reply, comment, target=ANSWER).state == state

    def test_a_day_old_reply_is_found_when_the_action_is_as_old(self, facebook, loopback, open_http, reply, clock):
        clock.forward(hours=24)
        assert self.look(facebook, loopback, open_http, reply, self.comment()).state == "done"

    def listing(self, loopback, reply, *pages):
        """Pages of other people's comments, a minute apart, each but the last with a next one."""
        url = f"{loopback.base_url}/{POST}/comments?after="
        for number, items in enumerate(pages, start=1):
            paging = {"next": f"{url}{number}"} if number < len(pages) else {}
            loopback.will(reply({"data": items, "paging": paging}))

    def other(self, minute):
        return self.comment(message="No", created_time=f"2026-11-22T15:{minute}:00+0000")

    def test_the_listing_is_read_back_to_the_start_of_the_action(self, facebook, loopback, open_http, reply):
        loopback.will(reply({"id": "7_1"}))
        self.listing(loopback, reply, [self.other(50)], [self.comment(created_time="2026-11-22T15:40:00+0000")])
        assert facebook.read_back("reply", COMMENT, open_http(), text="Thank you", since=SINCE).state == "done"

    def test_nothing_older_than_the_action_is_read(self, facebook, loopback, open_http, reply):
        loopback.will(reply({"id": "7_1"}))
        self.listing(loopback, reply, [self.other(50), self.other(20)], [self.comment()])
        assert facebook.read_back("reply", COMMENT, open_http(), text="Thank you", since=SINCE).state == "not_done"
        assert len(loopback.calls) == 2

    @pytest.mark.parametrize("private", [False, True])
    def test_what_does_not_reach_back_says_nothing(self, facebook, loopback, open_http, reply, private):
        loopback.will(reply({"data": [{"id": "t_1"}]}) if private else reply({"id": "7_1"}))
        self.listing(loopback, reply, *[[self.other(50)]] * 9)
        found = facebook.read_back("reply", MESSAGE if private else COMMENT, open_http(), text="Thank you", since=SINCE)
        assert found == ReadBack(state="unknown")

    def test_a_message_of_before_the_action_is_another(self, facebook, loopback, open_http, reply):
        sent = self.comment(id="m_2", to={"data": [{"id": "24601"}]}, created_time="2026-11-22T15:29:59+0000")
        loopback.will(reply({"data": [{"id": "t_1"}]}), reply({"data": [sent]}))
        assert facebook.read_back("reply", MESSAGE, open_http(), text="Thank you", since=SINCE).state == "not_done"

    @pytest.mark.parametrize(("hidden", "state"), [(True, "done"), (False, "not_done")])
    def test_hiding_can_be_read(self, facebook, loopback, open_http, reply, hidden, state):
        loopback.will(reply({"id": "7_1", "is_hidden": hidden}))
        assert facebook.read_back("hide", COMMENT, open_http(), since=SINCE).state == state


def graph_page(base, path, data, after=None, *, following=False):
    """A page of Graph's, with the token in the address of the next one, as it stands there."""
    paging = {"cursors": {"after": after}} if after else {}
    if following:
        paging["next"] = f"{base}{path}?access_token=secret&after={after}"
    return {"data": data, "paging": paging}


class TestPoll:
    def post(self, number, updated="2026-11-22T16:00:00+0000"):
        return {"id": f"{PAGE}_{number}", "message": "m", "created_time": updated, "updated_time": updated}

    def run(self, facebook, http, cursors):
        pages = list(facebook.poll(ACCOUNT, cursors, http))
        for page in pages:
            cursors[page.stream] = page.cursor
        return [page.kind for page in pages if page.raw]

    def test_a_second_poll_reads_on_and_finds_what_no_webhook_told(self, facebook, loopback, open_http, reply, clock):
        cursors, base = {}, loopback.base_url
        path = f"/{PAGE}_1/comments"
        loopback.will(
            reply(graph_page(base, f"/{PAGE}/feed", [self.post(1)])),
            reply(graph_page(base, path, [{"id": "1_1"}], "A", following=True)),
            reply(graph_page(base, path, [{"id": "1_2"}], "B")),
            reply({"data": []}),
        )
        assert self.run(facebook, open_http(purpose="poll"), cursors) == ["feed", *[f"comments:{PAGE}_1"] * 2]
        assert "access_token" not in loopback.calls[2].query
        loopback.calls.clear()
        loopback.will(
            reply(graph_page(base, f"/{PAGE}/feed", [self.post(1)])),
            reply(graph_page(base, path, [{"id": "1_3"}], "C")),
            reply({"data": []}),
        )
        clock.forward(minutes=1)
        assert self.run(facebook, open_http(purpose="poll"), cursors) == [f"comments:{PAGE}_1"]
        assert loopback.calls[1].query["after"] == "B"

    def test_once_an_hour_young_posts_are_read_from_the_start(self, facebook, loopback, open_http, reply, clock):
        cursors, base = {}, loopback.base_url
        answers = [
            reply(graph_page(base, f"/{PAGE}/feed", [self.post(1)])),
            reply(graph_page(base, f"/{PAGE}_1/comments", [{"id": "1_1"}], "A")),
            reply({"data": []}),
        ]
        loopback.will(*answers)
        self.run(facebook, open_http(purpose="poll"), cursors)
        clock.forward(minutes=61)
        loopback.calls.clear()
        loopback.will(*answers)
        assert self.run(facebook, open_http(purpose="poll"), cursors) == [f"comments:{PAGE}_1"]
        assert "after" not in loopback.calls[1].query

    def test_old_posts_are_read_only_when_they_changed(self, facebook, loopback, open_http, reply):
        cursors, base = {}, loopback.base_url
        for updated, comments in (("2026-10-01T00:00:00+0000", 1), ("2026-10-01T00:00:00+0000", 0)):
            loopback.calls.clear()
            loopback.answers = [
                reply(graph_page(base, f"/{PAGE}/feed", [self.post(1, updated)])),
                *[reply(graph_page(base, f"/{PAGE}_1/comments", [], "A"))] * comments,
                reply({"data": []}),
            ]
            self.run(facebook, open_http(purpose="poll"), cursors)
            assert len(loopback.calls) == 2 + comments

    def test_a_place_that_facebook_forgot_begins_again(self, facebook, loopback, open_http, reply):
        cursors, base = {}, loopback.base_url
        feed = reply(graph_page(base, f"/{PAGE}/feed", [self.post(1)]))
        loopback.will(feed, reply(graph_page(base, "", [{"id": "1_1"}], "A")), reply({"data": []}))
        self.run(facebook, open_http(purpose="poll"), cursors)
        loopback.will(feed, reply({"error": {"code": 100, "message": "bad cursor"}}, 400), reply({"data": []}))
        self.run(facebook, open_http(purpose="poll"), cursors)
        loopback.calls.clear()
        loopback.will(feed, reply(graph_page(base, "", [{"id": "1_1"}], "A")), reply({"data": []}))
        self.run(facebook, open_http(purpose="poll"), cursors)
        assert "after" not in loopback.calls[1].query

    def test_only_conversations_that_changed_are_read(self, facebook, loopback, open_http, reply, clock):
        cursors = {}
        when = "2026-11-22T16:00:00+0000"
        message = {"id": "m_1", "message": "hello", "created_time": when, "from": {"id": "5"}}
        loopback.will(reply({"data": []}), reply({"data": [{"id": "t_1", "updated_time": when}]}))
        loopback.will(reply({"data": [message]}))
        assert self.run(facebook, open_http(purpose="poll"), cursors) == ["messages"]
        loopback.will(reply({"data": []}), reply({"data": [{"id": "t_1", "updated_time": when}]}))
        assert self.run(facebook, open_http(purpose="poll"), cursors) == []
        later = "2026-11-22T16:29:59+0000"
        for _ in range(2):  # changed within the last seconds: it may change again without looking different
            loopback.will(reply({"data": []}), reply({"data": [{"id": "t_1", "updated_time": later}]}))
            loopback.will(reply({"data": [message]}))
            assert self.run(facebook, open_http(purpose="poll"), cursors) == ["messages"]
