"""`bluelamp report`: a report of a month as table, CSV, JSON or PDF, through the API as whoever the token is of.

CSV and PDF are made on this machine of what the API answers; the reading is recorded as any other.
docs/reports.md is what ``--definitions`` prints; a test compares the two.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import requests
from rich.console import Console
from rich.table import Table

from bluelamp.cli.through import api_of, where
from bluelamp.errors import BluelampError
from bluelamp.reports.csvfile import csv_of
from bluelamp.reports.definitions import DEFINITIONS, KINDS, WAITS, markdown
from bluelamp.reports.model import Report

# Who reads on the local stack: somebody who may read every report of the whole force.
_READER = "auditor"
_PATH = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("name", required=False, type=click.Choice(list(KINDS)))
@click.option("--month", help="Like 2026-11; left out, that of yesterday.")
@click.option("--account", help="Of one account alone.")
@click.option("--idle", type=click.IntRange(1, 365), help="After how many days somebody or something is inactive.")
@click.option(
    "--over", type=click.Choice([str(hours) for hours in WAITS]), help="After how many hours a contact is late."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--pdf", type=_PATH, metavar="OUT", help="Write a PDF here.")
@click.option("--force", "force_name", default="the force", help="Whose it is, for the head of the PDF.")
@click.option("--definitions", is_flag=True, help="Print what every figure means, as docs/reports.md has it.")
@where
def report(
    *,
    name: str | None,
    as_csv: bool,
    as_json: bool,
    pdf: Path | None,
    force_name: str,
    definitions: bool,
    url: str | None,
    token: str | None,
    local: Path,
    **asked: Any,
) -> None:
    """Show the report NAME; without a name, which reports there are."""
    if definitions:
        click.echo(markdown(), nl=False)
        return
    if name is None:
        for kind in KINDS.values():
            click.echo(f"{kind.name:<20} {DEFINITIONS[kind.definition].name}")
        return
    query = {key: value for key, value in asked.items() if value is not None}
    try:
        answer = api_of(url, token, local, _READER).get(f"/reports/{name}", **query)
    except (BluelampError, requests.RequestException) as error:
        raise click.ClickException(str(error)) from error
    found = Report.model_validate(answer)
    if pdf is not None:
        from bluelamp.reports.printing import pdf_of  # noqa: PLC0415 -- who wants no PDF needs no library for it

        pdf.write_bytes(pdf_of(found, force_name))
        click.echo(f"Written to {pdf}.", err=True)
    if as_json:
        click.echo(json.dumps(answer))
    elif as_csv:
        click.echo(csv_of(found), nl=False)
    elif pdf is None:
        _show(found)


def _show(found: Report) -> None:
    console = Console()
    console.print(f"{found.title}, {found.month}, {found.account or 'all accounts within reach'}", style="bold")
    if found.estimate:
        console.print("An estimate: nobody measured it.")
    if found.missing:
        console.print(f"{found.missing} days of the month are over and were not counted.")
    for one in found.figures:
        console.print(f"{one.name}: {'none' if one.value is None else one.value} {one.unit}".rstrip())
    for table in found.tables:
        drawn = Table(title=table.caption, title_justify="left")
        for column in table.columns:
            drawn.add_column(column.name, justify="right" if column.number else "left")
        for row in table.rows:
            drawn.add_row(*("" if cell is None else str(cell) for cell in row))
        console.print(drawn)
    for note in found.notes:
        console.print(note)
    console.print("What the figures mean: bluelamp report --definitions")
