"""`bluelamp archive search`: records of a pulled archive, or of an exported bag, where words can be searched too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bluelamp.audit.bagcheck import is_bag
from bluelamp.audit.bagsearch import search_bag
from bluelamp.audit.commits import UnreadableArchiveError
from bluelamp.audit.index import Hit, Index, Query
from bluelamp.audit.selection import SelectionError, moment
from bluelamp.cli.archive.progress import bar
from bluelamp.cli.archive.pseudonym import pseudonym

_WORDS = (
    "--words needs content, and an archive's records hold none: name an exported bag (`data/content` in it), or export "
    "the case first. Who exports needs the right to, and the export is itself recorded"
)


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--author", help="Who wrote it: the pseudonym, 64 hex digits; with --pseudonym-key also platform:id.")
@click.option(
    "--pseudonym-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The deployment's pseudonym key, to name an author by platform and id.",
)
@click.option("--words", help="Words in the content, all of them; over an exported bag only.")
@click.option("--since", help="From this day or time on (2026-11-22, or with time and zone), by the record's own time.")
@click.option("--until", help="Up to this day, all of it, or this time.")
@click.option("--rule", help="A rule of moderation, by its id.")
@click.option("--officer", help="Who acted: the officer's id.")
@click.option("--account", help="Which account.")
@click.option("--type", "kind", help="Which type of record, such as intent or view.")
@click.option("--object", "thing", help="Which post or thing, by its key.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many are shown.")
@click.option("--json", "as_json", is_flag=True, help="Print the records as JSON.")
def search(
    directory: Path,
    *,
    author: str | None,
    pseudonym_key: Path | None,
    words: str | None,
    since: str | None,
    until: str | None,
    rule: str | None,
    officer: str | None,
    account: str | None,
    kind: str | None,
    thing: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find records in DIRECTORY, a pulled archive or an exported bag. Offline.

    An archive gets an index beside it (index.sqlite), made the first time and then only for what is new. What is found
    is as it lies there: `verify` shows whether that is what was sealed.
    """
    try:
        query = Query(
            author=pseudonym(author, pseudonym_key, "--author"),
            account=account,
            officer=officer,
            type=kind,
            object=thing,
            rule=rule,
            since=moment(since) if since else None,
            until=moment(until, end=True) if until else None,
        )
    except SelectionError as error:
        raise click.UsageError(str(error)) from error
    if words is not None and not is_bag(directory):
        raise click.UsageError(_WORDS)
    try:
        if is_bag(directory):
            total, hits = search_bag(directory, query, words, limit)
        else:
            with bar(quiet=as_json) as show, Index(directory, lambda n, of: show("Indexing", n, of)) as index:
                total, hits = index.count(query), list(index.search(query, limit))
    except UnreadableArchiveError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        found = [{"year": hit.year, "seq": hit.seq, "record": hit.record} for hit in hits]
        click.echo(json.dumps({"hits": total, "records": found}))
    else:
        _print(total, hits)


def _print(total: int, hits: list[Hit]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("record", "at", "type", "account", "by", "object", "what"):
        table.add_column(name, overflow="fold")
    for hit in hits:
        table.add_row(*_row(hit))
    console = Console(highlight=False, markup=False)
    if hits:
        console.print(table)
    more = f", the first {len(hits)} shown" if total > len(hits) else ""
    console.print(f"{total} records{more}")


def _row(hit: Hit) -> tuple[str, ...]:
    record = hit.record
    actor, obj = record.get("actor") or {}, record.get("obj") or {}
    op, change, judgement = (record.get(name) or {} for name in ("op", "change", "judgement"))
    what: list[Any] = [op.get("verb"), op.get("result"), op.get("error"), change.get("from"), change.get("to")]
    what += [(record.get("reason") or {}).get("code"), judgement.get("risk"), *(judgement.get("codes") or ())]
    return (
        f"{hit.year}/{hit.seq}",
        str(record.get("at", "")),
        str(record.get("type", "")),
        str(record.get("account") or ""),
        str(actor.get("sub") or actor.get("kind") or ""),
        " ".join(filter(None, (obj.get("kind"), str(obj.get("key") or "")[:12]))),
        " ".join(str(part) for part in what if part),
    )
