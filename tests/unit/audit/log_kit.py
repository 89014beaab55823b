"""A log in memory for tests: writers that put chunks into the outbox, and as many sequencers as wanted."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import settings

from bluelamp.audit.archive import Pulled, pull
from bluelamp.audit.leaf import Actor, Leaf, Obj, Op, Reason, draft
from bluelamp.audit.note import LocalSigner
from bluelamp.audit.outbox import Chunk, Release
from bluelamp.audit.sequencer import SealOutcome, Sequencer
from bluelamp.audit.verify import Report, verify
from bluelamp.cloud.memory import Faults, MemoryBucket, MemoryQueue, MemoryTable

ORIGIN = "log.wealdshire.example/bluelamp/wealdshire"
SEED = bytes(range(32))
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OFFICER = Actor(kind="person", sub="officer-7", role="comms", guide_version="2026.3")


# The same examples each time, and no clock: the machine may be busy.
steady = settings(derandomize=True, deadline=None, max_examples=40)


def seeded(seed: int) -> Random:
    """Return a generator whose faults can be had again."""
    return Random(seed)  # noqa: S311 -- chance that repeats is the point


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


class LogWorld:
    """Table, bucket and queue in memory, and what writes to them."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.table = MemoryTable(self.faults)
        self.bucket = MemoryBucket(self.faults)
        self.actions = MemoryQueue(self.faults)
        self.clock = Clock()
        self.signer = LocalSigner(SEED)
        self.written: list[Leaf] = []
        self.revisions: dict[str, tuple[int, str | None]] = {}

    def sequencer(self) -> Sequencer:
        return Sequencer(
            table=self.table,
            bucket=self.bucket,
            actions=self.actions,
            signer=self.signer,
            origin=ORIGIN,
            clock=self.clock,
        )

    def seal(self) -> SealOutcome:
        return self.sequencer().run(max_commits=100)

    def change(self, name: str, type: str = "ingest", **fields) -> Leaf:  # noqa: A002
        """Return the leaf of the next revision of an object."""
        rev, prev = self.revisions.get(name, (0, None))
        key = hashlib.sha256(name.encode()).hexdigest()
        obj = Obj(kind="comment", key=key, rev=rev + 1, prev=prev)
        leaf = draft(type=type, at=self.clock(), actor=OFFICER, obj=obj, **({"account": "facebook-1"} | fields))
        self.revisions[name] = (rev + 1, leaf.digest)
        return leaf

    def view(self, name: str) -> Leaf:
        obj = Obj(kind="comment", key=hashlib.sha256(name.encode()).hexdigest(), rev=self.revisions[name][0])
        return draft(type="view", at=self.clock(), actor=OFFICER, obj=obj)

    def intent(self, name: str, verb: str = "hide") -> Leaf:
        return self.change(name, "intent", op=Op(verb=verb), reason=Reason(code="abuse"))

    def outcome(self, name: str, intent: Leaf, result: str = "done") -> Leaf:
        return self.change(name, "outcome", op=Op(intent=intent.id, result=result))

    def put(self, *leaves: Leaf, releases: tuple[Release, ...] = ()) -> Chunk:
        chunk = Chunk.of(leaves, releases)
        self.table.transact([chunk.put()])
        self.written += leaves
        return chunk

    def busy_day(self, commits: int = 5, *, posts: int = 3) -> None:
        """Write and seal a small log: arrivals, a view, an intent with its outcome in each commit."""
        for number in range(commits):
            for post in range(posts):
                self.put(self.change(f"{number}-{post}"), self.view(f"{number}-{post}"))
            intent = self.intent(f"{number}-0")
            self.put(intent, releases=(Release(0, {"post_id": f"{number}-0", "action_id": f"a{number}"}),))
            self.seal()
            self.put(self.outcome(f"{number}-0", intent))
            self.clock.pass_(seconds=7)
        self.seal()

    def pull(self, directory: Path) -> Pulled:
        return pull(self.bucket, directory, workers=2)

    def verify(self, directory: Path, **kwargs) -> Report:
        self.pull(directory)
        return verify(directory, **kwargs)

    def outbox(self) -> list[str]:
        return sorted(sk for pk, sk in self.table.items if pk.startswith("OUTBOX#"))
