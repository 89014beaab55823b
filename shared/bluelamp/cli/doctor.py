"""`bluelamp doctor`: says whether this machine can run Bluelamp, and what to do about each thing that is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bluelamp.cli.local.checks import everything

MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "wrong": "[red]wrong[/]"}


@click.command()
@click.option(
    "--state-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".bluelamp"),
    show_default=True,
    help="The state folder that `bluelamp up` would use.",
)
def doctor(state_dir: Path) -> None:
    """Check that this machine can run Bluelamp. Exits 1 when something is wrong."""
    checks = everything(state_dir)
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found", "advice"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        table.add_row(MARKS[check.outcome], check.name, check.found, check.advice)
    Console(highlight=False).print(table)
    sys.exit(1 if any(check.outcome == "wrong" for check in checks) else 0)
