"""Pictures and films in the table: one item each, and one for each person of what they began.

What may come to be due stands in an index, by when; so the minute's work is one query up to now.
Every write fails unless the revision before it is what is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.assets.tally import Tally, lasts_until
from bluelamp.assets.upload import UNDER_WAY, Upload
from bluelamp.cloud.dynamodb import Absent, Equals, Missing, Put
from bluelamp.times import epoch, iso

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bluelamp.cloud.dynamodb import Key, Table

SCHEMA = 1
DUE = "ASSETS"


def asset_key(asset_id: str) -> Key:
    """Return the key of a picture or film."""
    return (f"ASSET#{asset_id}", "ASSET")


def _carried_key(asset_id: str) -> Key:
    return (f"ASSET#{asset_id}", "CARRIED")


def tally_key(person_id: str) -> Key:
    """Return the key of what a person began."""
    return (f"ASSET#BY#{person_id}", "TALLY")


class AssetStore:
    """Reads pictures and films; `put` is a write for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, asset_id: str) -> Upload | None:
        """Return one as it stands now, or None."""
        item = self.table.get(asset_key(asset_id), consistent=True)
        return Upload.model_validate(item) if item else None

    @staticmethod
    def put(asset: Upload) -> Put:
        """Return the write of one at its next revision."""
        pk, sk = asset_key(asset.id)
        item = {"pk": pk, "sk": sk, "schema": SCHEMA, **asset.model_dump(mode="json", exclude_none=True)}
        if asset.due is not None:
            item |= {"g1pk": DUE, "g1sk": f"{asset.due}#{asset.id}"}
        return Put(item, Absent() if asset.rev == 1 else Equals("rev", asset.rev - 1))

    def due(self, moment: str, limit: int) -> list[str]:
        """Return the ids of some that were due before a moment, the longest first; the list lags by a second or so."""
        page = self.table.query(DUE, index="g1", before=moment, limit=limit)
        return [item["id"] for item in page.items]

    def under_way(self, asset_ids: Iterable[str]) -> frozenset[str]:
        """Return those of some that are sent or looked at just now."""
        found = self.table.batch_get([asset_key(one) for one in asset_ids], consistent=True)
        return frozenset(item["id"] for item in found.values() if item["state"] in UNDER_WAY)

    def carried(self, asset_id: str) -> bool:
        """Return whether something carries one, or did."""
        item = self.table.get(_carried_key(asset_id), consistent=True)
        return item is not None and "expired" not in item

    @staticmethod
    def put_carried(asset_id: str, at: datetime) -> Put:
        """Return the write that says that something carries one; it fails when that is deleted."""
        pk, sk = _carried_key(asset_id)
        return Put({"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, "at": iso(at)}, Missing("expired"))

    @staticmethod
    def put_expired(asset_id: str, at: datetime) -> Put:
        """Return the write that says that nothing will carry one any more; it fails when something does."""
        pk, sk = _carried_key(asset_id)
        return Put({"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, "at": iso(at), "expired": True}, Absent())

    def tally(self, person_id: str) -> Tally:
        """Return what a person began; of somebody who began nothing lately, nothing."""
        item = self.table.get(tally_key(person_id), consistent=True)
        return Tally.model_validate(item) if item else Tally(person=person_id)

    @staticmethod
    def put_tally(tally: Tally) -> Put:
        """Return the write of what a person began, at its next revision."""
        pk, sk = tally_key(tally.person)
        item = {"pk": pk, "sk": sk, "schema": SCHEMA, **tally.model_dump(mode="json"), "ttl": epoch(lasts_until(tally))}
        return Put(item, Absent() if tally.rev == 1 else Equals("rev", tally.rev - 1))
