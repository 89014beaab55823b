"""What a post costs on its way from the webhook to the sealed record: calls to AWS, write units, PUTs and signatures.

Counted on the cloud in memory with the real services, so the figures are exact and the same on every machine. A write
unit is a kilobyte of an item, doubled in a transaction, and once more for each index that carries it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bluelamp.cloud.dynamodb import Check, Delete, Put, Update, Write
from bluelamp.content.model import Entry
from bluelamp.platforms.intake import envelope, stage
from tests.support.world import World

KB = 1024
# The receiver's own: one object into the staging bucket, one message to the ingest queue.
RECEIVE_CALLS = 2


class Counted(World):
    """A world that counts what it asks of AWS."""

    def __init__(self) -> None:
        super().__init__()
        self.account("1", "swindale")
        self.calls: Counter[str] = Counter()
        self.units = 0
        self.faults.before = lambda name: self.calls.update([name])
        self.staging.faults = self.faults
        transact, write = self.table.transact, self.table.write

        def counted_transact(writes: Sequence[Write], *, token: str | None = None) -> None:
            self.units += sum(2 * self._units(w) + self._index_units(w) for w in writes)
            transact(writes, token=token)

        def counted_write(one: Put | Update | Delete) -> Any:
            self.units += self._units(one) + self._index_units(one)
            return write(one)

        self.table.transact = counted_transact  # type: ignore[method-assign]
        self.table.write = counted_write  # type: ignore[method-assign]

    def _units(self, write: Write) -> int:
        match write:
            case Put(item):
                return max(1, -(-_size(item) // KB))
            case Delete() | Update() | Check():
                old = self.table.items.get(write.key)
                return max(1, -(-_size(old or {}) // KB))

    def _index_units(self, write: Write) -> int:
        if not isinstance(write, Put):
            return 0
        old = self.table.items.get(write.key) or {}
        size = max(1, -(-_size(write.item) // KB))
        units = 0
        for index in ("g1", "g2", "g3"):
            before, after = old.get(f"{index}sk"), write.item.get(f"{index}sk")
            kept = 1 if index == "g3" else size
            if before and after and before != after:
                units += 2 * kept
            elif after and (before != after or index != "g3"):
                units += kept
        return units


def _size(item: dict[str, Any]) -> int:
    return sum(len(k) + (len(v) if isinstance(v, bytes) else len(json.dumps(v, default=str))) for k, v in item.items())


def one_webhook(posts: int) -> tuple[float, float, float]:
    """Return calls, write units and PUTs with signatures per post for a webhook of so many posts."""
    world = Counted()
    # A process that has taken in a post before: it knows the account, and has a data key for the hour.
    world.ingest(world.comment("before", "Good morning"))
    world.judge_all()
    world.seal()
    world.calls.clear()
    world.units = 0
    entries = [world.comment(f"c{n}", f"Thank you for last night, number {n}") for n in range(posts)]
    raw = json.dumps(entries).encode()
    key = stage(world.staging, "facebook", raw, world.now)
    message = envelope(platform="facebook", source="webhook", key=key, raw=raw, received_at=world.now)
    world.calls.clear()
    world.ingester().ingest(message.body)
    world.judge_all()
    before_seal = sum(world.calls.values())
    world.seal()
    objects = world.calls["put_if_absent"]
    return (RECEIVE_CALLS + before_seal) / posts, world.units / posts, (objects + 1) / posts


def measure() -> list[tuple[str, str, str]]:
    """Return what was measured, with the target beside it."""
    rows: list[tuple[str, str, str]] = []
    for posts, calls_target, units_target in ((1, "≤ 6", ""), (10, "≤ 1.0", "≤ 5"), (100, "≤ 0.25", "")):
        calls, units, _ = one_webhook(posts)
        rows.append((f"AWS calls per post, {posts} a webhook (before the seal)", f"{calls:.2f}", calls_target))
        rows.append((f"write units per post, {posts} a webhook", f"{units:.1f}", units_target))
    return rows + content()


def content() -> list[tuple[str, str, str]]:
    """Return what keeping the exact bytes of ten thousand posts, forty at a time, asks of S3 and KMS."""
    world = Counted()
    world.calls.clear()
    for _ in range(250):
        world.vault.keep([Entry("facebook-1", b"{}")] * 40)
    kms = world.calls["generate_data_key"] + world.calls["decrypt_data_key"]
    return [
        ("packs of content per 1,000 posts, 40 a webhook", f"{world.calls['put_if_absent'] / 10:.0f}", ""),
        ("KMS calls for the content of 10,000 posts", f"{kms}", ""),
    ]
