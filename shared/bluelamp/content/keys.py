"""Data keys of KMS, used many times each: ten thousand entries cost a call or two, not ten thousand.

A data key wraps item keys and nothing else. Its plain half lives in this process alone and for an hour at most; what is
stored is the half that only KMS can open.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

SECONDS = 3600
# AES-GCM with random nonces is safe for 2^32 uses of one key; this stays far below, and an hour seldom brings as many.
USES = 1_000_000
OPENED = 256


class DataKeys(Protocol):
    """The service that makes and opens data keys: KMS."""

    def generate(self) -> tuple[bytes, bytes]:
        """Return a new data key, plain and as KMS sealed it."""

    def decrypt(self, sealed: bytes) -> bytes:
        """Return the plain half of a data key."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key: `plain` to wrap with, `sealed` to store beside what it wrapped."""

    plain: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


class DataKeyCache:
    """Data keys in use, bounded by time, uses and number.

    Parameters
    ----------
    source
        Makes and opens data keys.
    seconds, uses
        How long, and for how many item keys, one data key wraps.
    opened
        How many data keys of earlier packs stay open for reading.
    clock
        Seconds that never run back.
    """

    def __init__(
        self,
        source: DataKeys,
        *,
        seconds: float = SECONDS,
        uses: int = USES,
        opened: int = OPENED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._seconds = seconds
        self._uses = uses
        self._most = opened
        self._clock = clock
        self._lock = threading.Lock()
        self._current: tuple[DataKey, float, int] | None = None
        self._opened: OrderedDict[bytes, tuple[bytes, float]] = OrderedDict()

    def current(self, uses: int) -> DataKey:
        """Return the data key to wrap `uses` item keys with."""
        now = self._clock()
        with self._lock:
            key, until, left = self._current or (None, now, 0)
            if key is None or now >= until or left < uses:
                plain, sealed = self._source.generate()
                key, until, left = DataKey(plain, sealed), now + self._seconds, self._uses
                self._remember(sealed, plain, until)
            self._current = (key, until, left - uses)
            return key

    def open(self, sealed: bytes) -> bytes:
        """Return the plain half of a stored data key."""
        now = self._clock()
        with self._lock:
            plain, until = self._opened.get(sealed, (b"", now))
            if now >= until:
                plain = self._source.decrypt(sealed)
                self._remember(sealed, plain, now + self._seconds)
            self._opened.move_to_end(sealed)
            return plain

    def _remember(self, sealed: bytes, plain: bytes, until: float) -> None:
        self._opened[sealed] = (plain, until)
        self._opened.move_to_end(sealed)
        while len(self._opened) > self._most:
            self._opened.popitem(last=False)
