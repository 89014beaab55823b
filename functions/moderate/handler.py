"""Judges the posts that ModerationQueue names; answers which messages are to be delivered again."""

from typing import Any

from bluelamp.moderation.service import Received
from bluelamp.wiring import moderator


def handler(event: dict[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Judge one batch of posts."""
    failures = moderator().judge_posts([_received(record) for record in event["Records"]])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}


def _received(record: dict[str, Any]) -> Received:
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    return Received(message_id=record["messageId"], receives=receives, body=record["body"])
