"""`bluelamp archive`: bring the sealed archive to this machine, and check it without asking anybody.

``pull`` needs the bucket; ``verify`` needs nothing but the folder, no network and no AWS.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bluelamp.audit.note import NoteError, VerifierKey
from bluelamp.audit.verify import Report, verify
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from bluelamp.cloud.s3 import Bucket

ATTEMPTS = 5
LOCAL = Path(".bluelamp/local.json")
_STYLE = {"OK": "bold green", "PENDING": "bold yellow", "FAIL": "bold red"}


@click.group()
def archive() -> None:
    """Pull the sealed archive and verify it."""


@archive.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), default=Path("archive"))
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
    endpoint: str | None,
    bucket: str | None,
    access_key: str | None,
    secret_key: str | None,
    local: Path,
    workers: int,
    as_json: bool,
) -> None:
    """Bring the archive to DIRECTORY; run it again to go on, or to fetch what is new."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- verify works without AWS libraries

    from bluelamp.audit.archive import pull as bring  # noqa: PLC0415

    source = _source(local, endpoint=endpoint, bucket=bucket, access_key=access_key, secret_key=secret_key)
    started = time.monotonic()
    console = Console(stderr=True, quiet=as_json)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn())
    try:
        with Progress(*columns, TimeRemainingColumn(), console=console, disable=as_json) as bar:
            task = bar.add_task("Reading the list", total=None)

            def show(number: int, total: int, size: int) -> None:
                bar.update(task, description="Pulling" if size else "Checking", completed=number, total=total)

            done = bring(_bucket(source), directory, workers=workers, progress=show)
    except KeyboardInterrupt:
        raise click.ClickException("stopped; what has come is kept. Run it again to go on.") from None
    except (BluelampError, BotoCoreError, ClientError) as error:
        raise click.ClickException(f"the archive could not be read from {source['bucket']}: {error}") from error
    seconds = time.monotonic() - started
    records = sum(done.sizes.values())
    if as_json:
        result = {"directory": str(directory), "objects": done.objects, "fetched": done.fetched, "kept": done.kept}
        click.echo(json.dumps({**result, "bytes": done.bytes, "foreign": done.foreign, "records": records}))
        return
    click.echo(
        f"{directory}: {records} records in {done.objects} objects; {done.fetched} fetched "
        f"({done.bytes / 1e6:.1f} MB), {done.kept} were here, {seconds:.1f} s"
    )
    if done.foreign:
        click.echo(f"{done.foreign} objects in the bucket are none of the archive's and were left there", err=True)


@archive.command("verify")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed checkpoint got on another way: shows that the tail was not cut.",
)
@click.option("--key", "vkeys", multiple=True, help="The log's key (vkey) from a source you trust; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def check(directory: Path, *, checkpoint: Path | None, vkeys: tuple[str, ...], as_json: bool) -> None:
    """Check the archive in DIRECTORY, offline. Exit code 0: OK or PENDING; 1: FAIL, and where."""
    try:
        keys = [VerifierKey.parse(key) for key in vkeys]
    except NoteError as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    started = time.monotonic()
    report = verify(directory, known=checkpoint.read_bytes() if checkpoint else None, keys=keys)
    if as_json:
        click.echo(json.dumps(report.as_json()))
    else:
        _print(report, time.monotonic() - started)
    sys.exit(1 if report.failures else 0)


def _print(report: Report, seconds: float) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for log in report.logs:
        console.print(
            f"{log.origin or log.year}: {log.records} records under {log.checkpoints} checkpoints, "
            f"sealed until {log.sealed_at or 'unknown'}",
            markup=False,
        )
        for key in log.keys:
            console.print(
                f"  key {key}{'' if report.pinned else '  (from the archive itself; compare it)'}", markup=False
            )
    for title, findings in (("FAIL", report.failures), ("PENDING", report.pending), ("note", report.remarks)):
        for finding in findings:
            console.print(f"{title:8}{finding}", markup=False, style=_STYLE.get(title))
    console.print(report.anchor, markup=False)
    rate = report.records / seconds if seconds else 0
    console.print(f"{report.records} records checked in {seconds:.2f} s ({rate:,.0f} a second)", markup=False)
    console.print(report.verdict, style=_STYLE[report.verdict])


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
    import boto3  # noqa: PLC0415 -- slow, and verify is to work without it
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
