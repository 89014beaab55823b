"""A few seeds of each fault scenario, and every broken writer caught. `make faults` runs all of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.counts import Counts
from tests.faults.mutants import MUTANTS
from tests.faults.scenarios import BY_NAME, SCENARIOS, SEEDS, attempt, hunt

ROOT = Path(__file__).parents[2]
QUICK = {"timed_out"}
SLOW_MUTANTS = {"CheckpointFirst", "DropsAChunk", "ForgetsToRelease", "SkipsPublication"}
SHARED = {"interleaved", "cut", "resigned", "redelivered", "timed_out", "burst"}


def marked(name, quick):
    return pytest.param(name, marks=() if quick else pytest.mark.slow)


@pytest.mark.slow
@pytest.mark.parametrize("name", [marked(s.name, s.name in QUICK) for s in SCENARIOS])
def test_nothing_is_lost_doubled_forked_or_unseen(name):
    scenario = BY_NAME[name]
    counts = Counts()
    for seed in range(SEEDS):
        counts.merge(attempt(scenario.run, seed))
    assert counts.sound, counts.notes
    assert counts.seeds == SEEDS
    assert counts.figures[scenario.does] >= SEEDS


def test_a_post_hidden_on_the_platform_during_a_reply_stays_hidden():
    """The seed that found it: the reply's outcome made the hidden post visible, and its event was recorded twice."""
    counts = attempt(BY_NAME["redelivered"].run, 196)
    assert counts.sound, counts.notes


@pytest.mark.slow
@pytest.mark.parametrize("name", [marked(m.name, m.name not in SLOW_MUTANTS) for m in MUTANTS])
def test_a_broken_writer_is_caught(name):
    mutant = next(m for m in MUTANTS if m.name == name)
    catch = hunt(mutant)
    assert catch.by, f"{mutant.name} passes for sound: {mutant.does}"


@pytest.mark.slow
def test_the_same_seeds_give_the_same_counts_in_another_process():
    """Another hash seed orders sets of text otherwise, and two processes share the work otherwise."""
    runs = []
    for number in ("1", "2"):
        chosen = [word for name in SHARED for word in ("--scenario", name)]
        command = [sys.executable, "-m", "tests.faults", "--seeds", "2", "--processes", number, "--json", *chosen]
        env = os.environ | {"PYTHONHASHSEED": number, "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "shared", ROOT)))}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)  # noqa: S603 -- our own
        runs.append(json.loads(done.stdout))
    assert runs[0] == runs[1]
    assert set(runs[0]["scenarios"]) == SHARED


@pytest.mark.slow
@pytest.mark.parametrize("name", [marked(s.name, s.name not in {"killed", "flipped"}) for s in SCENARIOS])
def test_a_seed_gives_the_same_counts_again(name):
    first, second = (attempt(BY_NAME[name].run, 5) for _ in range(2))
    assert first == second
    assert first.seeds == 1


def test_what_is_wrong_makes_the_run_fail():
    counts = Counts()
    counts.bad("losses", "nothing", 0)
    assert counts.sound
    counts.bad("losses", "a record")
    assert not counts.sound
    with pytest.raises(ValueError, match="none of"):
        counts.bad("trifles", "a thing")


def test_an_exception_is_something_found():
    def run(_seed):
        raise KeyError("a")

    counts = attempt(run, 7)
    assert counts.notes == ["wrong: seed 7: KeyError: 'a'"]
