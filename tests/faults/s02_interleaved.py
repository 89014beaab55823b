"""2: three sequencers at once, their calls interleaved as the seed has it, and killed now and then."""

from __future__ import annotations

import threading
from datetime import timedelta
from random import Random

from bluelamp.audit.sequencer import Sequencer
from tests.faults.cloud import KilledError
from tests.faults.counts import Counts, kind_of
from tests.faults.log import NEW_YEAR, FireWorld, Step, draw_steps
from tests.faults.steady import seeded

TOGETHER = 3
ROUNDS = 8
KILL_RATE = 0.01
WRITE_RATE = 0.06
MAX_TURNS = 20_000


def run(seed: int) -> Counts:
    """Let three sequencers and a writer run into one another."""
    random = seeded(seed)
    world = FireWorld()
    if random.random() < 0.3:
        world.now = NEW_YEAR
    turnstile = Turnstile(world, random)
    turnstile.run(draw_steps(random, ROUNDS, "round"))
    counts = Counts(seeds=1)
    counts.add("interleavings", turnstile.turns)
    counts.add("kills", world.faults.kills)
    for error in turnstile.errors:
        counts.bad(kind_of(error), f"seed {seed}: {type(error).__name__}: {error}")
    if counts.sound:
        counts.merge(world.check("interleaved"), f"seed {seed}, ")
    return counts


class Turnstile:
    """Lets exactly one of several sequencers make one call at a time, in an order that the seed decides.

    Parameters
    ----------
    world
        What they write to.
    random
        Decides whose turn it is, and who dies.
    """

    def __init__(self, world: FireWorld, random: Random) -> None:
        self.turns = 0
        self.errors: list[Exception] = []
        self._world = world
        self._random = random
        self._kill_rate = KILL_RATE
        self._turn: dict[threading.Thread, threading.Semaphore] = {}
        self._back = threading.Semaphore(0)

    def run(self, steps: list[Step]) -> None:
        """Keep three going until all steps are written, then until they have all ended."""
        self._world.faults.on(self._pass, self._pass)
        left = list(steps)
        try:
            while (left or self._turn) and not self.errors and self.turns < MAX_TURNS:
                while left and len(self._turn) < TOGETHER:
                    self._start()
                if left and self._random.random() < WRITE_RATE:
                    self._world.write(left.pop(0))
                    self._world.now += timedelta(seconds=1)
                if self._turn:
                    self._let(self._random.choice(list(self._turn)))
                    self.turns += 1
        finally:
            self._end()
        if self.turns == MAX_TURNS:
            self.errors.append(TimeoutError(f"{MAX_TURNS} turns, and no end"))

    def _start(self) -> None:
        # Clocks differ, and around midnight so do years.
        sequencer = self._world.sequencer(timedelta(seconds=self._random.choice([0, 0, 3, -3, 90, -90])))
        thread = threading.Thread(target=self._work, args=(sequencer,), daemon=True)
        self._turn[thread] = threading.Semaphore(0)
        thread.start()

    def _work(self, sequencer: Sequencer) -> None:
        me = threading.current_thread()
        self._turn[me].acquire()
        try:
            sequencer.run(max_commits=MAX_TURNS)
        except KilledError:
            pass  # counted where it was killed
        except Exception as error:  # noqa: BLE001 -- told by the thread that started this one
            self.errors.append(error)
        finally:
            del self._turn[me]
            self._back.release()

    def _let(self, thread: threading.Thread) -> None:
        self._turn[thread].release()
        self._back.acquire()

    def _pass(self, _name: str) -> None:
        turn = self._turn.get(threading.current_thread())
        if turn is None:  # the writer
            return
        self._back.release()
        turn.acquire()
        if self._random.random() < self._kill_rate:
            self._world.faults.kills += 1
            raise KilledError

    def _end(self) -> None:
        """Let nobody be left behind: whoever still runs dies at the next call."""
        self._kill_rate = 1
        dead = self._world.faults.kills
        while self._turn:
            self._let(next(iter(self._turn)))
        self._world.faults.kills = dead
        self._world.faults.cease()
