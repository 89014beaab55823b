"""What a register of five thousand accounts costs: calls and read units to list a page, to list all, and to import it.

Counted on the cloud in memory. A read unit is 4 KB of what a query reads, halved because lists need not be consistent;
calls are counted as one for each megabyte that DynamoDB gives at most.
"""

from __future__ import annotations

import json
from typing import Any

from bluelamp.accounts.files import AccountFiles
from bluelamp.accounts.register import MAX_PAGE, Register
from bluelamp.accounts.registering import Author, Registrar
from bluelamp.accounts.rules import health
from bluelamp.accounts.store import AccountStore
from bluelamp.audit.leaf import Actor
from bluelamp.cloud.dynamodb import Page
from bluelamp.cursors import Cursors
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.platforms.http import Throttle
from tests.support.world import SECRET, World, principal

ACCOUNTS = 5000
UNIT = 4096
HEAD = "platform,native_id,name,kind,team\n"


class Register5000(World):
    """A world that counts what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.units = 0.0
        self.calls = 0
        query, transact = self.table.query, self.table.transact

        def counted_query(*given: Any, **named: Any) -> Page:
            page = query(*given, **named)
            self.calls += 1
            self.units += max(1, -(-len(json.dumps(page.items, default=str)) // UNIT)) / 2
            return page

        def counted_transact(*given: Any, **named: Any) -> None:
            self.calls += 1
            transact(*given, **named)

        self.table.query = counted_query  # type: ignore[method-assign]
        self.table.transact = counted_transact  # type: ignore[method-assign]
        store = AccountStore(self.table)
        people = People(PeopleStore(self.table), self.clock)
        registrar = Registrar(store, people, self.clock)
        self.register = Register(
            store,
            accounts=self.accounts,
            registrar=registrar,
            people=people,
            health=lambda one: health(one, until=None, lost=False, throttle=Throttle(), now=self.now),
            cursors=Cursors(SECRET),
            wake=lambda: None,
        )
        self.files = AccountFiles(store, registrar=registrar, people=people, platforms=("x",), wake=lambda: None)

    def bring(self) -> None:
        """Import the whole register."""
        lines = (f"x,{n},Neighbourhood page {n},neighbourhood,team-{n % 200}\n" for n in range(ACCOUNTS))
        raw = (HEAD + "".join(lines)).encode()
        author = Author(Actor.system("bench"))
        report = self.files.import_file(raw, author, dry_run=False, new_teams=True)
        assert report.created + report.unchanged == ACCOUNTS

    def counted(self) -> tuple[int, float]:
        """Return calls and read units since the last time."""
        found = (self.calls, self.units)
        self.calls, self.units = 0, 0.0
        return found


def measure() -> list[tuple[str, str, str]]:
    """Return what was measured, with the target beside it."""
    world = Register5000()
    world.bring()
    imported, _ = world.counted()
    world.bring()
    again, again_units = world.counted()
    comms = principal("comms")
    page = world.register.page(comms, limit=50)
    assert page.next
    calls, units = world.counted()
    pages, cursor = 0, None
    while pages == 0 or cursor:
        cursor = world.register.page(comms, limit=MAX_PAGE, cursor=cursor).next
        pages += 1
    _, all_units = world.counted()
    return [
        ("calls to import 5,000 accounts, queries and transactions", f"{imported}", "≤ 150"),
        ("calls to import the same again", f"{again}", "≤ 10"),
        ("read units of that", f"{again_units:.0f}", ""),
        ("queries for 50 of 5,000 accounts", f"{calls}", "1"),
        ("read units for 50 of 5,000 accounts", f"{units:.1f}", "≤ 5"),
        ("pages for all 5,000 accounts", f"{pages}", "≤ 11"),
        ("read units for all 5,000 accounts", f"{all_units:.0f}", ""),
    ]
