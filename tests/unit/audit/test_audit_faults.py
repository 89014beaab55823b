"""Kill the writer before and after every call, run three at once, and hand the job to broken writers.

Everything is decided by a seed, so a failure can be looked at again. The clock stands still and the cloud is memory.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from itertools import count
from random import Random

import pytest
from ulid import ULID

from bluelamp.audit import layout, tree
from bluelamp.audit import sequencer as module
from bluelamp.audit.head import Head, head_key, latest_head
from bluelamp.audit.leaf import Actor, draft
from bluelamp.audit.outbox import Release, outbox_key
from bluelamp.audit.sequencer import Sequencer
from bluelamp.cloud.dynamodb import Delete, Put
from bluelamp.errors import BluelampError
from tests.unit.audit.log_kit import LogWorld, seeded

SEEDS = 20


class KilledError(BaseException):
    """The process is gone; nothing in the code may catch this."""


class LostError(AssertionError):
    """An invariant of the log does not hold."""


class Ids:
    """Counts ids up, so that shards too are decided by the seed."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self._numbers = count(1 << 78)

    def __call__(self) -> str:
        return str(ULID.from_int(next(self._numbers)))


IDS = Ids()


@pytest.fixture(autouse=True)
def ids_that_repeat(monkeypatch):
    monkeypatch.setattr("bluelamp.audit.leaf.new_ulid", IDS)
    monkeypatch.setattr("bluelamp.audit.outbox.new_ulid", IDS)


def check(world: LogWorld, directory) -> None:
    """0 lost, 0 doubled, 0 forked, every intent released, and released only when sealed."""
    for name, intent in world.intents:
        world.put(world.outcome(name, intent))
    world.intents.clear()
    for _ in range(50):
        if not world.seal().more:
            break
    place = sealed_once(world)
    released = {(m.body["intent"], m.body["year"], m.body["seq"]) for m in world.actions.messages}
    if released != {(leaf.id, *place[leaf.id]) for leaf in world.written if leaf.type == "intent"}:
        raise LostError("an intent was not released, or under another place")
    if world.early:
        raise LostError("an intent was released before its checkpoint was there")
    report = world.verify(directory)
    if report.verdict != "OK":
        raise LostError(str((report.failures + report.pending)[0]))


def sealed_once(world: LogWorld) -> dict[str, tuple[int, int]]:
    """Return year and sequence of each leaf that was written, after counting that it is there once and unchanged."""
    found: Counter[str] = Counter()
    place = {}
    written = {leaf.body for leaf in world.written}
    for name, raw in world.bucket.objects.items():
        year, start, _ = layout.parse_entries(name) or (0, 0, 0)
        for seq, body in enumerate(layout.unpack(raw) if year else (), start):
            record = json.loads(body)
            found[record["id"]] += 1
            place[record["id"]] = (year, seq)
            if record["type"] not in {"commit", "close"} and body not in written:
                raise LostError("a leaf was changed on its way")
    if world.outbox() or any(found[leaf.id] != 1 for leaf in world.written):
        raise LostError("a leaf was lost, doubled or left behind")
    return place


def build(sequencer: type[Sequencer] = Sequencer) -> LogWorld:
    IDS.restart()
    world = LogWorld(sequencer)
    world.early, world.intents = [], []
    send = world.actions.send

    def watch(messages):
        for message in messages:
            sizes = [c[1] for c in map(layout.parse_checkpoint, world.bucket.objects) if c]
            if message.body["seq"] >= max(sizes, default=0):
                world.early.append(message)
        send(messages)

    world.actions.send = watch
    return world


def write_some(world: LogWorld, random: Random) -> None:
    """Put one or two chunks into the outbox; now and then an intent with its release."""
    for _ in range(random.randint(1, 2)):
        name = f"post-{random.randrange(6)}"
        if random.random() < 0.3:
            intent = world.intent(name)
            world.intents.append((name, intent))
            world.put(intent, releases=(Release(0, {"intent": intent.id}),))
        else:
            world.put(*(world.change(name) for _ in range(random.randint(1, 3))))


def story(world: LogWorld, random: Random) -> None:
    """Three rounds of writing and sealing, the last of them in the new year."""
    for number in range(3):
        if number == 2:
            world.clock.now = world.clock.now.replace(year=2027, month=1, day=1)
        write_some(world, random)
        world.seal()
        world.clock.pass_(seconds=3)


def calls_of_story(seed: int) -> int:
    world = build()
    counted = []
    world.faults.before = counted.append
    story(world, seeded(seed))
    return len(counted)


def killed_at(world: LogWorld, hook: str, number: int) -> None:
    """Kill whoever makes call `number`, once."""
    calls = count(1)

    def kill(_name):
        if next(calls) == number:
            raise KilledError

    setattr(world.faults, hook, kill)


def run_killed(world: LogWorld, random: Random) -> int:
    """Tell the story; whoever is killed is replaced by a fresh process that begins the round's sealing again."""
    kills = 0
    for number in range(3):
        if number == 2:
            world.clock.now = world.clock.now.replace(year=2027, month=1, day=1)
        before, after = world.faults.before, world.faults.after
        world.faults.before = world.faults.after = None
        write_some(world, random)
        world.faults.before, world.faults.after = before, after
        for _ in range(200):
            try:
                world.seal()
                break
            except KilledError:
                kills += 1
        else:
            raise LostError("sealing never ends")
        world.clock.pass_(seconds=3)
    return kills


@pytest.mark.parametrize("hook", ["before", "after"])
def test_killed_at_every_single_call(hook, tmp_path):
    total = calls_of_story(1)
    assert total > 50
    for number in range(1, total + 1):
        world = build()
        killed_at(world, hook, number)
        run_killed(world, seeded(1))
        world.faults.before = world.faults.after = None
        check(world, tmp_path / str(number))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_again_and_again(seed, tmp_path):
    random = seeded(seed)
    world = build()

    def kill(_name):
        if random.random() < 0.08:
            raise KilledError

    world.faults.before = world.faults.after = kill
    assert run_killed(world, seeded(seed)) > 0
    world.faults.before = world.faults.after = None
    check(world, tmp_path)


class Turnstile:
    """Lets exactly one of several sequencers make one call at a time, in an order that the seed decides."""

    def __init__(self, world: LogWorld, random: Random, kill_rate: float) -> None:
        self.world = world
        self.random = random
        self.kill_rate = kill_rate
        self.steps = self.kills = 0
        self.errors: list[BaseException] = []
        self._turns: dict[threading.Thread, threading.Semaphore] = {}
        self._back = threading.Semaphore(0)
        world.faults.before = world.faults.after = self._pass

    def _pass(self, _name: str) -> None:
        turn = self._turns.get(threading.current_thread())
        if turn is None:
            return
        self._back.release()
        turn.acquire()
        if self.random.random() < self.kill_rate:
            self.kills += 1
            raise KilledError

    def _start(self) -> None:
        def work() -> None:
            self._turns[threading.current_thread()].acquire()
            try:
                self.world.seal()
            except KilledError:
                pass
            except BluelampError as error:
                self.errors.append(error)
            finally:
                del self._turns[threading.current_thread()]
                self._back.release()

        thread = threading.Thread(target=work, daemon=True)
        self._turns[thread] = threading.Semaphore(0)
        thread.start()

    def run(self, rounds: int) -> None:
        """Keep three sequencers going through `rounds` writings, then until they have all ended."""
        left = rounds
        while (left or self._turns) and not self.errors:
            while left and len(self._turns) < 3:
                self._start()
            if left and self.random.random() < 0.06:
                write_some(self.world, self.random)
                self.world.clock.pass_(seconds=1)
                left -= 1
            if self._turns:
                self.random.choice(list(self._turns.values())).release()
                self._back.acquire()
                self.steps += 1
            if self.steps > 20_000:
                self.kill_rate = 1
                raise LostError("the sequencers never end")
        self.kill_rate = 1
        while self._turns:
            next(iter(self._turns.values())).release()
            self._back.acquire()
        self.world.faults.before = self.world.faults.after = None


def interleave(world: LogWorld, seed: int, directory) -> Turnstile:
    turnstile = Turnstile(world, seeded(seed), kill_rate=0.01)
    turnstile.run(rounds=8)
    if turnstile.errors:
        raise LostError(str(turnstile.errors[0]))
    check(world, directory)
    return turnstile


@pytest.mark.parametrize("seed", range(SEEDS))
def test_three_sequencers_at_once(seed, tmp_path):
    turnstile = interleave(build(), seed, tmp_path)
    assert turnstile.steps > 100


def test_the_interleaving_is_decided_by_the_seed(tmp_path):
    runs = [interleave(build(), 3, tmp_path / str(n)) for n in range(2)]
    assert runs[0].steps == runs[1].steps
    assert runs[0].kills == runs[1].kills


# broken writers -------------------------------------------------------------------------------------------------------


class NoCompareAndSwap(Sequencer):
    """Writes the head over whatever is there."""

    def _commit(self, old, new, chunks):
        plain = self._table.transact
        self._table.transact = lambda writes, **_: plain([Put(writes[0].item), *writes[1:]])
        try:
            return super()._commit(old, new, chunks)
        finally:
            self._table.transact = plain


class NoSequenceGuard(Sequencer):
    """Does not ask whether a chunk was sequenced before, nor remember what the last commit took."""

    def _commit(self, old, new, chunks):
        plain = self._table.transact
        self._table.transact = lambda writes, **_: plain([writes[0], *(Put(w.item) for w in writes[1:])])
        try:
            return super()._commit(old, new, chunks)
        finally:
            self._table.transact = plain

    def _shard(self, shard, done):
        del done
        return super()._shard(shard, set())


class TidiesTooEarly(Sequencer):
    """Deletes the chunks as soon as they are sequenced."""

    def _sequenced(self, head, pending):
        chunks = super()._sequenced(head, pending)
        for chunk in chunks or ():
            self._table.write(Delete(outbox_key(chunk.id)))
        return chunks


class ReleasesTooEarly(Sequencer):
    """Sends the release messages before the checkpoint is there."""

    def _sequenced(self, head, pending):
        chunks = super()._sequenced(head, pending)
        if chunks is not None:
            self._release(head.year, pending.first + 1, chunks)
        return chunks


class ForgetsToRelease(Sequencer):
    """Marks published first and releases afterwards: a kill between the two loses the message."""

    def _publish(self, head):
        held = []
        release, self._release = self._release, lambda *args: held.append(args)
        try:
            return super()._publish(head)
        finally:
            self._release = release
            for args in held:
                self._release(*args)


class SkipsPublication(Sequencer):
    """Goes on to the next commit though the last is not published."""

    def run(self, max_commits=8):
        head = latest_head(self._table, self._clock().year)
        if head and not head.published:
            item = self._table.get(head_key(head.year))
            self._table.write(Put({**item, "published": True}))
        return super().run(max_commits)


class AnotherCommitLeaf(Sequencer):
    """Makes the commit leaf anew for a repair, instead of taking the one in the head."""

    def _publish(self, head):
        lead = draft(type="login", at=self._clock(), actor=Actor.system("seal")).body
        pending = type(head.pending)(
            head.pending.first, lead, head.pending.tail, head.pending.chunks, head.pending.edge
        )
        edge = pending.edge.extend(tree.leaf_hashes(pending.bodies(self._sequenced(head, pending) or ())))
        return super()._publish(Head(head.year, head.origin, edge, head.sealed_at, pending=pending, published=False))


class ClockBelieved(Sequencer):
    """Takes the clock's time for sealed_at, though it runs back."""

    def _grown(self, head, chunks, now, **kwargs):
        fields = {f: getattr(head, f) for f in Head.__slots__} | {"sealed_at": ""}
        return super()._grown(Head(**fields), chunks, now, **kwargs)


def kill_story(sequencer: type[Sequencer], directory, seed: int) -> None:
    random = seeded(seed)
    world = build(sequencer)

    def kill(_name):
        if random.random() < 0.08:
            raise KilledError

    world.faults.before = world.faults.after = kill
    run_killed(world, seeded(seed))
    world.faults.before = world.faults.after = None
    check(world, directory / "killed")


def interleaved_story(sequencer: type[Sequencer], directory, seed: int) -> None:
    interleave(build(sequencer), seed, directory / "interleaved")


def clock_story(sequencer: type[Sequencer], directory, seed: int) -> None:
    world = build(sequencer)
    random = seeded(seed)
    for minutes in (1, -4, 1):
        write_some(world, random)
        world.seal()
        world.clock.pass_(minutes=minutes)
    check(world, directory / "clock")


STORIES: list[Callable[..., None]] = [kill_story, interleaved_story, clock_story]
BROKEN = [
    NoCompareAndSwap,
    NoSequenceGuard,
    TidiesTooEarly,
    ReleasesTooEarly,
    ForgetsToRelease,
    SkipsPublication,
    AnotherCommitLeaf,
    ClockBelieved,
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_writer_is_caught(broken, tmp_path):
    caught = []
    for seed in range(SEEDS):
        for tell in STORIES:
            try:
                tell(broken, tmp_path / f"{seed}-{tell.__name__}", seed)
            except (LostError, BluelampError) as error:
                caught.append(error)
        if caught:
            break
    assert caught, f"{broken.__name__} passes for sound"


def test_the_sound_writer_passes_the_same_stories(tmp_path):
    for tell in STORIES:
        tell(Sequencer, tmp_path, 0)


def test_a_left_over_chunk_whose_commit_is_forgotten_is_tidied_not_doubled(tmp_path):
    world = build()
    write_some(world, seeded(5))
    kept = {key: item for key, item in world.table.items.items() if key[0].startswith("OUTBOX#")}
    world.seal()
    world.put(world.change("other"))
    world.seal()
    world.table.items.update(kept)  # as if the deletion had been lost two commits ago
    check(world, tmp_path)
    assert module.MAX_CHUNKS == 99
