"""The objects of one year's log as they lie in a folder: sorted by what they are, read with care, notes opened.

What `logcheck` does to a whole log and `partcheck` to a part of one begins here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bluelamp.audit import layout
from bluelamp.audit.folder import Folder, FolderError, shown
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.story import Finding

# Other objects than bundles are small: the largest is a note, with room for many cosignatures.
MAX_SMALL = 128 * 1024


@dataclass(slots=True)
class LogReport:
    """One year's log: how many records were checked, under how many checkpoints, until when, by which keys.

    `size` is how many records the last checkpoint covers: more than `records` when only parts of the log are here.
    `scope` says in words which are here and proven.
    """

    year: int
    origin: str = ""
    records: int = 0
    checkpoints: int = 0
    sealed_at: str = ""
    keys: tuple[str, ...] = ()
    size: int = 0
    scope: str = ""


class LogFiles:
    """One year's log in a folder, and what was found about it.

    Parameters
    ----------
    folder
        Where the archive lies.
    year
        Which log.
    pinned
        The keys that may have signed; without any, those that lie in the archive.
    """

    def __init__(self, folder: Folder, year: int, pinned: Sequence[VerifierKey]) -> None:
        self._folder = folder
        self.failures: list[Finding] = []
        self.pending: list[Finding] = []
        self.remarks: list[Finding] = []
        self.log = LogReport(year)
        self.last_note = b""
        self._bundles: list[tuple[int, int]] = []
        self._checkpoints: list[int] = []
        self.tile_names: set[str] = set()
        self.anchor_names: list[str] = []
        self._keys: list[VerifierKey] = []
        self._sort_names(pinned)

    def fail(self, code: str, place: str, detail: str) -> None:
        """Note a failure."""
        self.failures.append(Finding(code, place, detail))

    def read(self, name: str, limit: int = MAX_SMALL) -> bytes | None:
        """Return an object's bytes, or None; what is no plain file, or larger than `limit`, is a failure."""
        try:
            return self._folder.read(name, limit)
        except FolderError as error:
            self.fail("unreadable", shown(name), str(error))
            return None

    def _sort_names(self, pinned: Sequence[VerifierKey]) -> None:
        year = self.log.year
        try:
            for name in self._folder.names(f"{year:04d}"):
                if entries := layout.parse_entries(name):
                    self._bundles.append(entries[1:])
                elif checkpoint := layout.parse_checkpoint(name):
                    self._checkpoints.append(checkpoint[1])
                elif layout.parse_tile(name):
                    self.tile_names.add(name)
                elif key := layout.parse_key(name):
                    self._take_key(name, key[1], pinned)
                elif layout.is_anchor(name):
                    self.anchor_names.append(name)
                else:
                    self.fail("foreign", shown(name), "is none of the archive's objects")
        except FolderError as error:
            self.fail("unreadable", f"{year:04d}", str(error))
        self.log.keys = tuple(map(str, self._keys))

    def _take_key(self, name: str, key_id: str, pinned: Sequence[VerifierKey]) -> None:
        raw = self.read(name) or b""
        try:
            key = VerifierKey.parse(raw.decode("ascii").removesuffix("\n"))
        except (NoteError, UnicodeDecodeError) as error:
            self.fail("key", name, f"is no verifier key: {error}")
            return
        if f"{key}\n".encode() != raw or key.id.hex() != key_id:
            self.fail("key", name, "is not the key that its name says")
        elif pinned and key.public not in {k.public for k in pinned}:
            self.fail("key", name, "is not among the keys that you named")
        else:
            self._keys.append(key)

    def _opened(self, size: int) -> Checkpoint | None:
        """Return the checkpoint over the first `size` records, its signature checked."""
        name = layout.checkpoint_key(self.log.year, size)
        raw = self.read(name)
        if raw is None:
            self.fail("checkpoint", name, "is missing")
            return None
        self.log.checkpoints += 1
        try:
            note = Note.parse(raw)
            checkpoint = Checkpoint.parse(note.text)
            signers = note.check(self._keys)
        except NoteError as error:
            self.fail("checkpoint", name, str(error))
            return None
        self.log.origin = self.log.origin or signers[0].name
        right = (self.log.origin, size, 1, bytes(note), checkpoint.text)
        found = (checkpoint.origin, checkpoint.size, len(note.signatures), raw, note.text)
        if found != right or not self.log.origin.endswith(f"/{self.log.year:04d}"):
            self.fail("checkpoint", name, f"is signed for {checkpoint.origin} at {checkpoint.size}, or holds more")
            return None
        self.last_note = raw
        return checkpoint
