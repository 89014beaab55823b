"""Pictures and films in the table: one item each. Every write fails unless the revision before it is what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.assets.upload import Upload
from bluelamp.cloud.dynamodb import Absent, Equals, Put

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Key, Table

SCHEMA = 1


def asset_key(asset_id: str) -> Key:
    """Return the key of a picture or film."""
    return (f"ASSET#{asset_id}", "ASSET")


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
        return Put(item, Absent() if asset.rev == 1 else Equals("rev", asset.rev - 1))
