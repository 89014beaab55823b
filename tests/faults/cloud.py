"""A cloud that kills, refuses and remembers: the memory twins with every single AWS request as a call of its own.

Beyond `bluelamp.cloud.memory` the bucket keeps versions and delete markers and refuses what the bucket's policy
refuses, the queue sends ten messages a request as SQS does, and the calls to KMS can be killed like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count

from bluelamp.audit import layout
from bluelamp.audit.note import Checkpoint, LocalSigner
from bluelamp.cloud.memory import Faults, MemoryBucket, MemoryQueue
from bluelamp.cloud.sqs import MAX_BATCH, Message
from bluelamp.errors import BluelampError

# Far above what any sound run needs; what comes here never ends.
MAX_CALLS = 40_000


class KilledError(BaseException):
    """The process is gone; nothing in the code may catch this."""


class HungError(BaseException):
    """So many calls that the run will never end."""


class PolicyError(BluelampError):
    """The bucket's policy denies the call."""

    code = "denied"


Hook = Callable[[str], None]


class Fire(Faults):
    """The hooks around every call: counts them, ends what never ends, and does to a call what the scenario wants."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.kills = 0
        self.limit = MAX_CALLS
        self.cease()

    def cease(self) -> None:
        """Let everything pass again."""
        self.before, self.after = self._count, None

    def _count(self, _name: str) -> None:
        self.calls += 1
        if self.calls > self.limit:
            raise HungError(f"{self.limit} calls, and no end")

    def on(self, before: Hook | None = None, after: Hook | None = None) -> None:
        """Do this around each call from now on."""

        def first(name: str) -> None:
            self._count(name)
            if before:
                before(name)

        self.before, self.after = first, after

    def kill_at(self, when: str, number: int) -> None:
        """Kill whoever makes call `number` from now, counted from 1, before or after it; once."""
        calls = count(1)

        def kill(_name: str) -> None:
            if next(calls) == number:
                self.kills += 1
                raise KilledError

        self.on(**{when: kill})

    def kill_sometimes(self, chance: Callable[[], float], rate: float) -> None:
        """Kill at any call, before or after it, at a rate."""

        def maybe(_name: str) -> None:
            if chance() < rate:
                self.kills += 1
                raise KilledError

        self.on(maybe, maybe)


class EvidenceBucket(MemoryBucket):
    """Versioned and under the bucket's policy: nothing is put but if absent, and a deletion leaves a marker.

    `history` holds each object's versions, oldest first; None is a delete marker.
    """

    def __init__(self, faults: Faults) -> None:
        super().__init__(faults)
        self.history: dict[str, list[bytes | None]] = {}

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> str | None:
        try:
            return super().put_if_absent(key, body, content_type=content_type)
        finally:  # whoever is killed behind the put has put all the same
            versions = self.history.setdefault(key, [])
            if key in self.objects and self.objects[key] is not (versions or [None])[-1]:
                versions.append(self.objects[key])

    def put(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> None:
        raise PolicyError(f"{key} was put without If-None-Match; the bucket's policy denies that")

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[str]:
        return self.faults.around("list", lambda: super(EvidenceBucket, self).list(prefix, after=after))

    def delete(self, key: str) -> None:
        """Put a delete marker; only an intruder does."""
        self.history[key].append(None)
        del self.objects[key]

    def sealed_size(self, year: int) -> int:
        """Return how many leaves of a year stand under a checkpoint here."""
        sizes = [c[1] for c in map(layout.parse_checkpoint, self.objects) if c and c[0] == year]
        return max(sizes, default=0)


class ReleaseQueue(MemoryQueue):
    """The action queue: ten messages a request, and it notes a release whose intent is not under lock yet."""

    def __init__(self, faults: Faults, evidence: EvidenceBucket) -> None:
        super().__init__(faults)
        self.early = 0
        self._evidence = evidence

    def send(self, messages: Sequence[Message]) -> None:
        for start in range(0, len(messages), MAX_BATCH):
            batch = messages[start : start + MAX_BATCH]
            self.early += sum(self._is_early(message.body) for message in batch)
            super().send(batch)

    def _is_early(self, body: dict[str, object]) -> bool:
        return "seq" not in body or body["seq"] >= self._evidence.sealed_size(body["year"])


class WatchedSigner(LocalSigner):
    """A key in KMS that remembers what it signed: two roots for one size are a fork, published or not."""

    def __init__(self, seed: bytes, faults: Faults) -> None:
        super().__init__(seed)
        self.faults = faults
        self.signed: list[str] = []

    def sign(self, message: bytes) -> bytes:
        def run() -> bytes:
            self.signed.append(message.decode())
            return super(WatchedSigner, self).sign(message)

        return self.faults.around("sign", run)

    def public(self) -> bytes:
        return self.faults.around("get_public_key", super().public)

    def statements(self) -> set[tuple[str, int, bytes]]:
        """Return origin, size and root of every checkpoint that was signed."""
        found = map(Checkpoint.parse, self.signed)
        return {(c.origin, c.size, c.root) for c in found}
