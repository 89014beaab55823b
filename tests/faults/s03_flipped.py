"""3: every bit of every object of two small archives is flipped, one at a time, and the verifier must fail each.

Bit n belongs to the seed n mod 1,000, so that a thousand seeds flip each bit exactly once.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from bluelamp.audit.layout import TILE
from bluelamp.audit.leaf import Leaf
from bluelamp.audit.outbox import Chunk
from tests.faults.archive import Folder, finding
from tests.faults.counts import Counts
from tests.faults.log import NEW_YEAR, FireWorld, draw_steps, tell
from tests.faults.steady import seeded, steady_ids

SHARDS = 1_000


def run(seed: int) -> Counts:
    """Flip this seed's share of the bits."""
    counts = Counts(seeds=1)
    before = 0
    for folder, objects in _archives():
        for name, body in objects.items():
            for bit in range((seed - before) % SHARDS, 8 * len(body), SHARDS):
                broken = bytearray(body)
                broken[bit // 8] ^= 1 << bit % 8
                folder.put(name, bytes(broken))
                counts.add("flips")
                if folder.verify().verdict != "FAIL":
                    counts.bad("undetected", f"seed {seed}: bit {bit} of {name} was flipped unnoticed")
            folder.put(name, body)
            before += 8 * len(body)
    return counts


@lru_cache(maxsize=1)
def _archives() -> list[tuple[Folder, dict[str, bytes]]]:
    """Return a log of two years with records of several kinds, and one with a full tile."""
    archives = []
    for world in (_two_years(), _full_tile()):
        objects = dict(sorted(world.bucket.objects.items()))
        folder = Folder(objects)
        report = folder.verify()
        if report.verdict != "OK":
            raise AssertionError(f"the archive is broken before anything was done to it: {finding(report)}")
        archives.append((folder, objects))
    return archives


def _two_years() -> FireWorld:
    with steady_ids():
        world = FireWorld()
        world.now = NEW_YEAR
        tell(world, draw_steps(seeded(3), 1, "old"))
        world.now += timedelta(seconds=10)
        tell(world, draw_steps(seeded(4), 1, "new"))
        world.answer_all()
        world.seal()
    return world


def _full_tile() -> FireWorld:
    """Return a log whose records are as short as the verifier reads them: each bit costs a whole verification."""
    world = FireWorld()
    at = f"{world.now:%Y-%m-%dT%HZ}"
    bodies = [f'{{"at":"{at}","id":"{n}","type":"x","v":1}}'.encode() for n in range(TILE)]
    with steady_ids():
        chunk = Chunk.of([Leaf(str(n), "x", at, body) for n, body in enumerate(bodies)])
        world.table.transact([chunk.put()])
        world.seal()
    return world
