"""The sealed log in a bucket of another name: brought over whole, and nothing of it twice."""

from __future__ import annotations

from bluelamp.cli.local.takeup import bring
from bluelamp.cloud.memory import MemoryBucket


def test_the_log_is_brought_over_and_a_repeat_changes_nothing():
    old, new = MemoryBucket(), MemoryBucket()
    log = {"2026/entries/000000000000-000000000002": b"a", "2026/checkpoints/000000000002": b"b"}
    for name, body in {**log, "bluelamp-probe/x": b"of another"}.items():
        old.put_if_absent(name, body)
    new.put_if_absent("2026/entries/000000000000-000000000002", b"a")  # an earlier try came so far
    assert bring(old, new) == 2
    assert bring(old, new) == 2
    assert new.objects == log
