"""Carries out sealed holds and disposals, the only function that destroys a key. Woken by the disposal queue."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.retention.model import NotYetError
from bluelamp.telemetry import failures_told, logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def dispose(record: SQSRecord) -> None:
    """Do one step; one that must wait for a seal is in the queue again already."""
    message = record.json_body
    with failures_told(message_id=record.message_id):
        try:
            done = wiring.destroying().run(message)
        except NotYetError as waiting:
            metrics.add_metric("DisposalStepsWaiting", MetricUnit.Count, 1)
            logger.info("not sealed yet", reason=str(waiting))
            return
    metrics.add_metric("PostsDisposedOf", MetricUnit.Count, int(done == "destroyed"))
    logger.info("done", step=done, hold=message.get("hold"), disposal=message.get("disposal"))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer with the records that must come again."""
    return process_partial_response(event=event, record_handler=dispose, processor=processor, context=context)
