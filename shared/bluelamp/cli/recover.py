"""`bluelamp recover`: after a restore of the table, or its loss, the log goes on behind what is under lock.

The head is rebuilt from the archive, what the outbox holds a second time is not sealed again, and actions that were
under way are brought to their end. With ``--keys-since`` it is the key table that was restored: what was erased since
is erased again. docs/runbooks/recovery.md tells the whole way.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from bluelamp.audit.leaf import Reason
from bluelamp.audit.note import NoteError, VerifierKey
from bluelamp.audit.recover import Recovered, Recovery
from bluelamp.audit.survey import Survey
from bluelamp.cli.admin.target import Target, targeted
from bluelamp.times import parse_iso, utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bluelamp.actions.restoring import Resumed
    from bluelamp.cloud.s3 import Bucket
    from bluelamp.content.restoring import Replayed


def _reference(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse what no record takes before anything is done."""
    try:
        return Reason(code="table_restored", ref=value).ref
    except ValueError:
        raise click.BadParameter("it is a number of your files, such as INC-2026-17") from None


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option(
    "--reference",
    metavar="NUMBER",
    callback=_reference,
    help="Number of the incident or change; stands in the record.",
)
@click.option("--key", "vkeys", multiple=True, metavar="VKEY", help="An earlier signing key; may be repeated.")
@click.option("--trust-archive", is_flag=True, help="Believe the keys in the archive: the signing key is lost.")
@click.option("--resume-since", metavar="TIME", help="Only take up actions: an earlier run was cut off.")
@click.option("--keys-since", metavar="TIME", help="The key table was restored to this time: erase again.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@targeted
def command(
    target: Target,
    *,
    dry_run: bool,
    reference: str | None,
    vkeys: tuple[str, ...],
    trust_archive: bool,
    resume_since: str | None,
    keys_since: str | None,
    as_json: bool,
) -> None:
    """Rebuild the head of the log from the archive, and take up again what was under way.

    To be run before any function writes to the restored table; harmless when there is nothing to do.
    """
    parameters = parameters_of(target)
    publics = () if trust_archive else _publics(target, vkeys)
    survey = Survey(evidence_of(target, parameters), origin=origin_of(parameters), publics=publics)
    if keys_since:
        replayed = _replay(target, survey, _moment(keys_since), dry_run=dry_run)
        click.echo(json.dumps(asdict(replayed)) if as_json else _told_keys(replayed, dry_run=dry_run))
        return
    if resume_since:
        click.echo(_told_actions(_resume(target, outcomes_since(survey, _moment(resume_since)), _moment(resume_since))))
        return
    found, resumed = recover(target, survey, dry_run=dry_run, reference=reference)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"resumed": asdict(resumed) if resumed else None}))
        return
    for line in told(found, resumed, dry_run=dry_run):
        click.echo(line)


def recover(
    target: Target, survey: Survey, *, dry_run: bool = False, reference: str | None = None
) -> tuple[Recovered, Resumed | None]:
    """Rebuild the head, then take up actions; return what was found and done."""
    found = Recovery(target.table, survey).run(dry_run=dry_run, reference=reference)
    if not found.needed or dry_run:
        return found, None
    resumed = _resume(target, found.outcomes, parse_iso(found.sealed_at)) if found.sealed_at else None
    target.wake()
    return found, resumed


def told(found: Recovered, resumed: Resumed | None, *, dry_run: bool = False) -> list[str]:
    """Return what was found and done, in lines."""
    if not found.needed:
        return ["The table is not behind the archive: nothing to recover."]
    lines = [
        f"The table knew {found.known} records of the log; the archive goes up to record {found.size} of {found.year}.",
        f"Forgotten: {_counts(found.forgotten) or 'nothing'}.",
        f"In the outbox: {found.placed} chunks that are under lock and are not sealed again; {found.waiting} others.",
    ]
    if found.accounts:
        lines.append(f"By account: {_counts(found.accounts)}.")
    if found.intents:
        lines.append(f"{len(found.intents)} intents have no outcome in the archive: recorded as unknown. Look at them:")
        lines += [f"  {intent}" for intent in found.intents]
    if found.unsigned:
        lines.append("The last commit had no checkpoint yet; the sealer puts it.")
    if resumed:
        lines.append(_told_actions(resumed))
    done = "The head is rebuilt; the next commit begins with the record of it."
    return [*lines, "Nothing was written." if dry_run else done]


def outcomes_since(survey: Survey, moment: datetime) -> dict[str, str]:
    """Return what the archive says came of intents, by the intent's id, from `moment` on."""
    records = survey.records_since(utc_now().year, moment)
    ops = (record["op"] for record in records if record["type"] == "outcome")
    return {op["intent"]: op["result"] for op in ops if op["result"] != "deferred"}


def parameters_of(target: Target) -> dict[str, str]:
    """Return the parameters that the stack was deployed with."""
    (stack,) = target.client("cloudformation").describe_stacks(StackName=target.stack)["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])}


def origin_of(parameters: dict[str, str]) -> str:
    """Return what the log's origin begins with; the year follows."""
    return f"{parameters['Origin']}/bluelamp/{parameters['Force']}"


def evidence_of(target: Target, parameters: dict[str, str]) -> Bucket:
    """Return the evidence bucket: in S3, or where the embedded cloud keeps it, with the sealer's keys to it."""
    from bluelamp.cloud import clients  # noqa: PLC0415 - boto3 is not needed for --help
    from bluelamp.cloud.s3 import Bucket  # noqa: PLC0415
    from bluelamp.cloud.secrets import Secrets  # noqa: PLC0415

    endpoint, prefix = parameters.get("S3Endpoint", ""), parameters.get("S3CredentialsPrefix", "")
    if not endpoint:
        return Bucket(target.client("s3"), target.outputs["EvidenceBucket"])
    keys = Secrets(target.client("secretsmanager")).get(f"{prefix}seal")
    client = clients.s3(endpoint, keys["access_key"], keys["secret_key"])
    return Bucket(client, target.outputs["EvidenceBucket"])


def _publics(target: Target, vkeys: Sequence[str]) -> list[bytes]:
    """Return the keys that may have signed: the deployment's, the restored head's, and those that were named."""
    from bluelamp.audit.head import latest_head  # noqa: PLC0415
    from bluelamp.cloud.kms import KmsSigningKey  # noqa: PLC0415

    head = latest_head(target.table, utc_now().year)
    try:
        named = [VerifierKey.parse(key) for key in (*vkeys, *([head.vkey] if head and head.vkey else []))]
    except NoteError as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    own = KmsSigningKey(target.client("kms"), target.outputs["SigningKeyId"]).public()
    return [own, *(key.public for key in named)]


def _resume(target: Target, outcomes: dict[str, str], point: datetime) -> Resumed:
    from bluelamp.accounts.finder import AccountFinder  # noqa: PLC0415 - the desk's own parts, for an AWS deployment
    from bluelamp.accounts.service import Accounts  # noqa: PLC0415
    from bluelamp.accounts.store import AccountStore  # noqa: PLC0415
    from bluelamp.actions.restoring import Restoring  # noqa: PLC0415
    from bluelamp.actions.store import ActionStore  # noqa: PLC0415
    from bluelamp.audit.wake import Wake  # noqa: PLC0415
    from bluelamp.cloud.secrets import Secrets  # noqa: PLC0415
    from bluelamp.cloud.sqs import Queue  # noqa: PLC0415
    from bluelamp.platforms.registry import connector  # noqa: PLC0415
    from bluelamp.posts.changing import Changer  # noqa: PLC0415
    from bluelamp.posts.store import PostStore  # noqa: PLC0415
    from bluelamp.pseudonyms import Pseudonyms  # noqa: PLC0415

    accounts = Accounts(AccountStore(target.table), connector)
    secret = Secrets(target.client("secretsmanager")).get(target.outputs["PseudonymSecret"])
    sqs = target.client("sqs")
    changer = Changer(
        posts=PostStore(target.table),
        accounts=AccountFinder(accounts),
        offered=lambda _: frozenset(),
        pseudonyms=Pseudonyms(bytes.fromhex(secret["key"])),
        wake=Wake(Queue(sqs, target.outputs["SealQueueUrl"])),
        live=Queue(sqs, target.outputs["LiveQueueUrl"]),
        vault=_no_vault,
    )
    actions = ActionStore(target.table)
    restoring = Restoring(changer=changer, actions=actions, queue=Queue(sqs, target.outputs["ActionQueueUrl"]))
    known = [account.id for account in accounts.all()]
    return restoring.resume(known, outcomes, point=point)


def _no_vault() -> Any:
    raise click.ClickException("a recovery keeps no content; this is a mistake of ours")


def _replay(target: Target, survey: Survey, moment: datetime, *, dry_run: bool) -> Replayed:
    from bluelamp.cloud.dynamodb import Table  # noqa: PLC0415
    from bluelamp.content.restoring import replay  # noqa: PLC0415
    from bluelamp.content.store import KeyStore  # noqa: PLC0415

    keys = KeyStore(Table(target.client("dynamodb"), target.outputs["KeyTableName"]))
    return replay(survey.records_since(utc_now().year, moment), keys, dry_run=dry_run)


def _told_actions(found: Resumed) -> str:
    left = f", {found.left} changed meanwhile: run this again with --resume-since" if found.left else ""
    return f"Actions under way: {found.ended} ended as the archive says, {found.released} released again{left}."


def _told_keys(found: Replayed, *, dry_run: bool) -> str:
    done = "would be destroyed again" if dry_run else "are destroyed again"
    return (
        f"Of {found.erased} erasures in the log {found.again} had come back and {done}.\n"
        f"Of what else was kept since, {found.readable} entries can be read; the keys of {found.lost} are lost, and "
        f"with them their content. Their records stand and verify.\n"
        + (f"{found.broken} records point at no content that can be found.\n" if found.broken else "")
    ).rstrip("\n")


def _moment(text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no time like 2026-11-22T10:00:00Z") from error


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(found.items()))
