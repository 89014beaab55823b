"""The check of an exported bag, offline: its own lists, each record's proof, and the content against the records.

Needs `cryptography` and nothing else. What a bag shows: that these records, byte for byte, stand in the log which the
checkpoints in the bag sign, and that each piece of content, deciphered again with the key that was disclosed, is the
one whose ciphertext the record names. Whose key it is, and what was left out, no bag can show.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bluelamp.audit.anchorcheck import COSIGNATURES, TIMESTAMPS, Anchor, AnchorCheck, Trust
from bluelamp.audit.bagcontent import check_contents
from bluelamp.audit.folder import Folder, FolderError, shown
from bluelamp.audit.layout import MAX_LEAF
from bluelamp.audit.logfiles import LogReport
from bluelamp.audit.manifest import MANIFEST, compare, read_manifest
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.proof import MAX_PROOF, SUFFIX, TlogProof
from bluelamp.audit.story import Finding, Story
from bluelamp.audit.tree import ProofError
from bluelamp.audit.verify import Progress, Report

BAG = "bag"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TAG_MANIFEST = "tagmanifest-sha256.txt"
_TAGS = frozenset({"bagit.txt", "bag-info.txt", MANIFEST})
_RECORD = re.compile(r"data/records/(\d{4})/(\d{12})\.json", re.ASCII)
_PROOF = re.compile(r"data/proofs/(\d{4})/(\d{12})\.tlog-proof", re.ASCII)
_CHECKPOINT = re.compile(r"data/checkpoints/(\d{4})", re.ASCII)
_KEY = re.compile(r"data/keys/(\d{4})-([0-9a-f]{8})\.vkey", re.ASCII)
_ANCHOR = re.compile(
    r"data/(?:timestamps/(\d{4})-(\d{12})\.tsr|cosignatures/(\d{4})-(\d{12})/[A-Za-z0-9._-]{1,100})", re.ASCII
)
_OXUM = re.compile(r"^Payload-Oxum: (\d+)\.(\d+)$", re.MULTILINE | re.ASCII)
_MAX_TEXT = 64 * 1024 * 1024
# The largest file of a payload: a report with all of its pictures.
MAX_FILE = 2 * 1024 * 1024 * 1024

_LOG_FOLDERS = tuple(
    f"data/{folder}/" for folder in ("records", "proofs", "checkpoints", "keys", "timestamps", "cosignatures")
)

Place = tuple[int, int]


def is_bag(directory: Path) -> bool:
    """Return whether a folder means to be a bag."""
    return (directory / "bagit.txt").is_file() or (directory / "data" / "records").is_dir()


def check_bag(
    directory: Path,
    *,
    keys: Sequence[VerifierKey] = (),
    known: bytes | None = None,
    trust: Trust | None = None,
    progress: Progress = lambda *_: None,
) -> Report:
    """Check an exported bag.

    Parameters
    ----------
    directory
        The bag's folder.
    keys
        The keys that may have signed. Without them those in the bag are believed, and the report says so.
    known
        A checkpoint of the log, got on another way. It anchors the bag when it is the very one that the proofs end in.
    trust
        Timestamp authorities and witnesses whose anchors count.
    progress
        Told after each record how many were checked, and of how many.
    """
    check = _BagCheck(Folder(directory), keys)
    check.run(progress)
    check.check_anchors(trust or Trust())
    if known is not None:
        check.check_known(known)
    return check.report


class _BagCheck:
    def __init__(self, folder: Folder, keys: Sequence[VerifierKey]) -> None:
        self.folder = folder
        self.report = Report(pinned=bool(keys), kind=BAG)
        self._pinned = {key.public for key in keys}
        self._keys: dict[int, list[VerifierKey]] = {}
        self._notes: dict[int, bytes] = {}
        self._heads: dict[int, Checkpoint] = {}
        self._records: dict[Place, dict[str, Any]] = {}
        self._payload: list[str] = []

    def fail(self, code: str, place: str, detail: str) -> None:
        self.report.failures.append(Finding(code, shown(place), detail))

    def read(self, name: str, limit: int) -> bytes | None:
        try:
            return self.folder.read(name, limit)
        except FolderError as error:
            self.fail("unreadable", name, str(error))
            return None

    def run(self, progress: Progress) -> None:
        """Check all but what vouches from outside."""
        try:
            names = list(self.folder.names())
        except FolderError as error:
            self.fail("unreadable", str(self.folder.root), str(error))
            return
        self._payload = [name for name in names if name.startswith("data/")]
        self._check_lists(names)
        self._open()
        self._check_records(progress)
        contents = check_contents(self.folder, self._payload, self._records, self.fail)
        self._sum_up(contents)

    # BagIt -----------------------------------------------------------------------------------------------------------

    def _check_lists(self, names: Sequence[str]) -> None:
        """Hold the payload and the tag files against their manifests (RFC 8493 section 3)."""
        payload = [name for name in names if name.startswith("data/")]
        tags = [name for name in names if not name.startswith("data/") and name != TAG_MANIFEST]
        for name in sorted(set(tags) - _TAGS):
            self.fail("foreign", name, "is no part of a bag of ours")
        if self.read("bagit.txt", _MAX_TEXT) != DECLARATION:
            self.fail("bag", "bagit.txt", "is missing, or declares another version than BagIt 1.0 in UTF-8")
        for manifest, listed in ((MANIFEST, payload), (TAG_MANIFEST, tags)):
            raw = self.read(manifest, _MAX_TEXT)
            if raw is None:
                self.fail("manifest", manifest, "is missing")
                continue
            digests, wrong = read_manifest(raw)
            for text in wrong:
                self.fail("manifest", manifest, text)
            for name in sorted(n for n in digests if n.startswith("data/") != (manifest == MANIFEST)):
                self.fail("manifest", manifest, f"lists {shown(name)}, which belongs on another list")
            for name, text in compare(self.folder, digests, listed, limit=MAX_FILE):
                self.fail("manifest", name, text)
        self._check_oxum(payload)

    def _check_oxum(self, payload: Sequence[str]) -> None:
        raw = self.read("bag-info.txt", _MAX_TEXT)
        match = _OXUM.search(raw.decode("utf-8", "replace")) if raw is not None else None
        if match is None:
            self.fail("bag", "bag-info.txt", "does not say how many bytes and files there are (Payload-Oxum)")
            return
        size = sum((self.folder.root / name).lstat().st_size for name in payload)
        if (int(match[1]), int(match[2])) != (size, len(payload)):
            self.fail(
                "bag", "bag-info.txt", f"says {match[1]} bytes in {match[2]} files; {size} in {len(payload)} lie here"
            )

    # the log ---------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Take the keys, then the checkpoints that they signed."""
        for name in self._payload:
            if match := _KEY.fullmatch(name):
                self._take_key(name, int(match[1]), match[2])
        for name in self._payload:
            if match := _CHECKPOINT.fullmatch(name):
                self._take_checkpoint(name, int(match[1]))

    def _take_key(self, name: str, year: int, key_id: str) -> None:
        raw = self.read(name, MAX_PROOF) or b""
        try:
            key = VerifierKey.parse(raw.decode("ascii").removesuffix("\n"))
        except (NoteError, UnicodeDecodeError) as error:
            self.fail("key", name, f"is no verifier key: {error}")
            return
        if f"{key}\n".encode() != raw or key.id.hex() != key_id or not key.name.endswith(f"/{year:04d}"):
            self.fail("key", name, "is not the key that its name says")
        elif self._pinned and key.public not in self._pinned:
            self.fail("key", name, "is not among the keys that you named")
        else:
            self._keys.setdefault(year, []).append(key)

    def _take_checkpoint(self, name: str, year: int) -> None:
        raw = self.read(name, MAX_PROOF) or b""
        try:
            note = Note.parse(raw)
            checkpoint = Checkpoint.parse(note.text)
            note.check(self._keys.get(year, []))
        except NoteError as error:
            self.fail("checkpoint", name, str(error))
            return
        signed = {key.name for key in self._keys.get(year, [])}
        right = (bytes(note), checkpoint.text, 1)
        if (raw, note.text, len(note.signatures)) != right or signed != {checkpoint.origin}:
            self.fail(
                "checkpoint", name, f"is of {checkpoint.origin}, not of the log of {year} in this bag, or holds more"
            )
            return
        if len({_log_of(c.origin) for c in (*self._heads.values(), checkpoint)}) > 1:
            self.fail("foreign", name, f"is of another log than the others here: {checkpoint.origin}")
        self._notes[year], self._heads[year] = raw, checkpoint

    def _check_records(self, progress: Progress) -> None:
        records = [(int(m[1]), int(m[2])) for name in self._payload if (m := _RECORD.fullmatch(name))]
        proofs = {(int(m[1]), int(m[2])) for name in self._payload if (m := _PROOF.fullmatch(name))}
        for name in self._payload:
            kept = (_RECORD, _PROOF, _CHECKPOINT, _KEY, _ANCHOR)
            if name.startswith(_LOG_FOLDERS) and not any(form.fullmatch(name) for form in kept):
                self.fail("foreign", name, "has no name that a file of the log has in a bag")
        for place in sorted(proofs - set(records)):
            self.fail("record", record_name(place), "is missing, and its proof is here")
        if not records:
            self.fail("empty", "data/records", "there are no records in this bag")
        story = Story(parts=True)
        for done, place in enumerate(records, 1):
            body = self._proven(place)
            if body is not None:
                self._records[place] = story.single(*place, body) or {}
            progress(done, len(records))
        story.finish()
        self.report.failures += story.failures
        self.report.remarks += story.remarks

    def _proven(self, place: Place) -> bytes | None:
        year, seq = place
        body = self.read(record_name(place), MAX_LEAF)
        raw = self.read(proof_name(place), MAX_PROOF)
        where = f"{year} record {seq}"
        if body is None or raw is None:
            self.fail("proof", where, f"{record_name(place) if body is None else proof_name(place)} is missing")
            return None
        if year not in self._heads:
            self.fail("proof", where, f"there is no sound checkpoint of {year} in this bag to prove it by")
            return None
        try:
            proof = TlogProof.parse(raw)
            proof.check(body, self._keys[year])
        except (ProofError, NoteError) as error:
            self.fail("proof", where, f"is not proven by {proof_name(place)}: {error}")
            return None
        if bytes(proof) != raw or proof.index != seq or proof.extra not in {b"", body}:
            self.fail("proof", where, f"{proof_name(place)} is of another record, or holds more than a proof")
            return None
        if proof.checkpoint != self._notes[year]:
            self.fail("proof", where, f"{proof_name(place)} does not end in data/checkpoints/{year:04d}")
            return None
        return body

    # the end ---------------------------------------------------------------------------------------------------------

    def check_anchors(self, trust: Trust) -> None:
        """Check what vouches from outside for the checkpoints of this bag."""
        anchors = AnchorCheck(trust)
        for name in self._payload:
            match = _ANCHOR.fullmatch(name)
            if match is None:
                continue
            year, size = int(match[1] or match[3]), int(match[2] or match[4])
            raw = self.read(name, MAX_PROOF)
            if year not in self._heads or self._heads[year].size != size:
                self.fail("anchor", name, "vouches for a checkpoint that is not here")
            elif raw is not None:
                kind = TIMESTAMPS if match[1] else COSIGNATURES
                anchors.check(name, kind, raw, self._notes[year], year=year, size=size)
        self.report.anchors += anchors.anchors
        self.report.uncounted = sum(anchors.uncounted.values())
        self.report.failures += anchors.failures
        self.report.remarks += anchors.remarks()

    def check_known(self, known: bytes) -> None:
        """Hold the checkpoint of a year against one that came another way."""
        try:
            note = Note.parse(known)
            checkpoint = Checkpoint.parse(note.text)
            year = next((y for y, head in self._heads.items() if head.origin == checkpoint.origin), None)
            if year is None:
                self.fail("anchor", checkpoint.origin, "no checkpoint of this log is in the bag")
                return
            note.check(self._keys[year])
        except NoteError as error:
            self.fail("anchor", "the known checkpoint", str(error))
            return
        head = self._heads[year]
        place = f"{year} record {checkpoint.size - 1}"
        if checkpoint.size != head.size:
            text = f"covers {checkpoint.size} records, the bag's {head.size}; only the archive shows that both agree"
            self.report.remarks.append(Finding("anchor", f"{year}", text))
        elif checkpoint.root != head.root:
            self.fail("fork", place, "the known checkpoint has another root than this bag")
        else:
            self.report.anchors.append(Anchor(year, checkpoint.size))

    def _sum_up(self, contents: int) -> None:
        for year, head in sorted(self._heads.items()):
            count = sum(place[0] == year for place in self._records)
            keys = tuple(map(str, self._keys[year]))
            scope = f"{count} of the {head.size} records of {year} proven by inclusion"
            log = LogReport(year, head.origin, count, 1, keys=keys, size=head.size, scope=scope)
            self.report.logs.append(log)
        if contents:
            text = f"{contents} pieces of content are what the records name, deciphered again"
            self.report.remarks.append(Finding("content", "data/content", text))


def record_name(place: Place) -> str:
    """Return the name of a record's bytes in a bag."""
    return f"data/records/{place[0]:04d}/{place[1]:012d}.json"


def proof_name(place: Place) -> str:
    """Return the name of a record's proof in a bag."""
    return f"data/proofs/{place[0]:04d}/{place[1]:012d}{SUFFIX}"


def _log_of(origin: str) -> str:
    return origin.rpartition("/")[0]
