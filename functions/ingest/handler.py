"""Brings webhooks and polled pages into the table. Woken by the ingest queue."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.telemetry import failures_told, logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def ingest(record: SQSRecord) -> None:
    """Ingest one envelope, and count what came of it."""
    with failures_told(message_id=record.message_id):
        done = wiring.ingest().ingest(record.json_body)
    metrics.add_metric("PostsNew", MetricUnit.Count, done.new)
    metrics.add_metric("PostsChanged", MetricUnit.Count, done.changed)
    metrics.add_metric("EventsUnrecognised", MetricUnit.Count, done.unrecognised)
    logger.info("ingested", new=done.new, changed=done.changed, same=done.unchanged, odd=done.unrecognised)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer with the records that must come again, and have them come soon."""
    answer = process_partial_response(event=event, record_handler=ingest, processor=processor, context=context)
    wiring.redelivery().soon(event["Records"], answer["batchItemFailures"])
    return answer
