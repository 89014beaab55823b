"""Chance that repeats: ids, and random numbers, that a seed decides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from unittest.mock import patch

from ulid import ULID

from bluelamp import ids

# 2026-11-22 in the first 48 bits, as a ULID has its time.
_FIRST = 1_795_348_800_000 << 80


def seeded(seed: int | str) -> Random:
    """Return a generator whose faults can be had again."""
    return Random(seed)  # noqa: S311 -- chance that repeats is the point


class _Counted:
    """Stands in for `ULID` where new ids are made: they count up, so that shards too are decided by the seed."""

    from_int = ULID.from_int

    @staticmethod
    def from_timestamp(_time: float) -> int:
        return _FIRST


@contextmanager
def steady_ids() -> Iterator[None]:
    """Make each new id the one after the last, beginning at the same."""
    with patch.object(ids, "ULID", _Counted), patch.object(ids, "_last", _FIRST):
        yield


def id_place() -> int:
    """Return how far the ids have come."""
    return ids._last


def set_id_place(place: int) -> None:
    """Go on with the ids from a place that `id_place` told: two forks of one world make the same ids."""
    ids._last = place
