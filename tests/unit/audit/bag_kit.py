"""A bag in a folder for tests: some records of a log with their proofs, content, and the lists."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bluelamp.audit import layout
from bluelamp.audit.extract import extract
from bluelamp.audit.leaf import Content
from bluelamp.audit.proof import TlogProof
from tests.unit.audit.log_kit import LogWorld

KEY = bytes(range(32))
WORDS = "Die Brücke ist gesperrt, said the “driver”"
PLAIN = json.dumps({"message": WORDS, "from": {"id": "4711"}}).encode()


def sealed_content(account: str, plain: bytes, key_id: str = "k1") -> tuple[bytes, Content]:
    """Return the ciphertext of an entry, and the place that its leaf names."""
    nonce = hashlib.sha256(plain).digest()[:12]
    cipher = nonce + AESGCM(KEY).encrypt(nonce, plain, f"bluelamp/content/1\n{account}\n{key_id}".encode())
    content = Content(sha256=hashlib.sha256(cipher).hexdigest(), length=len(cipher), pack="2026/11/p", key_id=key_id)
    return cipher, content


class BagWorld:
    """A log of some commits, pulled, and a bag of some of its records with one piece of content."""

    def __init__(self, folder: Path, *, account: str | None = "facebook-1") -> None:
        self.account = account
        self.world = LogWorld()
        self.world.busy_day(3)
        self.cipher, content = sealed_content(account or "", PLAIN)
        with_content = self.world.change("special", content=content, author_key="ab" * 32, account=account)
        self.world.put(with_content)
        self.world.seal()
        self.world.busy_day(2)
        self.archive = folder / "archive"
        self.world.pull(self.archive)
        self.seq = next(
            start + number
            for name in self.world.bucket.list("2026/entries/")
            for _, start, _ in [layout.parse_entries(name)]
            for number, body in enumerate(layout.unpack(self.world.bucket.get(name)))
            if body == with_content.body
        )
        self.bag = folder / "bag"
        self.write()

    def write(self) -> None:
        """Write the bag anew."""
        files: dict[str, bytes] = {"data/README.txt": b"A bag.\n", "data/case.json": b"{}"}
        for seq in (3, 4, self.seq):
            proof = extract(self.archive, 2026, seq)
            files[f"data/records/2026/{seq:012d}.json"] = proof.extra
            files[f"data/proofs/2026/{seq:012d}.tlog-proof"] = bytes(TlogProof(seq, proof.path, proof.checkpoint))
            files["data/checkpoints/2026"] = proof.checkpoint
        for path in (self.archive / "2026/keys").iterdir():
            files[f"data/keys/2026-{path.name}"] = path.read_bytes()
        place = f"data/content/2026-{self.seq:012d}"
        files[f"{place}/cipher"] = self.cipher
        files[f"{place}/plain.json"] = PLAIN
        disclosed = {"account": self.account or "", "key_id": "k1", "key": base64.b64encode(KEY).decode()}
        files["data/content/keys.json"] = json.dumps({f"2026-{self.seq:012d}": disclosed}).encode()
        for name, body in files.items():
            (self.bag / name).parent.mkdir(parents=True, exist_ok=True)
            (self.bag / name).write_bytes(body)
        seal_bag(self.bag)


def seal_bag(bag: Path) -> None:
    """Write the tag files of a bag for what lies in it: what somebody does who wants to hide a change."""
    payload = sorted(p for p in (bag / "data").rglob("*") if p.is_file())
    octets = sum(p.stat().st_size for p in payload)
    tags = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": f"Bagging-Date: 2026-11-22\nPayload-Oxum: {octets}.{len(payload)}\n",
        "manifest-sha256.txt": "".join(_line(p.read_bytes(), p.relative_to(bag).as_posix()) for p in payload),
    }
    for name, text in tags.items():
        (bag / name).write_text(text, newline="")
    tagged = "".join(_line(text.encode(), name) for name, text in sorted(tags.items()))
    (bag / "tagmanifest-sha256.txt").write_text(tagged, newline="")


def _line(body: bytes, name: str) -> str:
    return f"{hashlib.sha256(body).hexdigest()}  {name}\n"
