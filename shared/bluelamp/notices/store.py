"""Notices, deliveries, wishes and kept messages in the table.

A notice waits under ``NOTICES``. Once its deliveries are there it moves to ``NOTICED`` and counts down what is open;
a delivery that is not settled stands in the index g1 under ``DELIVERIES`` by when it is due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, ContentionError, Delete, Equals, Put, Update
from bluelamp.notices.model import Delivery, Kept, Message, Notice, Preferences, Wishes
from bluelamp.notices.telling import WAITING
from bluelamp.times import Clock, epoch, iso, parse_iso, utc_now

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Item, Key, Page, Table, Write

SCHEMA = 1
OUT: Final = "NOTICED"
OPEN: Final = "DELIVERIES"
WISHES: Final = "WISHES"
KEPT: Final = "POSTBOXES"
KEEP = timedelta(days=400)
KEEP_TEXT = timedelta(days=30)
_TOGETHER: Final = 90
# The plan of a notice is an item, of which DynamoDB holds 400 KB.
_MOST: Final = 3000


class NoticeStore:
    """Reads and writes what delivery needs.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def waiting(self, limit: int) -> list[Notice]:
        """Return the oldest notices that wait."""
        page = self.table.query(WAITING, limit=limit, consistent=True)
        return [Notice.model_validate({k: item[k] for k in Notice.model_fields if k in item}) for item in page.items]

    def move(self, notice: Notice, deliveries: Sequence[Delivery], unreached: Sequence[str]) -> None:
        """Settle who is told, over what and when, and move a notice to those on their way; another run may be first."""
        item: Item = {
            "pk": OUT,
            "sk": notice.id,
            "schema": SCHEMA,
            "rev": 1,
            **notice.model_dump(mode="json"),
            "plan": [f"{one.channel} {one.due} {one.person}" for one in deliveries[:_MOST]],
            "unreached": list(unreached)[:_MOST],
            "left": len(deliveries[:_MOST]),
            "made": False,
        }
        self._tried([Delete((WAITING, notice.id), Equals("id", notice.id)), Put(item, Absent())])

    def make(self, item: Item) -> list[Delivery]:
        """Put the deliveries of a notice on its way that are not there yet, and return them."""
        planned = _planned(item)
        there = self.table.batch_get([_key(one) for one in planned], consistent=True)
        missing = [one for one in planned if _key(one) not in there]
        for n in range(0, len(missing), _TOGETHER):
            if not self._tried([self._put(one) for one in missing[n : n + _TOGETHER]]):
                return []  # another run is at it; what it leaves behind is made in a minute
        self.table.write(Update((OUT, item["sk"]), set={"made": True}, conditions=(Equals("id", item["id"]),)))
        return missing

    def due(self, now: datetime, limit: int) -> list[Delivery]:
        """Return deliveries that are due, oldest first; what was settled a moment ago may still be among them."""
        page = self.table.query(OPEN, before=iso(now), index="g1", limit=limit)
        return [Delivery.model_validate(item) for item in page.items]

    def following(self, leader: Delivery) -> list[Delivery]:
        """Return what came for the same person after `leader`, as it stands."""
        after = _key(leader)
        page = self.table.query(after[0], after=after[1], limit=200, consistent=True)
        return [Delivery.model_validate(item) for item in page.items]

    def claim(self, group: Sequence[Delivery], until: datetime) -> list[Delivery] | None:
        """Take a group to send it; None when another run was faster. Until the lease ends nobody else takes it."""
        taken = [
            one.model_copy(
                update={"state": "sending", "due": iso(until), "attempts": one.attempts + 1, "rev": one.rev + 1}
            )
            for one in group
        ]
        writes = [self._update(new, old) for new, old in zip(taken, group, strict=True)]
        return taken if self._tried(writes) else None

    def record(self, group: Sequence[Delivery], now: datetime, *, state: str, code: str | None, due: datetime) -> bool:
        """Write down what became of a group; False when its lease had ended and another run has it."""
        writes: list[Write] = []
        for old in group:
            update = {"state": state, "code": code, "due": iso(due), "at": iso(now), "rev": old.rev + 1}
            new = old.model_copy(update=update)
            writes.append(self._update(new, old))
            if new.settled:
                writes.append(Update((OUT, old.notice), add={"left": -1}, conditions=(Equals("id", old.notice),)))
        return self._tried(writes)

    def on_their_way(self) -> Iterator[Item]:
        """Return the notices that are moved and not ended; `left` of each counts what is still to be delivered."""
        start: Item | None = None
        while True:
            page = self.table.query(OUT, start=start, consistent=True)
            yield from page.items
            start = page.next
            if start is None:
                return

    def newest(self, person: str, limit: int) -> list[Delivery]:
        """Return the newest deliveries to a person or a hook, newest first."""
        page = self.table.query(f"DELIVERY#{person}", limit=limit, forward=False, consistent=True)
        return [Delivery.model_validate(item) for item in page.items]

    def results(self, item: Item) -> list[Delivery]:
        """Return what became of each delivery of a notice that is on its way."""
        found = self.table.batch_get([_key(one) for one in _planned(item)], consistent=True)
        return [Delivery.model_validate(one) for one in found.values()]

    @staticmethod
    def done(item: Item) -> Delete:
        """Return the write that ends a notice."""
        return Delete((OUT, item["sk"]), Equals("left", 0))

    def wishes(self) -> dict[str, Preferences]:
        """Return what everybody wished, by person."""
        found: dict[str, Preferences] = {}
        start: Item | None = None
        while True:
            page: Page = self.table.query(WISHES, start=start)
            found |= {item["sk"]: _preferences(item) for item in page.items}
            start = page.next
            if start is None:
                return found

    def wished_by(self, person: str) -> Preferences:
        """Return what one person wished; the usual when nothing is stored."""
        item = self.table.get((WISHES, person), consistent=True)
        return _preferences(item) if item else Preferences()

    @staticmethod
    def wish(person: str, wishes: Wishes, rev: int) -> Put:
        """Return the write of somebody's wishes after revision `rev`."""
        item = {"pk": WISHES, "sk": person, "schema": SCHEMA, "rev": rev + 1, **wishes.model_dump(mode="json")}
        return Put(item, Equals("rev", rev) if rev else Absent())

    def kept(self, person: str | None, limit: int = 100) -> list[Kept]:
        """Return messages that were kept in place of being sent, newest first: one person's, or everybody's."""
        where: dict[str, Any] = {"pk": f"POSTBOX#{person}"} if person else {"pk": KEPT, "index": "g1"}
        page = self.table.query(**where, limit=limit, forward=False)
        return [Kept.model_validate({k: item[k] for k in Kept.model_fields}) for item in page.items]

    def _tried(self, writes: Sequence[Write]) -> bool:
        try:
            self.table.transact(writes)
        except (ConditionFailedError, ContentionError):
            return False
        return True

    @staticmethod
    def _put(one: Delivery) -> Put:
        ttl = epoch(parse_iso(one.at) + KEEP)
        keys = dict(zip(("pk", "sk"), _key(one), strict=True)) | {"g1pk": OPEN, "g1sk": _place(one)}
        return Put({**keys, "schema": SCHEMA, "ttl": ttl, **one.model_dump(mode="json")}, Absent())

    @staticmethod
    def _update(new: Delivery, old: Delivery) -> Update:
        fields = {k: getattr(new, k) for k in ("state", "due", "attempts", "code", "at", "rev")}
        if new.settled:
            return Update(_key(new), set=fields, remove=("g1pk", "g1sk"), conditions=(Equals("rev", old.rev),))
        return Update(_key(new), set=fields | {"g1sk": _place(new)}, conditions=(Equals("rev", old.rev),))


class Outbox:
    """Keeps messages with their words in the table, where a page shows them: for a machine that nothing leaves.

    Parameters
    ----------
    table
        The deployment's table.
    clock
        The present.
    """

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self._table = table
        self._clock = clock

    def send(self, message: Message) -> None:
        """Keep a message for thirty days; kept twice it is there once."""
        now = self._clock()
        sk = message.key
        item = {
            "pk": f"POSTBOX#{message.to}", "sk": sk, "g1pk": KEPT, "g1sk": f"{sk}#{message.to}", "schema": SCHEMA,
            "ttl": epoch(now + KEEP_TEXT), "person": message.to, "at": iso(now), **message.model_dump(mode="json"),
        }  # fmt: skip
        self._table.write(Put(item))


def _key(one: Delivery) -> Key:
    return (f"DELIVERY#{one.person}", f"{one.notice}#{one.channel}")


def _place(one: Delivery) -> str:
    """Return where an open delivery stands: by when it is due, and then by age, so that the eldest leads its group."""
    return f"{one.due}#{one.notice}"


def _planned(item: Item) -> list[Delivery]:
    """Return the deliveries of a notice as they were settled when it was moved."""
    common = {"notice": item["id"], **{name: item[name] for name in ("kind", "urgent", "about", "at")}}
    plan = [entry.split(" ", 2) for entry in item["plan"]]
    return [
        Delivery.model_validate({**common, "channel": channel, "due": due, "person": person})
        for channel, due, person in plan
    ]


def _preferences(item: Item) -> Preferences:
    return Preferences.model_validate({k: item[k] for k in Preferences.model_fields if k in item})
