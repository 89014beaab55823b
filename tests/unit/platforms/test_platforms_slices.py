"""Cutting values out of JSON: the very bytes that came, whatever the nesting and however they are spelled."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluelamp.platforms import registry
from bluelamp.platforms.contract import AccountRef
from bluelamp.platforms.slices import Beside, Sources, elements, members
from functions.receive.handler import raw_body

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
SPACE = st.text(alphabet=" \t\r\n", max_size=3)


@st.composite
def spelled(draw, value):
    """A spelling of a value that is not json.dumps': odd spaces, escapes or none."""
    gap = lambda: draw(SPACE)  # noqa: E731
    if isinstance(value, dict):
        pairs = [f"{gap()}{draw(spelled(k))}{gap()}:{gap()}{draw(spelled(v))}{gap()}" for k, v in value.items()]
        return "{" + (",".join(pairs) or gap()) + "}"
    if isinstance(value, list):
        return "[" + (",".join(f"{gap()}{draw(spelled(v))}{gap()}" for v in value) or gap()) + "]"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


@pytest.mark.slow
@FUZZ
@given(st.data(), st.dictionaries(st.text(max_size=6), VALUES, max_size=5))
def test_members_are_the_very_text(data, value):
    sources = {name: data.draw(spelled(inner)) for name, inner in value.items()}
    pairs = [f"{data.draw(SPACE)}{json.dumps(n)}{data.draw(SPACE)}: {s}{data.draw(SPACE)}" for n, s in sources.items()]
    text = data.draw(SPACE) + "{" + ",".join(pairs) + "}" + data.draw(SPACE)
    assert json.loads(text) == value
    assert members(text) == sources


@pytest.mark.slow
@FUZZ
@given(st.data(), st.lists(VALUES, max_size=5))
def test_elements_are_the_very_text(data, values):
    sources = [data.draw(spelled(value)) for value in values]
    inner = ",".join(f"{data.draw(SPACE)}{source}{data.draw(SPACE)}" for source in sources)
    text = f'{{"other":[{{}}],"list":{data.draw(SPACE)}[{inner or data.draw(SPACE)}]}}'
    assert json.loads(text)["list"] == values
    assert elements(text, "list") == sources


@pytest.mark.slow
@FUZZ
@given(VALUES)
def test_what_is_no_list_is_its_own_only_element(value):
    text = json.dumps({"a": value})
    expected = [json.dumps(one) for one in value] if isinstance(value, list) else [json.dumps(value)]
    assert elements(text, "a") == expected
    assert elements(text, "b") == []


def test_of_a_repeated_key_the_last_counts_as_for_the_decoder():
    text = '{"a":[1],"\\u0061":[ 2 ,3]}'
    assert json.loads(text) == {"a": [2, 3]}
    assert elements(text, "a") == ["2", "3"]


@pytest.mark.parametrize("text", ["1", '"{}"', "[{}]", "null", ""])
def test_what_is_no_object_has_no_members(text):
    assert members(text) == {}


def test_brackets_quotes_and_backslashes_in_strings_are_text():
    inner = json.dumps({"x": '}]"\\', '{"': "\\\\", "y": ["\\"]})
    assert elements(f'{{"a":[{inner},{inner}]}}', "a") == [inner, inner]


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_walked_and_not_recursed_into(opening):
    depth = 200_000
    nested = opening * depth + "1" + ("]" if opening == "[" else "}") * depth
    assert elements(f'{{"a":[{nested}, 2]}}', "a") == [nested, "2"]


def test_what_was_never_decoded_is_refused_not_guessed():
    for broken in ('{"a":[1,', '{"a":"', "{a:1}", '{"a" 1]'):
        with pytest.raises((ValueError, IndexError)):
            elements(broken, "a")


def test_nothing_is_cut_before_it_is_wanted():
    asked = []

    def text():
        asked.append(1)
        return '{"a":[1,2]}'

    sources = Sources(text, "a")
    assert asked == []
    assert (sources.at(1), sources.at(0), asked) == ("2", "1", [1])


def test_what_stands_beside_is_joined_in_order_and_once():
    beside = Beside(lambda: {"u": '{"id": 1}', "m": "[2 ]"})
    assert beside.joined("{}", ["u", "m", "u", "unknown"]) == '[{},{"id": 1},[2 ]]'
    assert beside.joined("{}", ["unknown"]) == "{}"


def test_one_huge_part_cannot_be_multiplied_by_many_posts():
    beside = Beside(lambda: {"huge": "x" * 40, "small": "y"}, most=100)
    sizes = [len(beside.joined("{}", ["huge"])) for _ in range(4)]
    assert sizes == [45, 45, 2, 2]
    assert beside.joined("{}", ["small"]) == "[{},y]"


# ── what the connectors make of it ──────────────────────────────────────────────────────────────────────────────────
SAMPLES = [
    ("facebook", "receive-facebook-comment"),
    ("facebook", "receive-facebook-batch"),
    ("x", "receive-x-reply"),
    ("x", "receive-x-message"),
    ("x", "receive-x-delete"),
    ("x", "receive-x-legacy"),
]


@pytest.mark.parametrize(("platform", "name"), SAMPLES)
def test_every_event_carries_what_came_and_its_own_id(platform, name, event):
    body = raw_body(event(name))
    batch = registry.connector(platform).parse(body)
    assert batch.events
    for one in batch.events:
        assert one.native_id.encode() in one.raw
        said = json.loads(one.raw)
        parts = said if isinstance(said, list) else [said]
        assert all(isinstance(part, dict) for part in parts)
        # The exact slices, nothing spelled anew, and nobody else's words.
        assert one.raw in body or all(piece in body for piece in _top_level(one.raw))
        others = {text for other in batch.events if (text := _text(other)) and other.native_id != one.native_id}
        assert not any(json.dumps(text).encode() in one.raw for text in others - {_text(one)})


def _text(event):
    return getattr(event, "text", "")


def _top_level(raw):
    return [source.encode() for source in elements(f'{{"a":{raw.decode()}}}', "a")]


def test_a_page_of_x_brings_author_and_media_beside_the_post():
    page = (
        b'{"data": [ {"id":"3","text":"one",  "author_id":"5","attachments":{"media_keys":["3_1"]}},'
        b'{"id":"4","text":"two","author_id":"6"}, {"id":"7","text":"three","author_id":"8"} ],'
        b'"includes":{"users":[{"id":"5","name":"Caf\\u00e9"},{"id" : "6","name":"B"}],'
        b'"media":[{"media_key":"3_1","type":"photo","url":"https://pbs.example/1.jpg"}],"tweets":[{"id":"99","text":"another\'s"}]}}'
    )
    account = AccountRef(account_id="x-1", platform="x", native_id="1")
    one, two, three = registry.connector("x").parse_page("mentions", page, account).events
    assert one.raw == (
        b'[{"id":"3","text":"one",  "author_id":"5","attachments":{"media_keys":["3_1"]}},'
        b'{"id":"5","name":"Caf\\u00e9"},{"media_key":"3_1","type":"photo","url":"https://pbs.example/1.jpg"}]'
    )
    assert two.raw == b'[{"id":"4","text":"two","author_id":"6"},{"id" : "6","name":"B"}]'
    assert three.raw == b'{"id":"7","text":"three","author_id":"8"}'


def test_old_messages_of_x_come_each_with_its_own_sender():
    message = (
        b'{"id":"%d","created_timestamp":"1795364992123","message_create":{"sender_id":"%d",'
        b'"target":{"recipient_id":"1"},"message_data":{"text":"hi"}}}'
    )
    raw = (
        b'{"for_user_id":"1","direct_message_events":[' + message % (11, 5) + b", " + message % (12, 6) + b"],"
        b'"users":{"5":{"id":"5","name":"A"},"6" : {"id":"6", "name":"B"}}}'
    )
    one, two = registry.connector("x").parse(raw).events
    assert one.raw == b"[" + message % (11, 5) + b',{"id":"5","name":"A"}]'
    assert two.raw == b"[" + message % (12, 6) + b',{"id":"6", "name":"B"}]'


def test_a_post_and_its_being_hidden_share_what_was_said():
    value = b'{"item":"comment","verb":"add","comment_id":"2_3","post_id":"1_2","is_hidden":true,"message":"x"}'
    change = b'{"value": ' + value + b', "field": "feed"}'
    raw = b'{"object":"page","entry":[{"id":"1","time":1795364992,"changes":[' + change + b"]}]}"
    post, hidden = registry.connector("facebook").parse(raw).events
    assert post.raw == hidden.raw == change
