"""A roster in memory: two accounts of two teams, five people, and the log that the roster's records go to."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from bluelamp.accounts.model import Officer
from bluelamp.audit import layout
from bluelamp.audit.leaf import Actor
from bluelamp.ids import new_ulid
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.posts.store import PostStore
from bluelamp.roster.answering import Answering
from bluelamp.roster.model import Absence, AnyEntry, Changed, Cover, Hours, Office, OnCall, Repeats, Shift, Step
from bluelamp.roster.sealed import SealedRoster
from bluelamp.roster.service import Rosters
from bluelamp.roster.store import RosterStore
from tests.support.world import World, idem, principal

NORTH, SOUTH = "facebook-1", "facebook-2"
BY = Actor.system("test")
ADMIN = principal("admin")
NORTHERN = principal("supervisor", teams=("north",))
LOCAL = principal("local", teams=("north",))
STAFF = {"ann": "north", "bob": "north", "cat": "north", "dan": "south", "eve": "south"}
WEEK = tuple(Hours(day=day, opens="09:00", closes="17:00") for day in range(5))


class Duty(World):
    """The world with a roster. Its clock stands at noon on a Sunday, 22 November 2026."""

    def __init__(self) -> None:
        super().__init__()
        self.people = People(PeopleStore(self.table), self.clock)
        for who, team in STAFF.items():
            self.people.add_person(
                person_id=who, name=who.title(), email=f"{who}@x.example", role="local", teams=[team], by=BY
            )
        for native, team in (("1", "north"), ("2", "south")):
            self.accounts.add_account(
                platform="facebook", native_id=native, name="Page", kind="neighbourhood", team=team, by=BY,
                lead=Officer(id="ann", name="Ann"), deputy=Officer(id="bob", name="Bob"),
            )  # fmt: skip
        self.rosters = self.made()

    def made(self) -> Rosters:
        store = RosterStore(self.table)
        sealed = SealedRoster(PostStore(self.table), self.evidence)
        self.answering = Answering(store, self.people, sealed, self.clock)
        return Rosters(
            store=store, accounts=self.accounts, people=self.people,
            answering=self.answering,
            pseudonyms=self.pseudonyms, vault=lambda: self.vault, wake=lambda: None, clock=self.clock,
        )  # fmt: skip

    def log(self) -> list[dict[str, Any]]:
        """Return every record under lock, in the order of the log."""
        return [json.loads(body) for name, raw in sorted(self.evidence.objects.items())
                if layout.parse_entries(name) for body in layout.unpack(raw)]  # fmt: skip

    def put(self, wanted: AnyEntry, *, rev: int = 0, by=ADMIN) -> Changed:
        return self.rosters.put(by, wanted, rev=rev, idem=idem())

    def in_days(self, days: float) -> datetime:
        return self.clock().replace(second=0, microsecond=0) + timedelta(days=days)

    def absence(self, who: str, first: float = 0, last: float | None = 3, **more) -> Absence:
        end = None if last is None else self.in_days(last)
        return Absence(id=new_ulid(), who=f"person:{who}", begin=self.in_days(first), end=end, **more)

    def cover(self, who: str, by: str, first: float = 0, last: float | None = 9) -> Cover:
        end = None if last is None else self.in_days(last)
        return Cover(id=new_ulid(), who=f"person:{who}", by=f"person:{by}", begin=self.in_days(first), end=end)

    def shift(self, who: str, scope: str = "team:north", first: float = 0, last: float = 0.5) -> Shift:
        return Shift(id=new_ulid(), who=who, scope=scope, begin=self.in_days(first), end=self.in_days(last))

    def weekly(self, who: str, scope: str, first: float, last: float, *, duty: str = "shift", **more) -> Shift:
        days = {"days": (0, 2, 3, 5, 6), "starts": "20:00", "ends": "06:00"}
        pattern = {"first": self.in_days(first).date(), "last": self.in_days(last).date(), **days, **more}
        return Shift.repeating(Repeats(**pattern), id=new_ulid(), who=who, scope=scope, duty=duty)

    @staticmethod
    def chain(*who: str, scope: str = "force") -> OnCall:
        return OnCall(id=new_ulid(), scope=scope, steps=tuple(Step(who=one, minutes=10) for one in who))

    @staticmethod
    def office(**more) -> Office:
        return Office(**{"id": "force", "nation": "england_wales", "hours": WEEK} | more)

    def who(self, account: str = NORTH, at: datetime | None = None) -> str:
        return self.answering.answer(self.accounts.get(account), at).answer.who
