"""The key table: one record a pack, with the wrapped key of each of its entries. Nothing else lies there.

Taking a key out of its record is what disposes of content: the ciphertext stays under lock and says nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bluelamp.cloud.dynamodb import Absent, ConditionFailedError, Equals, Put, Update

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Key, Table

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """The keys of a pack: by id, each wrapped under the data key, which only KMS opens."""

    data_key: bytes = field(repr=False)
    keys: Mapping[str, bytes] = field(repr=False)


class KeyStore:
    """Key records.

    Parameters
    ----------
    table
        The key table.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def put(self, pack: str, record: KeyRecord) -> Put:
        """Return the write of a new pack's record, for this table or for a transaction of another."""
        pk, sk = _key(pack)
        item = {"pk": pk, "sk": sk, "schema": SCHEMA, "data_key": record.data_key, "keys": dict(record.keys)}
        return Put(item, Absent(), table=self._table.name)

    def write(self, put: Put) -> None:
        """Write a record by itself."""
        try:
            self._table.write(put)
        except ConditionFailedError as error:
            # The answer to the first try was lost and boto3 tried again: packs are named by lot, so this one is ours.
            if error.failures.get(0) != put.item:
                raise

    def get(self, pack: str) -> KeyRecord | None:
        """Return the record of a pack, or None."""
        item = self._table.get(_key(pack), consistent=True)
        return KeyRecord(item["data_key"], item["keys"]) if item else None

    def destroy(self, pack: str, key_id: str) -> bool:
        """Take one wrapped key out of its record; False when it is not there (any more)."""
        record = self.get(pack)
        if record is None or key_id not in record.keys:
            return False
        place = f"keys.{key_id}"
        try:
            self._table.write(
                Update(_key(pack), remove=(place,), conditions=(Equals(place, record.keys[key_id]),)),
            )
        except ConditionFailedError:
            return False
        return True


def _key(pack: str) -> Key:
    return (f"PACK#{pack}", "KEYS")
