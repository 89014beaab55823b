"""Asks the platforms what no webhook told. Woken by the schedule, to ask for each account, and by the poll queue."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.telemetry import failures_told, logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def poll(record: SQSRecord) -> None:
    """Poll one account."""
    with failures_told(message_id=record.message_id):
        account_id = record.json_body["account_id"]
        polled = wiring.poller().poll(account_id)
    metrics.add_metric("PagesPolled", MetricUnit.Count, polled.pages)
    logger.info("polled", account=account_id, status=polled.status, pages=polled.pages, why=polled.why)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Fan out on the schedule; else poll, and answer with the records that must come again."""
    if "Records" not in event:
        with failures_told():
            asked = wiring.poller().fan_out()
        metrics.add_metric("PollsAsked", MetricUnit.Count, asked)
        logger.info("polls asked for", accounts=asked)
        return None
    return process_partial_response(event=event, record_handler=poll, processor=processor, context=context)
