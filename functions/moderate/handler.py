"""Judges the posts that ModerationQueue names; answers which messages are to be delivered again."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.moderation.service import Received
from bluelamp.telemetry import failures_told, logger, metrics, tell_failure


@logger.inject_lambda_context
@metrics.log_metrics
@failures_told()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Judge one batch of posts."""
    received = [_received(record) for record in event["Records"]]
    again = wiring.moderator().judge_posts(received, tell=_tell)
    done = len(received) - len(again)
    metrics.add_metric("PostsJudged", MetricUnit.Count, done)
    logger.info("judged", done=done, again=len(again))
    failures = [{"itemIdentifier": message_id} for message_id in again]
    wiring.redelivery().soon(event["Records"], failures)
    return {"batchItemFailures": failures}


def _received(record: dict[str, Any]) -> Received:
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    return Received(message_id=record["messageId"], receives=receives, body=record["body"])


def _tell(error: Exception, what: str, message_id: str) -> None:
    tell_failure(error, what, message_id=message_id)
