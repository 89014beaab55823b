"""The gateway's routes and the application's are the same, both ways."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from tests.contract.infra_template import ROOT, load


def _generator(code: str) -> str:
    # In a process of its own: the folder of the function must not stay on this one's path.
    answer = subprocess.run(  # noqa: S603 -- our own code
        [sys.executable, "-c", f"import json, gateway\n{code}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT / "infra",
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def _application() -> dict[str, set[str]]:
    said = _generator("print(json.dumps({path: sorted(methods) for path, methods in gateway.app_routes().items()}))")
    return {path: set(methods) for path, methods in json.loads(said.splitlines()[-1]).items()}


def _gateway() -> dict[str, set[str]]:
    paths = load("api.yaml")["Resources"]["Api"]["Properties"]["Body"]["paths"]
    return {path: {name.upper() for name in item if name != "parameters"} for path, item in paths.items()}


def test_the_gateway_has_the_routes_of_the_application_and_no_others() -> None:
    assert _gateway() == _application(), "run python infra/gateway.py"


def test_every_route_goes_to_the_function() -> None:
    for path, item in load("api.yaml")["Resources"]["Api"]["Properties"]["Body"]["paths"].items():
        declared = {one["name"] for one in item.get("parameters", [])}
        assert declared == set(re.findall(r"\{(\w+)\}", path))
        for name, method in item.items():
            if name != "parameters":
                integration = method["x-amazon-apigateway-integration"]
                assert method["responses"] == {}
                assert integration == {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Ref": "Integration"}}


def test_one_permission_for_all_routes() -> None:
    permissions = [one for one in load("api.yaml")["Resources"].values() if one["Type"] == "AWS::Lambda::Permission"]
    assert len(permissions) == 1


def test_a_change_of_routes_makes_a_new_deployment() -> None:
    said = _generator("for path in '/a', '/b': print(gateway.render({path: frozenset({'GET'})}))")
    assert len(set(re.findall(r"  (Deployment[0-9a-f]{8}):", said))) == 2
