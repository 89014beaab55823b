"""A world with two accounts, and the live function's side of it on sockets that only write down."""

from __future__ import annotations

import json

import pytest

from bluelamp.live.pushing import Pushing
from bluelamp.live.store import LiveStore
from tests.support.world import World


class Sockets:
    def __init__(self) -> None:
        self.sent: list[tuple[str, dict]] = []
        self.gone: set[str] = set()
        self.closed: list[str] = []

    def close(self, connection_id: str) -> None:
        self.closed.append(connection_id)

    def send(self, connection_id: str, data: bytes) -> bool:
        if connection_id in self.gone:
            return False
        self.sent.append((connection_id, json.loads(data)))
        return True


class Desk:
    """Opens pages for people, whom it knows by their ids alone, and has them told."""

    def __init__(self, world: World, sockets: Sockets) -> None:
        self.world, self.people, self.refusals = world, {}, 0
        self.pushing = Pushing(
            store=LiveStore(world.table),
            changer=world.changer,
            sockets=sockets,
            tickets=world.tickets,
            still=lambda who: self.people.get(who.id),
            refused=self.refuse,
            clock=world.clock,
        )

    def refuse(self) -> None:
        self.refusals += 1

    def ticket(self, who):
        self.people[who.id] = who
        return self.world.live.ticket(who).ticket

    def open(self, connection_id, who):
        self.pushing.connect(connection_id, {"ticket": self.ticket(who)})

    def arrive(self, native, page="1", text="hello"):
        self.world.ingest(self.world.comment(native, text, page=page))
        self.world.judge_all()

    def deliver(self):
        bodies = [m.body for m in self.world.live_queue.messages]
        self.world.live_queue.messages.clear()
        return self.pushing.tell(bodies)


@pytest.fixture
def world():
    w = World()
    w.account("1", "swindale")
    w.account("2", "marlford")
    return w


@pytest.fixture
def sockets():
    return Sockets()


@pytest.fixture
def desk(world, sockets):
    return Desk(world, sockets)
