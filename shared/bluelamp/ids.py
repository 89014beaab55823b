"""Ids: ULIDs for what we make, derived ids for what a platform made.

A post's id is a function of the platform's own id. That makes idempotency the key itself: the same comment delivered
five times is the same item, with no uniqueness record beside it (docs/decisions/0002-derived-post-ids.md).
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time

from ulid import ULID

_lock = threading.Lock()
_last = 0


def new_ulid() -> str:
    """Return a ULID of 26 characters; within one process each is greater than the one before."""
    global _last  # noqa: PLW0603 -- monotonicity is a property of the process
    with _lock:
        fresh = int(ULID.from_timestamp(time.time()))
        _last = fresh if fresh > _last else _last + 1
        return str(ULID.from_int(_last))


def account_id(platform: str, native_id: str) -> str:
    """Return the id of an account, e.g. ``facebook-1029384756``."""
    return f"{platform}-{native_id}"


def post_id(account: str, native_id: str) -> str:
    """Return the id of a post on an account: ``p`` and 26 lower-case base32 characters (130 bits of SHA-256).

    What mentions two of our accounts is a post on each: each team has its own case, and neither takes the other's.
    """
    digest = hashlib.sha256(f"{account}:{native_id}".encode()).digest()
    return "p" + base64.b32encode(digest).decode("ascii").lower()[:26]


def thread_id(platform: str, native_id: str) -> str:
    """Return the id of the thread that the platform's post, conversation or tweet `native_id` opens."""
    return "t" + post_id(platform, f"thread:{native_id}")[1:]
