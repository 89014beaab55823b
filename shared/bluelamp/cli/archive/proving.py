"""`bluelamp archive prove`: one record's proof as a file of its own, and the check of such a file. Offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bluelamp.audit.commits import UnreadableArchiveError
from bluelamp.audit.extract import extract, keys_of
from bluelamp.audit.index import place_of
from bluelamp.audit.note import Checkpoint, Note, NoteError, VerifierKey
from bluelamp.audit.proof import MAX_PROOF, SUFFIX, TlogProof
from bluelamp.audit.tree import ProofError
from bluelamp.cli.archive.progress import bar

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NO_KEY = (
    "name the log's key with --key, or with --archive a pulled archive that holds it: without it nothing is proven"
)


@click.command()
@click.argument("record", required=False)
@click.option(
    "--archive",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("archive"),
    show_default=True,
    help="The pulled archive.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where the proof goes.")
@click.option("--check", "given", type=_FILE, help="Check this proof instead of making one.")
@click.option("--leaf", type=_FILE, help="The record's bytes, for a proof that does not carry them.")
@click.option("--key", "vkeys", multiple=True, help="The log's key (vkey) from a source you trust; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def prove(
    record: str | None,
    *,
    directory: Path,
    out: Path | None,
    given: Path | None,
    leaf: Path | None,
    vkeys: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write the proof of RECORD, its id or <year>/<number>, or with --check verify one.

    The file is a C2SP tlog-proof with the record's bytes in it: it can be checked against the log's key alone, by this
    command or by any other that knows the format. Exit code 0: proven; 1: not; 2: wrong call.
    """
    if (record is None) == (given is None):
        raise click.UsageError("name a record to prove, or with --check a proof to verify")
    try:
        keys = [VerifierKey.parse(key) for key in vkeys]
    except NoteError as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    try:
        if given is not None:
            told = _check(given, leaf, directory, keys)
        else:
            told = _write(str(record), directory, out, keys, quiet=as_json)
    except (UnreadableArchiveError, NoteError, ProofError) as error:
        raise click.ClickException(f"not proven: {error}") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(f"{told['file']}: record {told['index']} of {told['size']} of {told['origin']} is proven")
    for key in told["keys"]:
        click.echo(f"  key {key}{'' if vkeys else '  (from the archive itself; compare it)'}")


def _write(name: str, directory: Path, out: Path | None, keys: list[VerifierKey], *, quiet: bool) -> dict[str, Any]:
    with bar(quiet=quiet) as show:
        year, seq = place_of(directory, name, lambda n, of: show("Indexing", n, of))
    proof = extract(directory, year, seq, keys)
    target = out or Path(f"{year:04d}-{seq:012d}{SUFFIX}")
    target.write_bytes(bytes(proof))
    checkpoint = Checkpoint.parse(Note.parse(proof.checkpoint).text)
    return _told(target, proof, checkpoint, keys or keys_of(directory, year))


def _check(path: Path, leaf: Path | None, directory: Path, keys: list[VerifierKey]) -> dict[str, Any]:
    with path.open("rb") as file:
        proof = TlogProof.parse(file.read(MAX_PROOF + 1))
    body = leaf.read_bytes() if leaf else proof.extra
    if not body:
        raise click.UsageError("the proof does not carry the record's bytes; give them with --leaf")
    if proof.extra not in {b"", body}:
        raise ProofError("the proof carries another record than --leaf gives")
    origin = Checkpoint.parse(Note.parse(proof.checkpoint).text).origin
    year = origin.rpartition("/")[2]
    if not keys and year.isascii() and year.isdigit() and directory.is_dir():
        keys = keys_of(directory, int(year))
    if not keys:
        raise click.UsageError(_NO_KEY)
    return _told(path, proof, proof.check(body, keys), keys)


def _told(path: Path, proof: TlogProof, checkpoint: Checkpoint, keys: list[VerifierKey]) -> dict[str, Any]:
    return {
        "file": str(path),
        "origin": checkpoint.origin,
        "index": proof.index,
        "size": checkpoint.size,
        "keys": [str(key) for key in keys],
    }
