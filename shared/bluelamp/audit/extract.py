"""The proof of one record out of a pulled archive, offline: checked before it is given away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bluelamp.audit import commits, layout
from bluelamp.audit.commits import UnreadableArchiveError
from bluelamp.audit.folder import Folder, FolderError
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.proof import TlogProof
from bluelamp.audit.tilereader import TileError, TileReader
from bluelamp.audit.tree import ProofError, inclusion_proof

_MAX_SMALL = 64 * 1024


def keys_of(directory: Path, year: int) -> list[VerifierKey]:
    """Return the keys that lie in an archive for one year's log.

    Raises
    ------
    UnreadableArchiveError
        When one cannot be read.
    """
    folder = Folder(directory)
    place = f"{year:04d}/keys"
    try:
        names = list(folder.names(place)) if (directory / place).is_dir() else []
        raws = [folder.read(name, _MAX_SMALL) or b"" for name in names]
        return [VerifierKey.parse(raw.decode("ascii").removesuffix("\n")) for raw in raws]
    except (FolderError, NoteError, UnicodeDecodeError) as error:
        raise UnreadableArchiveError(f"{directory / place}: {error}") from error


def extract(directory: Path, year: int, seq: int, keys: Sequence[VerifierKey] = ()) -> TlogProof:
    """Return the proof of a record under the last checkpoint of its log; its bytes stand in `extra`.

    Parameters
    ----------
    directory
        The archive, whole or partial.
    year, seq
        Which record.
    keys
        The keys that may have signed; without any, those that lie in the archive.

    Raises
    ------
    UnreadableArchiveError
        When the archive does not hold the record, or does not prove it.
    """
    folder = Folder(directory)
    where = f"record {seq} of {year}"
    try:
        checkpoint, note = _last(folder, year)
        bundle = next((b for b in commits.bundles(directory) if b[0] == year and b[1] <= seq < b[2]), None)
        if bundle is None or seq >= checkpoint.size:
            raise UnreadableArchiveError(f"{where} is not in {directory}, or under no checkpoint there")
        body = commits.read(directory, bundle).bodies[seq - bundle[1]]
        tiles = TileReader(lambda name: folder.read(name, _MAX_SMALL), year, checkpoint.size, checkpoint.root)
        path = inclusion_proof(seq, checkpoint.size, tiles.node)
        proof = TlogProof(seq, tuple(path), note, body)
        proof.check(body, list(keys) or keys_of(directory, year))
    except TileError as error:
        raise UnreadableArchiveError(f"{where} is not proven: {error.name} {error}") from error
    except (FolderError, NoteError, ProofError) as error:
        raise UnreadableArchiveError(f"{where} is not proven: {error}") from error
    return proof


def _last(folder: Folder, year: int) -> tuple[Checkpoint, bytes]:
    place = f"{year:04d}/checkpoints"
    names = folder.names(place) if (folder.root / place).is_dir() else iter(())
    size = max((parsed[1] for name in names if (parsed := layout.parse_checkpoint(name))), default=0)
    note = folder.read(layout.checkpoint_key(year, size), _MAX_SMALL)
    if note is None:
        raise UnreadableArchiveError(f"{folder.root} holds no checkpoint of {year}")
    return Checkpoint.parse(Note.parse(note).text), note
