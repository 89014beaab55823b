"""Proofs as the API serves them, checked by somebody who has nothing but the answer."""

from __future__ import annotations

import base64

import pytest

from bluelamp.audit import layout
from bluelamp.audit.head import read_head
from bluelamp.audit.leaf import Leaf
from bluelamp.audit.note import Checkpoint, Note, VerifierKey
from bluelamp.audit.outbox import Chunk
from bluelamp.audit.prove import BrokenArchiveError, prove, prove_pointer
from bluelamp.audit.tree import check_inclusion, leaf_hash
from bluelamp.errors import NotFoundError
from tests.unit.audit.log_kit import LogWorld


@pytest.fixture
def world():
    return LogWorld()


def check(answer):
    """What the page does: open the checkpoint, then climb from the leaf to its root."""
    note = Note.parse(answer["checkpoint"].encode())
    note.check([VerifierKey.parse(answer["vkey"])])
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == (answer["origin"], answer["size"])
    leaf = base64.b64decode(answer["leaf"])
    path = [base64.b64decode(h) for h in answer["proof"]]
    check_inclusion(leaf_hash(leaf), answer["index"], answer["size"], path, checkpoint.root)
    return leaf


@pytest.mark.slow
def test_every_record_of_a_log_is_proven(world):
    world.busy_day(35)
    head = read_head(world.table, 2026)
    sealed = {check(prove(world.bucket, head, seq).as_json()) for seq in range(head.size)}
    assert {leaf.body for leaf in world.written} <= sealed


def test_a_pointer_is_proven_once_it_is_sealed_and_not_before(world):
    leaves = [world.change("a"), world.change("b")]
    chunk = world.put(*leaves)
    with pytest.raises(NotFoundError, match="not sealed yet"):
        prove_pointer(world.table, world.bucket, chunk.id, 1)
    world.seal()
    assert check(prove_pointer(world.table, world.bucket, chunk.id, 1).as_json()) == leaves[1].body
    with pytest.raises(NotFoundError):
        prove_pointer(world.table, world.bucket, chunk.id, 2)


def test_what_is_sequenced_and_not_published_is_not_proven(world):
    world.busy_day(1)
    chunk = world.put(world.change("x"))

    def kill(name):
        if name == "put_if_absent":
            raise KeyboardInterrupt

    world.faults.before = kill
    with pytest.raises(KeyboardInterrupt):
        world.seal()
    world.faults.before = None
    with pytest.raises(NotFoundError):
        prove_pointer(world.table, world.bucket, chunk.id, 0)


@pytest.mark.slow
def test_a_log_of_two_tile_levels_is_proven_from_its_tiles(world):
    body = b'{"at":"2026-11-22T12:00:00.000Z","id":"%d","type":"view","v":1}'
    for begin in range(0, 67_000, 1000):
        leaves = [Leaf(str(n), "view", "", body % n) for n in range(begin, begin + 1000)]
        world.table.transact([Chunk.of(leaves).put()])
    world.seal()
    head = read_head(world.table, 2026)
    assert head.size > 65_536
    for seq in (0, 255, 256, 40_000, 65_535, 65_536, head.size - 1):
        check(prove(world.bucket, head, seq).as_json())


def test_a_damaged_archive_gives_no_proof(world):
    world.busy_day(35)
    head = read_head(world.table, 2026)
    sound = dict(world.bucket.objects)
    first = "2026/entries/000000000000-000000000008"
    for name, body in (
        ("2026/tile/0/000", b"short"),
        (first, layout.pack(layout.unpack(sound[first])[:-1])),
        (first, None),
    ):
        world.bucket.objects = {**sound, name: body} if body else {k: v for k, v in sound.items() if k != name}
        with pytest.raises(BrokenArchiveError):
            prove(world.bucket, head, 3)
    last = max(name for name in sound if layout.parse_entries(name))
    world.bucket.objects = {k: v for k, v in sound.items() if k != last}
    with pytest.raises(BrokenArchiveError):
        prove(world.bucket, head, 300)
