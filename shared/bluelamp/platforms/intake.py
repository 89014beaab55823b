"""How raw bytes enter: into the staging bucket under the name of their own content, then onto the ingest queue.

Webhooks and polls enter the same way. The bytes are safe before anybody hears of them, and the same bytes on the same
day are one object, however often they come.
"""

import base64
import hashlib
from datetime import datetime
from typing import Literal, Protocol

from bluelamp.cloud.s3 import ObjectExistsError
from bluelamp.cloud.sqs import Message
from bluelamp.times import iso

INLINE_BYTES = 128 * 1024


class Staging(Protocol):
    """What is needed of a bucket."""

    def put_if_absent(self, key: str, body: bytes, *, content_type: str = "application/octet-stream") -> object:
        """Write an object that is not there yet."""


def stage(bucket: Staging, platform: str, raw: bytes, at: datetime) -> str:
    """Keep the bytes and return their key, ``<platform>/<yyyy-mm-dd>/<sha256>``."""
    key = f"{platform}/{at:%Y-%m-%d}/{hashlib.sha256(raw).hexdigest()}"
    try:
        bucket.put_if_absent(key, raw)
    except ObjectExistsError:
        # The same bytes came before. They are queued again all the same: whoever staged them may have died there.
        return key
    return key


def envelope(
    *,
    platform: str,
    source: Literal["webhook", "poll"],
    key: str,
    raw: bytes,
    received_at: datetime,
    kind: str | None = None,
    account: str | None = None,
) -> Message:
    """Return the message for the ingest queue; small bodies travel in it, which spares the reader a fetch."""
    return Message(
        {
            "v": 1,
            "platform": platform,
            "source": source,
            "kind": kind,
            "account": account,
            "key": key,
            "received_at": iso(received_at),
            "inline": base64.b64encode(raw).decode("ascii") if len(raw) <= INLINE_BYTES else None,
        }
    )
