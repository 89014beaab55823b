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

from bluelamp.cli.desk import Desk
from bluelamp.cli.fetching import Api, Bearer
from bluelamp.errors import BluelampError
from bluelamp.reports.csvfile import csv_of
from bluelamp.reports.definitions import DEFINITIONS, KINDS, WAITS, markdown
from bluelamp.reports.model import Report

LOCAL = Path(".bluelamp/local.json")
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
@click.option("--url", help="Address of the page of a deployment, with --token; otherwise the local stack.")
@click.option("--token", envvar="BLUELAMP_TOKEN", help="An access token; better in BLUELAMP_TOKEN than typed.")
@click.option(
    "--local", type=_PATH, default=LOCAL, show_default=True, help="Where the local stack wrote its addresses."
)
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
        answer = api_of(url, token, local).get(f"/reports/{name}", **query)
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


def api_of(url: str | None, token: str | None, local: Path) -> Api:
    """Return the API of a deployment, or that of the local stack."""
    if url:
        if not token:
            raise click.UsageError("--url needs an access token: set BLUELAMP_TOKEN")
        return Bearer(url, token)
    try:
        stack = json.loads(local.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise click.ClickException(f"{local} cannot be read: start the stack with make run, or give --url") from None
    return Desk(stack["dashboard"], stack["users"][_READER]).sign_in()


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
