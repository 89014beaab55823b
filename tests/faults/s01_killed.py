"""1: the writer and the sequencer are killed before and after every single call they make."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.faults.cloud import KilledError
from tests.faults.counts import Counts
from tests.faults.log import NEW_YEAR, FireWorld, Step, draw_steps, tell
from tests.faults.steady import id_place, seeded, set_id_place

# How often, at each side of each call, one of many processes in a row is killed.
AGAIN = 0.05


def run(seed: int) -> Counts:
    """Kill at each call of one story, which the seed decides, and let fresh processes finish it."""
    counts = Counts(seeds=1)
    random = seeded(seed)
    base, story = _begin(random)
    place = id_place()
    trial = base.fork()
    tell(trial, story)
    calls = trial.faults.calls
    counts.add("call points", 2 * calls)
    for when in ("before", "after"):
        for number in range(1, calls + 1):
            set_id_place(place)
            counts.merge(_killed(base.fork(), story, when, number), f"seed {seed}, ")
    counts.merge(_killed_again(random, base.fork(), story), f"seed {seed}, ")
    return counts


def _begin(random: Random) -> tuple[FireWorld, list[Step]]:
    """Return a world with some history, and the steps that will be under fire."""
    world = FireWorld()
    history = draw_steps(random, random.randint(0, 2), "history")
    story = draw_steps(random, random.choice([1, 1, 2]), "story")
    kind = random.random()
    if kind < 0.2:
        world.now = NEW_YEAR
    elif kind < 0.25:  # a tile becomes full under fire
        history.append(Step("many", (), fill=250))
        story[0] = replace(story[0], fill=4)
    elif kind < 0.3:  # more releases than SQS takes in one request
        story[0] = Step("wide", tuple((f"wide-{n}", "intent") for n in range(12)))
    tell(world, history)
    # Mostly forward; clocks are also set back.
    world.now += timedelta(seconds=random.choice([5, 5, 5, -90]))
    return world, story


def _killed(world: FireWorld, story: list[Step], when: str, number: int) -> Counts:
    where = f"killed {when} call {number}"
    world.faults.kill_at(when, number)
    counts = Counts()
    try:
        tell(world, story)
    except KilledError:
        counts.add("kills")
    else:
        counts.bad("wrong", f"{where}: there was no such call")
    world.faults.cease()
    counts.merge(world.check_standing(where))
    tell(world, story)
    counts.merge(world.check(where))
    return counts


def _killed_again(random: Random, world: FireWorld, story: list[Step]) -> Counts:
    """Kill again and again, whoever takes over included."""
    counts = Counts()
    for _ in range(1_000):
        world.faults.kill_sometimes(random.random, AGAIN)
        try:
            tell(world, story)
        except KilledError:
            continue
        break
    counts.add("kills", world.faults.kills)
    counts.merge(world.check("killed again and again"))
    return counts
