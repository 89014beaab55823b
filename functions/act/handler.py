"""Calls the platform for intents that are sealed. Woken by the action queue, which the sequencer fills."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.actions.errors import SealingError, WaitingError
from bluelamp.telemetry import failures_told, logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def act(record: SQSRecord) -> None:
    """Carry out one action; one that must wait is in the queue again already."""
    with failures_told(message_id=record.message_id):
        body = record.json_body
        if body.get("look"):
            seen = wiring.reconciling().look(body)
            metrics.add_metric("ActionsReadBack", MetricUnit.Count, 1)
            logger.info("looked", action=body["action_id"], state=seen.state if seen else None)
            return
        try:
            action = wiring.acting().act(body)
        except SealingError as sealing:
            logger.info("evidence first", reason=str(sealing))
            return
        except WaitingError as waiting:
            logger.warning("action waits", reason=str(waiting))
            return
    metrics.add_metric(f"Action{action.state.capitalize()}", MetricUnit.Count, 1)
    logger.info("acted", action=action.id, verb=action.verb, state=action.state, error=action.error)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer with the records that must come again, and have them come soon."""
    answer = process_partial_response(event=event, record_handler=act, processor=processor, context=context)
    wiring.redelivery().soon(event["Records"], answer["batchItemFailures"])
    return answer
