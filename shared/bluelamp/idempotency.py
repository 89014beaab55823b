"""A write that is sent twice happens once and is answered alike both times.

The caller names each write with an `Idempotency-Key`. What the write answered is kept under that key in
the very transaction of the write, so there is no moment at which one exists without the other. The same
key with another body is a mistake of the caller and is told to them.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bluelamp.cloud.dynamodb import Absent, Item, Key, Put
from bluelamp.errors import InvalidInputError
from bluelamp.times import epoch, iso, utc_now

KEEP = timedelta(hours=24)
SCHEMA = 1
_KEY = re.compile(r"[A-Za-z0-9._:\-]{1,128}")


class IdempotencyKeyError(InvalidInputError):
    """A write came without a usable `Idempotency-Key`."""

    code = "idempotency_key"


class IdempotencyMismatchError(InvalidInputError):
    """The key was used before, for a write with another content."""

    code = "idempotency_mismatch"


class Reader(Protocol):
    """The part of a table that a replay reads."""

    def get(self, key: Key, *, consistent: bool = False) -> Item | None:
        """Return the item under `key`, or None."""


@dataclass(frozen=True)
class Idempotency:
    """One write of one person, named by its key.

    Attributes
    ----------
    person_id
        Who sends the write; the same key of two people never meets.
    key
        The caller's name for the write.
    fingerprint
        SHA-256 of method, path and body: what the key stands for.
    """

    person_id: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, person_id: str, key: str | None, *, method: str, path: str, body: bytes) -> "Idempotency":
        """Return the value for a request.

        Raises
        ------
        IdempotencyKeyError
            When the key is missing or not 1 to 128 letters, digits or ``. _ : -``.
        """
        clean = (key or "").strip().strip('"')
        if not _KEY.fullmatch(clean):
            raise IdempotencyKeyError(
                "A write needs the header Idempotency-Key: 1 to 128 letters, digits or . _ : - that name it."
            )
        digest = hashlib.sha256(b"\n".join([method.encode(), path.encode(), _canonical(body)])).hexdigest()
        return cls(person_id=person_id, key=clean, fingerprint=digest)

    @property
    def place(self) -> Key:
        """The key of the record in the table."""
        return (f"IDEM#{self.person_id}#{self.key}", "IDEM")

    def put(self, answer: Mapping[str, Any], *, now: datetime | None = None) -> Put:
        """Return the write that keeps `answer`; it belongs in the transaction of the write itself.

        When that transaction fails because this record is there already, a twin of the request was
        faster: `replay` gives its answer.
        """
        at = now or utc_now()
        pk, sk = self.place
        return Put(
            {
                "pk": pk,
                "sk": sk,
                "schema": SCHEMA,
                "rev": 1,
                "at": iso(at),
                "fingerprint": self.fingerprint,
                "answer": json.dumps(answer, separators=(",", ":"), ensure_ascii=False),
                "ttl": epoch(at + KEEP),
            },
            Absent(),
        )

    def replay(self, table: Reader) -> dict[str, Any] | None:
        """Return what the write answered the first time, or None when it has not happened.

        Raises
        ------
        IdempotencyMismatchError
            When the key was used for another write.
        """
        item = table.get(self.place, consistent=True)
        if item is None:
            return None
        if item["fingerprint"] != self.fingerprint:
            raise IdempotencyMismatchError(
                "This Idempotency-Key was used for a different write in the last 24 hours. Send a new key."
            )
        answer: dict[str, Any] = json.loads(item["answer"])
        return answer


def _canonical(body: bytes) -> bytes:
    """Return JSON without its accidental spaces and order, anything else as it came."""
    try:
        return json.dumps(json.loads(body or b"{}"), separators=(",", ":"), sort_keys=True).encode()
    except ValueError:
        return body
