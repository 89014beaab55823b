"""A register in memory, with two people who may lead and one who left."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bluelamp.accounts.files import AccountFiles
from bluelamp.accounts.model import AccountView, Fields
from bluelamp.accounts.register import Register
from bluelamp.accounts.registering import Registrar
from bluelamp.accounts.rules import health
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.cursors import Cursors
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.platforms.http import Throttle
from tests.support.world import SECRET, World, idem, principal

ADMIN = principal("admin", name="Ada Admin")
COMMS = principal("comms")
BY = Actor.system("test")


class Desk(World):
    """The register beside everything else."""

    def __init__(self) -> None:
        super().__init__()
        self.people = People(PeopleStore(self.table), self.clock)
        self.store = AccountStore(self.table)
        self.registrar = Registrar(self.store, self.people, self.clock)
        self.register = Register(
            self.store,
            accounts=self.accounts,
            registrar=self.registrar,
            people=self.people,
            health=lambda account: health(account, until=None, lost=False, throttle=Throttle(), now=self.now),
            cursors=Cursors(SECRET),
            wake=lambda: None,
        )
        self.files = AccountFiles(
            self.store,
            registrar=self.registrar,
            people=self.people,
            platforms=("facebook", "x"),
            wake=lambda: None,
        )
        self.account("1", "north")
        for sub in ("lea", "dep", "gone"):
            self.people.add_person(person_id=sub, name=sub.title(), email=f"{sub}@x.example", role="comms", by=BY)
        self.people.leave("gone", rev=1, by=BY)
        self.outbox()

    def change(self, rev: int = 1, **fields: Any) -> AccountView:
        return self.register.change(ADMIN, "facebook-1", fields=Fields(**fields), rev=rev, idem=idem())

    def outbox(self) -> list[dict[str, Any]]:
        """Return what was recorded since the last time, without sealing it."""
        keys = [k for k in self.table.items if k[0].startswith("OUTBOX#")]
        chunks = [Waiting.from_item(self.table.items.pop(k)) for k in sorted(keys, key=lambda k: k[1])]
        return [json.loads(body) for chunk in chunks for body in chunk.bodies()]

    def between(self, run: Callable[[], Any]) -> None:
        """Have something happen once, just before the next transaction."""

        def once(name: str) -> None:
            if name == "transact":
                self.faults.before = None
                run()

        self.faults.before = once
