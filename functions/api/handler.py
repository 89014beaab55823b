"""Answers the page and API clients: API Gateway's REST events, through Chalice."""

from typing import Any

from app import app
from bluelamp.telemetry import logger
from contract import complete


@logger.inject_lambda_context(correlation_id_path="requestContext.requestId")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    answer: dict[str, Any] = app(complete(event), context)
    return answer
