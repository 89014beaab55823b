"""An archive as a scenario looks at it: what its records say, and what the real verifier says of it on a disk."""

from __future__ import annotations

import atexit
import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from bluelamp.audit import layout
from bluelamp.audit.anchorcheck import Trust
from bluelamp.audit.story import READS
from bluelamp.audit.tree import Edge, leaf_hashes
from bluelamp.audit.verify import Report, verify
from tests.faults.cloud import EvidenceBucket, WatchedSigner
from tests.faults.counts import Counts

Objects = Mapping[str, bytes]
_MEMORY = Path("/dev/shm")  # noqa: S108 -- folders in it get names of their own
_root: Path | None = None


@lru_cache(maxsize=1)
def workspace() -> Path:
    """Return this process's folder; it goes when the process ends, or with the folder that `work_in` named."""
    root = tempfile.TemporaryDirectory(prefix="bluelamp-faults-", dir=_root or memory_disk())
    atexit.register(root.cleanup)
    return Path(root.name)


def work_in(root: Path) -> None:
    """Keep this process's folders in a folder that another process clears away."""
    global _root  # noqa: PLW0603 -- set once, when a worker process begins
    _root = root


def memory_disk() -> Path | None:
    """Return a disk in memory, where there is one: a hundred thousand archives are written and read."""
    return _MEMORY if _MEMORY.is_dir() else None


class Folder:
    """An archive on a disk, of which single objects are changed and put back."""

    def __init__(self, objects: Objects) -> None:
        self.path = Path(tempfile.mkdtemp(dir=workspace()))
        for name, body in objects.items():
            self.put(name, body)

    def put(self, name: str, body: bytes) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def delete(self, name: str) -> None:
        (self.path / name).unlink()

    def verify(self, known: bytes | None = None, trust: Trust | None = None) -> Report:
        return verify(self.path, known=known, trust=trust)

    def close(self) -> None:
        for path in sorted(self.path.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        self.path.rmdir()


def examine(objects: Objects, known: bytes | None = None, trust: Trust | None = None) -> Report:
    """Return what the verifier says of these objects; what it said of the very same ones is not asked again."""
    return _examined(tuple(sorted(objects.items())), known, trust)


@lru_cache(maxsize=64)
def _examined(objects: tuple[tuple[str, bytes], ...], known: bytes | None, trust: Trust | None) -> Report:
    folder = Folder(dict(objects))
    try:
        return folder.verify(known, trust)
    finally:
        folder.close()


def finding(report: Report) -> str:
    """Return the first thing that a report found, for a note."""
    return str((report.failures + report.pending + [report.verdict])[0])


class Records:
    """What the records of an archive say.

    Attributes
    ----------
    all
        Each record with its year and sequence.
    revisions
        By object, the revisions that have a changing leaf, each with the leaf's digest.
    intents
        Id, year and sequence of each intent.
    outcomes
        The intents that final outcomes name, as often as they do.
    """

    def __init__(self, objects: Objects) -> None:
        self.all: list[tuple[int, int, dict[str, Any]]] = []
        self.revisions: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.intents: set[tuple[str, int, int]] = set()
        self.outcomes: list[str] = []
        for name in sorted(objects):
            year, start, _ = layout.parse_entries(name) or (0, 0, 0)
            for seq, body in enumerate(layout.unpack(objects[name]) if year else (), start):
                self._take(year, seq, body)

    def _take(self, year: int, seq: int, body: bytes) -> None:
        record = json.loads(body)
        self.all.append((year, seq, record))
        obj = record.get("obj", {})
        if "rev" in obj and record["type"] not in READS:
            self.revisions[obj["key"]].append((obj["rev"], sha256(body).hexdigest()))
        if record["type"] == "intent":
            self.intents.add((record["id"], year, seq))
        elif record["type"] == "outcome" and record["op"]["result"] != "deferred":
            self.outcomes.append(record["op"]["intent"])


def roots(objects: Objects) -> tuple[dict[tuple[int, int], bytes], int]:
    """Return the root at the end of each bundle by year and size, and how many bundles overlap another."""
    found: dict[tuple[int, int], bytes] = {}
    edges: dict[int, Edge] = {}
    overlaps = 0
    for name in sorted(objects):
        year, start, end = layout.parse_entries(name) or (0, 0, 0)
        if not year:
            continue
        edge = edges.get(year, Edge())
        if start != edge.size:
            overlaps += 1
            continue
        edge = edges[year] = edge.extend(leaf_hashes(layout.unpack(objects[name])))
        found[(year, end)] = edge.root()
    return found, overlaps


def forks(bucket: EvidenceBucket, signer: WatchedSigner, where: str) -> Counts:
    """Count whatever was signed, or put, beside the one history that the bucket holds."""
    counts = Counts()
    history, overlaps = roots(bucket.objects)
    counts.bad("forks", f"{where}: bundles that do not follow from one another", overlaps)
    beside = [s for s in signer.statements() if history.get((int(s[0][-4:]), s[1])) != s[2]]
    counts.bad("forks", f"{where}: checkpoints signed over another history, {beside[:1]}", len(beside))
    twice = [name for name, versions in bucket.history.items() if len(versions) > 1]
    counts.bad("forks", f"{where}: objects put twice, {twice[:1]}", len(twice))
    return counts
