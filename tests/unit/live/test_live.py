"""Open pages hear of what they may see, once each, and no page holds up another."""

from __future__ import annotations

import base64
import json
import threading
from datetime import timedelta

import pytest

from bluelamp.errors import RefusedError, SignatureError
from bluelamp.live import pushing
from bluelamp.live.store import LiveStore
from bluelamp.people.model import Access
from tests.support.world import principal


def test_a_page_hears_of_its_own_accounts_only(desk, sockets):
    desk.open("all", principal())
    desk.open("own", principal("local", teams=("marlford",)))
    desk.arrive("c1", "1")
    desk.arrive("c2", "2")
    desk.deliver()
    assert sorted((c, e["account"]) for c, e in sockets.sent) == [
        ("all", "facebook-1"),
        ("all", "facebook-2"),
        ("own", "facebook-2"),
    ]
    event = sockets.sent[0][1]
    assert event["seq"] == 1
    assert "hide" in event["posts"][0]["can"]


def test_an_account_given_for_a_time_is_heard_of_until_its_end(world, desk, sockets):
    ends = world.clock() + timedelta(seconds=10)
    given = Access(
        id="01BX5ZZKBKACTAV9WEVGEMMVRZ", account="facebook-1", gives="desk", begins_at=world.clock(), ends_at=ends
    )
    desk.open("a", principal("local", teams=("marlford",)).model_copy(update={"access": (given,), "at": world.clock()}))
    desk.arrive("c1", "1")
    assert desk.deliver() == 1
    world.pass_time(seconds=10)  # within the time for which who is at a page is remembered
    desk.arrive("c2", "1")
    assert desk.deliver() == 0


def test_a_closed_page_is_forgotten(world, desk, sockets):
    desk.open("a", principal())
    sockets.gone.add("a")
    desk.arrive("c1")
    assert desk.deliver() == 0
    assert LiveStore(world.table).connections() == []


@pytest.mark.parametrize("ticket", ["", "x", "AAAA"])
def test_a_made_up_ticket_opens_nothing(desk, ticket):
    with pytest.raises(SignatureError):
        desk.pushing.connect("a", {"ticket": ticket})
    assert desk.refusals == 1


def test_a_ticket_is_good_for_a_minute(world, desk):
    ticket = desk.ticket(principal())
    world.pass_time(seconds=61)
    with pytest.raises(SignatureError, match="minute"):
        desk.pushing.connect("a", {"ticket": ticket})
    assert desk.refusals == 1


def test_a_ticket_opens_one_page_only(world, desk):
    ticket = desk.ticket(principal())
    desk.pushing.connect("a", {"ticket": ticket})
    with pytest.raises(SignatureError, match="used before"):
        desk.pushing.connect("b", {"ticket": ticket})
    assert desk.refusals == 1
    assert [c.id for c in LiveStore(world.table).connections()] == ["a"]
    (used,) = [item for (pk, _), item in world.table.items.items() if pk.startswith("TICKET#")]
    assert used["ttl"] > world.now.timestamp() + 60
    assert ticket not in str(used)


def test_two_tickets_of_one_moment_are_two(desk):
    assert desk.ticket(principal()) != desk.ticket(principal())


def test_a_ticket_says_nothing_of_who_it_is_for(desk):
    who = principal(name="Alex Example").model_copy(update={"email": "alex@wealdshire.example"})
    ticket = desk.ticket(who)
    raw = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    text = raw[16:]  # behind the tag
    body = json.loads(text)
    assert set(body) == {"expires", "nonce", "person"}
    assert set(body["person"]) == {"id", "role", "session_id", "expires_at"}
    assert b"lex" not in text


def test_who_connects_is_loaded_anew(world, desk):
    who = principal("local", teams=("marlford",))
    ticket = desk.ticket(who)
    desk.people[who.id] = who.model_copy(update={"teams": frozenset({"swindale"})})
    desk.pushing.connect("a", {"ticket": ticket})
    (page,) = LiveStore(world.table).connections()
    assert page.principal.teams == {"swindale"}


def test_a_ticket_of_a_sign_in_that_has_ended_opens_nothing(world, desk):
    ticket = desk.ticket(principal())
    desk.people.clear()
    with pytest.raises(SignatureError, match="ended"):
        desk.pushing.connect("a", {"ticket": ticket})
    assert desk.refusals == 1
    assert LiveStore(world.table).connections() == []


def test_somebody_suspended_hears_nothing_more_and_the_page_is_closed(world, desk, sockets):
    desk.open("a", principal())
    desk.arrive("c1")
    assert desk.deliver() == 1
    desk.people.clear()
    world.pass_time(seconds=21)
    desk.arrive("c2", "1")
    desk.arrive("c3", "2")
    assert desk.deliver() == 0
    assert sockets.closed == ["a"]
    assert LiveStore(world.table).connections() == []


def test_a_role_that_sees_no_posts_gets_no_ticket(world):
    with pytest.raises(RefusedError):
        world.live.ticket(principal("auditor"))


def test_a_page_that_opens_while_a_batch_is_told_finds_the_event_when_it_asks(world, desk, sockets, monkeypatch):
    officer = principal()
    cursor = world.live.changes(officer, None).cursor
    caught_up = []

    def nobody_yet(_):
        # The page opens and asks right after the pages were read.
        caught_up.append(world.live.changes(officer, cursor))
        return []

    monkeypatch.setattr(LiveStore, "connections", nobody_yet)
    desk.arrive("c1")
    assert desk.deliver() == 0
    assert sockets.sent == []
    (changes,) = caught_up
    assert len(changes.posts) == 1


def test_a_slow_page_holds_up_itself_alone(world, desk, sockets, monkeypatch, caplog):
    free = threading.Event()
    quick = sockets.send

    def send(connection_id, data):
        if connection_id == "slow":
            free.wait(10)
            return False
        return quick(connection_id, data)

    monkeypatch.setattr(sockets, "send", send)
    monkeypatch.setattr(pushing, "SEND_SECONDS", 0.3)
    for page in ("slow", "a", "b"):
        desk.open(page, principal())
    desk.arrive("c1")
    try:
        assert desk.deliver() == 2
    finally:
        free.set()
    assert sorted(page for page, _ in sockets.sent) == ["a", "b"]
    assert "1 of 3 pages could not be told in time" in caplog.text
    assert len(LiveStore(world.table).connections()) == 3


def test_many_pages_are_told_side_by_side(desk, sockets, monkeypatch):
    together = threading.Barrier(pushing.SIDE_BY_SIDE, timeout=4)
    told = sockets.send

    def send(connection_id, data):
        together.wait()  # breaks, unless as many are at it at once
        return told(connection_id, data)

    monkeypatch.setattr(sockets, "send", send)
    for number in range(pushing.SIDE_BY_SIDE):
        desk.open(f"page-{number}", principal())
    desk.arrive("c1")
    assert desk.deliver() == pushing.SIDE_BY_SIDE


def test_an_event_too_large_for_one_message_becomes_one_for_each_post(desk, sockets):
    desk.open("a", principal())
    for native in ("c1", "c2", "c3"):
        desk.arrive(native, text="long " * 9000)
    assert desk.deliver() == 3
    assert [(e["seq"], len(e["posts"])) for _, e in sockets.sent] == [(1, 1)] * 3
    assert len({e["posts"][0]["id"] for _, e in sockets.sent}) == 3


@pytest.mark.parametrize("heard", [None, 6])
def test_a_post_too_large_for_a_message_makes_the_page_ask(world, desk, heard):
    desk.arrive("small")
    desk.arrive("large", text="€" * 40_000)
    posts = [world.changer.summary(principal(), p) for p in stored(world)]
    written = pushing.messages("facebook-1", 7, posts)
    assert all(len(data) <= pushing.MAX_BYTES for data in written)
    events = [json.loads(data) for data in written]
    assert sum(len(e["posts"]) for e in events) == 1
    assert asks(events, heard)


def stored(world):
    ids = [pk.removeprefix("POST#") for pk, sk in world.table.items if sk == "POST"]
    return world.changer.posts.get_many(ids).values()


def asks(events, heard):
    """Return whether the page asks for what changed, by its rule: a number is missing, or a message is empty."""
    asked = False
    for event in events:
        asked |= event["posts"] == [] or (heard is not None and event["seq"] > heard + 1)
        heard = max(heard or 0, event["seq"])
    return asked
