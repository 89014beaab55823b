"""The eleven scenarios by name, how many seeds each has in full, and what an exception out of one of them means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.faults import (
    s01_killed,
    s02_interleaved,
    s03_flipped,
    s04_deleted,
    s05_cut,
    s06_replaced,
    s07_resigned,
    s08_redelivered,
    s09_timed_out,
    s10_burst,
    s11_published,
)
from tests.faults.cloud import HungError
from tests.faults.counts import Counts, kind_of
from tests.faults.mutants import Mutant
from tests.faults.steady import steady_ids

BURST = 10_000
# Enough for the backlog to fill a page of a shard.
SMALL_BURST = 700
SEEDS = 20


@dataclass(frozen=True)
class Scenario:
    """One way to go wrong: `run` takes a seed, `does` names the figure that must not be zero."""

    name: str
    title: str
    run: Callable[[int], Counts]
    does: str
    full: int = 1_000
    full_run: Callable[[int], Counts] | None = None


SCENARIOS = (
    Scenario("killed", "1 killed at every call, before and after", s01_killed.run, "kills"),
    Scenario("interleaved", "2 three sequencers at once", s02_interleaved.run, "interleavings"),
    Scenario("flipped", "3 every bit flipped", s03_flipped.run, "flips", s03_flipped.SHARDS),
    Scenario("deleted", "4 each object deleted", s04_deleted.run, "deletions", 200),
    Scenario("cut", "5 the tail cut off", s05_cut.run, "cuts", 200),
    Scenario("replaced", "6 delete marker and new version", s06_replaced.run, "replacements", 200),
    Scenario("resigned", "7 history signed anew", s07_resigned.run, "forgeries"),
    Scenario("redelivered", "8 delivered 1-5 times, shuffled", s08_redelivered.run, "deliveries"),
    Scenario("timed_out", "9 time-out after the delete", s09_timed_out.run, "time-outs"),
    Scenario("published", "11 publishing killed between any two steps", s11_published.run, "kills"),
    Scenario("burst", "10 burst, a tenth throttled", s10_burst.run, "throttled", 1, partial(s10_burst.run, size=BURST)),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def attempt(run: Callable[[int], Counts], seed: int) -> Counts:
    """Run one seed with ids that repeat; an exception out of it is something found, too."""
    try:
        with steady_ids():
            return run(seed)
    except (Exception, HungError) as error:  # noqa: BLE001 -- whatever it is, it is told with its seed
        counts = Counts(seeds=1)
        counts.bad(kind_of(error), f"seed {seed}: {type(error).__name__}: {error}")
        return counts


@dataclass(frozen=True)
class Catch:
    """Which scenario caught a mutant, with which seed, and how; `by` is empty when none did."""

    mutant: str
    by: str = ""
    seed: int = 0
    note: str = ""


# The quick ones first.
_HUNT = ("interleaved", "replaced", "timed_out", "redelivered", "burst", "killed")


def hunt(mutant: Mutant) -> Catch:
    """Let a broken writer loose on the scenarios until one catches it."""
    order = sorted(_HUNT, key=lambda name: name != mutant.first)
    with mutant.at_work():
        for name in order:
            run = partial(s10_burst.run, size=SMALL_BURST) if name == "burst" else BY_NAME[name].run
            for seed in range(1 if name == "burst" else SEEDS):
                counts = attempt(run, seed)
                if not counts.sound:
                    return Catch(mutant.name, name, seed, counts.notes[0])
    return Catch(mutant.name)
