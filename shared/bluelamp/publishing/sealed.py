"""Whether an intent is under lock: nothing is called before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Places(Protocol):
    """Tells where outbox chunks are in the log; the store of posts does."""

    def sequences(self, chunks: Sequence[str], *, consistent: bool = False) -> dict[str, dict[str, Any]]:
        """Return those that have their place in the log."""

    def sealed(self, chunks: Sequence[str], *, consistent: bool = False) -> dict[str, dict[str, Any]]:
        """Return those that a signed checkpoint covers."""


class SealedIntents:
    """Tells whether a chunk is sealed.

    Parameters
    ----------
    places
        Tells where chunks are.
    """

    def __init__(self, places: Places) -> None:
        self._places = places

    def __call__(self, chunk: str, message: Mapping[str, Any]) -> bool:
        """Return whether a chunk is under lock.

        The sealer releases what it has published a moment before the head says so: what stands in the log at or before
        the released leaf is sealed whatever the head says.
        """
        place = self._places.sequences([chunk], consistent=True).get(chunk)
        if place is None:
            return False
        released = (int(message.get("year", 0)), int(message.get("seq", -1)))
        if (place["year"], place["first_seq"]) <= released:
            return True
        return chunk in self._places.sealed([chunk], consistent=True)
