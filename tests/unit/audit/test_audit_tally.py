"""Refusals without a name become one leaf a minute and source, none lost and none twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from bluelamp.audit.outbox import Waiting
from bluelamp.audit.tally import Tallies
from bluelamp.cloud.dynamodb import Update
from bluelamp.cloud.memory import MemoryTable
from bluelamp.times import iso


class Desk:
    def __init__(self):
        self.table = MemoryTable()
        self.now = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)
        self.woken = 0
        self.tallies = Tallies(self.table, wake=self.wake, clock=lambda: self.now)

    def wake(self):
        self.woken += 1

    def refuse(self, source, times=1):
        minute = iso(self.now.replace(second=0, microsecond=0))
        for _ in range(times):
            self.table.write(Update((f"COUNT#{minute}", source), add={"n": 1}))

    def leaves(self):
        chunks = [Waiting.from_item(i) for (pk, _), i in self.table.items.items() if pk.startswith("OUTBOX#")]
        return [json.loads(body)["tally"] for chunk in chunks for body in chunk.bodies()]


def test_a_minute_that_is_over_becomes_one_leaf_a_source():
    desk = Desk()
    desk.tallies.write()
    desk.refuse("webhook:facebook:bad_signature", 3)
    desk.refuse("api.no_credential", 2)
    assert desk.tallies.write() == 0  # the minute is still running
    desk.now += timedelta(seconds=90)
    assert desk.tallies.write() == 2
    assert desk.woken == 1
    assert sorted((t["source"], t["n"]) for t in desk.leaves()) == [
        ("api.no_credential", 2),
        ("webhook:facebook:bad_signature", 3),
    ]
    assert desk.tallies.write() == 0


def test_after_a_stop_every_minute_is_caught_up_with():
    desk = Desk()
    desk.tallies.write()
    for _ in range(300):
        desk.refuse("api.no_credential")
        desk.now += timedelta(minutes=1)
    desk.now += timedelta(minutes=2)
    assert desk.tallies.write() + desk.tallies.write() == 300
    assert sum(t["n"] for t in desk.leaves()) == 300


def test_a_counter_that_moves_while_it_is_read_is_not_cut():
    desk = Desk()
    desk.tallies.write()
    desk.refuse("api.no_credential")
    late = desk.now
    desk.now += timedelta(seconds=90)

    def one_more(name):
        if name == "transact":
            desk.table.faults.before = None
            desk.table.write(
                Update((f"COUNT#{iso(late.replace(second=0, microsecond=0))}", "api.no_credential"), add={"n": 1})
            )

    desk.table.faults.before = one_more
    desk.tallies.write()
    desk.now += timedelta(minutes=1)
    desk.tallies.write()
    assert sum(t["n"] for t in desk.leaves()) == 2
