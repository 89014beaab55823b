"""Chance that repeats: the same seed and the same sequence of throws always fall alike, on every machine."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
_SPAN = 2**64


def throw(*parts: object) -> float:
    """Return a number in [0, 1) decided by ``parts`` alone."""
    digest = hashlib.sha256(":".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / _SPAN


def shuffled(items: Sequence[T], *seed: object) -> list[T]:
    """Return the items in another order than they came, decided by ``seed`` (one item stays as it is)."""
    order = sorted(range(len(items)), key=lambda i: throw(*seed, i))
    if order == list(range(len(items))):
        order = order[1:] + order[:1]
    return [items[i] for i in order]


class Dice:
    """A sequence of throws with one seed."""

    def __init__(self, seed: object) -> None:
        self._seed = seed
        self._thrown = 0

    def number(self) -> float:
        """Return the next number in [0, 1)."""
        self._thrown += 1
        return throw(self._seed, self._thrown)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self.number() * (high - low + 1))

    def choice(self, items: Sequence[T]) -> T:
        """Return one of the items."""
        return items[int(self.number() * len(items))]

    def weighted(self, weights: Mapping[str, float]) -> str:
        """Return one of the names, each as likely as its weight."""
        mark = self.number() * sum(weights.values())
        for name, weight in weights.items():
            mark -= weight
            if mark < 0:
                return name
        return next(reversed(list(weights)))
