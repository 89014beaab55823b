"""Many accounts due at once: one that hangs costs a run one call, what ends first goes first, the rest waits."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from bluelamp.connections.crowd import THREADS
from bluelamp.connections.recording import commit
from bluelamp.connections.renewing import LONGEST, Renewing
from bluelamp.platforms.contract import TimedOutError, TryAgainError
from bluelamp.platforms.grants import Tokens
from tests.unit.connections.test_connections_renewing import ACCOUNT, LIFE, Desk

HANGS = timedelta(seconds=15)


class HangingX:
    """Answers nobody until all who can ask at once are asking; then their time is up, and nobody was answered."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.asked, self.lock = desk, [], threading.Lock()
        self.full = threading.Barrier(THREADS, action=self.time_passes)

    def time_passes(self) -> None:
        self.desk.now += HANGS

    def __call__(self, account: str, refresh: str) -> Tokens:
        with self.lock:
            self.asked.append(account)
        self.full.wait(timeout=30)
        raise TimedOutError("no answer")


@pytest.fixture
def desk():
    return Desk()


def renewing(desk: Desk, renew) -> Renewing:
    return Renewing(
        desk.store, desk.box, renew=renew, failed=lambda *why: desk.failed.append(why), answers=lambda _: (),
        wake=lambda: None, notify=lambda: None, clock=lambda: desk.now,
    )  # fmt: skip


def test_a_platform_that_hangs_costs_a_run_one_call_and_not_sixty(desk):
    accounts = [f"x-{1000 + number}" for number in range(60)]
    for account in accounts:
        desk.later(seconds=1).connect(account)
    x, begun = HangingX(desk), desk.later(minutes=91).now
    assert renewing(desk, x).run() == 0
    assert desk.now - begun == HANGS > LONGEST, "all of them waited at once, and nothing was begun afterwards"
    first = set(x.asked)
    assert first == {ACCOUNT, *accounts[: THREADS - 1]}, "what ends first is asked for first"
    assert sorted(desk.failed) == sorted((account, "platform_timed_out") for account in first)
    x.asked.clear()
    renewing(desk, x).run()
    assert set(x.asked) == set(accounts[THREADS - 1 : 2 * THREADS - 1]), "the next minute goes on with the others"


def test_what_ends_first_is_renewed_first_though_it_was_put_off(desk):
    desk.later(minutes=91)
    desk.x.error = TryAgainError("down")
    desk.run()
    desk.connect("x-9")
    commit(desk.store, desk.store.get("x-9").model_copy(update={"due_at": desk.now, "rev": 2}), None)
    assert desk.store.pressing(desk.later(minutes=2).now, 10) == [ACCOUNT, "x-9"]


def test_one_that_fails_in_an_unforeseen_way_holds_up_nobody(desk):
    desk.connect("x-9")
    desk.later(minutes=91)

    def broken(account, refresh):
        if account == ACCOUNT:
            raise RuntimeError("unforeseen")
        return Tokens("a", "r", desk.now + LIFE)

    with pytest.raises(RuntimeError, match="unforeseen"):
        renewing(desk, broken).run()
    assert desk.secrets.values["bluelamp/account/x-9"]["access_token"] == "a"
