"""`bluelamp doctor`: says whether this machine can run Bluelamp, and what to do about each thing that is wrong."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bluelamp.cli.local import options
from bluelamp.cli.local.checks import look
from bluelamp.cli.local.state import StateFolder

MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "wrong": "[red]wrong[/]"}


@click.command()
@options.state_dir
@options.port
def doctor(state_dir: Path, port: int | None) -> None:
    """Check that `bluelamp up` with the same options can run. Exits 1 when it cannot."""
    with contextlib.closing(StateFolder(state_dir)) as folder:
        checks = list(look(folder, port=port))
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found", "advice"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        table.add_row(MARKS[check.outcome], check.name, escape(check.found), escape(check.advice))
    Console(highlight=False).print(table)
    sys.exit(1 if any(check.outcome == "wrong" for check in checks) else 0)
