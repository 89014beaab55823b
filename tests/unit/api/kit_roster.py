"""The roster behind the routes: the real service, with one absence in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bluelamp.cloud.memory import MemoryBucket, MemoryDataKeys, MemoryTable
from bluelamp.content.keys import DataKeyCache
from bluelamp.content.store import KeyStore
from bluelamp.content.vault import Vault
from bluelamp.posts.store import PostStore
from bluelamp.pseudonyms import Pseudonyms
from bluelamp.roster.answering import Answering
from bluelamp.roster.model import Absence
from bluelamp.roster.sealed import SealedRoster
from bluelamp.roster.service import Rosters
from bluelamp.roster.store import RosterStore

AWAY = "01C0RSTZZZMMMMMMMMMMMMRST0"
_ENTRY = {"kind": "absence", "who": "person:comms", "from": "2026-12-01T09:00", "to": "2026-12-04T17:00"}
_OFFICE = {"nation": "scotland", "hours": [{"day": 0, "opens": "09:00", "closes": "17:00"}], "rev": 0}
_AWAY = _ENTRY | {"who": "person:local", "reason": "training"}

ROUTES: dict[tuple[str, str], tuple[str | None, Any, int]] = {
    ("GET", "/roster"): ("roster", None, 200),
    ("POST", "/roster/entries"): ("roster", {"entry": _ENTRY}, 201),
    ("PUT", f"/roster/entries/{AWAY}"): ("roster", {"entry": _AWAY, "rev": 1}, 200),
    ("POST", f"/roster/entries/{AWAY}/withdraw"): ("roster", {"kind": "absence", "rev": 1}, 200),
    ("PUT", "/roster/office"): ("office_hours", _OFFICE, 200),
    ("GET", "/accounts/{account}/responsible"): ("accounts", None, 200),
    ("GET", "/accounts/{account}/handover"): ("see", None, 200),
    ("POST", "/accounts/{account}/handover"): ("note", {"text": "Watch the bridge."}, 201),
}


def _past(_: Any) -> dict[str, Any]:
    return {"query": {"at": "2026-11-20T10:00"}}


def a_note(_: Any) -> dict[str, Any]:
    return {"body": {"text": "Watch the bridge."}}


def _changed(_: Any) -> dict[str, Any]:
    return {"path": f"/roster/entries/{AWAY}", "body": {"entry": _AWAY, "rev": 1}}


def _withdrawn(_: Any) -> dict[str, Any]:
    return {"path": f"/roster/entries/{AWAY}/withdraw", "body": {"kind": "absence", "rev": 1}}


def _nothing(_: Any) -> dict[str, Any]:
    return {}


ROWS: list[tuple[str, str, tuple[str, ...], Any]] = [
    ("GET", "/roster", ("search",), _nothing),
    ("POST", "/roster/entries", ("roster",), _nothing),
    ("PUT", "/roster/entries/{entry_id}", ("roster",), _changed),
    ("POST", "/roster/entries/{entry_id}/withdraw", ("roster",), _withdrawn),
    ("PUT", "/roster/office", ("roster",), _nothing),
    ("GET", "/accounts/{account_id}/responsible", ("search",), _nothing),
    ("GET", "/accounts/{account_id}/responsible", ("search",), _past),
]


def table() -> MemoryTable:
    """Return a table whose transactions reach the key table, too."""
    return MemoryTable(beside=[MemoryTable(name="keys")])


def rosters(world: Any) -> Rosters:
    """Return the roster of a world, in which the local officer is away for some days."""
    store = RosterStore(world.table)
    away = Absence(
        id=AWAY,
        who="person:local",
        begin=datetime(2026, 12, 1, 9, tzinfo=UTC),
        end=datetime(2026, 12, 3, 9, tzinfo=UTC),
    )
    for write in store.replaced(None, away):
        world.table.write(write)
    keys = DataKeyCache(MemoryDataKeys())
    vault = Vault(bucket=MemoryBucket(), keys=KeyStore(MemoryTable(name="keys")), data_keys=keys, clock=world.clock)
    sealed = SealedRoster(PostStore(world.table), MemoryBucket())
    answering = Answering(store, world.people, sealed, world.clock)
    return Rosters(
        store=store, accounts=world.accounts, people=world.people,
        answering=answering, pseudonyms=Pseudonyms(b"p" * 32),
        vault=lambda: vault, wake=lambda: None, clock=world.clock,
    )  # fmt: skip
