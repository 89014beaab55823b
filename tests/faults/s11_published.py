"""11: the worker that publishes dies between any two steps, and answers are lost: public once on each account."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from bluelamp.cloud.sqs import Message
from bluelamp.errors import ConflictError
from bluelamp.platforms.contract import ActResult, ThrottledError, TryAgainError
from bluelamp.platforms.publishing import Outgoing, UploadLostError
from bluelamp.publishing.errors import LaterError, WaitingError
from bluelamp.publishing.model import SETTLED, Attached, DraftFields
from tests.faults.archive import Records, examine, finding, forks
from tests.faults.cloud import KilledError
from tests.faults.counts import Counts
from tests.faults.path import BurningWorld
from tests.faults.steady import seeded
from tests.support.press import FakePublisher, Press
from tests.support.world import idem, principal

KILL_RATE = 0.04
# Longer than the lease of a worker that died.
LEASE = 340
ROUNDS = 4_000
PICTURE = Attached(id="01ARZ3NDEKTSV4RRFFQ69G5FAV", alt="A red car")
TEXT = "Have you seen this car?"


class WatchedPublisher(FakePublisher):
    """Looks, at each call that the public sees, whether its intent is under lock by then."""

    def __init__(self, world: BurningWorld) -> None:
        super().__init__(world)
        self._world = world
        self.unsealed = 0

    def publish(self, outgoing: Outgoing, account: Any, http: Any, progress: Any) -> ActResult:
        evidence = self._world.evidence
        self.unsealed += not any(
            record["type"] == "intent" and record["account"] == account.account_id and seq < evidence.sealed_size(year)
            for year, seq, record in Records(evidence.objects).all
        )
        return super().publish(outgoing, account, http, progress)


class Desk:
    """One publication on its way to two accounts, with workers that die.

    Parameters
    ----------
    seed
        Decides what goes wrong.
    """

    def __init__(self, seed: int) -> None:
        self.random: Random = seeded(seed)
        self.world = BurningWorld()
        for number in ("1", "2"):
            self.world.account(number, "swindale")
        self.press = Press(self.world)
        self.platform = WatchedPublisher(self.world)
        self.press.platform = self.platform
        self.counts = Counts(seeds=1)
        self.waiting: list[list[Any]] = []

    def publish(self) -> str:
        """Write and submit; the request is sent again until it is answered."""
        assets = (PICTURE,) if self.random.random() < 0.5 else ()
        fields = DraftFields(text=TEXT, accounts=("facebook-1", "facebook-2"), assets=assets)
        drafted = self.press.publishing.draft(principal(), fields, idem=idem())
        key = idem()
        while not self._survive(
            lambda: self.press.publishing.submit(principal(), drafted.id, rev=drafted.rev, idem=key)
        ):
            if self.press.store.get(drafted.id).state != "draft":
                break  # it was written down before the line broke
        self.platform.lose_answer = self.random.randint(0, 2)
        until = self.world.clock()
        odd = [TryAgainError("once more"), UploadLostError("lapsed"), ThrottledError("wait", until=until)]
        self.platform.errors = self.random.sample(odd, self.random.randint(0, 2))
        return drafted.id

    def deliver_all(self) -> None:
        """Deliver each message one to three times in any order, sealed and ticked in between, until nothing is left."""
        for _ in range(ROUNDS):
            self._collect()
            chance = self.random.random()
            if not self.waiting or chance < 0.2:
                sealed = self._survive(self.world.seal)
                self._collect()
                if sealed and not self.waiting and not self._outbox():
                    return
            elif chance < 0.25:
                self._survive(self.press.releasing.run)
            else:
                self._deliver(self.random.choice(self.waiting))
        self.counts.bad("wrong", f"{len(self.waiting)} messages never come to an end")

    def _deliver(self, delivery: list[Any]) -> None:
        def work() -> None:
            try:
                self.press.sending().publish(delivery[0].body)
            except WaitingError:
                self.world.pass_time(seconds=70)

        if self._survive(work):
            self.counts.add("deliveries")
            delivery[1] -= 1
            if not delivery[1]:
                self.waiting.remove(delivery)

    def _collect(self) -> None:
        held: list[Message] = self.world.publish_queue.messages
        self.waiting += [[message, self.random.randint(1, 3)] for message in held]
        held.clear()

    def _outbox(self) -> bool:
        return any(pk.startswith("OUTBOX#") for pk, _ in self.world.table.items)

    def _survive(self, work: Any) -> bool:
        self.world.fire.kill_sometimes(self.random.random, KILL_RATE)
        kills = self.world.fire.kills
        try:
            work()
        except (KilledError, LaterError, ConflictError):
            self.world.pass_time(seconds=LEASE)
            return False
        finally:
            self.world.fire.cease()
            self.counts.add("kills", self.world.fire.kills - kills)
        return True


def run(seed: int) -> Counts:
    """Publish once on two accounts under fire, and count what the public saw."""
    desk = Desk(seed)
    publication = desk.publish()
    desk.deliver_all()
    counts, world, platform = desk.counts, desk.world, desk.platform
    seen = Counter(account for account, _, _ in platform.out.values())
    for copy in desk.press.store.copies(publication):
        times = seen[copy.account]
        counts.add("copies")
        counts.bad("doubles", f"seed {seed}: {copy.account} said it {times} times", times - 1)
        counts.bad("wrong", f"seed {seed}: {copy.account} is still {copy.state}", copy.state not in SETTLED)
        lost = (copy.state == "out" and not times) or (copy.state == "failed" and times)
        counts.bad("losses", f"seed {seed}: {copy.account} is said to be {copy.state}, seen {times} times", int(lost))
        counts.add("unknown", copy.state == "unknown")
    counts.bad("wrong", f"seed {seed}: called before its intent was sealed", platform.unsealed)
    records = Records(world.evidence.objects)
    intents = {intent for intent, _, _ in records.intents}
    counts.bad("losses", f"seed {seed}: intents without an outcome", len(intents - set(records.outcomes)))
    counts.merge(forks(world.evidence, world.signer, "published"))
    report = examine(world.evidence.objects)
    if report.verdict != "OK":
        counts.bad("wrong", f"seed {seed}: the archive does not verify: {finding(report)}")
    return counts
