"""What is due each minute, one thing after the other: what fails holds up nothing else. Woken by the schedule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.telemetry import logger, metrics, tell_failure

# What is done, by the name of the metric that counts it.
DUE: Mapping[str, Callable[[], int]] = {
    # First, with all of the time: a pair of tokens that was given and not kept is lost, and the account with it.
    "TokensRenewed": lambda: wiring.renewing().run(),
    "RefusalTallies": lambda: wiring.tallies().write(),
    "DaysStated": lambda: wiring.statements().write(),
    "ChecksNotDone": lambda: wiring.chasing().run(),
    "CallsEscalated": lambda: wiring.escalating().run(),
    "DigestsTold": lambda: wiring.mornings().tell(),
    "GuideReminders": lambda: wiring.guide_reminders().run(),
    "RightsCasesDue": lambda: wiring.rights_reminding().run(),
    "ActionsLookedAt": lambda: wiring.unsettled().run(),
    "AppealsDue": lambda: wiring.appeal_reminding().run(),
    "AccountsCounted": lambda: wiring.counting().run(),
    "TokensLookedAt": lambda: wiring.looking().run(),
    "ConsentsEnded": lambda: wiring.ending().run(),
}
# What calls platforms and can wait: it is begun only with so many milliseconds left, enough for a platform that hangs.
LEFT: Mapping[str, int] = {"TokensLookedAt": 25_000, "ConsentsEnded": 35_000}


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Do what is due; fail at the end when anything did, so that the run counts as failed."""
    done: dict[str, int] = {}
    failed: list[Exception] = []
    for name, due in DUE.items():
        if context.get_remaining_time_in_millis() < LEFT.get(name, 0):
            continue  # a minute later
        try:
            done[name] = due()
        except Exception as error:  # noqa: BLE001 -- told, and raised again below
            tell_failure(error, due=name)
            failed.append(error)
        else:
            metrics.add_metric(name, MetricUnit.Count, done[name])
    logger.info("ticked", extra=done)
    if failed:
        raise ExceptionGroup("not everything that is due could be done", failed)
