"""9: the platform acts and its answer never comes; the worker may die as well: one outcome for each intent."""

from __future__ import annotations

from tests.faults.counts import Counts
from tests.faults.path import BurningWorld, Officer, Postman, check, posts
from tests.faults.steady import seeded

KILL_RATE = 0.02


def run(seed: int) -> Counts:
    """Lose the answer to one delete, and now and then to a hide or a reply beside it."""
    random = seeded(seed)
    world = BurningWorld()
    world.account("1", "swindale")
    officer = Officer(world, random)
    postman = Postman(world, random, copies=3, kill_rate=KILL_RATE)
    verbs = ["delete", *random.sample(["hide", "reply"], random.randint(0, 2))]
    world.ingest(*(world.comment(f"c{n}", f"you idiot {n}") for n in range(len(verbs))))
    world.judge_all()
    for verb in verbs:
        officer.do_one(verb)
    lost = world.platform.lose_answer = random.randint(len(verbs), len(verbs) + 1)
    postman.deliver_all()
    counts = Counts(seeds=1)
    counts.add("time-outs", lost - world.platform.lose_answer)
    counts.merge(postman.counts, f"seed {seed}: ")
    counts.merge(check(world, officer), f"seed {seed}: ")
    deleted = {post.native_id for post in posts(world) if post.state == "deleted"}
    counts.bad("wrong", f"seed {seed}: what is deleted is not said to be", len(world.platform.gone ^ deleted))
    if len(world.platform.gone) != 1:
        counts.bad("wrong", f"seed {seed}: {len(world.platform.gone)} posts were deleted, one was asked for")
    return counts
