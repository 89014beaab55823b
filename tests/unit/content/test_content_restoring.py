"""The drill with the key table: lost, restored from a copy, and what can be read, proven and never read again."""

from __future__ import annotations

import copy
import json

import pytest

from bluelamp.audit import layout
from bluelamp.audit.archive import pull
from bluelamp.audit.leaf import Actor, Content, draft
from bluelamp.audit.outbox import Chunk
from bluelamp.audit.survey import Survey
from bluelamp.audit.verify import verify
from bluelamp.content.model import ContentGoneError
from bluelamp.content.restoring import Replayed, replay
from bluelamp.content.store import KeyStore
from tests.support.world import World

ORIGIN = "bluelamp.example/bluelamp/wealdshire"


@pytest.fixture
def world():
    made = World()
    made.account("1", "swindale")
    return made


def arrive(world, native):
    world.ingest(world.comment(native, f"words of {native}"))
    world.seal()
    world.pass_time(minutes=10)


def leaves(world):
    found = []
    for name, raw in sorted(world.evidence.objects.items()):
        if layout.parse_entries(name):
            found += [json.loads(body) for body in layout.unpack(raw)]
    return found


def kept(world):
    return [leaf for leaf in leaves(world) if "content" in leaf and leaf["type"] != "erase"]


def erase(world, leaf):
    content = Content.model_validate(leaf["content"])
    world.vault.destroy(content)
    entry = draft(type="erase", at=world.clock(), actor=Actor.system("dispose"), account="facebook-1", content=content)
    world.table.write(Chunk.of([entry]).put())
    world.seal()
    world.pass_time(minutes=10)


def put_back(world, items):
    world.key_table.items.clear()
    world.key_table.items.update(copy.deepcopy(items))


def read(world, leaf):
    return world.vault.open(leaf.get("account", ""), Content.model_validate(leaf["content"]))


def replayed(world, since, **kwargs):
    survey = Survey(world.evidence, origin=ORIGIN, publics=[world.signer.public()])
    return replay(survey.records_since(world.clock().year, since), KeyStore(world.key_table), **kwargs)


def proven(world, directory):
    pull(world.evidence, directory)
    return verify(directory).verdict


def test_the_key_table_goes_and_comes_back_from_a_copy(world, tmp_path):
    arrive(world, "c1")
    arrive(world, "c2")
    point, since = copy.deepcopy(world.key_table.items), world.clock()
    arrive(world, "c3")
    early, _, late = kept(world)

    world.key_table.items.clear()
    for leaf in (early, late):
        with pytest.raises(ContentGoneError):
            read(world, leaf)
    assert proven(world, tmp_path) == "OK"  # the log needs no key

    put_back(world, point)
    assert b"words of c1" in read(world, early)
    with pytest.raises(ContentGoneError, match="restored to an earlier time"):
        read(world, late)
    assert replayed(world, since) == Replayed(lost=1)
    assert proven(world, tmp_path) == "OK"


def test_what_was_erased_after_the_point_is_erased_again(world, tmp_path):
    arrive(world, "c1")
    arrive(world, "c2")
    point, since = copy.deepcopy(world.key_table.items), world.clock()
    gone, stays = kept(world)
    erase(world, gone)
    put_back(world, point)
    assert b"words of c1" in read(world, gone)  # the danger: a disposal undone
    assert replayed(world, since, dry_run=True) == Replayed(erased=1, again=1)
    assert b"words of c1" in read(world, gone)
    assert replayed(world, since) == Replayed(erased=1, again=1)
    with pytest.raises(ContentGoneError):
        read(world, gone)
    assert b"words of c2" in read(world, stays)
    assert replayed(world, since) == Replayed(erased=1)
    assert proven(world, tmp_path) == "OK"


def test_the_whole_log_can_be_gone_through_and_what_was_erased_is_not_lost(world):
    for native in ("c1", "c2", "c3"):
        arrive(world, native)
    erase(world, kept(world)[0])
    begin = world.clock().replace(year=2026, month=1, day=1)
    assert replayed(world, begin) == Replayed(erased=1, readable=2)
    assert replayed(world, world.clock()) == Replayed()


def test_a_record_that_points_nowhere_is_counted():
    content = {"sha256": "0" * 64, "length": 1}
    records = [{"type": "ingest", "content": content}, {"type": "view"}, {"type": "ingest", "content": {"length": "x"}}]
    assert replay(records, KeyStore(World().key_table)) == Replayed(broken=2)
