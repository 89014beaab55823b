"""Keeps `infra/api.yaml` and the routes of the Chalice application the same.

Chalice looks a route up by the gateway's resource path, so each route is declared. An event for each in `template.yaml`
would make a permission for each and break the size limit of the function's policy. After a change of routes:
`python infra/gateway.py` rewrites the file, `python infra/gateway.py --check` only compares.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "infra" / "api.yaml"
HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Description: Bluelamp, the routes of the API, with one permission for all. The guard is in functions/api.

# Written by infra/gateway.py from the routes of the Chalice application: do not edit by hand.
Parameters:
  FunctionName: {Type: String}
  Integration: {Type: String, Description: "The function's invocation address, as API Gateway names it."}
  AccessLogs: {Type: String, Description: "Log group that requests are told to; nothing in it names a person."}

Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: !Ref FunctionName
      EndpointConfiguration: {Types: [REGIONAL]}
      Body:
        openapi: 3.0.1
        info: {title: !Ref FunctionName, version: "1"}
        paths:
"""

TAIL = """\
  # A deployment is a picture of the routes; under the same name CloudFormation would not take a new one.
  Deployment@@:
    Type: AWS::ApiGateway::Deployment
    Properties: {RestApiId: !Ref Api}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      DeploymentId: !Ref Deployment@@
      StageName: api
      TracingEnabled: true
      MethodSettings: [{ResourcePath: "/*", HttpMethod: "*", ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000}]
      AccessLogSetting:
        DestinationArn: !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${AccessLogs}"
        Format: '@access@'
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref FunctionName
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/api/*"

Outputs:
  ApiId: {Value: !Ref Api}
"""

# As the webhooks' stage in template.yaml: the pattern of a route, never its path with a post's id.
ACCESS = {
    "id": "$context.requestId",
    "at": "$context.requestTime",
    "stage": "$context.stage",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "error": "$context.error.responseType",
}

PROXY = "responses: {}, x-amazon-apigateway-integration: {type: aws_proxy, httpMethod: POST, uri: !Ref Integration}"
PARAMETER = "in: path, required: true, schema: {type: string}"

Routes = Mapping[str, frozenset[str]]


def render(routes: Routes) -> str:
    """Return the whole template for these routes."""
    lines = []
    for path in sorted(routes):
        lines.append(f"          {path}:\n")
        names = re.findall(r"\{(\w+)\}", path)
        if names:
            lines.append("            parameters:\n")
            lines += [f"              - {{name: {name}, {PARAMETER}}}\n" for name in names]
        lines += [f"            {method.lower()}: {{{PROXY}}}\n" for method in sorted(routes[path])]
    paths = "".join(lines)
    tail = TAIL.replace("@@", hashlib.sha256(paths.encode()).hexdigest()[:8])
    return HEAD + paths + tail.replace("@access@", json.dumps(ACCESS, separators=(",", ":")))


def app_routes() -> Routes:
    """Return path → methods of the application."""
    for folder in (ROOT / "shared", ROOT / "functions" / "api"):
        sys.path.insert(0, str(folder))
    from app import app  # noqa: PLC0415 -- its folder was put on the path above

    return {path: frozenset(methods) for path, methods in app.routes.items()}


def main() -> int:
    """Rewrite the file, or say whether it is fresh."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when the file is stale")
    check = parser.parse_args().check
    old = TEMPLATE.read_text(encoding="utf-8")
    new = render(app_routes())
    if check:
        print("infra/api.yaml is fresh" if new == old else "infra/api.yaml is stale: run python infra/gateway.py")
        return int(new != old)
    TEMPLATE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
