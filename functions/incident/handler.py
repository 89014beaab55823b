"""Carries bulk jobs on once their order is sealed. Woken by the incident queue, which the sequencer fills."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.telemetry import failures_told, logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def carry_on(record: SQSRecord) -> None:
    """Carry one job on; what is not done by the end of the time comes again by a message of its own."""
    message = record.json_body
    with failures_told(message_id=record.message_id):
        went = wiring.working().run(message)
    metrics.add_metric("BulkJobsDone", MetricUnit.Count, int(went == "done"))
    logger.info("carried on", incident=message.get("incident"), job=message.get("job"), went=went)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer with the records that must come again."""
    return process_partial_response(event=event, record_handler=carry_on, processor=processor, context=context)
