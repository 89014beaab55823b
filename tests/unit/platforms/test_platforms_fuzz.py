"""Whatever comes: parsing raises nothing but `BrokenPayloadError`, loses nothing, and keeps the good beside the bad."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluelamp.platforms import registry
from bluelamp.platforms.contract import AccountRef, BrokenPayloadError, PostEvent
from bluelamp.platforms.reading import ident, moment
from bluelamp.platforms.slices import Sources

# No deadline: a busy machine is no finding.
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FACEBOOK_KEYS = [
    "id",
    "time",
    "changes",
    "messaging",
    "standby",
    "field",
    "value",
    "item",
    "verb",
    "comment_id",
    "post_id",
    "parent_id",
    "from",
    "sender_id",
    "sender_name",
    "message",
    "created_time",
    "photo",
    "photos",
    "link",
    "is_hidden",
    "sender",
    "recipient",
    "timestamp",
    "mid",
    "text",
    "is_echo",
    "is_deleted",
    "message_edit",
    "attachments",
    "type",
    "payload",
    "url",
    "reply_to",
    "data",
]
X_KEYS = [
    "event_type",
    "filter",
    "user_id",
    "payload",
    "includes",
    "users",
    "tweets",
    "media",
    "id",
    "id_str",
    "text",
    "author_id",
    "created_at",
    "data",
    "conversation_id",
    "referenced_tweets",
    "type",
    "attachments",
    "media_keys",
    "media_key",
    "direct_message_events",
    "message_create",
    "sender_id",
    "target",
    "recipient_id",
    "message_data",
    "user",
    "in_reply_to_status_id",
    "status",
    "errors",
    "resource_id",
    "event_uuid",
    "dm_conversation_id",
    "participant_ids",
    "edit_history_tweet_ids",
    "note_tweet",
    "extended_tweet",
]
WORDS = st.sampled_from(
    [
        "feed",
        "mention",
        "ratings",
        "comment",
        "post",
        "reaction",
        "add",
        "edited",
        "remove",
        "hide",
        "unhide",
        "block",
        "post.create",
        "post.reply.create",
        "post.delete",
        "dm.received",
        "dm.read",
        "MessageCreate",
        "replied_to",
        "retweeted",
        "1795364992",
        "1795364992123",
        "2026-11-22T16:29:52Z",
    ]
)


def shaped(keys):
    leaf = st.none() | st.booleans() | st.integers(-5, 2**70) | WORDS | st.text(max_size=4)
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(keys), inner, max_size=6),
        max_leaves=25,
    )


def encoded(value, *, ascii_only=True):
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


GOOD_CHANGE = {
    "field": "feed",
    "value": {
        "item": "comment",
        "verb": "add",
        "comment_id": "2_3",
        "post_id": "1_2",
        "parent_id": "1_2",
        "from": {"id": 24601998877665544, "name": "Marnie Okafor"},
        "created_time": 1795364992,
        "message": "good",
    },
}
GOOD_POST = {"id_str": "9", "text": "good", "user": {"id": 5}, "timestamp_ms": "1795364992123"}


@pytest.mark.parametrize("platform", registry.NAMES)
@FUZZ
@given(raw=st.binary(max_size=200) | JSON.map(encoded))
def test_any_bytes(platform, raw):
    connector = registry.connector(platform)
    account = AccountRef(account_id=f"{platform}-1", platform=platform, native_id="1")
    for kind in ("feed", "comments:1_2", "messages", "mentions", "search", "check"):
        try:
            connector.parse(raw)
            connector.parse_page(kind, raw, account)
        except BrokenPayloadError:
            continue


@pytest.mark.slow
@FUZZ
@given(entries=st.lists(shaped(FACEBOOK_KEYS), max_size=3))
def test_facebook_entries_of_any_shape(entries):
    raw = encoded({"object": "page", "entry": entries})
    batch = registry.connector("facebook").parse(raw)
    assert all(u.raw in raw for u in batch.unrecognised)


@FUZZ
@given(body=shaped(X_KEYS), legacy=shaped(X_KEYS))
def test_x_bodies_of_any_shape(body, legacy):
    connector = registry.connector("x")
    connector.parse(encoded({"data": body}))
    parts = dict.fromkeys(("tweet_create_events", "tweet_delete_events", "direct_message_events", "users"), legacy)
    connector.parse(encoded({"for_user_id": "1", **parts}))


@pytest.mark.slow
@FUZZ
@given(items=st.lists(shaped(FACEBOOK_KEYS + X_KEYS), max_size=4), includes=shaped(X_KEYS))
def test_pages_of_any_shape(items, includes):
    for platform, kinds in (("facebook", ("feed", "comments:1", "messages")), ("x", ("mentions", "messages", "check"))):
        account = AccountRef(account_id=f"{platform}-1", platform=platform, native_id="1")
        for kind in kinds:
            raw = encoded({"data": items, "errors": items, "includes": includes})
            batch = registry.connector(platform).parse_page(kind, raw, account)
            assert all(u.raw in raw for u in batch.unrecognised)


@pytest.mark.slow
@FUZZ
@given(before=shaped(FACEBOOK_KEYS), after=shaped(FACEBOOK_KEYS))
def test_a_good_change_survives_any_neighbours(before, after):
    entry = {"id": "1", "time": 1795364992, "changes": [before, GOOD_CHANGE, after]}
    batch = registry.connector("facebook").parse(encoded({"entry": [before, entry, after]}))
    found = [e for e in batch.events if isinstance(e, PostEvent) and e.text == "good"]
    assert [(e.native_id, e.author_id) for e in found] == [("2_3", "24601998877665544")]


@FUZZ
@given(before=shaped(X_KEYS), after=shaped(X_KEYS))
def test_a_good_post_survives_any_neighbours(before, after):
    body = {"for_user_id": "1", "tweet_create_events": [before, GOOD_POST, after], "hovercraft": before}
    batch = registry.connector("x").parse(encoded(body))
    found = [e for e in batch.events if isinstance(e, PostEvent) and e.native_id == "9" and e.text == "good"]
    assert len(found) == 1
    assert batch.unrecognised


@FUZZ
@given(text=st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF, categories=None), max_size=40))
def test_any_text_can_be_stored(text):
    change = json.loads(json.dumps(GOOD_CHANGE))
    change["value"] |= {"message": text}
    change["value"]["from"]["name"] = text
    (post,) = registry.connector("facebook").parse(encoded({"entry": [{"id": "1", "changes": [change]}]})).events
    post.model_dump_json().encode("utf-8")


@FUZZ
@given(number=st.integers(2**53, 2**64))
def test_numbers_beyond_floats_stay_exact(number):
    change = json.loads(json.dumps(GOOD_CHANGE))
    del change["value"]["from"]
    change["value"]["sender_id"] = number
    (post,) = registry.connector("facebook").parse(encoded({"entry": [{"id": number, "changes": [change]}]})).events
    assert (post.account_native, post.author_id, post.direction) == (str(number), str(number), "out")


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        (1795364992, "2026-11-22T16:29:52+00:00"),
        (1795364992123, "2026-11-22T16:29:52.123000+00:00"),
        ("1795364992123", "2026-11-22T16:29:52.123000+00:00"),
        ("2026-11-22T16:29:52+0000", "2026-11-22T16:29:52+00:00"),
        ("2026-11-22T17:29:52+01:00", "2026-11-22T16:29:52+00:00"),
        ("2026-11-22T16:29:52.000Z", "2026-11-22T16:29:52+00:00"),
        ("Sun Nov 22 16:29:52 +0000 2026", "2026-11-22T16:29:52+00:00"),
    ],
)
def test_times_as_platforms_spell_them(value, iso):
    assert moment(value).isoformat() == iso


@pytest.mark.parametrize("value", [0, -5, True, None, 2**80, "9" * 5000, "yesterday", "", [], {}, "1.5"])
def test_what_is_no_time(value):
    assert moment(value) is None


@FUZZ
@given(value=JSON)
def test_ids_and_times_of_any_kind(value):
    ident(value)
    moment(value)


@FUZZ
@given(elements=st.lists(JSON, max_size=5), indent=st.none() | st.integers(0, 3), noise=JSON)
def test_sources_are_cut_exactly(elements, indent, noise):
    text = json.dumps({"before": noise, "list": elements, "after": noise}, indent=indent)
    sources = Sources(lambda: text, "list")
    for number, element in enumerate(elements):
        assert json.loads(sources.at(number)) == element
        assert sources.at(number) in text
