"""What is in a pulled archive, counted: by type, day and account, and how long records waited for their seal."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bluelamp.audit import commits
from bluelamp.audit.layout import entries_key
from bluelamp.audit.story import UNREADABLE
from bluelamp.times import parse_iso

PERCENTILES = (50, 90, 99, 100)
_DAY = len("2026-11-22")
_MS = timedelta(milliseconds=1)

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Stats:
    """The counts. `octets` are the bytes of the bundles, `delays` milliseconds from a record's own time to its seal."""

    records: int = 0
    commits: int = 0
    octets: int = 0
    unreadable: int = 0
    largest_commit: int = 0
    first: str = ""
    last: str = ""
    types: Counter[str] = field(default_factory=Counter)
    days: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    delays: array[int] = field(default_factory=lambda: array("q"))

    @property
    def percentiles(self) -> dict[str, int]:
        """The delay, in milliseconds, that so many of a hundred records did not exceed."""
        ordered = sorted(self.delays)
        last = len(ordered) - 1
        return {f"p{p}": ordered[-(-p * (last + 1) // 100) - 1] for p in PERCENTILES} if ordered else {}

    def as_json(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        plain = ("records", "commits", "octets", "unreadable", "largest_commit", "first", "last")
        counters = {"by_type": self.types, "by_day": self.days, "by_account": self.accounts}
        return {
            **{name: getattr(self, name) for name in plain},
            **{name: dict(sorted(counter.items())) for name, counter in counters.items()},
            "sealing_delay_ms": self.percentiles,
        }

    def _take(self, body: bytes, sealed_at: str) -> None:
        try:
            record = json.loads(body)
            kind, at = str(record["type"]), str(record["at"])
            delay = (parse_iso(sealed_at) - parse_iso(at)) // _MS
        except UNREADABLE:
            self.unreadable += 1
            return
        self.types[kind] += 1
        self.days[at[:_DAY]] += 1
        if isinstance(record.get("account"), str):
            self.accounts[record["account"]] += 1
        if kind not in {"commit", "close"}:
            self.delays.append(max(0, delay))


def count(directory: Path, progress: Progress = lambda *_: None) -> Stats:
    """Count what is in an archive, whole or partial.

    Parameters
    ----------
    directory
        The archive.
    progress
        Told how many commits were read, and of how many.

    Raises
    ------
    UnreadableArchiveError
        When it cannot be read.
    """
    stats = Stats()
    bundles = commits.bundles(directory)
    for number, bundle in enumerate(bundles, 1):
        commit = commits.read(directory, bundle)
        stats.commits += 1
        stats.records += len(commit.bodies)
        stats.largest_commit = max(stats.largest_commit, len(commit.bodies))
        stats.octets += (directory / entries_key(*bundle)).stat().st_size
        stats.first = stats.first or commit.sealed_at
        stats.last = commit.sealed_at or stats.last
        for body in commit.bodies:
            stats._take(body, commit.sealed_at)  # noqa: SLF001 -- its own module
        progress(number, len(bundles))
    return stats
