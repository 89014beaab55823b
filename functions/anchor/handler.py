"""Has the log vouched for from outside: a timestamp token and cosignatures of witnesses. Woken once a day."""

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
    """Anchor, and count what came of it."""
    done = wiring.anchors().anchor()
    metrics.add_metric("AnchorsMade", MetricUnit.Count, done.made)
    metrics.add_metric("AnchorsFailed", MetricUnit.Count, done.failed)
    metrics.add_metric("AnchorsFailingForDays", MetricUnit.Count, done.lasting)
    said = "anchored" if done.sources else "unanchored: no timestamp authority and no witness is set"
    logger.info(said, sources=done.sources, made=done.made, failed=done.failed, failing_for_days=done.lasting)
