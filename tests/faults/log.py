"""A small force on the log alone: objects whose every change is one transaction with its leaf, and what must hold.

The table is the only memory: a writer that was killed reads what stands there and goes on, as a redelivered message
does. So "lost" is a change of state without its record, and "doubled" a record more than there are changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from bluelamp.audit import sequencer as writer
from bluelamp.audit.head import Head, latest_head
from bluelamp.audit.leaf import Actor, Leaf, LeafType, Obj, Op, Reason, draft
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.cloud.dynamodb import Absent, Equals, Item, Key, Put
from bluelamp.cloud.memory import MemoryTable
from tests.faults.archive import Records, examine, finding, forks
from tests.faults.cloud import EvidenceBucket, Fire, ReleaseQueue, WatchedSigner
from tests.faults.counts import Counts

ORIGIN = "log.wealdshire.example/bluelamp/wealdshire"
SEED = bytes(range(32))
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, 59, 56, tzinfo=UTC)
OFFICER = Actor(kind="person", sub="officer-7", role="comms", guide_version="2026.3")
MAX_ROUNDS = 100


@dataclass(frozen=True)
class Step:
    """One transaction: objects with the type of their change, and how many small leaves beside them."""

    name: str
    changes: tuple[tuple[str, LeafType], ...]
    fill: int = 0


def draw_steps(random: Random, number: int, label: str) -> list[Step]:
    """Draw transactions on six objects; now and then one is an intent, with its release."""
    steps = []
    for place in range(number):
        names = random.sample(range(6), random.randint(1, 3))
        kinds: list[LeafType] = ["intent" if random.random() < 0.3 else random.choice(["edit", "flag"]) for _ in names]
        changes = tuple((f"post-{name}", kind) for name, kind in zip(names, kinds, strict=True))
        steps.append(Step(f"{label}-{place}", changes))
    return steps


class FireWorld:
    """Table, evidence bucket, action queue and signing key of one force, all of which can be set on fire."""

    def __init__(self) -> None:
        self.faults = Fire()
        self.table = MemoryTable(self.faults)
        self.bucket = EvidenceBucket(self.faults)
        self.actions = ReleaseQueue(self.faults, self.bucket)
        self.signer = WatchedSigner(SEED, self.faults)
        self.now = START

    def fork(self) -> FireWorld:
        """Return a world that stands where this one does, down to the next id."""
        world = FireWorld()
        world.table.items.update(self.table.items)  # items are replaced, never changed in place
        world.bucket.objects.update(self.bucket.objects)
        world.bucket.history.update({name: list(versions) for name, versions in self.bucket.history.items()})
        world.actions.messages += self.actions.messages
        world.signer.signed += self.signer.signed
        world.now = self.now
        return world

    def sequencer(self, ahead: timedelta = timedelta()) -> writer.Sequencer:
        """Return a fresh process whose clock is `ahead` of the true one."""
        return writer.Sequencer(
            table=self.table,
            bucket=self.bucket,
            actions=self.actions,
            signer=self.signer,
            origin=ORIGIN,
            clock=lambda: self.now + ahead,
        )

    def seal(self) -> None:
        """Wake sequencers until nothing is left."""
        for _ in range(MAX_ROUNDS):
            if not self.sequencer().run().more:
                return
        raise AssertionError(f"chunks are left after {MAX_ROUNDS} wakes")

    def head(self) -> Head | None:
        """Return the head of the youngest log."""
        return latest_head(self.table, self.now.year)

    # writing ---------------------------------------------------------------------------------------------------------

    def write(self, step: Step) -> None:
        """Change the objects and record it, in one transaction; a writer that comes again finds it done."""
        keys = [_key(name) for name, _ in step.changes]
        old = self.table.batch_get(keys, consistent=True)
        if any(item["step"] == step.name for item in old.values()):
            return
        leaves: list[Leaf] = []
        releases: list[Release] = []
        puts: list[Put] = []
        for name, kind in step.changes:
            leaf, put = self._change(name, kind, old.get(_key(name)), step.name)
            if kind == "intent":
                releases.append(Release(len(leaves), {"intent": leaf.id, "object": name}))
            leaves.append(leaf)
            puts.append(put)
        leaves += [draft(type="login", at=self.now, actor=Actor.anonymous()) for _ in range(step.fill)]
        self.table.transact([Chunk.of(leaves, releases).put(), *puts])

    def _change(self, name: str, kind: LeafType, old: Item | None, step: str, **fields: Any) -> tuple[Leaf, Put]:
        """Return the leaf of an object's next revision, and the write of the object itself."""
        rev = old["rev"] + 1 if old else 1
        if kind == "intent":
            fields = {"op": Op(verb="hide"), "reason": Reason(code="abuse")}
        obj = Obj(kind="comment", key=_public(name), rev=rev, prev=old["head"] if old else None)
        leaf = draft(type=kind, at=self.now, actor=OFFICER, account="facebook-1", obj=obj, **fields)
        pk, sk = _key(name)
        item = {"pk": pk, "sk": sk, "rev": rev, "head": leaf.digest, "step": step}
        return leaf, Put(item, Equals("rev", rev - 1) if old else Absent())

    def answer_all(self) -> None:
        """Do what the act function does: one outcome for each released intent, however often it was released."""
        for message in self.actions.messages:
            intent, name = message.body["intent"], message.body["object"]
            done = {"pk": f"DONE#{intent}", "sk": "NOW"}
            if self.table.get(("DONE#" + intent, "NOW")):
                continue
            leaf, put = self._change(
                name, "outcome", self.table.get(_key(name)), intent, op=Op(intent=intent, result="done")
            )
            self.table.transact([Chunk.of([leaf]).put(), put, Put(done, Absent())])

    # what must hold --------------------------------------------------------------------------------------------------

    def check(self, where: str) -> Counts:
        """Let the log run dry, answer every released intent, and count what is lost, doubled or forked."""
        self.faults.cease()
        self.seal()
        self.answer_all()
        self.seal()
        counts = self._complete(where)
        counts.merge(forks(self.bucket, self.signer, where))
        report = examine(self.bucket.objects, self.checkpoint())
        if report.verdict != "OK" or report.anchored is None:
            counts.bad("wrong", f"{where}: the archive does not verify: {finding(report)}")
        return counts

    def checkpoint(self) -> bytes | None:
        """Return the last checkpoint that the head says is published: an anchor from outside the bucket."""
        head = self.head()
        return head.checkpoint.encode() if head and head.checkpoint else None

    def check_standing(self, where: str) -> Counts:
        """Look at the archive as a killed writer left it: it may be open, never wrong, and keeps what was published."""
        counts = Counts()
        if self.bucket.objects:
            report = examine(self.bucket.objects, self.checkpoint())
            if report.verdict == "FAIL":
                counts.bad("wrong", f"{where}: pulled at that moment it fails: {finding(report)}")
        return counts

    def _complete(self, where: str) -> Counts:
        counts = Counts()
        records = Records(self.bucket.objects)
        for key, rev, digest in self._states():
            found = records.revisions.get(key, [])
            missing = set(range(1, rev + 1)) - {r for r, _ in found}
            counts.bad("losses", f"{where}: revisions {sorted(missing)} have no record", len(missing))
            counts.bad("doubles", f"{where}: there are records without a change", len(found) - rev + len(missing))
            if not missing and dict(found)[rev] != digest:
                counts.bad("wrong", f"{where}: a record was changed on its way")
        left = sum(pk.startswith("OUTBOX#") for pk, _ in self.table.items)
        counts.bad("losses", f"{where}: chunks were left behind", left)
        released = {(m.body["intent"], m.body["year"], m.body["seq"]) for m in self.actions.messages}
        counts.bad("losses", f"{where}: intents were never released", len(records.intents - released))
        counts.bad("wrong", f"{where}: releases name another place", len(released - records.intents))
        counts.bad("wrong", f"{where}: intents were released before they were under lock", self.actions.early)
        ids = [record["id"] for _, _, record in records.all]
        counts.bad("doubles", f"{where}: records stand twice", len(ids) - len(set(ids)))
        return counts

    def _states(self) -> Iterator[tuple[str, int, str]]:
        """Yield each object's key in leaves, its revision, and the digest of its last changing leaf."""
        for (pk, _), item in self.table.items.items():
            if pk.startswith("OBJ#"):
                yield _public(pk.removeprefix("OBJ#")), item["rev"], item["head"]


def tell(world: FireWorld, steps: Sequence[Step]) -> None:
    """Write each step and seal it; told again, what was done already is left as it is."""
    for step in steps:
        world.write(step)
        world.seal()


def small_log(random: Random, *, commits: int = 3) -> FireWorld:
    """Return a world with a small sealed log: steps, intents with their outcomes, now and then a new year."""
    world = FireWorld()
    turn = random.randrange(commits) if random.random() < 0.3 else -1
    for number in range(commits):
        if number == turn:
            world.answer_all()  # an intent may not wait for its outcome until then
            world.seal()
            world.now = world.now.replace(year=world.now.year + 1, month=1, day=1)
        tell(world, draw_steps(random, 1, f"commit-{number}"))
        world.now += timedelta(seconds=7)
    world.answer_all()
    world.seal()
    return world


def _key(name: str) -> Key:
    return (f"OBJ#{name}", "NOW")


def _public(name: str) -> str:
    return sha256(name.encode()).hexdigest()
