"""A small force with the guide's services over a table in memory, and a clock that tests move."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bluelamp.audit.leaf import Actor
from bluelamp.audit.outbox import Waiting
from bluelamp.cloud.memory import MemoryTable
from bluelamp.guide.reminding import Reminders
from bluelamp.guide.service import Guides
from bluelamp.guide.store import GuideStore
from bluelamp.guide.training import Trainings
from bluelamp.idempotency import Idempotency
from bluelamp.people.model import Principal
from bluelamp.people.rules import principal_of
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore

BY = Actor.system("test")
TEXT = b"# Before you post\n\nBe kind.\n"


class Small:
    """Two teams: Lena and her supervisor Sam in north, Otto in south, Ada the administrator."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)) -> None:
        self.now = now
        self.table = MemoryTable()
        self.people = People(PeopleStore(self.table), self.clock)
        self.store = GuideStore(self.table)
        self.woken = 0
        self.guides = Guides(
            store=self.store, people=self.people, wake=lambda: None, notify=self._notify, clock=self.clock
        )
        self.trainings = Trainings(store=self.store, people=self.people, wake=lambda: None, clock=self.clock)
        for name, role, teams in (
            ("lena", "local", ["north"]),
            ("sam", "supervisor", ["north"]),
            ("otto", "local", ["south"]),
            ("ada", "admin", []),
        ):
            self.people.add_person(
                person_id=name, name=name.title(), email=f"{name}@example.org", role=role, teams=teams, by=BY
            )
        self.leaves()
        self._keys = 0

    def clock(self) -> datetime:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)

    def _notify(self) -> None:
        self.woken += 1

    def reminders(self) -> Reminders:
        """Return what reminds, in a process that has just begun."""
        return Reminders(store=self.store, people=self.people, notify=self._notify, clock=self.clock)

    def as_(self, person: str) -> Principal:
        return principal_of(self.people.get(person), at=self.now, gate=self.people.gate())

    def idem(self, person: str = "p") -> Idempotency:
        self._keys += 1
        return Idempotency.of(person, f"k-{self._keys}", method="POST", path="/x", body=b"{}")

    def publish(self, version: str = "2026.1", day: date | None = None, body: bytes = TEXT) -> str:
        made = self.guides.publish_file(body, BY, version=version, effective_from=day or self.now.date())
        return made.sha256

    def acknowledge(self, person: str, version: str, sha256: str) -> Any:
        return self.guides.acknowledge(self.as_(person), version, sha256=sha256, idem=self.idem(person))

    def bring(self, text: str, **how: Any) -> Any:
        return self.trainings.import_file(text.encode(), BY, **{"dry_run": False} | how)

    def leaves(self) -> list[dict[str, Any]]:
        """Return the records written since the last time."""
        keys = sorted((k for k in self.table.items if k[0].startswith("OUTBOX#")), key=lambda k: k[1])
        chunks = [Waiting.from_item(self.table.items.pop(k)) for k in keys]
        return [json.loads(body) for chunk in chunks for body in chunk.bodies()]

    def notices(self) -> list[dict[str, Any]]:
        """Return what people are told since the last time."""
        keys = sorted(k for k in self.table.items if k[0] == "NOTICES")
        return [self.table.items.pop(k) for k in keys]
