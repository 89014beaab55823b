"""What a scenario did and what it found. Nothing may be lost, doubled, forked, unseen or otherwise wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bluelamp.audit.sequencer import ForkError, LostChunkError

BAD = ("losses", "doubles", "forks", "undetected", "wrong")
MAX_NOTES = 20


@dataclass
class Counts:
    """Figures by name, and a sentence with the seed for each thing that is not as it must be."""

    seeds: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, what: str, number: int = 1) -> None:
        self.figures[what] += number

    def bad(self, what: str, note: str, number: int = 1) -> None:
        """Count something that must not be."""
        if what not in BAD:
            raise ValueError(f"{what!r} is none of {BAD}")
        if number > 0:
            self.figures[what] += number
            self.notes.append(f"{what}: {note}")

    def merge(self, other: Counts, note: str = "") -> None:
        """Take over what another part found."""
        self.seeds += other.seeds
        self.figures += other.figures
        self.notes += [f"{note}{n}" for n in other.notes][: max(0, MAX_NOTES - len(self.notes))]

    @property
    def sound(self) -> bool:
        return not any(self.figures[what] for what in BAD)


def kind_of(error: BaseException) -> str:
    """Return what an exception out of the code under fire means."""
    return {ForkError: "forks", LostChunkError: "losses"}.get(type(error), "wrong")
