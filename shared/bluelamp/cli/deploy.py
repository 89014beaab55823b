"""Brings a built template to AWS or to the embedded cloud: the same ``sam deploy`` for both.

The stack's output Fingerprint is the digest of its artefacts and parameters, so a deployment that would change nothing
is recognised by asking the cloud itself; no file beside it can go stale. (A tag would be handed down to every resource
and have each of them updated.)
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from bluelamp.cli.build import PROJECT, build, digest_of
from bluelamp.cli.page import Page, publish
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

DEFAULT_REGION = "eu-west-2"
FINGERPRINT = "Fingerprint"
# NAMED_IAM: the sealer's role has a name, because the signing key's policy speaks of it.
CAPABILITIES = ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})

# The embedded cloud is asked with its own keys; a profile or a session of the caller's must not be mixed in.
CALLERS_OWN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE")


class DeployError(BluelampError):
    """The stack could not be brought to the wanted state."""

    code: ClassVar[str] = "deploy_failed"


def deploy(
    template: Path,
    *,
    parameters: Mapping[str, str],
    stack: str = "bluelamp",
    endpoint: str = "",
    region: str = DEFAULT_REGION,
    access_key: str = "",
    secret_key: str = "",
    root: Path = PROJECT,
) -> dict[str, str]:
    """Bring `stack` to the built `template` and return its outputs.

    Parameters
    ----------
    template
        What `bluelamp.cli.build.build` returned.
    parameters
        Parameters of ``template.yaml`` by name. Force, Origin and PublicUrl have no default.
    stack
        The stack's name; it begins the names of functions, queues and secrets.
    endpoint
        Address of the embedded cloud; empty for AWS. With it the two keys are used and the caller's own are not.
    region
        AWS region.
    access_key, secret_key
        Keys for the embedded cloud.
    root
        The project's folder, where the tools are.

    Returns
    -------
    dict
        ApiId, WebhookApiId, WebSocketApiId, UserPoolId, UserPoolClientId, TableName, EvidenceBucket, ContentBucket,
        StagingBucket, ``<Name>QueueUrl`` for each queue, SigningKeyId, PseudonymSecret, SessionSecret, SignInUrl,
        BreakGlassRoleArn, Region; with the edge WebBucket, DistributionId and DistributionDomain.

    Raises
    ------
    DeployError
        With the reasons that the stack's events give.
    """
    client = _client(endpoint, region, access_key, secret_key)
    wanted = {**parameters, FINGERPRINT: _fingerprint(template, parameters)}
    standing = _stack(client, stack)
    if standing is not None and standing["StackStatus"] in GOOD:
        outputs = _outputs(standing)
        if outputs.get(FINGERPRINT) == wanted[FINGERPRINT]:
            return outputs
    command = _command(template, wanted, stack, region, root)
    prefix = _only(endpoint, region, access_key, secret_key) if endpoint else []
    command = ["env", "SAM_CLI_TELEMETRY=0", *prefix, *command]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=template.parent)
    standing = _stack(client, stack)
    if answer.returncode or standing is None:
        raise DeployError(f"the stack {stack} was not deployed: {_why(client, stack, answer.stderr)}")
    return _outputs(standing)


def outputs_of(client: CloudFormationClient, stack: str) -> dict[str, str]:
    """Return the outputs of a stack that stands.

    Raises
    ------
    DeployError
        When there is none of that name, or the cloud does not tell.
    """
    standing = _stack(client, stack)
    if standing is None:
        raise DeployError(f"there is no stack {stack} in {client.meta.region_name}; deploy it, or name another")
    return _outputs(standing)


def publish_page(page: Page | None, outputs: Mapping[str, str], region: str) -> str:
    """Bring the page to the edge of a deployed stack; return what was done, in one line."""
    if page is None or "WebBucket" not in outputs:
        return "There is no edge (CertificateArn is not set): the page was not uploaded."
    import boto3  # noqa: PLC0415 -- as in `_client`

    make: Any = boto3.client
    where = {"bucket": outputs["WebBucket"], "distribution": outputs["DistributionId"]}
    s3, cloudfront = (make(service, region_name=region) for service in ("s3", "cloudfront"))
    if not publish(page, s3=s3, cloudfront=cloudfront, **where):
        return "The page is as it was."
    return f"The page was uploaded ({len(page.files)} files); the edge fetches it anew within minutes."


def _client(endpoint: str, region: str, access_key: str, secret_key: str) -> CloudFormationClient:
    import boto3  # noqa: PLC0415 -- a fifth of a second that `bluelamp --help` need not pay

    if not endpoint:
        return boto3.client("cloudformation", region_name=region)
    return boto3.client(
        "cloudformation",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )


def _fingerprint(template: Path, parameters: Mapping[str, str]) -> str:
    text = json.dumps([digest_of(template), dict(sorted(parameters.items()))])
    return hashlib.sha256(text.encode()).hexdigest()


def _command(template: Path, parameters: Mapping[str, str], stack: str, region: str, root: Path) -> list[str]:
    own = root / ".tools" / "sam" / "bin" / "sam"
    sam = str(own) if own.exists() else shutil.which("sam")
    if sam is None:
        raise DeployError("there is no sam here; run make setup, which installs it under .tools/")
    command = [sam, "deploy", f"--template-file={template}", f"--stack-name={stack}", f"--region={region}"]
    command += ["--resolve-s3", f"--s3-prefix={stack}", "--no-progressbar"]
    command += ["--no-confirm-changeset", "--no-fail-on-empty-changeset"]
    command += ["--capabilities", *CAPABILITIES, "--parameter-overrides"]
    return command + [f'{name}="{value}"' for name, value in sorted(parameters.items())]


def _only(endpoint: str, region: str, access_key: str, secret_key: str) -> list[str]:
    """Return a prefix that runs a command with the embedded cloud's environment in place of the caller's."""
    kept = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    unset = [option for name in CALLERS_OWN for option in ("-u", name)]
    return ["env", *unset, *(f"{name}={value}" for name, value in kept.items())]


def _stack(client: CloudFormationClient, name: str) -> StackTypeDef | None:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- loaded with the client anyway

    try:
        return client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise DeployError(f"the cloud would not tell about the stack {name}: {error}") from error
    except BotoCoreError as error:
        raise DeployError(f"the cloud was not reached: {error}") from error


def _outputs(stack: StackTypeDef) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _why(client: CloudFormationClient, stack: str, said: str) -> str:
    """Return the reasons of the failed resources, or what the tool said when there are none."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        events: list[Any] = client.describe_stack_events(StackName=stack)["StackEvents"]
    except ClientError:
        events = []
    reasons = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason")
    ]
    return "; ".join(dict.fromkeys(reasons[:5])) or " ".join(said.split()[-60:])


@click.command()
@click.option("--force", required=True, help="The force's short name, e.g. wealdshire.")
@click.option("--origin", required=True, help="Domain that names this deployment in its log; never changed afterwards.")
@click.option("--public-url", required=True, help="Where the page is served, e.g. https://desk.example.police.uk.")
@click.option("--set", "others", multiple=True, metavar="NAME=VALUE", help="Another parameter of template.yaml.")
@click.option("--stack", default="bluelamp", show_default=True)
@click.option("--region", default=DEFAULT_REGION, show_default=True)
def command(*, force: str, origin: str, public_url: str, others: tuple[str, ...], stack: str, region: str) -> None:
    """Build for AWS, and bring the stack there with the credentials of this shell."""
    parameters = {"Force": force, "Origin": origin, "PublicUrl": public_url, "Commit": _commit()}
    for other in others:
        name, equals, value = other.partition("=")
        if not equals:
            raise click.BadParameter(f"{other!r} is not NAME=VALUE", param_hint="--set")
        parameters[name] = value
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- as in `_client`

    try:
        # Read before anything is deployed: without a built page there is nothing to serve at the edge.
        page = Page.built(PROJECT / "web" / "dist") if parameters.get("CertificateArn") else None
        outputs = deploy(build("aws"), parameters=parameters, stack=stack, region=region)
        for name, value in sorted(outputs.items()):
            click.echo(f"{name:24}{value}")
        click.echo(publish_page(page, outputs, region))
    except BluelampError as error:
        raise click.ClickException(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(f"the stack stands, but the page was not uploaded: {error}") from error


def _commit() -> str:
    """Return the commit that is deployed, or nothing when the tree holds more than it."""
    git = ["git", "-C", str(PROJECT)]
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False)
    head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return head.stdout.strip() if head.returncode == 0 and not changed.stdout.strip() else ""
