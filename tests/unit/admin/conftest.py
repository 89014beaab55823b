"""A deployment in moto, with the table in memory: what the commands find when they ask for the stack's outputs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from bluelamp.audit.outbox import Waiting
from bluelamp.cli import main
from bluelamp.cli.admin import target as targets
from bluelamp.cli.admin.target import Target
from bluelamp.cloud.memory import MemoryTable

REGION = "eu-west-2"


def pytest_collection_modifyitems(items):
    """Leave to `make test` whatever makes a deployment: each makes a cloud of its own, which takes a second."""
    for item in items:
        if "deployment" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@dataclass
class Deployment:
    """The stack `bluelamp`, and the command line that works on it."""

    table: MemoryTable = field(default_factory=MemoryTable)
    outputs: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        make: Any = boto3.client
        return make(service, region_name=REGION)

    def run(self, *words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, list(words), input=stdin)

    def leaves(self) -> list[dict[str, Any]]:
        """Every record in the outbox, in the order in which it was written."""
        chunks = sorted((sk, item) for (pk, sk), item in self.table.items.items() if pk.startswith("OUTBOX#"))
        return [json.loads(body) for _, item in chunks for body in Waiting.from_item(item).bodies()]

    def queue(self, name: str, *, fifo: bool = False) -> str:
        """Make a queue with its dead letters, as infra/data.yaml does, and return its address."""
        end, how = (".fifo", {"FifoQueue": "true"}) if fifo else ("", {})
        sqs = self.client("sqs")
        dead = sqs.create_queue(QueueName=f"bluelamp-{name}-dead{end}", Attributes=how)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        attributes = {**how, "RedrivePolicy": policy}
        url: str = sqs.create_queue(QueueName=f"bluelamp-{name}{end}", Attributes=attributes)["QueueUrl"]
        self.outputs[f"{name.capitalize()}QueueUrl"] = url
        return url


@pytest.fixture
def deployment(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    # One session for all: each would read the services' models anew.
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        made = Deployment()
        made.queue("seal", fifo=True)
        monkeypatch.setattr(targets, "outputs_of", lambda _client, _stack: made.outputs)
        monkeypatch.setattr(Target, "table", made.table)
        yield made
