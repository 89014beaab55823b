"""A poll that is refused asks for a renewal, and nothing but a refused token does."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from bluelamp.accounts.model import Account
from bluelamp.cloud.memory import MemoryTable
from bluelamp.connections import rules
from bluelamp.connections.store import ConnectionStore
from bluelamp.platforms.contract import AccountRef, GoneError, NotAllowedError, ReauthoriseError
from bluelamp.times import utc_now
from bluelamp.wiring import base, force, intake

ACCOUNT = AccountRef(account_id="x-44", platform="x", native_id="44")


@pytest.fixture
def store(monkeypatch):
    table = MemoryTable()
    monkeypatch.setattr(base, "table", lambda: table)
    store, now = ConnectionStore(table), utc_now()
    end = now + timedelta(hours=2)
    new = rules.connected(None, "x-44", attempt="a", expires_at=end, renews=True, now=now - timedelta(hours=1))
    table.write(store.saved(new))
    return store


@pytest.mark.parametrize(("error", "asked"), [(ReauthoriseError, True), (NotAllowedError, False), (GoneError, False)])
def test_a_refused_token_is_due_at_once(store, error, asked):
    intake._unwell(ACCOUNT, error("no"))
    assert store.due(utc_now() + timedelta(seconds=1), 10) == (["x-44"] if asked else [])
    assert (store.get("x-44").refused_at is not None) == asked


def test_the_accounts_health_tells_how_it_stands(store, monkeypatch):
    account = Account(id="x-44", platform="x", native_id="44", name="Force", kind="headquarters", team="hq")
    monkeypatch.setattr(force, "coverage", lambda: SimpleNamespace(read_until=lambda _: (None, False)))
    health = force._health(account)
    assert (health.connection, health.reconnect) == ("connected", None)
    assert health.token_expires_at is not None
    store.table.write(store.saved(rules.given_up(store.get("x-44"), "answer_lost")))
    health = force._health(account)
    assert (health.connection, health.reconnect) == ("reconnect", "answer_lost")
    other = force._health(account.model_copy(update={"id": "x-45"}))
    assert (other.connection, other.token_expires_at) == ("by_hand", None)
