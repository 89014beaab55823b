"""`bluelamp archive pull`: all of the archive, or what a time, an account or a person chooses of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bluelamp.audit.selection import Filter, SelectionError, moment
from bluelamp.cli.archive import LOCAL
from bluelamp.cli.archive.progress import bar
from bluelamp.cli.archive.pseudonym import pseudonym
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from bluelamp.audit.archive import Pulled
    from bluelamp.cloud.s3 import Bucket

ATTEMPTS = 5


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path("archive"))
@click.option("--since", help="Only what was sealed from this day or time on (2026-11-22, or with time and zone).")
@click.option("--until", help="Only what was sealed up to this day, all of it, or this time.")
@click.option("--account", help="Only commits that hold records of this account.")
@click.option(
    "--subject",
    help="Only commits that hold records of this person or post: the pseudonym, 64 hex digits; "
    "with --pseudonym-key also platform:id.",
)
@click.option(
    "--pseudonym-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The deployment's pseudonym key, to name a person by platform and id.",
)
@click.option("--endpoint", help="Address of the S3 service, when it is not AWS.")
@click.option("--bucket", help="The evidence bucket.")
@click.option("--access-key", help="Access key id; otherwise AWS's usual places are looked at.")
@click.option("--secret-key", help="Secret access key.")
@click.option(
    "--local",
    type=click.Path(dir_okay=False, path_type=Path),
    default=LOCAL,
    show_default=True,
    help="Where the running local stack wrote its addresses; used for what no option gives.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=8, show_default=True, help="Objects at the same time.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, and no progress.")
def pull(
    directory: Path,
    *,
    since: str | None,
    until: str | None,
    account: str | None,
    subject: str | None,
    pseudonym_key: Path | None,
    endpoint: str | None,
    bucket: str | None,
    access_key: str | None,
    secret_key: str | None,
    local: Path,
    workers: int,
    as_json: bool,
) -> None:
    """Bring the archive to DIRECTORY; run it again to go on, or to fetch what is new.

    With a filter only whole commits come that fit it, and what proves them: a partial archive, which `verify` calls
    that.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- the other commands need no AWS

    wanted = _filter(since, until, account, pseudonym(subject, pseudonym_key, "--subject"))
    source = _source(local, endpoint=endpoint, bucket=bucket, access_key=access_key, secret_key=secret_key)
    started = time.monotonic()
    try:
        with bar(quiet=as_json) as show:
            done = _bring(
                _bucket(source),
                directory,
                wanted,
                workers=workers,
                progress=lambda n, total, size: show("Pulling" if size else "Checking", n, total),
            )
    except KeyboardInterrupt:
        raise click.ClickException("stopped; what has come is kept. Run it again to go on.") from None
    except (BluelampError, BotoCoreError, ClientError, OSError) as error:
        raise click.ClickException(f"the archive could not be pulled from {source['bucket']}: {error}") from error
    _tell(directory, wanted, done, time.monotonic() - started, as_json=as_json)


def _bring(bucket: Bucket, directory: Path, wanted: Filter | None, **how: Any) -> Pulled:
    from bluelamp.audit.archive import pull as pull_all  # noqa: PLC0415 -- brings AWS libraries
    from bluelamp.audit.choose import pull_part  # noqa: PLC0415

    return pull_part(bucket, directory, wanted, **how) if wanted else pull_all(bucket, directory, **how)


def _tell(directory: Path, wanted: Filter | None, done: Pulled, seconds: float, *, as_json: bool) -> None:
    if as_json:
        counts = {name: getattr(done, name) for name in ("objects", "fetched", "kept", "bytes", "foreign", "records")}
        chosen = {"filter": wanted.words, "selected": done.selected} if wanted else {}
        click.echo(json.dumps({"directory": str(directory), **counts, **chosen}))
        return
    click.echo(
        f"{directory}: {done.records} records in {done.objects} objects; {done.fetched} fetched "
        f"({done.bytes / 1e6:.1f} MB), {done.kept} were here, {seconds:.1f} s"
    )
    if wanted:
        which = f", {done.selected} of them chosen" if done.selected is not None else ""
        click.echo(f"A part of the archive, by {wanted.words}: whole commits, and what proves them{which}")
    if done.foreign:
        click.echo(f"{done.foreign} objects in the bucket are none of the archive's and were left there", err=True)


def _filter(since: str | None, until: str | None, account: str | None, subject: str | None) -> Filter | None:
    if not (since or until or account or subject):
        return None
    try:
        return Filter(
            moment(since) if since else None, moment(until, end=True) if until else None, account or None, subject
        )
    except SelectionError as error:
        raise click.UsageError(str(error)) from error


def _source(local: Path, **options: str | None) -> dict[str, str | None]:
    """Return where the bucket is: the options, and for what they leave open the running local stack."""
    given = {name: value for name, value in options.items() if value}
    if "bucket" in given and "endpoint" not in given:
        return {**options}  # a bucket on AWS
    if not local.is_file():
        if "bucket" not in given:
            raise click.UsageError(f"name the bucket with --bucket; there is no local stack here ({local})")
        return {**options}
    try:
        evidence: dict[str, Any] = json.loads(local.read_text(encoding="utf-8"))["evidence"]
        return {name: given.get(name) or evidence[name] for name in options}
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{local} is half-written or of another version; start the stack again") from error


def _bucket(source: dict[str, str | None]) -> Bucket:
    import boto3  # noqa: PLC0415 -- slow, and the other commands are to work without it
    from botocore.config import Config  # noqa: PLC0415

    from bluelamp.cloud.s3 import Bucket  # noqa: PLC0415

    client = boto3.client(
        "s3",
        endpoint_url=source["endpoint"],
        aws_access_key_id=source["access_key"],
        aws_secret_access_key=source["secret_key"],
        config=Config(
            max_pool_connections=64,
            retries={"mode": "standard", "max_attempts": ATTEMPTS},
            s3={"addressing_style": "path"},
        ),
        # A service that is not AWS has no region, and signatures want one.
        region_name="eu-west-2" if source["endpoint"] else None,
    )
    return Bucket(client, str(source["bucket"]))
