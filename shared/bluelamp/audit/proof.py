"""A record's proof as a file that needs nothing else: C2SP tlog-proof, version 1.

Which leaf, the hashes up to the root, and the signed checkpoint that holds the root. The leaf's own bytes may stand in
the line `extra`; they are believed only because they lead to that root.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bluelamp.audit.layout import MAX_LEAF
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey, decode_base64, encode_base64
from bluelamp.audit.tree import HASH, ProofError, check_inclusion, leaf_hash

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
MAX_PROOF = 64 * 1024 + 2 * MAX_LEAF
_INDEX = re.compile(r"index (0|[1-9]\d{0,15})", re.ASCII)
_MAX_PATH = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """That a leaf is number `index` of the log whose signed checkpoint, byte for byte, is beside it.

    `path` goes from the leaf's sibling up to the root's child; `extra` is not authenticated by the format.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def __bytes__(self) -> bytes:
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += [encode_base64(h) for h in self.path]
        return "\n".join([*lines, "", ""]).encode("ascii") + self.checkpoint

    @classmethod
    def parse(cls, raw: bytes) -> TlogProof:
        """Read a proof.

        Raises
        ------
        ProofError
            When it is no well-formed proof.
        """
        if len(raw) > MAX_PROOF:
            raise ProofError(f"the proof has more than {MAX_PROOF} bytes")
        head, found, checkpoint = raw.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
            if not found or lines.pop(0) != HEADER:
                raise ProofError(f"the file does not begin with {HEADER}")
            extra = b""
            if lines and lines[0].startswith("extra "):
                extra = decode_base64(lines.pop(0).removeprefix("extra "))
                if not extra:
                    raise ProofError("the line 'extra' is empty")
            index = _INDEX.fullmatch(lines.pop(0)) if lines else None
            if index is None:
                raise ProofError("the line 'index' is missing or no number")
            path = tuple(decode_base64(line) for line in lines)
        except UnicodeDecodeError:
            raise ProofError("the proof is not ASCII before its checkpoint") from None
        except NoteError as error:
            raise ProofError(f"a line of the proof: {error}") from None
        if len(path) > _MAX_PATH or any(len(h) != HASH for h in path):
            raise ProofError(f"the proof is too long, or a hash in it has not {HASH} bytes")
        return cls(int(index[1]), path, checkpoint, extra)

    def check(self, leaf: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
        """Check that `leaf` is in the log, under a checkpoint signed by one of `keys`; return that checkpoint.

        Raises
        ------
        NoteError
            When the checkpoint is malformed, or no key of its own log signed it.
        ProofError
            When the hashes do not lead from the leaf to its root.
        """
        note = Note.parse(self.checkpoint)
        checkpoint = Checkpoint.parse(note.text)
        signers = note.check(keys)
        if all(key.name != checkpoint.origin for key in signers):
            raise NoteError(f"the checkpoint is of {checkpoint.origin} and was signed by {signers[0].name}")
        check_inclusion(leaf_hash(leaf), self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint
