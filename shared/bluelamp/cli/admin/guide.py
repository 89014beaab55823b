"""`bluelamp admin guide` and `bluelamp admin training`: the guide published, courses asked for, training brought.

A PDF is published from here alone: the API takes bodies of 64 KB, a function answers with 6 MB at the most, and no page
of ours sends files to a bucket past the API. What is published here is recorded and told as what the page publishes.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bluelamp.cli.admin.tables import bring
from bluelamp.cli.admin.target import Target, targeted
from bluelamp.errors import InvalidInputError
from bluelamp.exports.london import london
from bluelamp.guide.rules import MAX_PDF
from bluelamp.guide.service import Guides
from bluelamp.guide.store import GuideStore
from bluelamp.guide.training import Trainings
from bluelamp.people.service import People
from bluelamp.people.store import PeopleStore
from bluelamp.times import utc_now


def guides_of(target: Target) -> Guides:
    """Return the guide of a deployment; whoever delivers notices looks for them each minute."""
    people = People(PeopleStore(target.table))
    return Guides(store=GuideStore(target.table), people=people, wake=target.wake, notify=lambda: None)


def trainings_of(target: Target) -> Trainings:
    """Return the training of a deployment."""
    return Trainings(store=GuideStore(target.table), people=People(PeopleStore(target.table)), wake=target.wake)


@click.group()
def guide() -> None:
    """Publish the Force Media Guide, and say which courses whoever acts needs."""


@guide.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", required=True, help="The year and a number in it, like 2026.1.")
@click.option("--from", "day", help="The day from which everybody needs it, like 2026-12-01; left out, today.")
@targeted
def publish(target: Target, *, file: Path, version: str, day: str | None) -> None:
    """Publish FILE, text or Markdown in UTF-8 or a PDF up to 5 MB, and tell everybody."""
    try:
        since = date.fromisoformat(day) if day else london(utc_now()).date()
    except ValueError:
        raise InvalidInputError(f"{day!r} is no day: write it as 2026-12-01; nothing was published") from None
    with file.open("rb") as opened:
        body = opened.read(MAX_PDF + 1)
    made = guides_of(target).publish_file(body, target.actor, version=version, effective_from=since)
    click.echo(
        f"Force Media Guide {made.version} is published, holds from {made.effective_from}, and everybody is told."
    )
    click.echo(f"It is recorded by its SHA-256, {made.sha256}.")


@guide.command("courses")
@click.argument("courses", nargs=-1)
@targeted
def ask(target: Target, *, courses: tuple[str, ...]) -> None:
    """Have whoever acts need training in COURSES, and in no others; without any, no training is asked for."""
    made = guides_of(target).ask_for(courses, target.actor)
    needed = ", ".join(made.courses)
    click.echo(f"Whoever acts needs training in {needed} now." if needed else "No training is asked for now.")


@click.group()
def training() -> None:
    """Enter the training of people."""


@training.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would happen, line by line, and write nothing.")
@click.option("--keep-going", is_flag=True, help="Write the good lines though there are bad ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@targeted
def import_training(target: Target, *, file: Path, dry_run: bool, keep_going: bool, as_json: bool) -> None:
    """Enter what the CSV FILE says: e-mail, course, on and until; nothing that is not in it goes.

    Run it with --dry-run first. One that was cut off is run again: what was written is found unchanged.
    """
    bring(
        lambda raw: trainings_of(target).import_file(raw, target.actor, dry_run=dry_run, keep_going=keep_going),
        file,
        dry_run=dry_run,
        as_json=as_json,
    )
