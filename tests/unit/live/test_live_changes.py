"""Catching up after a broken line loses nothing: what cannot be told in full is answered by a reset."""

from __future__ import annotations

import pytest

from bluelamp.live.service import MAX_ACCOUNTS, MAX_EVENTS
from bluelamp.live.store import LiveStore
from tests.support.world import principal


@pytest.fixture
def officer():
    return principal()


@pytest.fixture
def cursor(world, officer):
    return world.live.changes(officer, None).cursor


@pytest.fixture
def store(world):
    return LiveStore(world.table)


def post(number):
    return f"p{number:026d}"


def test_changes_since_a_cursor(world, desk, officer, cursor):
    desk.arrive("c1", "1")
    desk.arrive("c2", "2")
    desk.deliver()
    changes = world.live.changes(officer, cursor)
    assert not changes.reset
    assert len(changes.posts) == 2
    assert world.live.changes(officer, changes.cursor).posts == ()


def test_somebody_elses_cursor_resets(world, cursor):
    assert world.live.changes(principal("control"), cursor).reset


def test_an_event_whose_number_is_given_and_that_is_not_yet_written_resets(world, store, officer, cursor):
    def killed(call):
        raise KeyboardInterrupt

    world.faults.after = killed
    with pytest.raises(KeyboardInterrupt):
        store.add_event("facebook-1", [post(1)], at=world.now)
    world.faults.after = None
    changes = world.live.changes(officer, cursor)
    assert changes.reset
    assert not world.live.changes(officer, changes.cursor).reset


@pytest.mark.parametrize("expired", [1, 2, 3])
def test_an_event_that_has_expired_resets(world, store, officer, cursor, expired):
    for number in range(3):
        store.add_event("facebook-1", [post(number)], at=world.now)
    del world.table.items["LIVE#facebook-1", f"{expired:012d}"]
    assert world.live.changes(officer, cursor).reset


def test_an_event_after_the_head_does_not_stand_in_for_a_missing_one(world, store, officer, cursor, monkeypatch):
    for number in range(3):
        store.add_event("facebook-1", [post(number)], at=world.now)
    del world.table.items["LIVE#facebook-1", f"{1:012d}"]
    monkeypatch.setattr(LiveStore, "heads", lambda *_: {"facebook-1": 2})
    assert world.live.changes(officer, cursor).reset


def test_a_place_ahead_of_the_head_resets(world, store, officer):
    store.add_event("facebook-1", [post(1)], at=world.now)
    cursor = world.live.changes(officer, None).cursor
    world.table.items["LIVE#facebook-1", "HEAD"]["n"] = 0
    assert world.live.changes(officer, cursor).reset


def test_everything_is_read_consistently(world, desk, officer, cursor, monkeypatch):
    desk.arrive("c1")
    desk.deliver()
    asked = []
    for name in ("batch_get", "query"):
        read = getattr(world.table, name)

        def spy(key, *, _read=read, **options):
            if "LIVE#" in str(key) or "POST#" in str(key):
                asked.append(options.get("consistent"))
            return _read(key, **options)

        monkeypatch.setattr(world.table, name, spy)
    assert len(world.live.changes(officer, cursor).posts) == 1
    assert asked == [True, True, True]  # heads, events, posts


def test_too_far_behind_resets_without_reading_events(world, store, officer, cursor):
    for _ in range(MAX_EVENTS + 1):
        store.add_event("facebook-1", [post(1)], at=world.now)
    assert_reset_without_events(world, officer, cursor)


def test_too_many_accounts_for_a_cursor_reset_without_reading_events(world, store, officer):
    for number in range(MAX_ACCOUNTS + 1):
        world.account(f"9{number}", "swindale")
        store.add_event(f"facebook-9{number}", [post(number)], at=world.now)
    cursor = world.live.changes(officer, None).cursor
    assert_reset_without_events(world, officer, cursor)


def assert_reset_without_events(world, officer, cursor):
    calls = []
    world.faults.before = calls.append
    changes = world.live.changes(officer, cursor)
    # Whoever reads the accounts may query; events come after the heads.
    assert "query" not in calls[calls.index("batch_get") :]
    assert changes.reset


@pytest.mark.parametrize(("posts", "reset"), [(MAX_EVENTS, False), (MAX_EVENTS + 1, True)])
def test_more_posts_than_fit_into_an_answer_reset(world, store, posts, reset):
    officer = principal()
    cursor = world.live.changes(officer, None).cursor
    ids = [post(n) for n in range(posts)]
    store.add_event("facebook-1", ids[:60], at=world.now)
    store.add_event("facebook-1", ids[:60], at=world.now)  # again the same: counted once
    store.add_event("facebook-2", ids[60:], at=world.now)
    assert world.live.changes(officer, cursor).reset is reset
