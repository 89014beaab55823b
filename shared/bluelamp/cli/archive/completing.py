"""`bluelamp archive completeness`: what was stated of each account's days, read from the leaves of a pulled archive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bluelamp.audit.commits import UnreadableArchiveError, bundles, read
from bluelamp.cli.archive.progress import bar

MARKS = {"complete": "complete", "recovered": "recovered", "open": "OPEN", "lost": "LOST"}
_WORST = ("recovered", "open", "lost")


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--account", help="Only this account.")
@click.option("--since", metavar="DAY", help="From this day on, e.g. 2026-11-01.")
@click.option("--until", metavar="DAY", help="Up to this day, itself included.")
@click.option("--json", "as_json", is_flag=True, help="Print the statements as JSON.")
def completeness(directory: Path, *, account: str | None, since: str | None, until: str | None, as_json: bool) -> None:
    """Show what the archive in DIRECTORY states of each account's days. Offline; verify it first."""
    try:
        with bar(quiet=as_json) as show:
            found = stated(directory, lambda n, of: show("Reading", n, of))
    except UnreadableArchiveError as error:
        raise click.ClickException(str(error)) from error
    chosen = [
        one
        for one in found
        if (account or one["account"]) == one["account"] and (since or "") <= one["day"] <= (until or "9999")
    ]
    if as_json:
        click.echo(json.dumps(chosen))
        return
    if not chosen:
        click.echo("The archive states nothing of these days.")
        return
    Console(highlight=False, markup=False, soft_wrap=True).print(_table(chosen))
    for one in chosen:
        for gap in one["gaps"]:
            click.echo(f"{one['account']} {one['day']}: gap {gap['from'][11:16]} to {gap['to'][11:16]}, {gap['state']}")


def stated(directory: Path, progress: Any = lambda *_: None) -> list[dict[str, Any]]:
    """Return the last statement of each account and day, by account and day; times in UTC.

    Raises
    ------
    UnreadableArchiveError
        When the folder holds no archive that can be read.
    """
    last: dict[tuple[str, str], dict[str, Any]] = {}
    every = bundles(directory)
    for number, bundle in enumerate(every, 1):
        commit = read(directory, bundle)
        for seq, body in enumerate(commit.bodies, commit.start):
            if b'"statement":{' not in body:
                continue
            leaf = json.loads(body)
            said = leaf["statement"]
            key = (leaf["account"], said["from"][:10])
            if key not in last or last[key]["version"] < said["version"]:
                place = {"year": commit.year, "seq": seq, "leaf_id": leaf["id"]}
                last[key] = {"account": leaf["account"], "day": key[1], **said, **place}
        progress(number, len(every))
    return [last[key] for key in sorted(last)]


def worst(said: dict[str, Any]) -> str:
    """Return in one word how a day was: complete, or how bad its worst gap is."""
    states = [gap["state"] for gap in said["gaps"]]
    return max(states, key=_WORST.index) if states else "complete"


def _table(found: list[dict[str, Any]]) -> Table:
    """Return a row for each account, with a column for each day."""
    days = sorted({one["day"] for one in found})
    by_place = {(one["account"], one["day"]): MARKS[worst(one)] for one in found}
    table = Table(box=None, pad_edge=False)
    table.add_column("account")
    for day in days:
        table.add_column(day, no_wrap=True)
    for account in sorted({one["account"] for one in found}):
        table.add_row(account, *(by_place.get((account, day), "-") for day in days))
    return table
