"""The sequencer by itself: what it writes, in which order, and what makes it stop."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bluelamp.audit import layout
from bluelamp.audit.head import head_key, read_head
from bluelamp.audit.leaf import Leaf
from bluelamp.audit.note import Checkpoint, LocalSigner, Note, VerifierKey
from bluelamp.audit.outbox import Chunk, Release, sequence_key
from bluelamp.audit.sequencer import ForkError, LostChunkError, NoQueueError, Sequencer
from bluelamp.cloud.dynamodb import ContentionError
from bluelamp.cloud.memory import MemoryQueue
from tests.unit.audit.log_kit import ORIGIN, LogWorld


@pytest.fixture
def world():
    return LogWorld()


def leaves_of(world, start, end, year=2026):
    bodies = layout.unpack(world.bucket.objects[layout.entries_key(year, start, end)])
    return [json.loads(body) for body in bodies]


def plain(number: int) -> Leaf:
    """A leaf that costs nothing to make, for large logs."""
    body = b'{"actor":{"kind":"system"},"at":"2026-11-22T12:00:00.000Z","id":"%d","type":"view","v":1}' % number
    return Leaf(str(number), "view", "2026-11-22T12:00:00.000Z", body)


def test_an_empty_outbox_writes_nothing(world):
    outcome = world.seal()
    assert (outcome.more, outcome.commits, outcome.puts) == (False, 0, 0)
    assert not world.table.items
    assert not world.bucket.objects


def test_the_first_commit_opens_the_log(world):
    first, second = world.change("a"), world.change("b")
    chunk = world.put(first, second, releases=(Release(1, {"post_id": "b", "action_id": "x"}, delay_seconds=10),))
    outcome = world.seal()
    assert (outcome.more, outcome.commits, outcome.leaves, outcome.puts) == (False, 1, 3, 3)
    key = VerifierKey(f"{ORIGIN}/2026", world.signer.public())
    assert list(world.bucket.objects) == [  # in the order in which they were put: the checkpoint last
        "2026/entries/000000000000-000000000003",
        f"2026/keys/{key.id.hex()}.vkey",
        "2026/checkpoints/000000000003",
    ]
    commit, one, two = leaves_of(world, 0, 3)
    assert commit["type"] == "commit"
    assert commit["seal"] == {"sealed_at": "2026-11-22T12:00:00.000Z", "first": 0, "leaves": 3, "chunks": 1}
    assert [one["id"], two["id"]] == [first.id, second.id]
    note = Note.parse(world.bucket.objects["2026/checkpoints/000000000003"])
    assert note.check([key]) == [key]
    head = read_head(world.table, 2026)
    assert Checkpoint.parse(note.text) == Checkpoint(f"{ORIGIN}/2026", 3, head.root)
    assert head.checkpoint.encode() == bytes(note)
    assert head.published
    (message,) = world.actions.messages
    assert message.body == {"post_id": "b", "action_id": "x", "seq": 2, "year": 2026}
    assert message.delay_seconds == 10
    place = world.table.items[sequence_key(chunk.id)]
    assert (place["year"], place["first_seq"], place["n"], place["start"], place["end"]) == (2026, 1, 2, 0, 3)
    assert world.outbox() == []


def test_chunks_go_in_the_order_of_their_ids_whatever_their_shards(world):
    leaves = [world.change(f"post-{n}") for n in range(40)]
    for leaf in leaves:
        world.put(leaf)
    assert world.seal().commits == 1
    assert [leaf["id"] for leaf in leaves_of(world, 0, 41)[1:]] == [leaf.id for leaf in leaves]


def test_a_commit_takes_at_most_99_chunks_and_says_that_more_wait(world):
    for number in range(150):
        world.put(world.change(f"post-{number}"))
    outcome = world.sequencer().run(max_commits=1)
    assert (outcome.more, outcome.leaves) == (True, 100)
    outcome = world.sequencer().run(max_commits=2)
    assert (outcome.more, outcome.leaves) == (False, 52)


def test_a_commit_takes_at_most_2000_leaves(world):
    for begin in range(0, 4500, 900):
        world.table.transact([Chunk.of([plain(begin + n) for n in range(900)]).put()])
    outcome = world.seal()
    assert (outcome.commits, outcome.leaves) == (3, 4503)
    sizes = sorted(layout.parse_checkpoint(name)[1] for name in world.bucket.objects if "/checkpoints/" in name)
    assert sizes == [1801, 3602, 4503]


@pytest.mark.slow
def test_tiles_of_both_levels_are_full_right_and_put_once(world):
    for begin in range(0, 66_000, 1000):
        world.table.transact([Chunk.of([plain(begin + n) for n in range(1000)]).put()])
        if begin % 6000 == 0:
            world.seal()  # a fresh process each time: the open tile is read back from the archive
    world.seal()
    head = read_head(world.table, 2026)
    tiles = {name: layout.parse_tile(name) for name in world.bucket.objects if layout.parse_tile(name)}
    assert {t[1:] for t in tiles.values()} == {(0, n, 256) for n in range(head.size // 256)} | {(1, 0, 256)}


def test_a_warm_sequencer_need_not_read_the_archive_to_finish_a_tile(world):
    sequencer = world.sequencer()
    reads = []
    world.faults.before = lambda name: reads.append(name) if name == "get_object" else None
    for _ in range(4):
        world.table.transact([Chunk.of([plain(n) for n in range(100)]).put()])
        sequencer.run()
    assert "2026/tile/0/000" in world.bucket.objects
    assert reads == []


def test_sealed_at_never_runs_back_though_the_clock_does(world):
    world.put(world.change("a"))
    world.seal()
    world.clock.pass_(minutes=-3)
    world.put(world.change("b"))
    world.seal()
    assert leaves_of(world, 2, 4)[0]["seal"]["sealed_at"] == "2026-11-22T12:00:00.000Z"


def test_the_year_rolls_over_with_a_close_and_the_last_checkpoint(world, tmp_path):
    world.busy_day(2)
    old = read_head(world.table, 2026)
    world.clock.now = datetime(2027, 1, 1, 0, 0, 3, tzinfo=UTC)
    world.put(world.change("new"))
    outcome = world.seal()
    assert (outcome.commits, outcome.more) == (2, False)
    closed = read_head(world.table, 2026)
    assert closed.closed
    assert closed.size == old.size + 2
    assert [leaf["type"] for leaf in leaves_of(world, old.size, closed.size)] == ["commit", "close"]
    opening = leaves_of(world, 0, 2, 2027)[0]
    assert opening["seal"]["previous"]["size"] == closed.size
    assert opening["seal"]["previous"]["origin"] == f"{ORIGIN}/2026"
    report = world.verify(tmp_path)
    assert (report.verdict, [log.year for log in report.logs]) == ("OK", [2026, 2027])
    # A sequencer whose clock is late finds the new log and goes on in it.
    world.clock.now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    world.put(world.change("late"))
    assert world.seal().commits == 1
    assert read_head(world.table, 2026).size == closed.size
    assert world.verify(tmp_path).verdict == "OK"


def test_a_log_left_for_years_is_closed_and_followed(world, tmp_path):
    world.busy_day(1)
    world.clock.now = datetime(2029, 5, 1, tzinfo=UTC)
    assert world.seal().commits == 1  # it closes without anything waiting
    assert world.seal().commits == 0
    world.put(world.change("new"))
    world.seal()
    report = world.verify(tmp_path)
    assert (report.verdict, [log.year for log in report.logs]) == ("OK", [2026, 2029])


def test_a_repair_writes_the_same_bytes(world):
    world.put(world.change("a"), world.view("a"))

    def kill(name):
        if name == "send":
            raise KeyboardInterrupt

    intent = world.intent("a")
    world.put(intent, releases=(Release(0, {"post_id": "a"}),))
    world.faults.before = kill
    with pytest.raises(KeyboardInterrupt):
        world.seal()
    before = dict(world.bucket.objects)
    world.faults.before = None
    world.clock.pass_(hours=1)
    assert world.seal().commits == 1
    assert world.bucket.objects == before
    assert len(world.actions.messages) == 1


def test_other_bytes_in_the_archive_stop_the_log(world):
    world.put(world.change("a"))
    world.bucket.objects["2026/entries/000000000000-000000000002"] = b"something else"
    for _ in range(2):
        with pytest.raises(ForkError, match="not what the head"):
            world.seal()
    assert "2026/checkpoints/000000000002" not in world.bucket.objects
    assert world.actions.messages == []


def test_a_table_restored_to_an_earlier_point_is_a_fork_and_nothing_is_overwritten(world):
    world.busy_day(1)
    kept = {key: dict(item) for key, item in world.table.items.items()}
    world.busy_day(1)
    archive = dict(world.bucket.objects)
    world.table.items = kept
    world.put(world.change("after-restore"))
    for _ in range(2):
        with pytest.raises(ForkError):
            world.seal()
    assert world.bucket.objects == archive


def test_a_head_changed_from_outside_is_a_fork(world):
    world.put(world.change("a"))

    def kill(name):
        if name == "put_if_absent":
            raise KeyboardInterrupt

    world.faults.before = kill
    with pytest.raises(KeyboardInterrupt):
        world.seal()
    world.faults.before = None
    world.table.items[head_key(2026)]["pending"]["lead"] += b" "
    with pytest.raises(ForkError, match="does not lead to the root"):
        world.seal()


def test_a_sequenced_chunk_that_vanishes_is_an_alarm(world):
    chunk = world.put(world.change("a"))

    def kill(name):
        if name == "batch_get":
            raise KeyboardInterrupt

    world.table.transact([Chunk.of([plain(1)]).put()])
    world.seal()
    world.put(world.change("b"))
    world.faults.before = kill
    with pytest.raises(KeyboardInterrupt):
        world.seal()
    world.faults.before = None
    for key in [k for k in world.table.items if k[0].startswith("OUTBOX#")]:
        del world.table.items[key]
    with pytest.raises(LostChunkError, match="gone before it was published"):
        world.seal()
    assert chunk.id not in world.outbox()


def test_a_new_signing_key_is_published_and_the_log_goes_on(world, tmp_path):
    world.busy_day(1)
    world.signer = LocalSigner(bytes(32))
    world.busy_day(1)
    report = world.verify(tmp_path)
    assert report.verdict == "OK"
    assert len(report.logs[0].keys) == 2


def test_a_key_changed_between_kill_and_repair_keeps_the_checkpoint_that_was_put(world, tmp_path):
    world.busy_day(1)
    world.put(world.change("a"))

    def kill(name):
        if name == "put_if_absent" and any(n.endswith(f"{size + 2:012d}") for n in world.bucket.objects):
            raise KeyboardInterrupt

    size = read_head(world.table, 2026).size
    world.faults.after = kill
    put = world.bucket.put_if_absent
    calls = []

    def count(name, body, **kwargs):
        put(name, body, **kwargs)
        calls.append(name)
        if "/checkpoints/" in name:
            raise KeyboardInterrupt

    world.faults.after = None
    world.bucket.put_if_absent = count
    with pytest.raises(KeyboardInterrupt):
        world.seal()
    world.bucket.put_if_absent = put
    world.signer = LocalSigner(bytes(32))
    assert world.seal().commits == 1
    assert world.verify(tmp_path).verdict == "OK"


def test_contention_is_tried_again_and_then_left_to_the_next_wake(world):
    world.put(world.change("a"))
    transact, refusals = world.table.transact, []

    def refuse(writes, **kwargs):
        refusals.append(len(writes))
        if len(refusals) < limit:
            raise ContentionError("another transaction")
        transact(writes, **kwargs)

    world.table.transact = refuse
    limit = 99
    assert world.seal().more
    assert len(refusals) == 6
    limit = 3
    refusals.clear()
    assert world.seal().commits == 1


def test_a_left_over_chunk_whose_commit_is_forgotten_is_tidied_not_doubled(world, tmp_path):
    world.put(world.change("a"), world.change("b"))
    kept = {key: item for key, item in world.table.items.items() if key[0].startswith("OUTBOX#")}
    world.seal()
    world.put(world.change("c"))
    world.seal()
    world.table.items.update(kept)  # as if the deletion had been lost two commits ago
    while world.seal().more:
        pass
    assert world.outbox() == []
    assert world.verify(tmp_path).records == 5


def test_a_checkpoint_that_cannot_be_read_stops_the_log(world):
    world.put(world.change("a"))
    world.bucket.objects[layout.checkpoint_key(2026, 2)] = b"\xff"
    with pytest.raises(ForkError, match="checkpoints/000000000002 is no checkpoint"):
        world.seal()
    assert not read_head(world.table, 2026).published


def test_a_release_goes_to_the_queue_that_it_names(world):
    disposals = MemoryQueue()
    one, two = world.change("a"), world.change("b")
    world.put(one, two, releases=(Release(0, {"post_id": "a"}), Release(1, {"hold": "h"}, queue="disposal")))
    parts = {"table": world.table, "bucket": world.bucket, "actions": world.actions, "signer": world.signer}
    alone = Sequencer(**parts, origin=ORIGIN, clock=world.clock)
    with pytest.raises(NoQueueError, match="disposal"):
        alone.run()
    Sequencer(**parts, origin=ORIGIN, clock=world.clock, disposals=disposals).run()
    assert [m.body for m in disposals.messages] == [{"hold": "h", "seq": 2, "year": 2026}]
    assert {m.body["post_id"] for m in world.actions.messages} == {"a"}
