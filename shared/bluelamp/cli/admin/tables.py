"""What `import` and `export` of accounts and of people share: the options, the file, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from bluelamp.cli.admin.target import targeted
from bluelamp.errors import InvalidInputError
from bluelamp.tabular.importing import ImportReport
from bluelamp.tabular.reading import MAX_BYTES

# So many bad lines are shown; the rest are counted, and shown once these are put right.
SHOWN = 50


def importing(run: Callable[..., None]) -> Callable[..., None]:
    """Give a command the file and the options of an import."""
    run = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")(run)
    run = click.option("--new-teams", is_flag=True, help="Take teams that nobody and no account belongs to yet.")(run)
    run = click.option("--keep-going", is_flag=True, help="Write the good lines though there are bad ones.")(run)
    run = click.option("--dry-run", is_flag=True, help="Tell what would happen, line by line, and write nothing.")(run)
    run = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))(run)
    return targeted(run)


def bring(work: Callable[[bytes], ImportReport], file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Read the file, have it imported, tell what came of it, and end with 1 when a line was bad.

    Raises
    ------
    InvalidInputError
        When the file is too large; nothing of it was read.
    """
    with file.open("rb") as opened:
        raw = opened.read(MAX_BYTES + 1)
    report = work(raw)
    if as_json:
        click.echo(report.model_dump_json())
    else:
        for line in told(report, dry_run=dry_run):
            click.echo(line)
    if report.bad:
        raise SystemExit(1)


def told(report: ImportReport, *, dry_run: bool) -> list[str]:
    """Return a report in words."""
    lines = [
        f"line {one.line}{f', {one.column}' if one.column else ''}: {one.problem}" for one in report.findings[:SHOWN]
    ]
    if report.bad and len(report.findings) > SHOWN:
        lines.append(f"… and {len(report.findings) - SHOWN} more")
    would = "" if report.applied else "would be "
    lines.append(
        f"{report.created} {would}created, {report.changed} {would}changed, "
        f"{report.unchanged} unchanged, {report.bad} bad"
    )
    if report.bad and not report.applied and not dry_run:
        lines.append("Nothing was written: put the lines right, or take the good ones alone with --keep-going.")
    return lines


def take(text: Callable[[], str], file: Path) -> None:
    """Write an export into a file that is not there yet.

    Raises
    ------
    InvalidInputError
        When it is there; it is not overwritten, and nothing is exported.
    """
    if file.exists():
        raise InvalidInputError(f"{file} is there already and was not overwritten; nothing was exported")
    found = text()
    with file.open("x", encoding="utf-8", newline="") as opened:
        opened.write(found)
    click.echo(f"{file} holds {found.count(chr(10)) - 1} lines. It names officers: keep it no longer than you need it.")
