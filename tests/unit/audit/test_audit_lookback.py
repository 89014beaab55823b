"""Looking back through the log: newest first, nothing left out and nothing twice, however small the budget is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.audit import layout
from bluelamp.audit.head import Head, all_heads
from bluelamp.audit.lookback import Budget, Place, Wanted, count_waiting, look_back, place_after, says
from bluelamp.audit.note import Checkpoint, LocalSigner, sign_note
from bluelamp.audit.prove import BrokenArchiveError, LogReader
from bluelamp.audit.tree import Edge, leaf_hashes
from bluelamp.cloud.memory import MemoryBucket
from bluelamp.times import iso
from tests.unit.audit.log_kit import SEED, START, LogWorld, steady

EVERYTHING = Wanted(lambda _: True)
ONE = Budget(objects=1)
WHOLE = {"id": "01A", "at": iso(START)}


def places(look):
    return [(hit.year, hit.seq) for hit in look.hits]


def everything(world):
    heads = all_heads(world.table, world.clock().year)
    return [(head.year, seq) for head in heads for seq in range(head.size - 1, -1, -1)]


def all_pages(world, wanted=EVERYTHING, **how):
    """Follow `next` to the end; return what was found, and in how many looks."""
    found, looks, before = [], 0, how.pop("before", None)
    while looks < 10_000:
        heads = all_heads(world.table, world.clock().year)
        look = look_back(world.bucket, heads, wanted, before=before, **how)
        looks += 1
        found += places(look)
        before = look.next
        if before is None:
            return found, looks
        assert (before.year, before.seq) == (look.reached.year, look.reached.seq)
    raise AssertionError("the search never ends")


@pytest.fixture(scope="module")
def world():
    """Two years of a log, of many commits."""
    made = LogWorld()
    made.busy_day(30)
    made.clock.now = datetime(2027, 1, 2, tzinfo=UTC)
    made.busy_day(10)
    return made


def test_all_of_it_newest_first_over_the_end_of_a_year(world):
    found, looks = all_pages(world, limit=10_000)
    assert (found, looks) == (everything(world), 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [{"limit": 1}, {"limit": 7}, {"limit": 10_000, "budget": ONE}, {"limit": 3, "budget": ONE}]
)
def test_pages_and_budgets_leave_nothing_out(world, how):
    found, looks = all_pages(world, **how)
    assert found == everything(world)
    assert looks > 1


def test_what_is_wanted_alone(world):
    outcomes = Wanted(lambda record: record["type"] == "outcome", (says("type", "outcome"),))
    found, _ = all_pages(world, outcomes, limit=5)
    assert len(found) == 40
    assert found == sorted(found, reverse=True)
    unread = Wanted(lambda _: pytest.fail("read without need"), (b"nowhere",))
    look = look_back(world.bucket, all_heads(world.table, 2027), unread, limit=5)
    assert (look.hits, look.next, (look.reached.year, look.reached.seq)) == ((), None, (2026, 0))


def test_a_budget_ends_the_look_where_it_is(world):
    heads = all_heads(world.table, 2027)
    nothing = Wanted(lambda _: False)
    ticks = iter(range(1000))
    for budget in (ONE, Budget(size=1), Budget(seconds=0)):
        look = look_back(world.bucket, heads, nothing, budget=budget, clock=lambda: next(ticks))
        assert look.hits == ()
        assert look.next == Place(look.reached.year, look.reached.seq)
        assert look.reached.sealed_at > iso(START)


def test_a_time_bounds_the_look_at_both_ends(world):
    sealed = {}
    for year, seq in everything(world):
        reader = LogReader(world.bucket, year)
        sealed[year, seq] = reader.sealed_at(layout.bundle_of(reader.bundles(seq, seq + 1), seq))
    moments = sorted(set(sealed.values()))
    heads = all_heads(world.table, 2027)
    for since, until in ((moments[3], moments[9]), (moments[0], moments[0]), (moments[-1], moments[-1])):
        before = place_after(world.bucket, heads, until)
        look = look_back(world.bucket, heads, EVERYTHING, before=before, since=since, limit=10_000)
        assert places(look) == [place for place in everything(world) if since <= sealed[place] <= until]
        assert look.next is None
    assert place_after(world.bucket, heads, "2026-01-01T00:00:00.000Z") is None
    assert place_after(world.bucket, heads, "2030-01-01T00:00:00.000Z") == Place(2027, heads[0].size)
    late = look_back(world.bucket, heads, EVERYTHING, since="2030-01-01T00:00:00.000Z")
    assert (late.hits, late.reached, late.next) == ((), None, None)


def test_what_waits_is_counted_and_not_shown():
    world = LogWorld()
    assert count_waiting(world.table, None) == (0, False)
    world.put(world.change("a"), world.change("b"))
    head = next(iter(all_heads(world.table, 2026)), None)
    assert count_waiting(world.table, head) == (2, False)
    assert look_back(world.bucket, [], EVERYTHING).hits == ()
    left = dict(world.table.items)
    world.seal()
    assert count_waiting(world.table, all_heads(world.table, 2026)[0]) == (0, False)
    # A writer that was killed before it could tidy up leaves chunks that are published all the same.
    world.table.items.update({key: item for key, item in left.items() if key[0].startswith("OUTBOX#")})
    assert count_waiting(world.table, all_heads(world.table, 2026)[0]) == (0, False)
    for number in range(450):
        world.put(world.change(f"n{number}"))
    records, more = count_waiting(world.table, all_heads(world.table, 2026)[0])
    assert more
    assert 300 <= records <= 450


@pytest.mark.parametrize("harm", ["gone", "cut", "no commit"])
def test_a_broken_archive_is_told_and_never_passed_over(harm):
    world = LogWorld()
    world.busy_day(6)
    name = sorted(n for n in world.bucket.objects if "/entries/" in n)[2]
    raw = world.bucket.objects.pop(name)
    if harm == "cut":
        world.bucket.objects[name] = layout.pack(layout.unpack(raw)[:-1])
    elif harm == "no commit":
        bodies = layout.unpack(raw)
        world.bucket.objects[name] = layout.pack([bodies[1], *bodies[1:]])
    with pytest.raises(BrokenArchiveError):
        look_back(world.bucket, all_heads(world.table, 2026), EVERYTHING, limit=10_000)


class Long:
    """A long log of small commits, as a quiet force writes it; nothing of it is proven here, so nothing is signed."""

    def __init__(self, sizes, gaps):
        self.bucket, self.sealed = MemoryBucket(), []
        size, now = 0, START
        for width, gap in zip(sizes, gaps, strict=True):
            now += timedelta(milliseconds=gap)
            lead = json.dumps(WHOLE | {"seal": {"sealed_at": iso(now)}, "type": "commit"}).encode()
            bodies = [lead, *(json.dumps(WHOLE | {"type": "view"}).encode() for _ in range(width - 1))]
            self.bucket.objects[layout.entries_key(2026, size, size + width)] = layout.pack(bodies)
            self.sealed += [iso(now)] * width
            size += width
        self.size = size


@steady
@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 3)), min_size=1, max_size=60), st.data())
def test_the_first_commit_since_a_moment_is_found_by_halves(commits, data):
    log = Long(*zip(*commits, strict=True))
    reader = LogReader(log.bucket, 2026)
    moment = data.draw(st.sampled_from([*log.sealed, iso(START), "2030-01-01T00:00:00.000Z"]))
    by_hand = next((seq for seq, at in enumerate(log.sealed) if at >= moment), log.size)
    assert reader.first_sealed_since(moment, log.size) == by_hand


@pytest.mark.slow
def test_halving_looks_at_few_commits_of_many():
    log = Long([2] * 20_000, [1] * 20_000)
    asked = []
    log.bucket.faults.before = asked.append
    assert LogReader(log.bucket, 2026).first_sealed_since(log.sealed[7000], log.size) == 7000
    assert asked.count("get_range") < 25


def test_a_long_quiet_log_is_gone_through_within_the_budget():
    log = Long([2] * 3000, [1] * 3000)
    heads = [head_of(log)]
    asked = []
    log.bucket.faults.before = asked.append
    look = look_back(log.bucket, heads, Wanted(lambda _: False), budget=Budget(objects=500))
    assert 500 <= asked.count("get_object") < 600
    assert look.next == Place(2026, log.size - 2 * asked.count("get_object"))
    first = look_back(log.bucket, heads, EVERYTHING, limit=10)
    assert asked.count("get_object") < 600 + 10
    assert places(first) == [(2026, log.size - n) for n in range(1, 11)]


def head_of(log):
    edge = Edge().extend(leaf_hashes([b"x"] * log.size))
    note = sign_note(Checkpoint("o", log.size, edge.root()).text, "o", LocalSigner(SEED))
    return Head(2026, "o", edge, checkpoint=bytes(note).decode())
