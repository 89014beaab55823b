"""Prints what checking and searching a large archive takes: `python benchmarks/bench_archive.py [records]`.

The archive is written as whoever holds the key could write it, straight into a folder, because sealing a million
records takes longer than checking them. Its records follow the real ones: posts that come, are judged, seen, acted on.
Each figure is taken in a process of its own, whose own peak of memory is asked for (VmHWM).
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "shared")]

from bluelamp.audit import layout  # noqa: E402
from bluelamp.audit.leaf import Actor, Seal, draft  # noqa: E402
from bluelamp.audit.manifest import MANIFEST, write_manifest  # noqa: E402
from bluelamp.audit.note import Checkpoint, LocalSigner, VerifierKey, sign_note  # noqa: E402
from bluelamp.audit.tree import Edge, leaf_hashes  # noqa: E402

RECORDS = 1_000_000
COMMIT = 2_000
YEAR = 2026
ORIGIN = f"log.example/bluelamp/bench/{YEAR}"
START = datetime(YEAR, 1, 1, tzinfo=UTC)
MEGA = 1024 * 1024
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Row = tuple[str, str, str]

# One post's life: five changes and a view. What varies is put in by place; the form is that of `leaf.draft`.
_LIFE = (("ingest", 1), ("classify", 2), ("view", 2), ("intent", 3), ("outcome", 4), ("flag", 5))
_CHILD = """
import json, sys, time
sys.path[:0] = [{root!r}]
from pathlib import Path
began, cpu = time.perf_counter(), time.process_time()
{code}
spent, used = time.perf_counter() - began, time.process_time() - cpu
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({{"value": value, "wall": spent, "cpu": used, "peak": peak / 1024}}))
"""

_VERIFY = """
import contextlib, io
from bluelamp.cli.archive.verifying import check
said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
    check([{directory!r}, "--json"])
report = json.loads(said.getvalue())
value = [report["verdict"], report["records"]]
"""


def ulid(number: int) -> str:
    digits = []
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def life(number: int, at: str) -> Iterator[bytes]:
    """Yield the records of one post, in canonical JSON."""
    key = sha256(b"%d" % number).hexdigest()
    author = sha256(b"author %d" % (number % 5_000)).hexdigest()
    prev, intent = "", ""
    for place, (kind, rev) in enumerate(_LIFE):
        name = ulid((number + 1 << 8) + place)
        intent = name if kind == "intent" else intent
        op = {"intent": '"op":{"verb":"hide"},', "outcome": f'"op":{{"intent":"{intent}","result":"done"}},'}.get(
            kind, ""
        )
        before = f'"prev":"{prev}",' if prev and kind != "view" else ""
        body = (
            f'{{"account":"facebook-1029384756","actor":{{"kind":"person","role":"comms","sub":"officer-7"}},'
            f'"at":"{at}","author_key":"{author}","content":{{"key_id":"key-1","length":900,"offset":{number},'
            f'"pack":"2026/11/x","sha256":"{key}"}},"id":"{name}","obj":{{"hmac_key":"k1","key":"{key}",'
            f'"kind":"comment",{before}"rev":{rev}}},{op}"type":"{kind}","v":1}}'
        ).encode()
        if kind != "view":
            prev = sha256(body).hexdigest()
        yield body


def records(count: int) -> Iterator[list[bytes]]:
    """Yield the records of each commit, the commit's own leaf first."""
    first = number = 0
    held: list[bytes] = []
    while first < count:
        at = START + timedelta(seconds=first)
        size = min(COMMIT, count - first)
        stamp = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
        while len(held) < size - 1:
            held += life(number, stamp)
            number += 1
        seal = Seal(sealed_at=stamp, first=first, leaves=size, chunks=20)
        lead = draft(type="commit", at=at, actor=Actor.system("seal"), seal=seal).body
        yield [lead, *held[: size - 1]]
        held = held[size - 1 :]
        first += size


def write_archive(directory: Path, count: int) -> int:
    """Write an archive of that many records; return its bytes."""
    signer = LocalSigner(bytes(32))
    key = VerifierKey(ORIGIN, signer.public())
    edge, size = Edge(), 0
    open_tiles: dict[int, list[bytes]] = {}
    done: dict[int, int] = {}
    digests: dict[str, str] = {}

    def put(name: str, body: bytes) -> None:
        nonlocal size
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        digests[name] = sha256(body).hexdigest()
        size += len(body)

    put(layout.vkey_key(YEAR, key.id.hex()), f"{key}\n".encode())
    for bodies in records(count):
        rows: dict[int, list[bytes]] = {}
        first = edge.size
        edge = edge.extend(leaf_hashes(bodies), rows)
        put(layout.entries_key(YEAR, first, edge.size), layout.pack(bodies))
        note = sign_note(Checkpoint(ORIGIN, edge.size, edge.root()).text, ORIGIN, signer)
        put(layout.checkpoint_key(YEAR, edge.size), bytes(note))
        for level, row in rows.items():
            held = open_tiles.setdefault(level // 8, [])
            held += row
            while len(held) >= layout.TILE:
                put(layout.tile_key(YEAR, level // 8, done.get(level // 8, 0)), b"".join(held[: layout.TILE]))
                done[level // 8] = done.get(level // 8, 0) + 1
                del held[: layout.TILE]
    for level, held in open_tiles.items():
        if held:
            put(layout.tile_key(YEAR, level, done.get(level, 0), len(held)), b"".join(held))
    (directory / MANIFEST).write_bytes(write_manifest(digests))
    return size


def child(code: str) -> dict[str, float]:
    """Run code in a process of its own; return its value, seconds, CPU seconds and peak of memory in MB."""
    code = _CHILD.format(root=str(ROOT / "shared"), code=code)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 -- ours
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def measure(count: int = RECORDS) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "archive"
        began = time.perf_counter()
        size = write_archive(directory, count)
        made = time.perf_counter() - began
        where = f"d = Path({str(directory)!r})\n"
        checked = child(_VERIFY.format(directory=str(directory)))
        # The last post may be in the middle of its life.
        assert checked["value"] in (["OK", count], ["PENDING", count]), checked
        counted = child(f"from bluelamp.audit.stats import count\n{where}value = count(d).records")
        assert counted["value"] == count
        index = f"from bluelamp.audit.index import Index, Query\n{where}i = Index(d)\n"
        built = child(f"{index}value = 0")
        author = sha256(b"author 7").hexdigest()
        found = child(f"{index}value = sum(1 for _ in i.search(Query(author={author!r})))")
        assert found["value"] > 0
        proof = child(
            f"from bluelamp.audit.extract import extract\n{where}value = len(bytes(extract(d, {YEAR}, {count // 3})))"
        )
        stored = (directory / "index.sqlite").stat().st_size / MEGA
    of = f"of {count:,} records"
    return [
        (f"verify {of} ({size / MEGA:.0f} MB), peak memory in MB", f"{checked['peak']:.0f}", "< 200"),
        (f"verify {of}, records a CPU second", f"{count / checked['cpu']:,.0f}", ""),
        (f"stats {of}, seconds / peak memory in MB", f"{counted['wall']:.1f} / {counted['peak']:.0f}", ""),
        (f"index {of} made, seconds / MB on disk", f"{built['wall']:.1f} / {stored:.0f}", ""),
        (f"search {of} by author: {found['value']:.0f} found, seconds", f"{found['wall']:.2f}", ""),
        (f"prove one {of}, seconds / bytes", f"{proof['wall']:.2f} / {proof['value']:.0f}", ""),
        (f"(writing the archive {of}, seconds)", f"{made:.0f}", ""),
    ]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    for what, value, target in measure(count):
        print(f"{what:75}{value:>14}  {target}")


if __name__ == "__main__":
    main()
