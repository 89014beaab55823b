"""`bluelamp archive verifier`: the verifier as one file, for whoever has Python and no Bluelamp."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from bluelamp.audit.standalone import build


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path), default=Path("verify.pyz"))
def verifier(out: Path) -> None:
    """Write the verifier to OUT: `python verify.pyz FOLDER` then needs Python 3.11 and `cryptography` alone.

    The same version of Bluelamp writes the same bytes, so that the digest can be told to whoever gets it.
    """
    try:
        build(out)
    except OSError as error:
        raise click.ClickException(f"{out} could not be written: {error.strerror}") from error
    click.echo(f"{out}: sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}")
