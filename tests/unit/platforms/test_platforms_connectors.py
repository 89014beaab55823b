"""The contract, kept by every connector alike: one suite, a case for each platform.

A new platform joins by adding its case here.
"""

# ruff: noqa: PLR0917 -- pytest passes fixtures by name

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from bluelamp.errors import SignatureError, UnsupportedError
from bluelamp.platforms import registry
from bluelamp.platforms.contract import (
    AccountRef,
    BrokenPayloadError,
    GoneError,
    NotAllowedError,
    PostEvent,
    ReauthoriseError,
    Target,
    TimedOutError,
    Tombstone,
)
from bluelamp.platforms.signatures import PlatformSecrets
from functions.receive.handler import raw_body

KINDS = ("post", "comment", "reply", "mention", "message")
VERBS = ("hide", "unhide", "delete", "reply")
PEOPLE = ("ban", "unban", "like", "message")
SINCE = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """What the suite must know of a platform."""

    name: str
    account: str
    samples: dict[str, tuple[int, int]]
    """Events in ``events/``: how many events and how many unrecognised entries they hold."""
    page: tuple[str, Any]
    own_author: str
    done: dict[str, Any]
    """Answers to the writing calls, by verb."""
    gone: tuple[int, Any]
    dead_token: tuple[int, Any]
    reads_before_writing: bool

    @property
    def ref(self) -> AccountRef:
        return AccountRef(account_id=f"{self.name}-{self.account}", platform=self.name, native_id=self.account)

    def target(self, kind: str, direction: str = "in") -> Target:
        return Target(
            account_native=self.account,
            native_id="77001",
            kind=kind,
            parent_native="76000",
            thread_native="76000",
            author_id=self.account if direction == "out" else "24601",
            private=kind == "message",
        )


FACEBOOK = Case(
    name="facebook",
    account="104857600012345",
    samples={"receive-facebook-comment": (1, 0), "receive-facebook-batch": (9, 2)},
    page=("comments:1_2", {"data": [{"id": "2_3", "message": "hello", "created_time": "2026-11-22T16:29:52+0000"}]}),
    own_author="104857600012345",
    done={
        "hide": {"success": True},
        "unhide": {"success": True},
        "delete": {"success": True},
        "reply": {"id": "2_9", "message_id": "m_9"},
        "ban": {"24601": True},
        "unban": {"success": True},
        "like": {"success": True},
        "message": {"recipient_id": "24601", "message_id": "m_9"},
    },
    gone=(400, {"error": {"code": 100, "error_subcode": 33, "message": "gone"}}),
    dead_token=(400, {"error": {"code": 190, "message": "expired"}}),
    reads_before_writing=True,
)
X = Case(
    name="x",
    account="1585841080431321088",
    samples={
        "receive-x-reply": (1, 0),
        "receive-x-message": (1, 0),
        "receive-x-delete": (1, 0),
        "receive-x-legacy": (4, 0),
    },
    page=("mentions", {"data": [{"id": "3", "text": "hello", "author_id": "5", "created_at": "2026-11-22T16:29:52Z"}]}),
    own_author="1585841080431321088",
    done={
        "hide": {"data": {"hidden": True}},
        "unhide": {"data": {"hidden": False}},
        "delete": {"data": {"deleted": True}},
        "reply": {"data": {"id": "2_9", "dm_event_id": "m_9"}},
        "like": {"data": {"liked": True}},
        "message": {"data": {"dm_conversation_id": "1-2", "dm_event_id": "m_9"}},
    },
    gone=(404, {"title": "Not Found Error", "detail": "gone"}),
    dead_token=(401, {"title": "Unauthorized"}),
    reads_before_writing=False,
)


CASES = (FACEBOOK, X)


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request):
    return request.param


@pytest.fixture
def connector(case):
    return registry.connector(case.name)


def test_the_registry_knows_every_platform_and_no_other(case, connector):
    assert connector.name == case.name
    assert registry.connector(case.name) is connector
    assert set(registry.NAMES) == {"facebook", "x"}
    with pytest.raises(UnsupportedError):
        registry.connector("myspace")


def test_base_addresses(case):
    urls = registry.BaseUrls("https://graph.example/", "v26.0", "https://api.x.example/")
    expected = {"facebook": "https://graph.example/v26.0", "x": "https://api.x.example"}
    assert urls.of(case.name) == expected[case.name]
    with pytest.raises(UnsupportedError):
        urls.of("myspace")


class TestParse:
    @pytest.mark.parametrize(
        "raw", [b"", b"[]", b"null", b"{", b"\xff\xfe{}", b'{"a": NaN}', b'{"a":' * 50_000, b'"text"']
    )
    def test_no_json_object_is_a_broken_payload_and_nothing_else(self, case, connector, raw):
        with pytest.raises(BrokenPayloadError):
            connector.parse(raw)
        with pytest.raises(BrokenPayloadError):
            connector.parse_page(case.page[0], raw, case.ref)

    def test_an_object_of_another_shape_is_kept_whole(self, case, connector):
        raw = b'{ "hello" : [ 1.50 ] }'
        batch = connector.parse(raw)
        assert batch.events == ()
        assert [u.raw for u in batch.unrecognised] == [raw]

    def test_the_samples_are_understood(self, case, connector, event):
        for name, (events, odd) in case.samples.items():
            raw = raw_body(event(name))
            batch = connector.parse(raw)
            assert (len(batch.events), len(batch.unrecognised)) == (events, odd), name
            assert {e.account_native for e in batch.events} == {case.account}
            assert {e.platform for e in batch.events} == {case.name}
            assert all(u.raw in raw for u in batch.unrecognised), "an odd entry is kept byte for byte"
            assert all(e.event_at.tzinfo is not None for e in batch.events)

    def test_direction_and_author_agree(self, case, connector, event):
        for name in case.samples:
            for post in connector.parse(raw_body(event(name))).events:
                if isinstance(post, PostEvent):
                    assert (post.direction == "out") == (post.author_id == case.own_author)
                    assert post.private == (post.kind == "message")

    def test_a_page_is_understood(self, case, connector):
        kind, body = case.page
        (post,) = connector.parse_page(kind, json.dumps(body).encode(), case.ref).events
        assert post.text == "hello"
        assert post.account_native == case.account

    def test_a_page_of_unknown_kind_is_kept(self, case, connector):
        batch = connector.parse_page("horoscope", b'{"data": [{}]}', case.ref)
        assert [u.raw for u in batch.unrecognised] == [b'{"data": [{}]}']

    def test_an_odd_item_does_not_cost_the_page(self, case, connector):
        kind, body = case.page
        odd = {"data": [17, *body["data"], {"no": "id"}]}
        batch = connector.parse_page(kind, json.dumps(odd).encode(), case.ref)
        assert len(batch.events) == 1
        assert [json.loads(u.raw) for u in batch.unrecognised] == [17, {"no": "id"}]


class TestSignatures:
    def test_the_samples_are_signed(self, case, connector, event):
        secrets = {"facebook": "test-app-secret", "x": "test-consumer-secret"}
        for name in case.samples:
            webhook = event(name)
            headers = {k.lower(): v for k, v in webhook["headers"].items()}
            connector.verify(raw_body(webhook), headers, PlatformSecrets(secrets[case.name]))
            with pytest.raises(SignatureError):
                connector.verify(raw_body(webhook), headers, PlatformSecrets("another"))

    def test_a_stranger_gets_no_handshake(self, case, connector):
        with pytest.raises(SignatureError):
            connector.handshake({}, PlatformSecrets("secret", "", "token"))


class TestCapabilities:
    def test_only_verbs_are_offered(self, case, connector):
        for kind in KINDS:
            for direction in ("in", "out"):
                assert connector.capabilities(kind, case.ref, direction=direction) <= {*VERBS, *PEOPLE}
        assert connector.capabilities("horoscope", case.ref) == frozenset()

    def test_what_the_public_writes_can_be_answered(self, case, connector):
        for kind in ("reply", "mention", "message"):
            assert "reply" in connector.capabilities(kind)

    @pytest.mark.parametrize(
        ("case", "kind", "direction", "verb"),
        [
            (case, kind, direction, verb)
            for case in CASES
            for kind in KINDS
            for direction in ("in", "out")
            for verb in sorted(registry.connector(case.name).capabilities(kind, direction=direction))
        ],
    )
    def test_what_is_offered_is_done_with_one_writing_call(
        self, case, kind, direction, verb, loopback, open_http, reply
    ):
        loopback.answers = [lambda call: reply({"id": "77001"} if call.method == "GET" else case.done[verb])] * 3
        connector = registry.connector(case.name)
        done = connector.act(verb, case.target(kind, direction), open_http(case.ref.account_id), text="Thank you")
        assert done.status == "done"
        assert len([c for c in loopback.calls if c.method != "GET"]) == 1
        if verb in ("reply", "message"):
            assert done.native_id in ("2_9", "m_9")
        assert json.loads(done.response) == case.done[verb]

    def test_nothing_about_people_is_offered_for_what_the_force_wrote(self, case, connector, loopback, open_http):
        for kind, verb in ((kind, verb) for kind in KINDS for verb in PEOPLE):
            assert verb not in connector.capabilities(kind, direction="out")
            with pytest.raises(NotAllowedError):
                connector.act(verb, case.target(kind, "out"), open_http(case.ref.account_id), text="Hello")
        assert loopback.calls == []

    def test_nobody_is_told_anything_when_the_writer_is_not_named(self, case, connector, loopback, open_http, reply):
        loopback.answers = [reply({"id": "77001"})] * 2
        nameless = case.target("reply").model_copy(update={"author_id": None})
        # Facebook writes to a comment's author by the comment.
        for verb in {"facebook": ("ban", "unban"), "x": ("message",)}[case.name]:
            with pytest.raises(NotAllowedError):
                connector.act(verb, nameless, open_http(case.ref.account_id), text="Hello")
        assert loopback.calls == []

    @pytest.mark.parametrize("kind", ["post", "mention", "message"])
    def test_hiding_what_cannot_be_hidden_calls_nobody(self, case, connector, loopback, open_http, kind):
        assert "hide" not in connector.capabilities(kind)
        with pytest.raises(NotAllowedError):
            connector.act("hide", case.target(kind), open_http(case.ref.account_id))
        assert loopback.calls == []


def hideable(case):
    return case.target("reply")


def deletable(case):
    return case.target("reply", "in" if case.name == "facebook" else "out")


class TestAct:
    @pytest.mark.parametrize("verb", ["hide", "delete"])
    def test_already_gone_is_success(self, case, connector, loopback, open_http, reply, verb):
        status, body = case.gone
        loopback.answers = [reply(body, status)] * 2
        target = hideable(case) if verb == "hide" else deletable(case)
        assert connector.act(verb, target, open_http(case.ref.account_id)).status == "already"

    @pytest.mark.parametrize("verb", ["unhide", "reply"])
    def test_what_is_gone_can_be_neither_shown_nor_answered(self, case, connector, loopback, open_http, reply, verb):
        status, body = case.gone
        loopback.answers = [reply(body, status)] * 2
        with pytest.raises(GoneError):
            connector.act(verb, hideable(case), open_http(case.ref.account_id), text="Thank you")

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_lost_answer_is_a_time_out_after_one_call(
        self, case, connector, loopback, open_http, reply, hangup, verb
    ):
        target = deletable(case) if verb == "delete" else hideable(case)
        before = [reply({"id": "77001"})] if case.reads_before_writing and verb != "reply" else []
        loopback.will(*before, hangup)
        with pytest.raises(TimedOutError):
            connector.act(verb, target, open_http(case.ref.account_id), text="Thank you")
        assert len([c for c in loopback.calls if c.method != "GET"]) == 1

    def test_a_dead_token_is_told_and_not_tried_again(self, case, connector, loopback, open_http, reply):
        status, body = case.dead_token
        loopback.answers = [reply(body, status)]
        with pytest.raises(ReauthoriseError):
            connector.act("hide", hideable(case), open_http(case.ref.account_id))
        assert len(loopback.calls) == 1

    def test_a_lost_answer_about_a_person_is_a_time_out_after_one_call(
        self, case, connector, loopback, open_http, reply, hangup
    ):
        for verb in sorted(connector.capabilities("reply") & set(PEOPLE)):
            asked = [reply({"id": "77001"})] if verb == "message" and case.reads_before_writing else []
            loopback.calls.clear()
            loopback.will(*asked, hangup)
            with pytest.raises(TimedOutError):
                connector.act(verb, hideable(case), open_http(case.ref.account_id), text="Hello")
            assert len([c for c in loopback.calls if c.method != "GET"]) == 1


class TestReadBack:
    def test_a_delete_whose_post_is_missing_was_done(self, case, connector, loopback, open_http, reply):
        status, body = case.gone
        loopback.will(reply(body, status))
        assert (
            connector.read_back("delete", deletable(case), open_http(case.ref.account_id), since=SINCE).state == "done"
        )

    def test_a_delete_whose_post_is_there_was_not_done(self, case, connector, loopback, open_http, reply):
        loopback.will(reply({"id": "77001", "data": {"id": "77001"}}))
        assert (
            connector.read_back("delete", deletable(case), open_http(case.ref.account_id), since=SINCE).state
            == "not_done"
        )

    @pytest.mark.parametrize("verb", ["hide", "unhide"])
    def test_hiding_what_is_missing_finds_it_gone(self, case, connector, loopback, open_http, reply, verb):
        status, body = case.gone
        loopback.will(reply(body, status))
        assert connector.read_back(verb, hideable(case), open_http(case.ref.account_id), since=SINCE).state == "gone"

    def test_only_reads(self, case, connector, loopback, open_http, reply):
        loopback.answers = [reply({"data": []})] * 16
        for verb in (*VERBS, *sorted(connector.capabilities("reply") & set(PEOPLE))):
            connector.read_back(verb, hideable(case), open_http(case.ref.account_id), text="Thank you", since=SINCE)
        assert {call.method for call in loopback.calls} == {"GET"}


def test_a_removal_may_come_before_the_post(case, connector, event):
    removals = [
        e for name in case.samples for e in connector.parse(raw_body(event(name))).events if isinstance(e, Tombstone)
    ]
    assert removals
    assert all(not hasattr(removal, "text") for removal in removals)
