"""The witness under fire: rival requests with the log's real key, interleaved call by call and killed anywhere.

Each request runs in a thread of its own that stops before and after every call to the table, so the machine decides who
goes on, who is killed there, and when the clock moves. Whatever happens, all cosignatures that anybody ever got fit one
another: of two sizes the larger continues the smaller, and in the order of their times the sizes only grow.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bluelamp.anchors.store import WitnessStore
from bluelamp.anchors.witness import Seen, Witness, WitnessError
from bluelamp.audit import cosign
from bluelamp.audit.note import VerifierKey
from bluelamp.cloud.memory import Faults, MemoryTable
from tests.unit.anchors.witness_kit import LOG, NAME, ORIGIN, SIGNER, Clock, Tree

PATIENCE = 20
AT_ONCE = 4


class KilledError(BaseException):
    """The process is gone."""


class Request:
    """One request on its way: a thread that waits at each call until it is told to go on."""

    def __init__(self, make, tree, old, new):
        self.tree, self.size = tree, new
        self.answer = None
        self.over = False
        self._may, self._waits = threading.Semaphore(0), threading.Semaphore(0)
        self._killed = False
        faults = Faults()
        faults.before = faults.after = self._stop
        self._thread = threading.Thread(target=self._run, args=(make(faults), tree.request(old, new)))
        self._thread.start()
        self._await()

    def step(self, *, kill=False):
        self._killed = kill
        self._may.release()
        self._await()

    def _await(self):
        assert self._waits.acquire(timeout=PATIENCE)
        if self.over:
            self._thread.join(PATIENCE)

    def _stop(self, _name):
        self._waits.release()
        self._may.acquire()
        if self._killed:
            raise KilledError

    def _run(self, one, body):
        try:
            self._stop("received")
            self.answer = one.add_checkpoint(body)
        except (KilledError, WitnessError):
            self.answer = None
        finally:
            self.over = True
            self._waits.release()


class WitnessMachine(RuleBasedStateMachine):
    """Asks from where the witness stands, each time with a history of its own from there on."""

    store = WitnessStore
    witness = Witness

    def __init__(self):
        super().__init__()
        self.items, self.lock = {}, threading.RLock()
        self.clock = Clock()
        self.running, self.cosigned = [], []
        self.trees = {b"": Tree()}
        self.names = count()

    def _make(self, faults):
        table = MemoryTable(faults)
        table.items, table._lock = self.items, self.lock
        logs = [VerifierKey(ORIGIN, LOG.public())]
        return self.witness(name=NAME, logs=logs, store=self.store(table), signer=SIGNER, clock=self.clock)

    @precondition(lambda self: len(self.running) < AT_ONCE)
    @rule(more=st.integers(0, 2), back=st.sampled_from([0, 0, 0, 1]))
    def ask(self, more, back):
        item = next(iter(self.items.values()), {"size": 0, "root": b""})
        old = item["size"]
        begins = self.trees[item["root"]].leaves[: max(0, old - back)]
        tree = Tree(begins + [b"%d" % next(self.names) for _ in range(old + more - len(begins))])
        self.trees[tree.root(old + more)] = tree
        self.running.append(Request(self._make, tree, old, old + more))

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, AT_ONCE - 1), steps=st.integers(1, 8))
    def go_on(self, which, steps):
        request = self.running[which % len(self.running)]
        for _ in range(steps):
            request.step()
            if request.over:
                self._done(request)
                return

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, AT_ONCE - 1))
    def kill(self, which):
        request = self.running[which % len(self.running)]
        while not request.over:
            request.step(kill=True)
        self._done(request)

    @rule(seconds=st.integers(-30, 60))
    def time_passes(self, seconds):
        self.clock.now += timedelta(seconds=seconds)

    def _done(self, request):
        self.running.remove(request)
        if request.answer is None:
            return
        (made,) = cosign.read(request.tree.checkpoint(request.size), request.answer)
        for at, size, tree in self.cosigned:
            less = min(size, request.size)
            assert tree.root(less) == request.tree.root(less)
            assert (at - made.at).total_seconds() * (size - request.size) >= 0
        self.cosigned.append((made.at, request.size, request.tree))

    def teardown(self):
        for request in self.running:
            while not request.over:
                request.step(kill=True)


def _run(machine, examples, *phases):
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        derandomize=True,
        phases=phases or tuple(Phase),
        report_multiple_bugs=False,
    )
    case("runTest").runTest()


@pytest.mark.slow
def test_no_interleaving_and_no_kill_makes_it_cosign_a_fork():
    _run(WitnessMachine, 15)


@pytest.mark.slow
def test_no_interleaving_and_no_kill_makes_it_cosign_a_fork_at_length():
    _run(WitnessMachine, 300)


class ForgetfulStore(WitnessStore):
    """Moves its memory without looking whether somebody else did meanwhile."""

    def swap(self, origin, old, new):
        return super().swap(origin, self.seen(origin), new)


class HastyWitness(Witness):
    """Signs, and puts down afterwards what."""

    def add_checkpoint(self, body):
        store, moves = self._store, []

        class Late(WitnessStore):
            def swap(self, *move):
                moves.append(move)
                return True

        self._store = Late(store._table)
        answer = super().add_checkpoint(body)
        store.swap(*moves[0])
        return answer


class LooseStore(WitnessStore):
    """Forgets when it cosigned last, so that its times follow the clock back."""

    def seen(self, origin):
        found = super().seen(origin)
        return found and Seen(found.size, found.root, found.at - timedelta(days=1), found.rev)


@pytest.mark.slow
@pytest.mark.parametrize(
    "broken",
    [{"store": ForgetfulStore}, {"witness": HastyWitness}, {"store": LooseStore}],
    ids=["forgetful", "hasty", "loose"],
)
def test_the_machine_finds_a_broken_witness(broken):
    # The first one ends it, mostly within some dozen; which are tried hangs on what other tests have loaded before.
    with pytest.raises(AssertionError):
        _run(type("Broken", (WitnessMachine,), broken), 5_000, Phase.generate)
