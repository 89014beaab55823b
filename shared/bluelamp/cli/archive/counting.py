"""`bluelamp archive stats`: how many records, of which types, days and accounts, and how soon they were sealed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bluelamp.audit.commits import UnreadableArchiveError
from bluelamp.audit.stats import Stats, count
from bluelamp.cli.archive.progress import bar


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def stats(directory: Path, *, as_json: bool) -> None:
    """Count what is in the archive in DIRECTORY. Offline; nothing is checked."""
    try:
        with bar(quiet=as_json) as show:
            counted = count(directory, lambda n, of: show("Counting", n, of))
    except UnreadableArchiveError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(counted.as_json()))
        return
    console = Console(highlight=False, markup=False)
    console.print(
        f"{counted.records} records in {counted.commits} commits (the largest {counted.largest_commit}), "
        f"{counted.octets / 1e6:.1f} MB, sealed from {counted.first} to {counted.last}"
    )
    if counted.unreadable:
        console.print(f"{counted.unreadable} records cannot be read; `bluelamp archive verify` says more")
    delays = ", ".join(f"{name} {value / 1000:.1f} s" for name, value in counted.percentiles.items())
    console.print(f"From a record's own time to its seal: {delays or 'no records'}")
    for title, counter in (("type", counted.types), ("day", counted.days), ("account", counted.accounts)):
        console.print(_table(title, counter, counted))


def _table(title: str, counter: Counter[str], counted: Stats) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(title)
    table.add_column("records", justify="right")
    table.add_column("of all", justify="right")
    for name, number in sorted(counter.items()):
        table.add_row(name, str(number), f"{100 * number / counted.records:.1f} %")
    return table
