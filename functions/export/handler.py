"""Makes bags and reports, and searches and answers for rights cases; a job that comes twice is done once."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from bluelamp import wiring
from bluelamp.exports.building import AgainError
from bluelamp.telemetry import failures_told, logger, metrics, tell_failure

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def export(record: SQSRecord) -> None:
    """Make one bag; one that must wait is in the queue again already."""
    with failures_told(message_id=record.message_id):
        if "rights" in record.json_body:
            rights(record.json_body["rights"], record.json_body["job"])
            return
        if "report_id" in record.json_body:
            _print(record.json_body["report_id"])
            return
        export_id = record.json_body["export_id"]
        try:
            job = wiring.building().run(export_id)
        except AgainError as again:
            tell_failure(again, "export failed and is tried again", export=export_id)
            return
    if job is None:
        metrics.add_metric("ExportBusy", MetricUnit.Count, 1)
        logger.info("another worker makes this export", export=export_id)
        return
    metrics.add_metric(f"Export{job.state.capitalize()}", MetricUnit.Count, 1)
    logger.info("exported", export=job.id, state=job.state, error=job.error, size=job.size)


def rights(case_id: str, what: str) -> None:
    """Search for a rights case, or make its answer; what fails comes again, and either is harmless twice."""
    case = wiring.rights_packing().run(case_id) if what == "package" else wiring.rights_searching().run(case_id)
    metrics.add_metric(f"Rights{what.capitalize()}", MetricUnit.Count, 1)
    logger.info("worked on a rights case", case=case.id, job=what, state=case.state)


def _print(report_id: str) -> None:
    """Print a report as PDF."""
    done = wiring.report_files().run(report_id)
    metrics.add_metric(f"Report{done.state.capitalize()}", MetricUnit.Count, 1)
    logger.info("printed", report=done.id, state=done.state)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer with the records that must come again."""
    return process_partial_response(event=event, record_handler=export, processor=processor, context=context)
