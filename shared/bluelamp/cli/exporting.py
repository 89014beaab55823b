"""`bluelamp export`: a case as a bag that anybody can check, through the API or out of a pulled archive.

Through the API the bag holds the words and pictures, and the request is recorded as a disclosure. With ``--from`` it is
made on this machine, out of the archive alone: records and proofs, no words. Either way it is checked at the end.
"""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import Any

import click
import requests
from pydantic import TypeAdapter, ValidationError

from bluelamp.audit.bagcheck import check_bag
from bluelamp.audit.verifier import exit_code, told
from bluelamp.cli import fetching
from bluelamp.cli.archive.progress import bar
from bluelamp.cli.through import api_of, where
from bluelamp.errors import BluelampError, InvalidInputError
from bluelamp.exports.london import day_begins, day_ends
from bluelamp.exports.model import Purpose, Scope
from bluelamp.exports.offline import Wanted, bag_from
from bluelamp.times import utc_now

PURPOSES: tuple[str, ...] = Purpose.__args__  # type: ignore[attr-defined]  # the members of a Literal
_PSEUDONYM = 64
_ULID = 26


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path("export"))
@click.option("--post", "posts", multiple=True, help="A post's id; with --from its pseudonym, or a record's id.")
@click.option("--thread", help="All posts of a thread.")
@click.option("--account", help="All posts of an account; with --since and --until.")
@click.option("--author", help="All posts of an author, by the pseudonym in the log; with --since and --until.")
@click.option("--search", "words", multiple=True, help="All posts with this word in them; with --since and --until.")
@click.option("--since", help="The first day that counts, YYYY-MM-DD, in the United Kingdom.")
@click.option("--until", help="The last day that counts.")
@click.option("--ref", required=True, help="The force's number for the case, such as WP/2026/1234.")
@click.option("--purpose", type=click.Choice(PURPOSES), default="investigation", show_default=True, help="Why.")
@click.option(
    "--from",
    "archive",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A pulled archive: makes a bag of records alone, offline.",
)
@where
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and no progress.")
def export(directory: Path, *, as_json: bool, archive: Path | None, **given: Any) -> None:
    """Take a case out as a bag in DIRECTORY, and check it; run it again to go on. Exit code 0: OK; 1: not."""
    try:
        if archive is None:
            root, about = _through_the_api(directory, quiet=as_json, **given)
        else:
            root, about = _offline(archive, directory, quiet=as_json, **given)
        with bar(quiet=as_json) as show:
            report = check_bag(root, progress=lambda done, total: show("Verifying", done, total))
    except KeyboardInterrupt:
        raise click.ClickException("stopped; what has come is kept. Run it again to go on.") from None
    except (BluelampError, requests.RequestException) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({**about, "bag": str(root), "report": report.as_json()}))
    else:
        click.echo(told(report))
        click.echo(f"The bag is {root}; anybody can check it: python {root / 'data' / 'verify.pyz'} {root}")
    sys.exit(exit_code(report))


def scope_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return the scope that the options name, as the API takes it.

    Raises
    ------
    UsageError
        When they name none, more than one, or half of one.
    """
    period = {"since": given["since"], "until": given["until"]}
    account = {"account": given["account"]} if given["account"] else {}
    kinds: list[dict[str, Any]] = []
    if given["posts"]:
        kinds.append({"kind": "posts", "posts": list(given["posts"])})
    if given["thread"]:
        kinds.append({"kind": "thread", "thread": given["thread"]})
    if given["words"]:
        kinds.append({"kind": "search", "words": list(given["words"]), **account, **period})
    if given["author"]:
        kinds.append({"kind": "author", "author": given["author"], **account, **period})
    if account and not (given["words"] or given["author"]):
        kinds.append({"kind": "account", **account, **period})
    if len(kinds) != 1:
        raise click.UsageError("name one of --post, --thread, --account, --author and --search")
    try:
        TypeAdapter(Scope).validate_python(kinds[0])
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise click.UsageError(f"--{wrong['loc'][-1]}: {wrong['msg']}") from None
    return kinds[0]


def _through_the_api(directory: Path, *, quiet: bool, **given: Any) -> tuple[Path, dict[str, Any]]:
    body = {"scope": scope_of(given), "purpose": given["purpose"], "ref": given["ref"]}
    api = api_of(given["url"], given["token"], given["local"], "auditor")
    with bar(quiet=quiet) as show:
        asked = fetching.ask(api, body, directory)
        made = fetching.wait(api, asked["id"], show)
        file = fetching.fetch(api, asked["id"], directory, show)
    return fetching.unpack(file, directory), {"export": made["id"], "file": str(file), "figures": made["figures"]}


def _offline(archive: Path, directory: Path, *, quiet: bool, **given: Any) -> tuple[Path, dict[str, Any]]:
    if given["thread"] or given["words"]:
        raise click.UsageError("an archive holds no words and no threads: --from takes --post, --account and --author")
    if not (given["posts"] or given["account"] or given["author"]):
        raise click.UsageError("name one of --post, --account and --author")
    for named in given["posts"]:
        if len(named) not in {_PSEUDONYM, _ULID}:
            raise click.UsageError(f"--post {named}: with --from a post is named by its pseudonym, or by a record's id")
    try:
        wanted = Wanted(
            objects=frozenset(p for p in given["posts"] if len(p) == _PSEUDONYM),
            records=frozenset(p for p in given["posts"] if len(p) == _ULID),
            account=given["account"],
            author=given["author"],
            since=day_begins(given["since"]) if given["since"] else None,
            until=day_ends(given["until"]) if given["until"] else None,
        )
    except ValueError as error:
        raise InvalidInputError(f"--since and --until are days, YYYY-MM-DD: {error}") from error
    with bar(quiet=quiet) as show:
        counts = bag_from(
            archive,
            directory,
            wanted,
            ref=given["ref"],
            by=getpass.getuser(),
            now=utc_now(),
            progress=lambda n: show("Reading", n, 0),
        )
    return directory, {"figures": counts}
