"""4: each object of an archive is deleted, in the copy and in the bucket before it is copied."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from bluelamp.audit.archive import pull
from bluelamp.audit.verify import verify
from tests.faults.archive import Folder, workspace
from tests.faults.counts import Counts
from tests.faults.log import FireWorld, small_log
from tests.faults.steady import seeded


def run(seed: int) -> Counts:
    """Delete each object of one archive; alone it must not pass for whole, with an anchor it must fail."""
    counts = Counts(seeds=1)
    random = seeded(seed)
    world = small_log(random, commits=random.randint(1, 4))
    known = world.checkpoint()
    folder = Folder(world.bucket.objects)
    for name, body in sorted(world.bucket.objects.items()):
        folder.delete(name)
        counts.add("deletions")
        if folder.verify().verdict == "OK":
            counts.bad("undetected", f"seed {seed}: {name} is gone, and the archive passes")
        if folder.verify(known).verdict != "FAIL":
            counts.bad("undetected", f"seed {seed}: {name} is gone, and the archive passes with an anchor")
        folder.put(name, body)
    folder.close()
    name = random.choice(sorted(world.bucket.objects))
    if not _seen_after_pull(world, name, known):
        counts.bad("undetected", f"seed {seed}: {name} is gone from the bucket, and what is pulled passes")
    counts.add("deletions")
    return counts


def _seen_after_pull(world: FireWorld, name: str, known: bytes | None) -> bool:
    """Delete an object in the bucket, pull, and verify with an anchor: what is behind the last checkpoint is left."""
    world.bucket.delete(name)
    directory = Path(tempfile.mkdtemp(dir=workspace()))
    try:
        pull(world.bucket, directory, workers=1)
        return verify(directory, known=known).verdict == "FAIL"
    finally:
        shutil.rmtree(directory)
