"""Reads the templates as plain data: ``!Ref x`` becomes ``{"Ref": "x"}``, ``!Sub x`` ``{"Fn::Sub": "x"}``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
NESTED = sorted(path.name for path in (ROOT / "infra").glob("*.yaml"))


class _Loader(yaml.SafeLoader):
    pass


def _tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {name: str(value).split(".", 1)} if name == "Fn::GetAtt" else {name: value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _tag)


@cache
def load(name: str = "template.yaml") -> dict[str, Any]:
    path = ROOT / name if name == "template.yaml" else ROOT / "infra" / name
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 -- a SafeLoader


def resources(kind: str, name: str = "template.yaml") -> dict[str, dict[str, Any]]:
    return {logical: one for logical, one in load(name)["Resources"].items() if one["Type"] == kind}


def functions() -> dict[str, dict[str, Any]]:
    """Verb → properties."""
    return {
        logical.removesuffix("Function").lower(): one["Properties"]
        for logical, one in resources("AWS::Serverless::Function").items()
    }


def statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of a policy document, those behind a condition as well."""
    for one in document["Statement"]:
        if "Fn::If" in one:
            yield from (branch for branch in one["Fn::If"][1:] if branch != {"Ref": "AWS::NoValue"})
        else:
            yield one


def role(verb: str) -> dict[str, Any]:
    return load()["Resources"][f"{verb.capitalize()}Role"]["Properties"]


def granted(verb: str) -> list[dict[str, Any]]:
    return [one for policy in role(verb)["Policies"] for one in statements(policy["PolicyDocument"])]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def names_in(value: Any, pattern: str) -> set[str]:
    return set(re.findall(pattern, json.dumps(value)))
