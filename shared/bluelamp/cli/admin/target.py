"""The deployment that a command works on, on AWS or on this machine, and the record of what the command does there.

Nothing of this runs in a function: it is done with the keys of whoever typed it. So the record names these keys, by
AWS's own id of the user or role, with the digest of the caller's ARN; CloudTrail holds the ARN itself.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import click

from bluelamp.audit.leaf import Actor, Leaf
from bluelamp.audit.outbox import Chunk
from bluelamp.audit.wake import Wake
from bluelamp.cli.deploy import DEFAULT_REGION, outputs_of
from bluelamp.cli.local import options
from bluelamp.cloud.dynamodb import Table
from bluelamp.cloud.sqs import Queue, QueueError
from bluelamp.errors import BluelampError, NotFoundError

ROLE = "operator"
CALLERS = {"access_key": "aws_access_key_id", "secret_key": "aws_secret_access_key"}


class Target:
    """One deployed stack.

    Parameters
    ----------
    stack
        Its name.
    region
        Its AWS region.
    endpoint
        Address of the embedded cloud; empty for AWS.
    keys
        `access_key` and `secret_key` of the embedded cloud; on AWS the shell's own credentials are used.
    """

    def __init__(self, stack: str, region: str, *, endpoint: str = "", **keys: str) -> None:
        self.stack = stack
        self.local = bool(endpoint)
        self._options: dict[str, Any] = {"region_name": region, "endpoint_url": endpoint or None}
        self._options |= {CALLERS[name]: value for name, value in keys.items()}
        self._clients: dict[str, Any] = {}

    @classmethod
    def on_this_machine(cls, state_dir: Path) -> Self:
        """Return the local stack that runs on a state folder.

        Raises
        ------
        NotFoundError
            When none runs.
        """
        from bluelamp.cli.local.ministack import ACCESS_KEY, REGION, SECRET_KEY  # noqa: PLC0415 - local runs alone
        from bluelamp.cli.local.ports import LOOPBACK  # noqa: PLC0415
        from bluelamp.cli.local.stack import STACK  # noqa: PLC0415

        try:
            (state_dir / "local.json").stat()  # there for as long as the stack is up
            port = json.loads((state_dir / "state.json").read_text(encoding="utf-8"))["ports"]["cloud"]
        except (OSError, ValueError, KeyError, TypeError):
            raise NotFoundError(f"no local stack runs on {state_dir}: start it with make run") from None
        endpoint = f"http://{LOOPBACK}:{port}"
        return cls(STACK, REGION, endpoint=endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY)

    def client(self, service: str) -> Any:
        """Return a boto3 client, made once."""
        import boto3  # noqa: PLC0415 - a fifth of a second that `--help` need not pay

        if service not in self._clients:
            make: Any = boto3.client
            self._clients[service] = make(service, **self._options)
        return self._clients[service]

    @cached_property
    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs."""
        return outputs_of(self.client("cloudformation"), self.stack)

    @cached_property
    def table(self) -> Table:
        """Return the stack's table."""
        return Table(self.client("dynamodb"), self.outputs["TableName"])

    @cached_property
    def actor(self) -> Actor:
        """Return who types: AWS's id of the user or role, and the SHA-256 of the caller's ARN as the session."""
        caller = self.client("sts").get_caller_identity()
        # An assumed role's id goes on with the session's name, which is often somebody's address.
        principal = str(caller["UserId"]).split(":", 1)[0]
        session = hashlib.sha256(str(caller["Arn"]).encode()).hexdigest()
        return Actor(kind="person", sub=f"aws:{principal}", session=session, role=ROLE)

    def record(self, *leaves: Leaf) -> None:
        """Write leaves to the outbox and have them sealed."""
        self.table.write(Chunk.of(leaves).put())
        self.wake()

    def wake(self) -> None:
        """Have what was recorded sealed now rather than within a minute."""
        try:
            Wake(Queue(self.client("sqs"), self.outputs["SealQueueUrl"])).send()
        except QueueError as error:
            click.echo(f"Recorded; the sealer was not woken and will find it on its own. ({error})", err=True)


def targeted(run: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name a deployment; it is called with the `Target` first.

    Errors of Bluelamp and of AWS end the command with one line.
    """

    @click.option("--stack", default="bluelamp", show_default=True, help="Name of the stack on AWS.")
    @click.option("--region", default=DEFAULT_REGION, show_default=True, help="Its AWS region.")
    @click.option("--local", is_flag=True, help="The stack that runs on this machine, instead of AWS.")
    @options.state_dir
    @functools.wraps(run)
    def command(*, stack: str, region: str, local: bool, state_dir: Path, **others: Any) -> None:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded with the first client

        try:
            run(Target.on_this_machine(state_dir) if local else Target(stack, region), **others)
        except ClientError as error:
            told = error.response.get("Error", {})
            raise click.ClickException(f"AWS refused {error.operation_name}: {told.get('Message', error)}") from error
        except (BluelampError, BotoCoreError) as error:
            raise click.ClickException(str(error)) from error

    return command
