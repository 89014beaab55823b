"""Publishes what is sealed, copy by copy, when its queue says so; and each minute lets out what is due.

Pictures and films that arrived are looked at here too, once that is on record; those that nobody goes on with end here.
"""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.publishing.errors import WaitingError
from bluelamp.telemetry import failures_told, logger, metrics

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def take(record: SQSRecord) -> None:
    """Look at a picture or film that arrived, or bring a copy on its way."""
    with failures_told(message_id=record.message_id):
        message = record.json_body
        if "asset_id" in message:
            check(message)
        else:
            publish(message)


def check(message: dict[str, Any]) -> None:
    """Look at a picture or film that arrived."""
    asset = wiring.checking().check(message)
    metrics.add_metric(f"Asset{asset.state.capitalize()}", MetricUnit.Count, 1)
    logger.info("looked at", asset=asset.id, kind=asset.kind, state=asset.state, why=asset.why)


def publish(message: dict[str, Any]) -> None:
    """Bring one copy on its way; one that must wait is in the queue again already."""
    try:
        copy = wiring.sending().publish(message)
    except WaitingError as waiting:
        logger.warning("publication waits", reason=str(waiting))
        return
    metrics.add_metric(f"Copy{copy.state.capitalize()}", MetricUnit.Count, 1)
    logger.info("published", copy=copy.id, verb=copy.job.verb, state=copy.state, error=copy.error)


@failures_told()
def let_out() -> dict[str, Any]:
    """Let out what is due, hold what is too late, have looked at what came out; then end uploads that lapsed."""
    try:
        done = wiring.releasing().run()
        metrics.add_metric("PublicationsDue", MetricUnit.Count, done)
        logger.info("let out", extra={"done": done})
    finally:
        # Whatever failed above holds up nothing here.
        ended = wiring.lapsing().run()
        metrics.add_metric("AssetsDue", MetricUnit.Count, ended)
    return {"batchItemFailures": []}


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer with the records that must come again."""
    if "Records" not in event:
        return let_out()
    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)
