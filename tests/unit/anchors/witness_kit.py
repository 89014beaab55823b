"""Logs that grow and fork, and requests to a witness, for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from bluelamp.anchors.store import WitnessStore
from bluelamp.anchors.witness import Witness
from bluelamp.audit.note import Checkpoint, LocalSigner, VerifierKey, encode_base64, sign_note
from bluelamp.audit.tree import Edge, consistency_proof, leaf_hash, perfect_root
from bluelamp.cloud.memory import MemoryTable

ORIGIN = "log.wealdshire.example/bluelamp/wealdshire/2026"
LOG = LocalSigner(bytes(range(32)))
SIGNER = LocalSigner(bytes(range(1, 33)))
NAME = "witness.example/w1"
START = datetime(2026, 11, 22, 2, 17, tzinfo=UTC)


class Tree:
    """A log's leaves; `forked` makes another log with the same beginning."""

    def __init__(self, leaves=()):
        self.leaves = list(leaves)

    @classmethod
    def grown(cls, size):
        return cls([b"leaf %d" % n for n in range(size)])

    def forked(self, at, size):
        return Tree(self.leaves[:at] + [b"other %d" % n for n in range(at, size)])

    def root(self, size):
        return Edge().extend([leaf_hash(leaf) for leaf in self.leaves[:size]]).root()

    def proof(self, old, new):
        hashes = [leaf_hash(leaf) for leaf in self.leaves[:new]]
        return consistency_proof(old, new, lambda level, i: perfect_root(hashes[i << level : (i + 1) << level]))

    def checkpoint(self, size, *, origin=ORIGIN, signer=LOG):
        return bytes(sign_note(Checkpoint(origin, size, self.root(size)).text, origin, signer))

    def request(self, old, new, *, proof=None, **how):
        hashes = self.proof(old, new) if proof is None else proof
        lines = "".join(f"{encode_base64(h)}\n" for h in hashes)
        return f"old {old}\n{lines}\n".encode() + self.checkpoint(new, **how)


class Clock:
    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        return self.now


def witness(table=None, clock=None, **options):
    """A witness that knows the log."""
    defaults = {"name": NAME, "logs": [VerifierKey(ORIGIN, LOG.public())], "signer": SIGNER}
    store = WitnessStore(table if table is not None else MemoryTable())
    return Witness(**defaults | options, store=store, clock=clock or Clock())
