"""5: the tail is cut off at each checkpoint: only an anchor shows it, and without one nobody may say "complete"."""

from __future__ import annotations

from bluelamp.audit import layout
from bluelamp.audit.tree import TILE_HEIGHT
from tests.faults.archive import Objects, examine, finding
from tests.faults.counts import Counts
from tests.faults.log import small_log
from tests.faults.steady import seeded


def run(seed: int) -> Counts:
    """Cut one archive at each of its checkpoints."""
    counts = Counts(seeds=1)
    random = seeded(seed)
    world = small_log(random, commits=random.randint(2, 5))
    objects = world.bucket.objects
    known = world.checkpoint()
    ends = sorted(c for c in map(layout.parse_checkpoint, objects) if c)
    for end in ends[:-1]:
        left = _until(objects, end)
        where = f"seed {seed}, cut behind record {end[1] - 1} of {end[0]}"
        counts.add("cuts")
        alone = examine(left)
        if alone.verdict == "FAIL":
            counts.bad("wrong", f"{where}: the cut is not clean: {finding(alone)}")
        if alone.anchored is not None or "unanchored" not in alone.anchor:
            counts.bad("undetected", f"{where}: without an anchor it does not say 'unanchored'")
        codes = {f.code for f in examine(left, known).failures}
        if not codes & {"cut", "anchor"}:
            counts.bad("undetected", f"{where}: an anchor does not show it ({codes})")
    return counts


def _until(objects: Objects, end: tuple[int, int]) -> dict[str, bytes]:
    """Return the objects of an archive that ends at a checkpoint, given by year and size."""
    return {name: body for name, body in objects.items() if _place(name) <= end}


def _place(name: str) -> tuple[int, int]:
    """Return the year, and the size of the log from which on an object can be there."""
    if entries := layout.parse_entries(name):
        return entries[0], entries[2]
    if tile := layout.parse_tile(name):
        year, level, number, width = tile
        return year, (number * layout.TILE + width) << (TILE_HEIGHT * level)
    return layout.parse_checkpoint(name) or (layout.year_of(name) or 0, 0)
