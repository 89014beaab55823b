"""Tells open pages what changed. Woken by the live queue, and by the WebSocket API when pages come and go."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.errors import SignatureError
from bluelamp.telemetry import logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Push, or answer the WebSocket API."""
    if "Records" in event:
        return push(event["Records"])
    return answer(event["requestContext"], event.get("queryStringParameters") or {})


def push(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Tell pages of a batch; a failure brings the whole batch again, which harms nobody."""
    sent = wiring.pushing().tell([json.loads(record["body"]) for record in records])
    metrics.add_metric("LiveSent", MetricUnit.Count, sent)
    return {"batchItemFailures": []}


def answer(context: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
    """Let a page in or out; whatever else it says is a sign of life."""
    match context["routeKey"]:
        case "$connect":
            try:
                wiring.pushing().connect(context["connectionId"], query)
            except SignatureError as refusal:
                logger.warning("page refused", code=refusal.code)
                return {"statusCode": 401}
        case "$disconnect":
            wiring.pushing().disconnect(context["connectionId"])
        case _:
            wiring.pushing().heard(context["connectionId"])
    return {"statusCode": 200}
