"""An open page of somebody who was shut out is closed without news that would do it, and no other page is."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from pathlib import Path

import pytest

from bluelamp import wiring
from bluelamp.live.pushing import RECHECK
from bluelamp.live.store import LiveStore
from tests.support.world import principal

LIVE = Path(__file__).resolve().parents[3] / "functions" / "live" / "handler.py"


@pytest.fixture
def pages(desk):
    """Two pages of one officer and one of another."""
    officer, other = principal("comms"), principal("local", teams={"swindale"})
    for connection in ("a", "b"):
        desk.open(connection, officer)
    desk.open("c", other)
    return officer, other


def open_pages(world):
    return {c.id for c in LiveStore(world.table).connections()}


def test_a_word_of_somebody_closes_each_of_their_pages_at_once(world, desk, sockets, pages):
    officer, _ = pages
    desk.arrive("n1")
    desk.deliver()  # all were looked at this moment, and found to be well
    world.now += RECHECK / 2
    desk.people.pop(officer.id)
    assert desk.pushing.tell([{"v": 1, "person": officer.id}]) == 0
    assert (sorted(sockets.closed), open_pages(world)) == (["a", "b"], {"c"})


def test_a_word_of_somebody_who_is_well_closes_nothing(world, desk, sockets, pages):
    officer, _ = pages
    desk.pushing.tell([{"v": 1, "person": officer.id}, {"v": 1, "person": "nobody"}])
    assert (sockets.closed, open_pages(world)) == ([], {"a", "b", "c"})


def test_news_in_the_same_batch_reaches_the_others(world, desk, sockets, pages):
    officer, other = pages
    desk.arrive("n1")
    desk.people.pop(officer.id)
    bodies = [m.body for m in world.live_queue.messages]
    assert desk.pushing.tell([{"v": 1, "person": officer.id}, *bodies]) == 1
    assert [connection for connection, _ in sockets.sent] == ["c"]
    assert other.id in desk.people


def test_a_pages_own_sign_of_life_closes_it_when_the_word_was_lost(world, desk, sockets, pages):
    officer, _ = pages
    desk.pushing.heard("a")
    assert sockets.closed == []
    desk.people.pop(officer.id)
    world.now += RECHECK + timedelta(seconds=1)
    desk.pushing.heard("a")
    assert (sockets.closed, open_pages(world)) == (["a"], {"b", "c"})


def test_a_page_that_was_forgotten_is_closed_when_it_is_heard_of(desk, sockets):
    desk.pushing.heard("z")
    assert sockets.closed == ["z"]


@pytest.mark.parametrize(("route", "asked"), [("$default", ["a"]), ("$disconnect", [])])
def test_whatever_a_page_says_is_a_sign_of_life(desk, pages, monkeypatch, route, asked):
    heard: list[str] = []
    monkeypatch.setattr(desk.pushing, "heard", heard.append)
    monkeypatch.setattr(wiring, "pushing", lambda: desk.pushing)
    spec = importlib.util.spec_from_file_location("live_handler", LIVE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.answer({"routeKey": route, "connectionId": "a"}, {}) == {"statusCode": 200}
    assert heard == asked
