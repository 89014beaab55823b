"""Completeness in the table: one small item an account and day for what was read, one for what was said of it.

An item grows by its gaps alone, of which a day holds 144 at the most, and not by the minute. A heartbeat costs a query
and one write under the account's own key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Equals, Missing, Update
from bluelamp.completeness.model import Cover, DayView, Gap, GapView, Piece, Said
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Table

SCHEMA = 1
MARK: Key = ("STATEMENTS", "MARK")


@dataclass(frozen=True, slots=True)
class Last:
    """Where the last heartbeat of an account stands."""

    day: date
    cover: Cover
    lost: bool


@dataclass(frozen=True, slots=True)
class Stated:
    """What was last said of an account's day, and how often something was."""

    version: int
    said: Said


class CompletenessStore:
    """Reads and writes covers and statements.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    # what was read ---------------------------------------------------------------------------------------------------

    def last(self, account: str) -> Last | None:
        """Return the last heartbeat of an account, or None before the first."""
        page = self.table.query(_cover_pk(account), limit=1, forward=False, consistent=True)
        if not page.items:
            return None
        item = page.items[0]
        return Last(date.fromisoformat(item["sk"]), _cover(item), bool(item.get("lost")))

    def extend(self, account: str, last: Last | None, pieces: Sequence[Piece]) -> None:
        """Write what a heartbeat proves, if no other was quicker.

        Raises
        ------
        ConditionFailedError
            When the account's last heartbeat is another by now.
        """
        writes = [self._extension(account, last, piece) for piece in pieces]
        if len(writes) == 1:
            self.table.write(writes[0])
        else:
            self.table.transact(writes)

    def _extension(self, account: str, last: Last | None, piece: Piece) -> Update:
        gaps = [_gap_item(Gap(piece.begin, piece.end, piece.state))] if piece.state else []
        changes = {"until": iso(piece.end), "schema": SCHEMA}
        key = (_cover_pk(account), piece.day.isoformat())
        if last is not None and last.day == piece.day:
            before = last.cover.gaps[-1:]
            if piece.state and before and before[0].end == piece.begin and before[0].state == piece.state:
                # Gap upon gap of one kind is one: an item must not grow by the minute.
                whole = replace(before[0], end=piece.end)
                changes |= {"gaps": [_gap_item(gap) for gap in (*last.cover.gaps[:-1], whole)]}
                gaps = []
            return Update(
                key,
                set=changes | {"lost": False},
                add={"rev": 1},
                append={"gaps": gaps} if gaps else {},
                conditions=(Equals("until", iso(last.cover.until)), Equals("lost", last.lost)),
            )
        fresh = changes | {"from": iso(piece.begin), "gaps": gaps, "lost": False}
        return Update(key, set=fresh, add={"rev": 1}, conditions=(Missing("until"),))

    def doubt(self, account: str, last: Last) -> None:
        """Note on the last heartbeat that the one after it does not join up with it."""
        key = (_cover_pk(account), last.day.isoformat())
        self.table.write(Update(key, set={"lost": True}, add={"rev": 1}))

    def covers(self, account: str, first: date) -> dict[date, Cover]:
        """Return what was read from a day on, by day."""
        items = self._days(_cover_pk(account), first)
        return {date.fromisoformat(item["sk"]): _cover(item) for item in items}

    # what was said ---------------------------------------------------------------------------------------------------

    def stated(self, account: str, first: date) -> dict[date, Stated]:
        """Return the last statement on each day from `first` on, by day."""
        items = self._days(_stated_pk(account), first)
        return {date.fromisoformat(item["sk"]): Stated(item["version"], _said(item)) for item in items}

    def state(self, account: str, day: date, said: Said, *, before: int, leaf: str, at: datetime) -> Update:
        """Return the write of a statement; it fails unless `before` is the version that stands."""
        changes = {
            "schema": SCHEMA,
            "from": iso(said.begin),
            "to": iso(said.end),
            "status": said.status,
            "gaps": [_gap_item(gap) for gap in said.gaps],
            "leaf": leaf,
            "at": iso(at),
        }
        condition = Equals("version", before) if before else Missing("version")
        key = (_stated_pk(account), day.isoformat())
        return Update(key, set=changes, add={"version": 1}, conditions=(condition,))

    def views(self, account: str, first: date, last: date) -> list[DayView]:
        """Return the last statement on each day of a stretch, as a report shows them."""
        items = self._days(_stated_pk(account), first)
        return [_view(item) for item in items if item["sk"] <= last.isoformat()]

    # when ------------------------------------------------------------------------------------------------------------

    def due(self) -> datetime | None:
        """Return when the days are to be looked at next."""
        mark = self.table.get(MARK, consistent=True)
        return parse_iso(mark["due"]) if mark else None

    def set_due(self, moment: datetime) -> None:
        """Note when the days are to be looked at next."""
        self.table.write(Update(MARK, set={"due": iso(moment), "schema": SCHEMA}, add={"rev": 1}))

    def _days(self, pk: str, first: date) -> list[Item]:
        items: list[Item] = []
        start: Item | None = None
        while True:
            # Exclusive, and a day's name is longer than any that sorts just before it.
            page = self.table.query(pk, after=f"{first.isoformat()[:-1]}", start=start, consistent=True)
            items += [item for item in page.items if item["sk"] >= first.isoformat()]
            start = page.next
            if start is None:
                return items


def _cover_pk(account: str) -> str:
    return f"COVER#{account}"


def _stated_pk(account: str) -> str:
    return f"STATED#{account}"


def _gap_item(gap: Gap) -> Item:
    return {"from": iso(gap.begin), "to": iso(gap.end), "state": gap.state}


def _gaps(item: Item) -> tuple[Gap, ...]:
    return tuple(Gap(parse_iso(gap["from"]), parse_iso(gap["to"]), gap["state"]) for gap in item["gaps"])


def _cover(item: Item) -> Cover:
    return Cover(parse_iso(item["from"]), parse_iso(item["until"]), _gaps(item))


def _said(item: Item) -> Said:
    return Said(parse_iso(item["from"]), parse_iso(item["to"]), _gaps(item))


def _view(item: Item) -> DayView:
    gaps = tuple(GapView(from_=gap["from"], to=gap["to"], state=gap["state"]) for gap in item["gaps"])
    return DayView(
        day=item["sk"],
        from_=item["from"],
        to=item["to"],
        status=item["status"],
        gaps=gaps,
        version=item["version"],
        stated_at=item["at"],
        leaf_id=item["leaf"],
    )
