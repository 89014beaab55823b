"""7: history is written anew and signed with the real key; the archive alone looks sound, the witness refuses it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from operator import itemgetter
from random import Random
from typing import Any

from bluelamp.anchors.store import WitnessStore
from bluelamp.anchors.witness import InconsistentError, MalformedRequestError, OldSizeError, Witness, WitnessError
from bluelamp.audit import layout
from bluelamp.audit.anchorcheck import Trust
from bluelamp.audit.cosign import file_name
from bluelamp.audit.note import Checkpoint, LocalSigner, VerifierKey, encode_base64, sign_note
from bluelamp.audit.story import READS
from bluelamp.audit.tree import Edge, consistency_proof, leaf_hash, leaf_hashes, perfect_root
from bluelamp.cloud.memory import MemoryTable
from tests.faults.archive import Objects, examine, finding
from tests.faults.counts import Counts
from tests.faults.log import ORIGIN, SEED, START, small_log
from tests.faults.steady import seeded

WITNESS = "witness.example/w1"
Record = dict[str, Any]
Bundle = tuple[int, list[Record]]


def run(seed: int) -> Counts:
    """Rewrite the history behind a witness's back."""
    counts = Counts(seeds=1)
    random = seeded(seed)
    true = small_log(random, commits=random.randint(2, 5)).bucket.objects
    bundles = _bundles(true)
    year = bundles[-1][0]
    watch = Watch(true, year)
    watch.show(random)
    forged = _forge(random, bundles, year, before=watch.size)
    counts.add("forgeries")
    alone = examine(forged)
    if alone.verdict == "FAIL":
        counts.bad("wrong", f"seed {seed}: the forgery is clumsy, nothing is shown: {finding(alone)}")
    if examine(forged, true[layout.checkpoint_key(year, watch.size)]).verdict != "FAIL":
        counts.bad("undetected", f"seed {seed}: the archive passes beside the checkpoint that the witness has")
    if examine(forged | watch.cosignature, trust=watch.trust).verdict != "FAIL":
        counts.bad("undetected", f"seed {seed}: the archive passes beside the witness's cosignature")
    tries, accepted = _offer(random, watch, forged)
    counts.add("offers refused", tries - accepted)
    counts.bad("undetected", f"seed {seed}: the witness cosigned the forged history", accepted)
    if not watch.goes_on():
        counts.bad("wrong", f"seed {seed}: the witness refuses the true history")
    return counts


class Watch:
    """The real witness, as another organisation runs it, and the true log that it was shown.

    Parameters
    ----------
    objects
        The true archive.
    year
        Whose log is watched.
    """

    def __init__(self, objects: Objects, year: int) -> None:
        self.year = year
        self.objects = objects
        self.tree = Tree(objects, year)
        self.size = 0
        self.cosignature: dict[str, bytes] = {}
        self._witness = Witness(
            name=WITNESS,
            logs=[VerifierKey(f"{ORIGIN}/{year}", LocalSigner(SEED).public())],
            store=WitnessStore(MemoryTable()),
            signer=LocalSigner(SEED[::-1]),
            clock=lambda: START,
        )
        self.trust = Trust(witnesses=(self._witness.key(),))

    def show(self, random: Random) -> None:
        """Have some of the true checkpoints cosigned, and keep the last cosignature."""
        sizes = sorted(c[1] for c in map(layout.parse_checkpoint, self.objects) if c and c[0] == self.year)
        for size in sorted(random.sample(sizes, random.randint(1, len(sizes)))):
            note = self.objects[layout.checkpoint_key(self.year, size)]
            line = self.add(self.size, self.tree.proof(self.size, size), note)
            key = self._witness.key()
            name = layout.cosignature_key(self.year, size, file_name(key.name, key.id))
            self.size, self.cosignature = size, {name: line}

    def add(self, old: int, proof: Sequence[bytes], note: bytes) -> bytes:
        """Ask for a cosignature (C2SP tlog-witness); raises a `WitnessError` when it is refused."""
        lines = "".join(f"{encode_base64(node)}\n" for node in proof)
        return self._witness.add_checkpoint(f"old {old}\n{lines}\n".encode() + note)

    def goes_on(self) -> bool:
        """Return whether the true log is cosigned to its end."""
        end = self.tree.size
        try:
            self.add(self.size, self.tree.proof(self.size, end), self.objects[layout.checkpoint_key(self.year, end)])
        except WitnessError:
            return False
        return True


def _offer(random: Random, watch: Watch, forged: Objects) -> tuple[int, int]:
    """Offer each forged checkpoint with all proofs that a forger might try; return how many, and how many passed."""
    old, year = watch.size, watch.year
    tries = accepted = 0
    trees = watch.tree, Tree(forged, year)
    for end in (c[1] for c in map(layout.parse_checkpoint, forged) if c and c[0] == year):
        note = forged[layout.checkpoint_key(year, end)]
        if note == watch.objects.get(layout.checkpoint_key(year, end)):
            continue  # before the place where the forgery begins
        proofs = [tree.proof(old, end) for tree in trees if old <= end <= tree.size]
        proofs += [[], [random.randbytes(32) for _ in range(3)]]
        for claimed in sorted({old, 0, end}):
            for proof in proofs:
                tries += 1
                try:
                    watch.add(claimed, proof, note)
                except (OldSizeError, InconsistentError, MalformedRequestError):
                    continue
                accepted += 1
    return tries, accepted


class Tree:
    """One year's tree, out of its bundles."""

    def __init__(self, objects: Objects, year: int) -> None:
        names = [n for n in sorted(objects) if (layout.parse_entries(n) or (0,))[0] == year]
        self._hashes = [h for name in names for h in leaf_hashes(layout.unpack(objects[name]))]
        self.size = len(self._hashes)

    def proof(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, lambda level, i: perfect_root(self._hashes[i << level : (i + 1) << level]))


# the forger ----------------------------------------------------------------------------------------------------------


def _bundles(objects: Objects) -> list[Bundle]:
    found = sorted((e[0], e[1], name) for name in objects if (e := layout.parse_entries(name)))
    return [(year, [json.loads(body) for body in layout.unpack(objects[name])]) for year, _, name in found]


def _forge(random: Random, true: list[Bundle], year: int, *, before: int) -> dict[str, bytes]:
    """Return an archive in which one record that the witness has covered is another, and all else fits it."""
    bundles = json.loads(json.dumps(true))
    places = []
    seq = 0
    for number, (bundle_year, records) in enumerate(bundles):
        for place, record in enumerate(records):
            if bundle_year == year:
                if record["type"] not in {"commit", "close"} and seq < before:
                    places.append((number, place))
                seq += 1
    number, place = random.choice(places) if places else (len(bundles) - 1, 0)
    records = bundles[number][1]
    match random.choice(["other person", "other time", "one more"]):
        case "other person":
            records[place]["actor"] |= {"sub": "officer-8"}
        case "other time":
            records[place]["at"] = records[place]["at"][:-2] + ("1Z" if records[place]["at"][-2] != "1" else "2Z")
        case _:
            extra = {k: v for k, v in records[place].items() if k in {"at", "actor", "v"}}
            records.insert(place + 1, extra | {"type": "login", "id": "01" + "F" * 24})
    return _sealed(bundles)


def _revision(record: Record) -> tuple[str, int] | None:
    obj = record.get("obj", {})
    return (obj["key"], obj["rev"]) if "rev" in obj and record["type"] not in READS else None


def _body(record: Record) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def _relink(bundles: list[Bundle]) -> None:
    """Let each record of an object name the digest of the one before it, as that now is."""
    changing = sorted(((key, r) for _, records in bundles for r in records if (key := _revision(r))), key=itemgetter(0))
    for (before, old), (key, record) in pairwise(changing):
        if before[0] == key[0]:
            record["obj"]["prev"] = sha256(_body(old)).hexdigest()


def _sealed(bundles: list[Bundle]) -> dict[str, bytes]:
    """Return bundles and checkpoints over these records, signed with the real key."""
    _relink(bundles)
    signer = LocalSigner(SEED)
    objects: dict[str, bytes] = {}
    edges: dict[int, Edge] = {}
    last = b""
    for year, records in bundles:
        origin = f"{ORIGIN}/{year}"
        edge = edges.get(year, Edge())
        seal = records[0]["seal"] | {"first": edge.size, "leaves": len(records)}
        if "previous" in seal:
            before = edges[year - 1]
            seal["previous"] |= {
                "size": before.size,
                "root": encode_base64(before.root()),
                "checkpoint": base64.b64encode(last).decode(),
            }
        records[0]["seal"] = seal
        bodies = [_body(record) for record in records]
        grown = edges[year] = edge.extend([leaf_hash(body) for body in bodies])
        last = bytes(sign_note(Checkpoint(origin, grown.size, grown.root()).text, origin, signer))
        key = VerifierKey(origin, signer.public())
        objects |= {
            layout.entries_key(year, edge.size, grown.size): layout.pack(bodies),
            layout.checkpoint_key(year, grown.size): last,
            layout.vkey_key(year, key.id.hex()): f"{key}\n".encode(),
        }
    return objects
