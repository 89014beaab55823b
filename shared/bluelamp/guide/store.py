"""Versions, their bytes, acknowledgements, training and marks of reminders, in the table.

The bytes of a guide lie in items named by their SHA-256, each as large as an item may be: no bucket of ours keeps a
file that the API may read for years, and a PDF of 5 MB is twenty items that are read when somebody opens it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluelamp.cloud.dynamodb import Absent, Item, Put
from bluelamp.guide.model import Acknowledgement, Guide, Training
from bluelamp.times import epoch, iso

if TYPE_CHECKING:
    from bluelamp.cloud.dynamodb import Key, Table

SCHEMA = 1
PARTITION = "GUIDE"
REMINDED = "REMINDED"
# DynamoDB's largest item is 400 KB.
PART = 256 * 1024
_VERSION, _ACKNOWLEDGED, _TRAINING = "VERSION#", "GUIDE#", "TRAINING#"


class GuideStore:
    """Reads and writes; writes are values for a transaction.

    Parameters
    ----------
    table
        The deployment's table.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    def version(self, version: str) -> Guide | None:
        """Return a version, or None."""
        item = self.table.get((PARTITION, _VERSION + version), consistent=True)
        return None if item is None else Guide.model_validate(item)

    def versions(self) -> list[Guide]:
        """Return all versions."""
        return [Guide.model_validate(item) for item in self._all(PARTITION, _VERSION)]

    @staticmethod
    def put_version(guide: Guide) -> Put:
        """Return the write of a version; it fails when there is one of this name."""
        return Put(_item((PARTITION, _VERSION + guide.version), guide.model_dump(mode="json")), Absent())

    @staticmethod
    def parts(sha256: str, body: bytes) -> list[Put]:
        """Return the writes of a guide's bytes; a repeat writes the same."""
        return [
            Put(_item(_part_key(sha256, number), {"body": body[start : start + PART]}))
            for number, start in enumerate(range(0, len(body), PART))
        ]

    def part(self, sha256: str, number: int) -> bytes | None:
        """Return one part of a guide's bytes, or None."""
        item = self.table.get(_part_key(sha256, number))
        return None if item is None else bytes(item["body"])

    def acknowledgements(self, person: str) -> list[Acknowledgement]:
        """Return what a person acknowledged."""
        found = self._all(f"PERSON#{person}", _ACKNOWLEDGED)
        return [Acknowledgement.model_validate(item) for item in found]

    @staticmethod
    def put_acknowledgement(person: str, made: Acknowledgement) -> Put:
        """Return the write of an acknowledgement; it fails when there is one of this version."""
        key = (f"PERSON#{person}", _ACKNOWLEDGED + made.version)
        return Put(_item(key, made.model_dump(mode="json")), Absent())

    def training(self, person: str) -> list[Training]:
        """Return all training of a person."""
        return [Training.model_validate(item) for item in self._all(f"PERSON#{person}", _TRAINING)]

    @staticmethod
    def put_training(person: str, training: Training) -> Put:
        """Return the write of a training, in the place of what was entered for the course and the day before."""
        key = (f"PERSON#{person}", f"{_TRAINING}{training.course}#{training.on}")
        return Put(_item(key, training.model_dump(mode="json")))

    def marked(self, mark: str) -> bool:
        """Return whether a reminder was sent, or a day's are done."""
        return self.table.get((REMINDED, mark), consistent=True) is not None

    @staticmethod
    def mark(mark: str, *, until: datetime, now: datetime) -> Put:
        """Return the write that marks a reminder as sent; it fails when it was."""
        return Put(_item((REMINDED, mark), {"at": iso(now), "ttl": epoch(until)}), Absent())

    def _all(self, partition: str, prefix: str) -> Iterator[Item]:
        start: Item | None = None
        while True:
            page = self.table.query(partition, prefix=prefix, start=start, consistent=True)
            yield from page.items
            start = page.next
            if start is None:
                return


def _part_key(sha256: str, number: int) -> Key:
    return (f"GUIDE#{sha256}", f"PART#{number:04d}")


def _item(key: Key, given: dict[str, Any]) -> Item:
    pk, sk = key
    return {"pk": pk, "sk": sk, "schema": SCHEMA, "rev": 1, **given}
