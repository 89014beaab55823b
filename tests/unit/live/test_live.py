"""Open pages hear of what they may see, once each, and catch up after a broken line."""

from __future__ import annotations

import json

import pytest

from bluelamp.errors import RefusedError, SignatureError
from bluelamp.live.pushing import Pushing
from bluelamp.live.store import LiveStore
from tests.support.world import World, principal


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
def pushing(world, sockets):
    made = Pushing(
        store=LiveStore(world.table),
        changer=world.changer,
        sockets=sockets,
        tickets=world.tickets,
        still=lambda who: None if who.name in made.ended else who,
        refused=lambda: made.refusals.append(1),
        clock=world.clock,
    )
    made.ended, made.refusals = set(), []
    return made


def arrive(world, native, page):
    world.ingest(world.comment(native, "hello", page=page))
    world.judge_all()


def deliver(world, pushing):
    bodies = [m.body for m in world.live_queue.messages]
    world.live_queue.messages.clear()
    return pushing.tell(bodies)


def test_a_page_hears_of_its_own_accounts_only(world, pushing, sockets):
    for name, who in (("all", principal()), ("own", principal("local", teams=("marlford",)))):
        pushing.connect(name, {"ticket": world.live.ticket(who).ticket})
    arrive(world, "c1", "1")
    arrive(world, "c2", "2")
    deliver(world, pushing)
    assert sorted((c, e["account"]) for c, e in sockets.sent) == [
        ("all", "facebook-1"),
        ("all", "facebook-2"),
        ("own", "facebook-2"),
    ]
    event = sockets.sent[0][1]
    assert event["seq"] == 1
    assert "hide" in event["posts"][0]["can"]


def test_a_closed_page_is_forgotten(world, pushing, sockets):
    pushing.connect("a", {"ticket": world.live.ticket(principal()).ticket})
    sockets.gone.add("a")
    arrive(world, "c1", "1")
    assert deliver(world, pushing) == 0
    assert LiveStore(world.table).connections() == []


@pytest.mark.parametrize("ticket", ["", "x", "AAAA"])
def test_a_made_up_ticket_opens_nothing(pushing, ticket):
    with pytest.raises(SignatureError):
        pushing.connect("a", {"ticket": ticket})
    assert len(pushing.refusals) == 1


def test_somebody_suspended_hears_nothing_more_and_the_page_is_closed(world, pushing, sockets):
    pushing.connect("a", {"ticket": world.live.ticket(principal(name="Gone Tomorrow")).ticket})
    arrive(world, "c1", "1")
    assert deliver(world, pushing) == 1
    pushing.ended.add("Gone Tomorrow")
    world.pass_time(seconds=21)
    arrive(world, "c2", "1")
    assert deliver(world, pushing) == 0
    assert sockets.closed == ["a"]
    assert LiveStore(world.table).connections() == []


def test_a_ticket_is_good_for_a_minute(world, pushing):
    ticket = world.live.ticket(principal()).ticket
    world.pass_time(seconds=61)
    with pytest.raises(SignatureError, match="minute"):
        pushing.connect("a", {"ticket": ticket})


def test_a_role_that_sees_no_posts_gets_no_ticket(world):
    with pytest.raises(RefusedError):
        world.live.ticket(principal("auditor"))


def test_changes_since_a_cursor(world, pushing):
    officer = principal()
    cursor = world.live.changes(officer, None).cursor
    arrive(world, "c1", "1")
    arrive(world, "c2", "2")
    deliver(world, pushing)
    changes = world.live.changes(officer, cursor)
    assert not changes.reset
    assert len(changes.posts) == 2
    assert world.live.changes(officer, changes.cursor).posts == ()


def test_somebody_elses_cursor_resets(world):
    cursor = world.live.changes(principal(), None).cursor
    assert world.live.changes(principal("control"), cursor).reset


def test_too_far_behind_resets(world, pushing):
    officer = principal()
    cursor = world.live.changes(officer, None).cursor
    for _ in range(101):
        LiveStore(world.table).add_event("facebook-1", ["p" + "a" * 26], at=world.now)
    assert world.live.changes(officer, cursor).reset
