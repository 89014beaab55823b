"""What is due each minute: counted refusals are recorded, days stated, missed checks told. Woken by the schedule."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.telemetry import failures_told, logger, metrics


@logger.inject_lambda_context
@metrics.log_metrics
@failures_told()
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Do what is due."""
    written = wiring.tallies().write()
    stated = wiring.statements().write()
    unchecked = wiring.chasing().run()
    metrics.add_metric("RefusalTallies", MetricUnit.Count, written)
    metrics.add_metric("DaysStated", MetricUnit.Count, stated)
    metrics.add_metric("ChecksNotDone", MetricUnit.Count, unchecked)
    logger.info("ticked", tallies=written, stated=stated, unchecked=unchecked)
