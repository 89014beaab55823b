"""What a month's report of a force of 68 accounts costs: queries and read units, by the day and by the item.

Counted on the cloud in memory. A read unit is 4 KB of what a query reads, halved because reports need not be
consistent; a batch get rounds up each item by itself.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bluelamp.cloud.dynamodb import Page
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.reports.model import Assumptions, DayFigures
from bluelamp.reports.service import FigureReports
from bluelamp.reports.store import FigureStore
from tests.support.world import World, principal

ACCOUNTS, DAYS = 68, 31
UNIT = 4096
# What an account of a busy force has in a day: kinds, risks and hours that occur, answers, rules and people.
_HOURS = tuple(f"{hour:02d}" for hour in range(7, 22))


def busy_day(account: str, day: date) -> DayFigures:
    """Return a day of some sixty contacts, half of them answered."""
    arrived = {f"comment|{risk}|{hour}": 2 for risk in ("none", "low") for hour in _HOURS}
    return DayFigures(
        account=account,
        day=day,
        arrived=arrived,
        published=4,
        answers={f"comment|{hour}": (620, 4380) for hour in _HOURS},
        decided={"replied|low": 30, "dismissed|none": 25, "hidden|high": 4},
        decisions={"replied|none": 30, "dismissed|none": 25, "hidden|abuse.insult": 3, "hidden|hate.slur": 1},
        people={f"0f6c3a1e-0000-4000-8000-00000000000{n}|replied": 10 for n in range(3)},
        waiting={"0": 9, "1": 6, "4": 2, "8": 1},
        last_in="2026-10-31T21:59:59.000Z",
    )


class Force68(World):
    """A world that counts what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 1, 9, tzinfo=UTC)
        self.store = FigureStore(self.table)
        for n in range(ACCOUNTS):
            account = self.account(str(n), f"team-{n % 24}")
            for day in range(DAYS):
                self.store.put(busy_day(account.id, date(2026, 10, 1) + timedelta(days=day)))
        self.calls, self.units, self.each = 0, 0.0, 0.0
        query = self.table.query

        def counted(*given: Any, **named: Any) -> Page:
            page = query(*given, **named)
            if given[0].startswith("FIGURES#"):
                sizes = [len(json.dumps(item, default=str)) for item in page.items]
                self.calls += max(1, -(-sum(sizes) // 2**20))
                self.units += max(1, -(-sum(sizes) // UNIT)) / 2
                self.each += sum(-(-size // UNIT) for size in sizes) / 2
            return page

        self.table.query = counted  # type: ignore[method-assign]


class NoChecks:
    """A force without daily checks."""

    def missed(self, days: Any) -> dict[str, Any]:
        """See `bluelamp.reports.service.Checks`."""
        del days
        return {}


def measure() -> list[tuple[str, str, str]]:
    """Return what was measured, with the target beside it."""
    force = Force68()
    reports = FigureReports(
        force.store,
        accounts=force.accounts,
        people=People(PeopleStore(force.table), force.clock),
        checks=NoChecks(),
        assumed=Assumptions(),
        wake=lambda: None,
        clock=force.clock,
    )
    report = reports.read(principal("comms"), "response-time", month="2026-10")
    assert report.figures[0].value == ACCOUNTS * DAYS * 2 * len(_HOURS)
    return [
        ("items of a month of 68 accounts", f"{ACCOUNTS * DAYS:,}", ""),
        ("queries for one report of the month", f"{force.calls}", "≤ 31"),
        ("read units for it, by the day", f"{force.units:.0f}", "≤ 600"),
        ("read units for it, item by item", f"{force.each:.0f}", ""),
    ]
