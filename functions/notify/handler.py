"""Delivers notices. Woken by its queue when something waits, and each minute for what is due later."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.telemetry import failures_told, logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
@failures_told()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Deliver what can be delivered now; a message says no more than that there is something."""
    done = wiring.notify().run()
    metrics.add_metric("NoticesSent", MetricUnit.Count, done.sent)
    metrics.add_metric("NoticesFailed", MetricUnit.Count, done.failed)
    metrics.add_metric("PeopleUnreached", MetricUnit.Count, done.unreached)
    counts = {"sent": done.sent, "failed": done.failed, "later": done.later}
    logger.info("notified", extra=counts | {"settled": done.settled, "unreached": done.unreached})
    return {"batchItemFailures": []}
