"""`bluelamp archive verify`: the check of an archive, a part of one, or an exported bag. Offline."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click
from rich.console import Console

from bluelamp.audit.anchorcheck import Trust
from bluelamp.audit.bagcheck import check_bag, is_bag
from bluelamp.audit.note import NoteError, VerifierKey
from bluelamp.audit.timestamps import MalformedTokenError
from bluelamp.audit.verifier import exit_code, told
from bluelamp.audit.verify import verify
from bluelamp.cli.archive.progress import bar

_STYLE = {"OK": "bold green", "PARTIAL": "bold green", "PENDING": "bold yellow", "FAIL": "bold red"}


@click.command("verify")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed checkpoint got on another way: shows that the tail was not cut.",
)
@click.option("--key", "vkeys", multiple=True, help="The log's key (vkey) from a source you trust; may be repeated.")
@click.option(
    "--tsa-cert",
    "tsa_certs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates (PEM or DER) of a timestamp authority that you trust; may be repeated.",
)
@click.option(
    "--witness-key", "witness_keys", multiple=True, help="The key (vkey) of a witness that you trust; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def check(
    directory: Path,
    *,
    checkpoint: Path | None,
    vkeys: tuple[str, ...],
    tsa_certs: tuple[Path, ...],
    witness_keys: tuple[str, ...],
    as_json: bool,
) -> None:
    """Check the archive or bag in DIRECTORY, offline.

    Exit code 0: OK, PARTIAL (a part was pulled, and it is proven) or PENDING; 1: FAIL, and where, or nothing to check.
    """
    try:
        keys = [VerifierKey.parse(key) for key in vkeys]
    except NoteError as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    trust = _trust(tsa_certs, witness_keys)
    known = checkpoint.read_bytes() if checkpoint else None
    look = check_bag if is_bag(directory) else verify
    started = time.monotonic()
    with bar(quiet=as_json) as show:
        report = look(
            directory,
            known=known,
            keys=keys,
            trust=trust,
            progress=lambda done, total: show("Verifying", done, total),
        )
    seconds = time.monotonic() - started
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        console = Console(highlight=False, soft_wrap=True)
        *lines, verdict = told(report).split("\n")
        for line in lines:
            title = line.partition(" ")[0]
            console.print(
                _printable(line), markup=False, style=_STYLE.get(title) if title in {"FAIL", "PENDING"} else None
            )
        rate = report.records / seconds if seconds else 0
        console.print(f"{report.records} records checked in {seconds:.2f} s ({rate:,.0f} a second)", markup=False)
        console.print(verdict, style=_STYLE[verdict])
    sys.exit(exit_code(report))


def _trust(certificates: tuple[Path, ...], keys: tuple[str, ...]) -> Trust:
    try:
        return Trust.read([path.read_bytes() for path in certificates], keys)
    except MalformedTokenError as error:
        raise click.BadParameter(str(error), param_hint="--tsa-cert") from error
    except NoteError as error:
        raise click.BadParameter(str(error), param_hint="--witness-key") from error


def _printable(line: str) -> str:
    return line.encode("utf-8", "backslashreplace").decode()
