"""Seals what waits in the outbox. Woken by the seal queue, and each minute by the schedule should a wake be lost."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.cloud.sqs import Message
from bluelamp.ids import new_ulid
from bluelamp.telemetry import failures_told, logger, metrics

# AWS stops a function that wakes itself through a queue near 16 rounds; the schedule goes on from here.
MAX_CHAIN = 10


@logger.inject_lambda_context
@metrics.log_metrics
@failures_told()
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Seal, and wake again while more waits."""
    done = wiring.sequencer().run()
    metrics.add_metric("LeavesSealed", MetricUnit.Count, done.leaves)
    metrics.add_metric("SealPuts", MetricUnit.Count, done.puts)
    logger.info("sealed", leaves=done.leaves, commits=done.commits, puts=done.puts, more=done.more)
    chain = chain_of(event)
    if done.more and chain < MAX_CHAIN:
        again = Message({"v": 1, "chain": chain + 1}, group="seal", dedup=new_ulid())
        wiring.queue("SEAL").send([again])
    return {"batchItemFailures": []}


def chain_of(event: dict[str, Any]) -> int:
    """Return how often the function has woken itself in a row."""
    bodies = [json.loads(record["body"]) for record in event.get("Records", [])]
    return min((int(body.get("chain", 0)) for body in bodies), default=0)
