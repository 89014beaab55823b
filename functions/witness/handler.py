"""A witness for the logs of others (C2SP tlog-witness), deployed by itself with infra/witness.yaml."""

from __future__ import annotations

import base64
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.anchors.protocol import INCONSISTENT, TEXT, answer
from bluelamp.telemetry import failures_told, logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
@failures_told()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer ``POST /add-checkpoint``, ``GET /{origin}/checkpoint`` and, for its operator, ``GET /key``."""
    if event["routeKey"] == "GET /key":
        metrics.add_metric("KeysRead", MetricUnit.Count, 1)
        return _reply(200, TEXT, f"{wiring.witness().key()}\n".encode())
    if event["routeKey"] == "GET /{origin}/checkpoint":
        metrics.add_metric("CheckpointsRead", MetricUnit.Count, 1)
        found = wiring.witness().checkpoint(event["pathParameters"]["origin"])
        return _reply(200, TEXT, found) if found else _reply(404, TEXT, b"nothing of that log was cosigned\n")
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    status, kind, content = answer(wiring.witness(), raw)
    metrics.add_metric("CheckpointsCosigned", MetricUnit.Count, status == 200)  # noqa: PLR2004 -- HTTP's OK
    metrics.add_metric("CheckpointsInconsistent", MetricUnit.Count, status == INCONSISTENT)
    logger.info("asked", status=status)
    if status == INCONSISTENT:
        # Signed by the log's key and not what it signed before: the request itself is the proof, and names nobody.
        logger.warning("inconsistent", request=raw.decode())
    return _reply(status, kind, content)


def _reply(status: int, kind: str, content: bytes) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"Content-Type": kind}, "body": content.decode()}
