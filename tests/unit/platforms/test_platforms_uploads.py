"""Uploads and publications where a platform answers oddly: what the sandbox, which is consistent, never says."""

# ruff: noqa: PLR0917 -- pytest passes fixtures by name

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bluelamp.platforms import facebook_uploads, registry, x_uploads
from bluelamp.platforms.contract import (
    AccountRef,
    NotAllowedError,
    PlatformError,
    Target,
    TimedOutError,
    TryAgainError,
)
from bluelamp.platforms.graph import GRAPH, OtherPartError
from bluelamp.platforms.http import Part, PlatformHttp
from bluelamp.platforms.publishing import Outgoing, UploadLostError
from bluelamp.platforms.x_dialect import X_API
from tests.support.assets import film, picture

SINCE = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
AFTER, BEFORE = "2026-11-22T16:10:00+0000", "2026-11-22T15:10:00+0000"
PAGE = AccountRef(account_id="facebook-1", platform="facebook", native_id="1")
USER = AccountRef(account_id="x-1", platform="x", native_id="1", handle="WealdshirePol")
WORDS = Outgoing("Seen?")


@pytest.fixture
def facebook():
    return registry.publisher("facebook")


@pytest.fixture
def x():
    return registry.publisher("x")


class _Recorder:
    """A requests session that says where it was sent."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def request(self, method: str, url: str, **options: Any) -> Any:
        self.urls.append(url)
        raise LookupError("nobody is called")


class TestHttp:
    @pytest.mark.parametrize(
        ("base", "films", "expected"),
        [
            ("https://graph.facebook.com/v26.0", True, "https://graph-video.facebook.com/v26.0/1/videos"),
            ("https://graph.facebook.com/v26.0", False, "https://graph.facebook.com/v26.0/1/videos"),
            ("http://127.0.0.1:4700/graph/v26.0", True, "http://127.0.0.1:4700/graph/v26.0/1/videos"),
            ("https://evil.example/v26.0", True, "https://evil.example/v26.0/1/videos"),
        ],
    )
    def test_films_go_to_a_host_of_their_own_where_there_is_one(self, throttles, clock, base, films, expected):
        session = _Recorder()
        http = PlatformHttp(session, base, "t", throttles, clock, account_id="facebook-1")
        with pytest.raises(LookupError):
            http.write(GRAPH, "POST", "/1/videos", form={"upload_phase": "start"}, films=films)
        assert session.urls == [expected]

    def test_a_part_goes_as_multipart_with_its_form(self, loopback, open_http, reply):
        loopback.will(reply({"id": "9"}))
        open_http().write(
            GRAPH, "POST", "/1/photos", form={"published": "false"}, part=Part("source", b"\xff\xd8bytes")
        )
        (call,) = loopback.calls
        assert call.headers["content-type"].startswith("multipart/form-data; boundary=")
        assert b'name="published"\r\n\r\nfalse' in call.body
        assert b'name="source"; filename="part"' in call.body
        assert b"\xff\xd8bytes" in call.body

    def test_no_content_is_an_answer(self, loopback, open_http):
        loopback.will((204, {}, b""))
        assert open_http().write(X_API, "POST", "/2/media/upload/1/append", form={}).data == {}

    def test_content_that_is_empty_is_none(self, loopback, open_http):
        loopback.will((200, {}, b""))
        with pytest.raises(TimedOutError):
            open_http().write(X_API, "POST", "/2/tweets", body={})


class TestDialects:
    @pytest.mark.parametrize(("start", "end"), [("100", "200"), (100, 200)])
    def test_another_part_is_wanted(self, loopback, open_http, reply, start, end):
        error = {"code": 6001, "error_subcode": 1363037, "is_transient": True, "message": "try again"}
        loopback.will(reply({"error": error | {"error_data": {"start_offset": start, "end_offset": end}}}, 400))
        with pytest.raises(OtherPartError) as wanted:
            open_http().write(GRAPH, "POST", "/1/videos", form={})
        assert (wanted.value.start, wanted.value.end) == (100, 200)

    @pytest.mark.parametrize("data", [None, [], {}, {"start_offset": "-1", "end_offset": "2"}, {"start_offset": "1"}])
    def test_another_part_without_saying_which(self, loopback, open_http, reply, data):
        error = {"code": 6001, "error_subcode": 1363037, "message": "try again", "error_data": data}
        loopback.will(reply({"error": error}, 400))
        with pytest.raises(PlatformError) as refused:
            open_http().write(GRAPH, "POST", "/1/videos", form={})
        assert type(refused.value) is PlatformError


class TestFacebook:
    def upload(self, http, entry=None, size=1000):
        return list(facebook_uploads.upload_film(film(size=size), PAGE, http, entry))

    def test_the_platform_may_go_back(self, loopback, open_http, reply):
        begun = {"upload_session_id": "s", "video_id": "7", "start_offset": "0", "end_offset": "600"}
        offsets = [("600", "1000"), ("300", "1000"), ("1000", "1000")]
        loopback.will(reply(begun), *(reply({"start_offset": a, "end_offset": b}) for a, b in offsets))
        steps = self.upload(open_http())
        assert [step["start"] for step in steps] == [0, 600, 300, 1000]
        sent = [call.body.split(b"\r\n\r\n")[-1].split(b"\r\n--")[0] for call in loopback.calls[1:]]
        content = film(size=1000).content
        assert sent == [content[:600], content[600:], content[300:]]

    def test_the_same_part_again_and_again(self, loopback, open_http, reply):
        begun = {"upload_session_id": "s", "video_id": "7", "start_offset": "0", "end_offset": "600"}
        loopback.answers = [reply(begun)] + [reply({"start_offset": "0", "end_offset": "600"})] * 9
        with pytest.raises(TryAgainError, match="again and again"):
            self.upload(open_http())
        assert len(loopback.calls) == 1 + 3000 // 600

    def test_to_and_fro_without_end(self, loopback, open_http, reply):
        begun = {"upload_session_id": "s", "video_id": "7", "start_offset": "0", "end_offset": "600"}
        there, back = ({"start_offset": a, "end_offset": b} for a, b in (("600", "1000"), ("0", "600")))
        loopback.answers = [reply(begun)] + [reply(there), reply(back)] * 9
        with pytest.raises(TryAgainError, match="again and again"):
            self.upload(open_http())
        assert len(loopback.calls) <= 8

    def test_a_session_without_a_name(self, loopback, open_http, reply):
        loopback.will(reply({"start_offset": "0"}))
        with pytest.raises(TryAgainError):
            self.upload(open_http())

    def test_a_film_that_is_out_stays_out_when_its_post_is_not_told(self, loopback, open_http, reply, facebook, clock):
        outgoing = Outgoing("Seen?", assets=(film(),))
        entry = {"session": "s", "video": "7", "start": 9, "end": 9, "at": clock().isoformat()}
        loopback.will(reply({"success": True}), reply({"error": {"code": 190}}, 400))
        done = facebook.publish(outgoing, PAGE, open_http(), {"films": {"cctv": entry}})
        assert (done.status, done.native_id) == ("done", "7")

    @pytest.mark.parametrize(
        ("post", "found"),
        [
            ({}, True),
            ({"message": "Seen?\n"}, True),
            ({"message": "Seen!"}, False),
            ({"created_time": BEFORE}, False),
            ({"from": {"id": "2"}}, False),
            ({"from": None}, True),
            ({"attachments": {"data": [{"target": {"id": "5"}}]}}, False),
            ({"attachments": {"data": [{"url": "https://a.uk/"}]}}, True),
        ],
    )
    def test_which_post_is_ours(self, loopback, open_http, reply, facebook, post, found):
        usual = {"id": "1_9", "message": "Seen?", "created_time": AFTER, "from": {"id": "1"}}
        loopback.will(reply({"data": [usual | post, 17]}))
        state = facebook.find(WORDS, PAGE, open_http(), {}, since=SINCE).state
        assert state == ("done" if found else "not_done")

    def test_a_picture_of_ours_with_other_words_is_ours(self, loopback, open_http, reply, facebook):
        post = {"id": "1_9", "message": "Edited already", "created_time": AFTER, "from": {"id": "1"}}
        loopback.will(reply({"data": [post | {"attachments": {"data": [{"target": {"id": "5"}}]}}]}))
        progress = {"pictures": {"bicycle": {"id": "5", "at": AFTER}}}
        outgoing = Outgoing("Seen?", assets=(picture(),))
        assert facebook.find(outgoing, PAGE, open_http(), progress, since=SINCE).native_id == "1_9"

    def test_a_feed_that_never_ends_is_not_known(self, loopback, open_http, reply, facebook):
        more = {"data": [], "paging": {"next": f"{loopback.base_url}/1/feed?after=x"}}
        loopback.answers = [reply(more)] * 9
        assert facebook.find(WORDS, PAGE, open_http(), {}, since=SINCE).state == "unknown"
        assert len(loopback.calls) == 6

    def test_what_facebook_holds_back_is_not_shown_as_there(self, loopback, open_http, reply, facebook):
        loopback.will(reply({"id": "1_9", "message": "Seen?", "is_published": False}))
        assert facebook.show("1_9", PAGE, open_http()).state == "unknown"

    def test_a_picture_that_is_gone_means_that_nothing_is_out(self, loopback, open_http, reply, facebook):
        progress = {"pictures": {"bicycle": {"id": "5", "at": AFTER}}}
        loopback.will(reply({"error": {"code": 100, "error_subcode": 33, "message": "gone"}}, 400))
        with pytest.raises(UploadLostError):
            facebook.publish(Outgoing("Seen?", assets=(picture(),)), PAGE, open_http(), progress)

    def test_a_link_that_is_refused_is_no_lost_upload(self, loopback, open_http, reply, facebook):
        loopback.will(reply({"error": {"code": 100, "message": "bad link"}}, 400))
        with pytest.raises(PlatformError) as refused:
            facebook.publish(Outgoing("Seen?", link="https://a.uk/"), PAGE, open_http(), {})
        assert not isinstance(refused.value, UploadLostError)

    def test_a_ban_that_facebook_says_it_did_not_carry_out(self, loopback, open_http, reply):
        target = Target(account_native="1", native_id="2_3", kind="comment", thread_native="2", author_id="24601")
        loopback.will(reply({"24601": False}))
        with pytest.raises(NotAllowedError):
            registry.connector("facebook").act("ban", target, open_http())


class TestX:
    def entry(self, clock, **more):
        usual = {"id": "5", "sent": 1, "whole": True, "ready": True}
        return {**usual, "until": (clock() + timedelta(hours=1)).isoformat(), **more}

    def test_an_upload_that_lapsed_is_begun_anew(self, loopback, open_http, reply, clock):
        lapsed = self.entry(clock, until=(clock() + timedelta(minutes=4)).isoformat())
        loopback.will(reply({"data": {"id": "6"}}), (204, {}, b""), reply({"data": {"id": "6"}}), reply({"data": {}}))
        steps = list(x_uploads.upload(picture(), open_http(), lapsed))
        assert {step["id"] for step in steps} == {"6"}
        assert steps[-1]["ready"]

    def test_what_lapses_is_not_published_with(self, loopback, open_http, clock, x):
        media = {"bicycle": self.entry(clock, until=clock().isoformat())}
        with pytest.raises(UploadLostError):
            x.publish(Outgoing("Seen?", assets=(picture(),)), USER, open_http(), {"media": media})
        assert loopback.calls == []

    def test_a_refusal_that_is_about_something_else_is_no_lost_upload(self, loopback, open_http, reply, clock, x):
        loopback.will(reply({"detail": "The text is too long."}, 400))
        with pytest.raises(PlatformError) as refused:
            x.publish(
                Outgoing("Seen?", assets=(picture(),)), USER, open_http(), {"media": {"bicycle": self.entry(clock)}}
            )
        assert not isinstance(refused.value, UploadLostError)

    def test_waiting_heeds_what_x_asks_for_within_reason(self, loopback, open_http, reply, clock, slept):
        states = [
            {"data": {"processing_info": {"state": "pending", "check_after_secs": wait}}}
            for wait in (2, 900, 0, "soon")
        ]
        loopback.will(*(reply(state) for state in states))
        half = self.entry(clock, sent=3, ready=False)
        with pytest.raises(TryAgainError):
            list(x_uploads.upload(film(), open_http(), half))
        assert slept == [2, 5, 1, 1]

    @pytest.mark.parametrize(
        ("post", "found"),
        [
            ({}, True),
            ({"text": "Seen? &amp; https://t.co/x"}, False),
            ({"text": "Cut short…", "note_tweet": {"text": "Seen?"}}, True),
            ({"referenced_tweets": [{"type": "replied_to", "id": "3"}]}, False),
            ({"referenced_tweets": [{"type": "quoted", "id": "3"}]}, True),
            ({"attachments": {"media_keys": ["3_5"]}}, False),
            ({"attachments": {"poll_ids": ["5"]}}, False),
        ],
    )
    def test_which_post_is_ours(self, loopback, open_http, reply, x, post, found):
        loopback.will(reply({"data": [{"id": "9", "text": "Seen?"} | post, 17]}))
        assert x.find(WORDS, USER, open_http(), {}, since=SINCE).state == ("done" if found else "not_done")

    def test_links_are_x_s_own_and_names_count_as_links(self, loopback, open_http, reply, x):
        shown = {"id": "9", "text": "Read https://t.co/abc or https://t.co/def &amp; ring https://t.co/ghi"}
        loopback.will(reply({"data": [shown | {"attachments": {"media_keys": ["3_5"]}}]}))
        outgoing = Outgoing("Read police.uk or https://www.police.uk/long & ring", assets=(picture(),))
        assert x.find(outgoing, USER, open_http(), {}, since=SINCE).state == "done"

    def test_an_account_that_posts_without_end_is_not_known(self, loopback, open_http, reply, x):
        loopback.answers = [reply({"data": [], "meta": {"next_token": "more"}})] * 9
        assert x.find(WORDS, USER, open_http(), {}, since=SINCE).state == "unknown"
        assert len(loopback.calls) == 5

    @pytest.mark.parametrize(
        ("body", "state"),
        [
            ({"data": {"id": "9", "text": "A &amp; B"}}, "there"),
            ({"errors": [{"type": "https://api.twitter.com/2/problems/resource-not-found"}]}, "gone"),
            ({"errors": [{"type": "https://api.twitter.com/2/problems/not-authorized-for-resource"}]}, "unknown"),
            ({}, "unknown"),
        ],
    )
    def test_what_the_public_sees(self, loopback, open_http, reply, x, body, state):
        loopback.will(reply(body))
        shown = x.show("9", USER, open_http())
        assert shown.state == state
        if state == "there":
            assert (shown.text, shown.permalink) == ("A & B", "https://x.com/WealdshirePol/status/9")
