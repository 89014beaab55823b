"""Prints what sealing and checking cost, against the bare hashing: `python benchmarks/bench_audit.py`.

The floor is SHA-256 over exactly the inputs that the tree needs, prepared beforehand: one call for each leaf and one
for each inner node, in this very process. Time is CPU time, the best of several rounds, floor and measure in turn.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "shared")]

from bluelamp.audit.archive import pull  # noqa: E402
from bluelamp.audit.folder import Folder  # noqa: E402
from bluelamp.audit.layout import unpack  # noqa: E402
from bluelamp.audit.leaf import Actor, Content, Leaf, Obj, draft  # noqa: E402
from bluelamp.audit.logcheck import LogCheck  # noqa: E402
from bluelamp.audit.note import LocalSigner  # noqa: E402
from bluelamp.audit.outbox import Chunk  # noqa: E402
from bluelamp.audit.sequencer import Sequencer  # noqa: E402
from bluelamp.audit.tree import Edge, leaf_hashes  # noqa: E402
from bluelamp.audit.verify import verify  # noqa: E402
from bluelamp.cloud.memory import MemoryBucket, MemoryQueue, MemoryTable  # noqa: E402
from bluelamp.cloud.s3 import Bucket  # noqa: E402

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEAVES = 20_000
COMMIT = 2_000
ROUNDS = 7
Row = tuple[str, str, str]


class CountingSigner(LocalSigner):
    """Counts signatures."""

    count = 0

    def sign(self, message: bytes) -> bytes:
        CountingSigner.count += 1
        return super().sign(message)


def make_leaves(count: int) -> list[Leaf]:
    actor = Actor.system("ingest")
    made = []
    for n in range(count):
        digest = sha256(b"%d" % n).hexdigest()
        obj = Obj(kind="comment", key=digest, hmac_key="k1", rev=1)
        content = Content(sha256=digest, length=900, pack="2026/11/x", offset=n, key_id="key-1")
        fields = {"account": "facebook-1029384756", "author_key": digest, "event_at": NOW}
        made.append(draft(type="ingest", at=NOW, actor=actor, obj=obj, content=content, **fields))
    return made


def cpu(run: Callable[[], object]) -> float:
    gc.collect()
    gc.freeze()  # the benchmark's own leaves are not to be walked by the collector in the measured time
    began = time.process_time()
    run()
    return time.process_time() - began


def ratio(floor: Callable[[], object], measure: Callable[[], object]) -> tuple[float, float]:
    """Return floor / measure and the seconds of the measure, each the best of the rounds."""
    floors, measures = [], []
    for _ in range(ROUNDS):
        floors.append(cpu(floor))
        measures.append(cpu(measure))
    return min(floors) / min(measures), min(measures)


def bare_floor(bodies: list[bytes]) -> Callable[[], object]:
    leaves = [b"\x00" + body for body in bodies]
    nodes = [b"\x01" + leaf[:32] + leaf[-32:] for leaf in leaves[1:]]

    def run() -> None:
        for data in leaves:
            sha256(data).digest()
        for data in nodes:
            sha256(data).digest()

    return run


def append(bodies: list[bytes]) -> None:
    edge = Edge()
    for begin in range(0, len(bodies), COMMIT):
        rows: dict[int, list[bytes]] = {}
        edge = edge.extend(leaf_hashes(bodies[begin : begin + COMMIT]), rows)
        edge.root()


def check_roots(commits: list[tuple[list[bytes], bytes]], tiles: list[bytes]) -> None:
    """Recompute the root of each commit, and all full tiles, from the leaves."""
    edge, held = Edge(), bytearray()
    for bodies, root in commits:
        hashes = leaf_hashes(bodies)
        edge = edge.extend(hashes, {})
        assert edge.root() == root
        held += b"".join(hashes)
    for number, tile in enumerate(tiles):
        assert held[number * len(tile) : (number + 1) * len(tile)] == tile


def commits_of(bucket: MemoryBucket) -> tuple[list[tuple[list[bytes], bytes]], list[bytes]]:
    commits, edge = [], Edge()
    for name in bucket.list("2026/entries/"):
        bodies = unpack(bucket.get(name))
        edge = edge.extend(leaf_hashes(bodies))
        commits.append((bodies, edge.root()))
    return commits, [bucket.get(name) for name in bucket.list("2026/tile/0/")]


def seal(leaves: list[Leaf], chunk: int) -> tuple[MemoryBucket, float]:
    """Seal the leaves in chunks of that many; return the archive, and PUTs and signatures per 1,000 records."""
    table, bucket = MemoryTable(), MemoryBucket()
    for begin in range(0, len(leaves), chunk):
        table.transact([Chunk.of(leaves[begin : begin + chunk]).put()])
    CountingSigner.count = puts = done = 0
    writer = Sequencer(
        table=table,
        bucket=bucket,
        actions=MemoryQueue(),
        signer=CountingSigner(bytes(32)),
        origin="log.example/bluelamp/bench",
        clock=lambda: NOW,
    )
    more = True
    while more:
        outcome = writer.run()
        puts, done, more = puts + outcome.puts, done + outcome.leaves, outcome.more
    return bucket, (puts + CountingSigner.count) / done * 1000


class Stored(BaseHTTPRequestHandler):
    """As much of S3 as `download_file` and `pull` ask for: HEAD, GET and ListObjectsV2 on one bucket."""

    protocol_version = "HTTP/1.1"
    objects: ClassVar[dict[str, bytes]] = {}

    def do_HEAD(self) -> None:
        self.answer(self.objects[self.path.split("/", 2)[2]], send=False)

    def do_GET(self) -> None:
        name = self.path.split("?", maxsplit=1)[0].split("/", 2)[2:]
        if name and name[0]:
            self.answer(self.objects[name[0]])
            return
        keys = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in sorted(self.objects))
        self.answer(f"<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>".encode())

    def answer(self, body: bytes, *, send: bool = True) -> None:
        head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nETag: "x"\r\n'
        head += "Last-Modified: Sun, 22 Nov 2026 12:00:00 GMT\r\n\r\n"
        self.wfile.write(head.encode() + (body if send else b""))

    def log_message(self, *_: object) -> None:
        pass


def serve(objects: dict[str, bytes], port: Connection) -> None:
    Stored.objects = objects
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stored)
    port.send(server.server_address[1])
    server.serve_forever()


def pulling(objects: dict[str, bytes]) -> list[Row]:
    """Compare `pull` with boto3's `download_file` of the same objects, from a server in another process."""
    ours, theirs = Pipe()
    server = get_context("spawn").Process(target=serve, args=(objects, theirs), daemon=True)
    server.start()
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{ours.recv()}",
        region_name="eu-west-2",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 -- nobody looks at it
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=16),
    )
    names = sorted(objects)

    def downloads(directory: Path) -> None:
        for name in names:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            s3.download_file("bench", name, str(directory / name))

    def pulls(directory: Path) -> None:
        assert pull(Bucket(s3, "bench"), directory).fetched == len(names)

    wall: dict[str, float] = {}
    used: dict[str, float] = {}
    for _ in range(3):
        for way in (downloads, pulls):
            with tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                spent = cpu(lambda way=way, folder=folder: way(Path(folder)))
                took = time.perf_counter() - began
            key = way.__name__
            wall[key] = min(wall.get(key, took), took)
            used[key] = min(used.get(key, spent), spent)
    server.terminate()
    server.join()
    return [
        ("pull over download_file, throughput", f"{wall['downloads'] / wall['pulls']:.2f}", ">= 1.5"),
        ("pull over download_file, CPU, digests included", f"{used['pulls'] / used['downloads']:.2f}", "<= 0.95"),
    ]


def measure() -> list[Row]:
    leaves = make_leaves(LEAVES)
    bodies = [leaf.body for leaf in leaves]
    appended, seconds = ratio(bare_floor(bodies), lambda: append(bodies))
    rows: list[Row] = [
        ("append, over the SHA-256 floor", f"{appended:.2f}", ">= 0.70"),
        ("append, records a CPU second", f"{LEAVES / seconds:,.0f}", ""),
    ]
    for chunk in (100, 10):
        bucket, cost = seal(leaves, chunk)
        rows.append((f"PUTs and signatures per 1,000 records, chunks of {chunk}", f"{cost:.1f}", "<= 10"))
    bucket, _ = seal(leaves, 100)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        pull(bucket, directory)
        sealed = [body for _, bundle in LogCheck(Folder(directory), 2026, ()).bundles() for body in unpack(bundle)]

        def check() -> None:
            for _ in LogCheck(Folder(directory), 2026, ()).bundles():
                pass

        commits, tiles = commits_of(bucket)
        proven, _ = ratio(bare_floor(sealed), lambda: check_roots(commits, tiles))
        rows.append(("verify (roots and tiles from the leaves), over the floor", f"{proven:.2f}", ">= 0.75"))
        checked, _ = ratio(bare_floor(sealed), check)
        rows.append(("the same from files, signatures, names and framing included", f"{checked:.2f}", ""))
        whole = min(cpu(lambda: verify(directory)) for _ in range(3))
        rows.append(("verify, what the records say included: records a CPU second", f"{len(sealed) / whole:,.0f}", ""))
        assert verify(directory).verdict == "OK"
    rows += pulling(dict(seal(leaves[:6_000], 5)[0].objects))
    drafts = min(cpu(lambda: make_leaves(1000)) for _ in range(5))
    rows.append(("making a leaf, µs of CPU", f"{drafts * 1000:.0f}", ""))
    chunks = min(cpu(lambda: Chunk.of(leaves[:100])) for _ in range(20))
    rows.append(("packing a leaf into a chunk of 100, µs of CPU", f"{chunks * 1e4:.1f}", ""))
    return rows


def main() -> None:
    for what, value, target in measure():
        print(f"{what:75}{value:>12}  {target}")


if __name__ == "__main__":
    main()
