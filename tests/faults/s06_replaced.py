"""6: an intruder who may delete puts a delete marker on an object, and a new version in its place.

Reading gives the new version, so the archive must fail; and a writer that meets one in its way must stop, not sign.
"""

from __future__ import annotations

from random import Random

from bluelamp.audit import layout
from bluelamp.audit.sequencer import ForkError
from tests.faults.archive import Folder
from tests.faults.cloud import KilledError
from tests.faults.counts import Counts
from tests.faults.log import FireWorld, draw_steps, small_log
from tests.faults.steady import seeded


def run(seed: int) -> Counts:
    """Replace each object of one archive, then one in the way of the writer."""
    counts = Counts(seeds=1)
    random = seeded(seed)
    world = small_log(random, commits=random.randint(1, 4))
    folder = Folder(world.bucket.objects)
    for name, body in sorted(world.bucket.objects.items()):
        fork = world.fork()
        _replace(fork, name, _forged(random, name, fork))
        counts.add("replacements")
        folder.put(name, fork.bucket.get(name))
        if folder.verify().verdict != "FAIL":
            counts.bad("undetected", f"seed {seed}: {name} was replaced unnoticed")
        if fork.bucket.history[name][0] != body:
            counts.bad("losses", f"seed {seed}: the version under lock of {name} is gone")
        folder.put(name, body)
    folder.close()
    counts.merge(_in_the_way(random, world), f"seed {seed}: ")
    return counts


def _replace(world: FireWorld, name: str, body: bytes) -> None:
    world.bucket.delete(name)
    world.bucket.put_if_absent(name, body)  # the policy lets a put if absent pass, and behind a marker nothing is there


def _forged(random: Random, name: str, world: FireWorld) -> bytes:
    """Return other bytes for an object: changed, cut, lengthened, another's of its kind, or a forged last record."""
    body = world.bucket.objects[name]
    place = random.randrange(len(body))
    kind = name.split("/")[1]
    others = [b for n, b in sorted(world.bucket.objects.items()) if n.split("/")[1] == kind and b != body]
    forgeries = [
        body[:place] + bytes([body[place] ^ 1 << random.randrange(8)]) + body[place + 1 :],
        body[:place],
        body + body[:1],
        *random.sample(others, min(1, len(others))),
    ]
    if layout.parse_entries(name):
        *leaves, last = layout.unpack(body)
        forgeries.append(layout.pack([*leaves, last.replace(b'"v":1', b'"v":2')]))
    return random.choice(forgeries)


def _in_the_way(random: Random, base: FireWorld) -> Counts:
    """Kill a sequencer behind each put of a commit, replace what it put, and wake the next."""
    counts = Counts()
    step = draw_steps(random, 1, "last")[0]
    for number in range(1, 4):
        world = base.fork()
        world.write(step)
        puts: list[str] = []

        def kill(name: str, puts: list[str] = puts, world: FireWorld = world, number: int = number) -> None:
            puts += [name] * (name == "put_if_absent")
            if len(puts) == number:
                world.faults.kills += 1
                raise KilledError

        world.faults.on(after=kill)
        try:
            world.seal()
        except KilledError:
            counts.add("kills")
        else:
            break
        world.faults.cease()
        name = list(world.bucket.history)[-1]
        signed = len(world.signer.signed)
        _replace(world, name, world.bucket.objects[name][:-1] + b"\xff")
        counts.add("replacements")
        try:
            world.seal()
        except ForkError:
            counts.add("stops")
        else:
            counts.bad("undetected", f"{name} was replaced in the writer's way, and it went on")
        if layout.parse_entries(name) and len(world.signer.signed) > signed:
            counts.bad("forks", f"a checkpoint was signed over {name}, which was replaced")
    return counts
