"""Queues: send in batches, and never lose a message that SQS refused for the moment."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_BATCH = 10
# SQS takes 1 MiB a request; a batch is cut earlier so that the JSON around the bodies fits.
MAX_BATCH_BYTES = 240 * 1024
ATTEMPTS = 3
# A message that failed comes again after so many seconds, the first and the second time; later ones after the queue's
# own time. Its queue gives it two receives more than others do, so that a trouble of minutes ends before they do.
SOON = {1: 1, 2: 5}
_log = logging.getLogger(__name__)


class QueueError(BluelampError):
    """SQS refused messages and went on refusing; the caller's own input is to be retried."""

    code = "queue"


@dataclass(frozen=True)
class Message:
    """One message: a JSON body; `group` and `dedup` for FIFO queues; `delay_seconds` (0-900) for others."""

    body: dict[str, Any]
    delay_seconds: int = 0
    group: str = ""
    dedup: str = ""

    def text(self) -> str:
        """Return the body as compact JSON."""
        return json.dumps(self.body, separators=(",", ":"), ensure_ascii=False)


class Queue:
    """One SQS queue.

    Parameters
    ----------
    client
        A boto3 SQS client.
    url
        The queue's URL.
    """

    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self.url = url

    def send(self, messages: Sequence[Message]) -> None:
        """Send all messages, ten a request.

        Raises
        ------
        QueueError
            When SQS still refuses some after three attempts, or does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- loaded with the client anyway

        try:
            self._send(messages)
        except (BotoCoreError, ClientError) as error:
            name = self.url.rsplit("/", 1)[-1]
            raise QueueError(
                f"SQS did not take {len(messages)} message(s) for {name}: {type(error).__name__}"
            ) from error

    def _send(self, messages: Sequence[Message]) -> None:
        for batch in _batches(messages):
            left = {str(i): _entry(i, m) for i, m in enumerate(batch)}
            for _ in range(ATTEMPTS):
                answer = self._client.send_message_batch(QueueUrl=self.url, Entries=list(left.values()))
                for done in answer.get("Successful", []):
                    left.pop(done["Id"], None)
                if not left:
                    break
            else:
                raise QueueError(f"SQS refused {len(left)} message(s) for {self.url.rsplit('/', 1)[-1]}")


class Redelivery:
    """Has what failed of a batch delivered again in seconds, where the queue itself would wait for a minute or more.

    A queue hides a message for several times as long as its function may run. What failed at once, on a busy table or a
    line that broke, need not wait for that, and somebody may be waiting for it.

    Parameters
    ----------
    client
        A boto3 SQS client.
    """

    def __init__(self, client: SQSClient) -> None:
        self._client = client
        self._urls: dict[str, str] = {}

    def soon(self, records: Sequence[Mapping[str, Any]], failures: Sequence[Mapping[str, str]]) -> None:
        """Shorten the wait of the failed records; where SQS does not do that, they come at the queue's own time.

        Parameters
        ----------
        records
            As Lambda was woken with them, all of one queue.
        failures
            As Lambda is answered: the message id of each that is to come again, as ``itemIdentifier``.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 -- loaded with the client anyway

        failed = {failure["itemIdentifier"] for failure in failures}
        entries = [
            {"Id": str(n), "ReceiptHandle": record["receiptHandle"], "VisibilityTimeout": SOON[receives]}
            for n, record in enumerate(records)
            if record["messageId"] in failed
            and (receives := int(record["attributes"]["ApproximateReceiveCount"])) in SOON
        ]
        if not entries:
            return
        try:
            url = self._url(records[0]["eventSourceARN"].rsplit(":", 1)[-1])
            for start in range(0, len(entries), MAX_BATCH):
                batch: Any = entries[start : start + MAX_BATCH]
                self._client.change_message_visibility_batch(QueueUrl=url, Entries=batch)
        except (BotoCoreError, ClientError) as error:
            _log.warning("what failed comes again later, not soon: %s", type(error).__name__)

    def _url(self, name: str) -> str:
        if name not in self._urls:
            self._urls[name] = self._client.get_queue_url(QueueName=name)["QueueUrl"]
        return self._urls[name]


def _entry(number: int, message: Message) -> Any:
    entry: dict[str, Any] = {"Id": str(number), "MessageBody": message.text()}
    if message.delay_seconds:
        entry["DelaySeconds"] = message.delay_seconds
    if message.group:
        entry["MessageGroupId"] = message.group
        entry["MessageDeduplicationId"] = message.dedup
    return entry


def _batches(messages: Sequence[Message]) -> list[list[Message]]:
    batches: list[list[Message]] = []
    size = 0
    for message in messages:
        length = len(message.text().encode())
        if not batches or len(batches[-1]) == MAX_BATCH or size + length > MAX_BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(message)
        size += length
    return batches


class Nudge:
    """Wakes whoever works on what was committed; a schedule finds it without this, only later.

    So what is committed never looks failed because a queue did not answer: that is logged, and the schedule goes on.

    Parameters
    ----------
    queue
        The queue of whoever is woken.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __call__(self) -> None:
        """Wake them, or leave it to the schedule."""
        try:
            self.send()
        except QueueError as error:
            _log.warning("committed, and found by the schedule: %s", error)

    def send(self) -> None:
        """Wake them, or raise `QueueError`."""
        self._queue.send([self._message()])

    def _message(self) -> Message:
        return Message({"v": 1})
