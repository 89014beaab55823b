"""What the local stack takes from `template.yaml`, so that no second description of it exists.

The embedded cloud deploys the template itself. But evidence and content lie in another store locally, which knows
nothing of CloudFormation: locks, denials and grants of its buckets are read from the template here. So are the headers
that the edge gives the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from bluelamp.cli.local.errors import LocalError

S3_KEYS_VARIABLE = "BLUELAMP_S3_CREDENTIALS_SECRET"


class _Loader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions (`!Ref X`) as their long forms (`{"Ref": "X"}`)."""


def _function(loader: yaml.Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    raise yaml.constructor.ConstructorError(None, None, f"!{suffix} takes no mapping", node.start_mark)


_Loader.add_multi_constructor("!", _function)


@dataclass(frozen=True)
class Lock:
    """How a bucket holds on to what is put in it."""

    mode: Literal["GOVERNANCE", "COMPLIANCE"]
    days: int


@dataclass(frozen=True)
class LockedBucket:
    """A bucket with Object Lock: its lock, and what its policy denies everybody without any condition."""

    logical_id: str
    lock: Lock
    denials: tuple[dict[str, Any], ...]

    def policy(self, name: str) -> str:
        """Return the policy for the bucket when it is called `name`."""
        text = json.dumps({"Version": "2012-10-17", "Statement": list(self.denials)}, sort_keys=True)
        return text.replace("{bucket-arn}", f"arn:aws:s3:::{name}")


class Template:
    """The project's templates, read once.

    Parameters
    ----------
    root
        The project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._main = _load(root / "template.yaml")
        self._data = _load(root / "infra" / "data.yaml")
        self._edge = _load(root / "infra" / "edge.yaml")

    def locked_buckets(self) -> dict[str, LockedBucket]:
        """Return the buckets with Object Lock, by logical id."""
        found = {}
        for logical_id, resource in self._data["Resources"].items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::S3::Bucket" and properties.get("ObjectLockEnabled"):
                retention = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
                lock = Lock(mode=self._value(retention["Mode"]), days=int(self._value(retention["Days"])))
                found[logical_id] = LockedBucket(logical_id, lock, tuple(self._denials(logical_id)))
        return found

    def s3_grants(self) -> dict[str, dict[str, frozenset[str]]]:
        """Return what each function with keys of its own for the evidence store may do there.

        Shaped ``{"seal": {"EvidenceBucket": frozenset({"s3:PutObject", …})}}``.
        """
        resources = self._main["Resources"]
        found: dict[str, dict[str, frozenset[str]]] = {}
        for logical_id, resource in resources.items():
            variables = resource.get("Properties", {}).get("Environment", {}).get("Variables", {})
            if S3_KEYS_VARIABLE in variables:
                verb = logical_id.removesuffix("Function").lower()
                role = resources[resource["Properties"]["Role"]["Fn::GetAtt"].split(".")[0]]
                found[verb] = self._granted(role)
        return found

    def page_headers(self, uploads: str) -> dict[str, str]:
        """Return the headers that the edge gives every file of the page, less those for https alone.

        Parameters
        ----------
        uploads
            Where the embedded cloud's buckets are, in place of the upload bucket's own address.
        """
        config = self._edge["Resources"]["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"][
            "SecurityHeadersConfig"
        ]
        policy: str = config["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
        return {
            "Content-Security-Policy": policy.strip().replace("https://${UploadDomain}", uploads),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": config["FrameOptions"]["FrameOption"],
            "Referrer-Policy": config["ReferrerPolicy"]["ReferrerPolicy"],
        }

    def _granted(self, role: Mapping[str, Any]) -> dict[str, frozenset[str]]:
        locked = self.locked_buckets()
        granted: dict[str, set[str]] = {}
        for statement in _statements(role):
            actions = {action for action in _listed(statement["Action"]) if action.startswith("s3:")}
            for resource in _listed(statement["Resource"]):
                for bucket in locked:
                    if actions and f"{bucket}Arn" in json.dumps(resource):
                        granted.setdefault(bucket, set()).update(actions)
        return {bucket: frozenset(actions) for bucket, actions in granted.items()}

    def _denials(self, bucket: str) -> Iterator[dict[str, Any]]:
        for resource in self._data["Resources"].values():
            if resource["Type"] == "AWS::S3::BucketPolicy" and resource["Properties"]["Bucket"] == {"Ref": bucket}:
                for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                    # The evidence store refuses every put under some of the conditional ones; those hold on AWS alone.
                    if statement.get("Effect") == "Deny" and "Condition" not in statement:
                        objects = "/*" in json.dumps(statement["Resource"])
                        yield {**statement, "Resource": "{bucket-arn}/*" if objects else "{bucket-arn}"}

    def _value(self, given: Any) -> Any:
        if isinstance(given, dict) and "Ref" in given:
            return self._main["Parameters"][given["Ref"]]["Default"]
        return given


def _load(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    except (OSError, yaml.YAMLError) as error:
        raise LocalError(f"{path} cannot be read: {error}", way_out="restore it: git checkout") from error
    return found


def _statements(role: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in role["Properties"].get("Policies", []):
        # A conditional statement (`!If`) grants the keys themselves, nothing in the store.
        yield from (one for one in policy["PolicyDocument"]["Statement"] if "Action" in one)


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
