"""Items of anchors: what each authority and witness vouched for last, and what a witness saw of each log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bluelamp.anchors.witness import Seen
from bluelamp.audit.outbox import Chunk
from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, Equals, Put, Update
from bluelamp.times import iso, parse_iso

if TYPE_CHECKING:
    from bluelamp.audit.leaf import Leaf
    from bluelamp.cloud.dynamodb import Condition, Item, Key, Table

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one source has anchored one year's log, and since when it has failed to go on (None: it has not)."""

    year: int
    source: str
    size: int = 0
    at: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    rev: int = 0


class AnchorStore:
    """The marks, in the deployment's table.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def mark(self, year: int, source: str) -> Mark:
        """Return how far a source has come with a year's log."""
        item = self._table.get(_anchor_key(year, source), consistent=True)
        if item is None:
            return Mark(year, source)
        since = item.get("failing_since")
        return Mark(
            year,
            source,
            item["size"],
            item["at"],
            item["failures"],
            parse_iso(since) if since else None,
            item["rev"],
        )

    def write(self, old: Mark, new: Mark, leaves: Sequence[Leaf]) -> bool:
        """Move a mark with the leaves that record why; return False when another run was first."""
        pk, sk = _anchor_key(old.year, old.source)
        item: Item = {
            "pk": pk,
            "sk": sk,
            "rev": old.rev + 1,
            "schema": SCHEMA,
            "size": new.size,
            "at": new.at,
            "failures": new.failures,
            "failing_since": iso(new.failing_since) if new.failing_since else None,
        }
        unchanged: Condition = Equals("rev", old.rev) if old.rev else Absent()
        try:
            self._table.transact([Put(item, unchanged), Chunk.of(leaves).put()])
        except ConditionFailedError:
            return False
        return True


class WitnessStore:
    """What a witness saw of each log: one item a log, in the witness's own table.

    Parameters
    ----------
    table
        The witness's table, not a deployment's.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def seen(self, origin: str) -> Seen | None:
        """See `witness.Store.seen`."""
        item = self._table.get(_witness_key(_hash(origin)), consistent=True)
        return Seen(item["size"], item["root"], parse_iso(item["at"]), item["rev"]) if item else None

    def swap(self, origin: str, old: Seen | None, new: Seen) -> bool:
        """See `witness.Store.swap`."""
        pk, sk = _witness_key(_hash(origin))
        item: Item = {
            "pk": pk,
            "sk": sk,
            "rev": new.rev,
            "schema": SCHEMA,
            "origin": origin,
            "size": new.size,
            "root": new.root,
            "at": iso(new.at),
        }
        try:
            self._table.write(Put(item, Equals("rev", old.rev) if old else Absent()))
        except ConditionFailedError:
            return False
        return True

    def keep(self, origin: str, seen: Seen, cosigned: bytes) -> None:
        """See `witness.Store.keep`."""
        key = _witness_key(_hash(origin))
        try:
            self._table.write(Update(key, set={"cosigned": cosigned.decode()}, conditions=(Equals("rev", seen.rev),)))
        except ConditionFailedError:
            return  # a later checkpoint has been cosigned, and is kept in its place

    def cosigned(self, origin_hash: str) -> bytes | None:
        """See `witness.Store.cosigned`."""
        item = self._table.get(_witness_key(origin_hash))
        return item["cosigned"].encode() if item and "cosigned" in item else None


def _anchor_key(year: int, source: str) -> Key:
    return (f"ANCHOR#{year:04d}", source)


def _witness_key(origin_hash: str) -> Key:
    return (f"WITNESS#{origin_hash}", "LOG")


def _hash(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()
