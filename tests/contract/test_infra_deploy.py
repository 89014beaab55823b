"""A deployment that would change nothing is not made, and one that fails says why."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bluelamp.cli import deploy as deploying
from bluelamp.cli.deploy import DeployError, deploy


class Cloud:
    """A CloudFormation that knows one stack."""

    def __init__(self) -> None:
        self.stack: dict[str, Any] | None = None
        self.events: list[dict[str, str]] = []

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 -- AWS's name
        if self.stack is None:
            error = {"Error": {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}}
            raise ClientError(error, "DescribeStacks")
        return {"Stacks": [self.stack]}

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803 -- AWS's name
        return {"StackEvents": self.events}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    made = Cloud()
    monkeypatch.setattr(deploying, "_client", lambda *_: made)
    return made


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "digest").write_text("d1", encoding="ascii")
    path = tmp_path / "template.yaml"
    path.write_text("Resources: {}\n", encoding="utf-8")
    return path


def _sam(root: Path, script: str) -> Path:
    """A stand-in for sam that does what `script` says, and keeps its arguments and environment."""
    tool = root / ".tools" / "sam" / "bin" / "sam"
    tool.parent.mkdir(parents=True, exist_ok=True)
    tool.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{root}/arguments"\nenv > "{root}/environment"\n{script}\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    return tool


def _stands(cloud: Cloud, root: Path) -> None:
    """Let the stack stand with the fingerprint that the stand-in was given."""
    given = next(line for line in (root / "arguments").read_text().splitlines() if line.startswith("Fingerprint="))
    cloud.stack = {
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": "Fingerprint", "OutputValue": given.split('"')[1]}],
    }


def test_what_stands_already_is_not_deployed_again(cloud: Cloud, template: Path, tmp_path: Path) -> None:
    _sam(tmp_path, "exit 0")
    with pytest.raises(DeployError):  # the stand-in makes no stack
        deploy(template, parameters={"Force": "a b"}, root=tmp_path)
    assert 'Force="a b"' in (tmp_path / "arguments").read_text().splitlines()
    _stands(cloud, tmp_path)
    _sam(tmp_path, "exit 1")
    deploy(template, parameters={"Force": "a b"}, root=tmp_path)


@pytest.mark.parametrize("change", ["parameters", "artefacts", "status"])
def test_any_change_is_deployed(change: str, cloud: Cloud, template: Path, tmp_path: Path) -> None:
    _sam(tmp_path, "exit 0")
    with pytest.raises(DeployError):
        deploy(template, parameters={}, root=tmp_path)
    _stands(cloud, tmp_path)
    assert cloud.stack is not None
    if change == "artefacts":
        (tmp_path / "digest").write_text("d2", encoding="ascii")
    if change == "status":
        cloud.stack["StackStatus"] = "ROLLBACK_COMPLETE"
    (tmp_path / "arguments").unlink()
    deploy(template, parameters={"Force": "b"} if change == "parameters" else {}, root=tmp_path)
    assert (tmp_path / "arguments").exists()


def test_the_reasons_of_a_failure_are_told(cloud: Cloud, template: Path, tmp_path: Path) -> None:
    _sam(tmp_path, "exit 1")
    cloud.stack = {"StackStatus": "ROLLBACK_COMPLETE"}
    cloud.events = [
        {"LogicalResourceId": "Table", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "no such index"},
        {"LogicalResourceId": "Queue", "ResourceStatus": "CREATE_COMPLETE"},
    ]
    with pytest.raises(DeployError, match="Table: no such index"):
        deploy(template, parameters={}, root=tmp_path)


def test_the_embedded_cloud_is_not_asked_with_the_callers_credentials(
    cloud: Cloud, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "live")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "live")
    _sam(tmp_path, "exit 1")
    with pytest.raises(DeployError):
        deploy(
            template,
            parameters={},
            endpoint="http://127.0.0.1:1",
            access_key="local",
            secret_key="local",
            root=tmp_path,
        )
    environment = (tmp_path / "environment").read_text().splitlines()
    assert {"AWS_ACCESS_KEY_ID=local", "AWS_ENDPOINT_URL=http://127.0.0.1:1"} <= set(environment)
    assert not any(line.startswith("AWS_PROFILE=") for line in environment)


def test_a_deployment_may_make_the_role_that_has_a_name(cloud: Cloud, template: Path, tmp_path: Path) -> None:
    _sam(tmp_path, "exit 1")
    with pytest.raises(DeployError):
        deploy(template, parameters={}, root=tmp_path)
    assert "CAPABILITY_NAMED_IAM" in (tmp_path / "arguments").read_text().splitlines()


def test_a_rule_that_is_broken_is_told(cloud: Cloud, template: Path, tmp_path: Path) -> None:
    _sam(tmp_path, 'echo "rule failed: In service LockMode is COMPLIANCE" >&2; exit 1')
    with pytest.raises(DeployError, match="In service LockMode is COMPLIANCE"):
        deploy(template, parameters={}, root=tmp_path)
