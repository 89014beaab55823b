"""Keeps the pictures and videos of posts before anybody can take them away. Woken by the media queue."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.telemetry import failures_told, logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def keep(record: SQSRecord) -> None:
    """Keep the media of one post, and count what came of it."""
    with failures_told(message_id=record.message_id):
        done = wiring.keeper().keep(record.json_body)
    metrics.add_metric("MediaKept", MetricUnit.Count, done.kept)
    metrics.add_metric("MediaLost", MetricUnit.Count, done.lost)
    logger.info("kept", kept=done.kept, lost=done.lost, waiting=done.waiting)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer with the records that must come again."""
    return process_partial_response(event=event, record_handler=keep, processor=processor, context=context)
