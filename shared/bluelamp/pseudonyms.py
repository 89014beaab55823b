"""Pseudonyms: how a leaf names a post or an author without saying who it is.

A leaf lies under lock for seven years, so it carries no platform id, only an HMAC of one. Whoever holds the key can
find a person's leaves again (a subject access request needs that); without it nobody can, nor test a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Protocol


class Attachment(Protocol):
    """A picture or other attachment of a post."""

    @property
    def kind(self) -> str:
        """What it is."""

    @property
    def url(self) -> str:
        """Where the platform keeps it."""


class Pseudonyms:
    """Keyed names.

    Parameters
    ----------
    key
        At least 32 secret bytes of this deployment.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:  # noqa: PLR2004 -- a SHA-256 key's length
            raise ValueError("a pseudonym key has at least 32 bytes")
        self._key = key
        # Says which key made a pseudonym, so that a later rotation can be told apart; reveals nothing of it.
        self.key_id = hashlib.sha256(b"bluelamp pseudonym key\0" + key).hexdigest()[:16]

    def post(self, account: str, native_id: str) -> str:
        """Return the pseudonym of a post on an account, 64 hex digits."""
        return self._of(f"{account}:{native_id}")

    def author(self, platform: str, author_id: str | None) -> str | None:
        """Return the pseudonym of an author, or None where the platform did not say who."""
        return self._of(f"{platform}:author:{author_id}") if author_id else None

    def words(self, account: str, native_id: str, text: str, media: Sequence[Attachment]) -> str:
        """Return the digest of what stands in a post: its text and attachments, bound to the post itself."""
        what = json.dumps([text, [[m.kind, m.url] for m in media]], separators=(",", ":"), ensure_ascii=False)
        return self._of(f"{account}:{native_id}:words:{what}")

    def content(self, platform: str, raw: bytes) -> str:
        """Return the digest of an event's exact bytes."""
        return self._of(f"{platform}:raw:{hashlib.sha256(raw).hexdigest()}")

    def _of(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
