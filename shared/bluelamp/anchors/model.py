"""What is anchored, and what an anchor is: one shape for timestamp authorities and witnesses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

# Two clocks that differ by more than this: one of them is wrong, and a time in evidence must not be.
CLOCK_SKEW = timedelta(minutes=10)

Kind = Literal["timestamp", "cosignature"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A published checkpoint to be anchored.

    Attributes
    ----------
    checkpoint
        The exact bytes, as they lie in the archive.
    proof
        Returns the consistency proof from an earlier size of the log to this one.
    """

    year: int
    origin: str
    size: int
    checkpoint: bytes
    proof: Callable[[int], list[bytes]]


@dataclass(frozen=True, slots=True)
class Made:
    """An anchor that was had and checked: who made it (an id, never a name), and when by its own clock."""

    by: str
    at: datetime


class Source(Protocol):
    """Somebody outside the force who vouches for a checkpoint."""

    id: str
    """Names it in the table: the same from run to run."""
    kind: Kind
    who: str
    """Names it in a leaf when it made nothing."""

    def key(self, subject: Subject) -> str:
        """Return the name of its anchor in the archive."""

    def obtain(self, subject: Subject, known: int) -> bytes:
        """Ask for an anchor; `known` is the size of the log that it vouched for last, or 0."""

    def check(self, raw: bytes, subject: Subject) -> Made:
        """Check an anchor that it is said to have made."""
