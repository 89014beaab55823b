"""Leaves and chunks: canonical bytes, a class for each type, and no way in for text or names."""

from __future__ import annotations

import json
import typing
from datetime import UTC, datetime

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bluelamp.audit import layout, story
from bluelamp.audit import leaf as module
from bluelamp.audit.leaf import (
    DPA62,
    Actor,
    Change,
    Content,
    Judgement,
    Leaf,
    LeafType,
    Model,
    Obj,
    Op,
    Query,
    Reason,
    Rule,
    Tally,
    draft,
)
from bluelamp.audit.outbox import Chunk, Release, Waiting, outbox_key, shard_of
from bluelamp.audit.tree import leaf_hashes
from bluelamp.errors import InvalidInputError, TooLargeError
from tests.unit.audit.log_kit import seeded, steady

AT = datetime(2026, 11, 22, 16, 29, 52, 123000, tzinfo=UTC)
KEY = "ab" * 32
ACTOR = Actor.system("ingest")

tokens = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}", fullmatch=True)
codes = st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)


def maybe(strategy):
    return st.none() | strategy


objects = st.builds(
    Obj, kind=st.sampled_from(["post", "comment"]), key=hashes, rev=maybe(st.integers(0, 2**53 - 1)), prev=maybe(hashes)
)
leaves = st.builds(
    draft,
    type=st.sampled_from(["ingest", "classify", "view", "export", "login"]),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.builds(Actor, kind=st.just("person"), sub=maybe(tokens), role=maybe(codes), session=maybe(tokens)),
    account=maybe(tokens),
    author_key=maybe(hashes),
    event_at=maybe(st.datetimes(timezones=st.just(UTC))),
    obj=maybe(objects),
    reason=maybe(st.builds(Reason, code=codes)),
    content=maybe(st.builds(Content, sha256=hashes, length=st.integers(0, 10**9))),
    change=maybe(st.builds(Change, from_=maybe(tokens), to=maybe(tokens))),
    model=maybe(st.builds(Model, id=tokens, version=tokens, scores=st.dictionaries(codes, st.integers(0, 1000)))),
    judgement=maybe(st.builds(Judgement, risk=codes, grade=st.integers(0, 9), codes=st.lists(codes, max_size=4))),
    query=maybe(st.builds(Query, view=codes, filters=st.dictionaries(codes, tokens | st.integers(0, 99)))),
)


@steady
@given(leaves)
def test_the_bytes_are_those_of_rfc_8785(leaf):
    record = json.loads(leaf.body)
    assert rfc8785.dumps(record) == leaf.body
    assert leaf.body.isascii()
    assert (record["id"], record["type"], record["at"], record["v"]) == (leaf.id, leaf.type, leaf.at, 1)


@pytest.mark.slow
@steady
@given(st.lists(leaves, min_size=1, max_size=5))
def test_a_chunk_keeps_the_exact_bytes(many):
    item = Chunk.of(many).put().item
    assert Waiting.from_item(item).bodies() == [leaf.body for leaf in many]


def test_a_leaf_reads_as_written():
    leaf = draft(
        type="intent",
        at=AT,
        actor=Actor(kind="person", sub="officer-7", role="local", on_duty_as="control", guide_version="2026.3"),
        account="facebook-1029384756",
        obj=Obj(kind="comment", key=KEY, rev=3, prev="cd" * 32),
        reason=Reason(code="threat", ref="WP/2026/1234"),
        op=Op(verb="hide"),
        change=Change(from_="visible", to="hiding"),
        rule=Rule(id="ruleset", version="1"),
        commit="0a1b2c3",
    )
    record = json.loads(leaf.body)
    del record["id"]
    assert record == {
        "v": 1,
        "at": "2026-11-22T16:29:52.123Z",
        "type": "intent",
        "dpa62": "alteration",
        "actor": {
            "kind": "person",
            "sub": "officer-7",
            "role": "local",
            "on_duty_as": "control",
            "guide_version": "2026.3",
        },
        "account": "facebook-1029384756",
        "obj": {"kind": "comment", "key": KEY, "rev": 3, "prev": "cd" * 32},
        "reason": {"code": "threat", "ref": "WP/2026/1234"},
        "op": {"verb": "hide"},
        "change": {"from": "visible", "to": "hiding"},
        "rule": {"id": "ruleset", "version": "1"},
        "sw": {"commit": "0a1b2c3"},
    }


def test_every_type_has_its_class_or_is_none_of_the_publics_data():
    types = set(typing.get_args(LeafType))
    assert set(DPA62) <= types
    assert set(DPA62.values()) == set(typing.get_args(module.Dpa62))
    unclassed = {
        "statement", "anchor", "config", "roster", "attest", "notice", "key", "incident", "publication",
        "login", "logout", "denied", "refused", "commit", "close",
    }  # fmt: skip
    assert types - set(DPA62) == unclassed


def test_the_verifier_knows_every_field_and_every_read():
    assert set(module._Record.model_fields) == story.FIELDS
    assert module.READS <= story.READS


@pytest.mark.parametrize(
    "fields",
    [
        {"account": "John Smith"},
        {"account": "john@example.org"},
        {"account": "Jöhn"},
        {"account": "x" * 129},
        {"case": "he said\nthis"},
        {"author_key": "1029384756"},
        {"recipient": "the control room, please"},
        {"reason": {"code": "He was rude to me"}},
        {"reason": {"code": "abuse", "ref": "see what John wrote"}},
        {"reason": {"code": "abuse", "comment": "rude"}},
        {"obj": {"kind": "comment", "key": "1029384756_5"}},
        {"op": {"verb": "hide", "error": "Service Unavailable"}},
        {"query": {"view": "open", "filters": {"words": "john smith"}}},
        {"model": {"id": "rules", "version": "1", "scores": {"abuse": 0.5}}},
    ],
)
def test_no_text_and_no_name_gets_in(fields):
    kinds = {"reason": Reason, "obj": Obj, "op": Op, "query": Query, "model": Model}
    with pytest.raises((ValidationError, InvalidInputError)) as caught:
        draft(type="view", at=AT, actor=ACTOR, **{k: kinds[k](**v) if k in kinds else v for k, v in fields.items()})
    assert not any(word in str(caught.value) for word in ("John", "john", "rude", "please", "1029384756"))


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("intent", {}),
        ("intent", {"op": Op(verb="hide")}),
        ("outcome", {"op": Op(result="done")}),
        ("gossip", {}),
    ],
)
def test_an_incomplete_leaf_is_refused(type, fields):  # noqa: A002
    with pytest.raises(InvalidInputError):
        draft(type=type, at=AT, actor=ACTOR, **fields)


def test_a_platforms_odd_request_id_costs_no_record():
    assert Op(platform_request_id="AbC-1").platform_request_id == "AbC-1"
    odd = Op(platform_request_id="John Smith <script>").platform_request_id
    assert odd.startswith("sha256:")
    assert "John" not in odd


def test_a_leaf_above_32_kib_is_refused():
    rules = tuple(f"rule-{n:0120d}" for n in range(300))
    with pytest.raises(TooLargeError, match="32768"):
        draft(type="classify", at=AT, actor=ACTOR, judgement=Judgement(risk="low", grade=1, rules=rules))


def test_counted_refusals_are_one_leaf():
    leaf = draft(
        type="refused",
        at=AT,
        actor=Actor.anonymous(),
        tally=Tally(source="receive.facebook.bad_signature", minute="2026-11-22T16:29:00.000Z", n=512),
    )
    assert json.loads(leaf.body)["tally"]["n"] == 512


def test_chunks_stay_within_their_bounds():
    noise = [Leaf(str(n), "view", "", b'"%s"' % seeded(n).randbytes(8000).hex().encode()) for n in range(10)]
    with pytest.raises(TooLargeError, match="smaller transactions"):
        Chunk.of(noise)
    with pytest.raises(ValueError, match="at least one leaf"):
        Chunk.of([])
    one = draft(type="login", at=AT, actor=ACTOR)
    for release in (Release(1, {}), Release(-1, {}), Release(0, {}, delay_seconds=901)):
        with pytest.raises(ValueError, match="fits no leaf"):
            Chunk.of([one], [release])


def test_a_chunk_is_found_again_by_its_pointer():
    one, two = (draft(type="login", at=AT, actor=ACTOR) for _ in range(2))
    chunk = Chunk.of([one, two], [Release(1, {"post_id": "p"}, delay_seconds=10)])
    item = chunk.put().item
    assert (item["pk"], item["sk"]) == outbox_key(chunk.id)
    assert item["pk"] == f"OUTBOX#{shard_of(chunk.id)}"
    assert chunk.pointer(1) == {"chunk": chunk.id, "i": 1, "leaf": two.id, "type": "login", "at": two.at}
    assert Waiting.from_item(item).releases == (Release(1, {"post_id": "p"}, delay_seconds=10),)


def test_a_chunk_changed_in_the_table_is_noticed():
    item = Chunk.of([draft(type="login", at=AT, actor=ACTOR)]).put().item | {"n": 2}
    with pytest.raises(layout.FramingError, match="says 2"):
        Waiting.from_item(item).bodies()


@steady
@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.data())
def test_framing_has_no_second_reading(bodies, data):
    bundle = layout.pack(bodies)
    assert layout.unpack(bundle) == bodies
    if bundle:
        cut = data.draw(st.integers(1, len(bundle) - 1))
        try:
            found = layout.unpack(bundle[:cut])
        except layout.FramingError as error:
            found = error.leaves
        assert found == bodies[: len(found)]


@steady
@given(st.lists(st.binary(min_size=1, max_size=9), max_size=4), st.binary(max_size=4))
def test_hashing_a_bundle_reads_it_as_unpacking_does(bodies, behind):
    bundle = layout.pack(bodies) + behind
    try:
        expected = leaf_hashes(layout.unpack(bundle))
    except layout.FramingError:
        with pytest.raises(layout.FramingError):
            layout.bundle_hashes(bundle)
    else:
        assert layout.bundle_hashes(bundle) == expected


@pytest.mark.parametrize("behind", [b"\x00", b"\x00\x00", b"\x00\x02a", b"\xff\xff", b"\x80\x01" + bytes(0x8001)])
def test_bytes_behind_a_bundle_are_refused(behind):
    for read in (layout.unpack, layout.bundle_hashes):
        with pytest.raises(layout.FramingError):
            read(layout.pack([b"leaf"]) + behind)


@pytest.mark.parametrize(
    "version", [".FLQEZscLIcfxSq.jsFJ.szUkmng2Yw6", "_QdP-x", "null", "3/L4kqtJlcpXroDTDmJ+rmSpXd3d="]
)
def test_every_version_id_of_s3_has_its_place(version):
    assert Content(sha256=KEY, length=30, version_id=version).version_id == version


@pytest.mark.parametrize("version", ["", "two words", "x" * 1025, "caf\u00e9"])
def test_a_version_id_carries_no_text(version):
    with pytest.raises(ValidationError):
        Content(sha256=KEY, length=30, version_id=version)


@pytest.mark.parametrize("body", [b"", bytes(layout.MAX_LEAF + 1)])
def test_framing_refuses_impossible_leaves(body):
    with pytest.raises(layout.FramingError):
        layout.pack([body])


@steady
@given(st.integers(0, 10**10), st.integers(0, 5), st.integers(1, 256))
def test_tile_names_round_trip(number, level, width):
    name = layout.tile_key(2026, level, number, width)
    assert layout.parse_tile(name) == (2026, level, number, width)
    assert layout.year_of(name) == 2026


def test_names_of_the_archive_and_no_others():
    assert layout.tile_key(2026, 0, 1234067) == "2026/tile/0/x001/x234/067"
    assert layout.tile_key(2026, 1, 5, 7) == "2026/tile/1/005.p/7"
    assert layout.year_of("2026/timestamps/000000000012.tsr") == 2026
    assert layout.year_of("2026/cosignatures/000000000012/witness.example") == 2026
    for name in ("2026/tile/0/x001/67", "2026/tile/0/x000/001", "2026/tile/0/000.p/256", "2026/tile/0/000.p/0",
                 "2026/entries/1-2", "../2026/keys/00000000.vkey", "2026/keys/00000000.vkey\n", "2026/other",
                 "2026/cosignatures/000000000012/../x"):  # fmt: skip
        assert layout.year_of(name) is None, name
