"""`bluelamp redrive`: what lies in a dead-letter queue goes back to where it came from, once the cause is mended.

Messages are received, sent to the source queue and only then deleted, ten at a time. A run that is cut off between the
two leaves a message in both; every consumer takes a message twice without harm. (AWS could move them by itself, with
StartMessageMoveTask; that moves all or nothing, knows no bound, and the embedded cloud does not have it.)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from bluelamp.audit.leaf import Change, Leaf, Obj, Op, draft
from bluelamp.cli.admin.target import Target, targeted
from bluelamp.cloud.sqs import MAX_BATCH, Message, Queue
from bluelamp.errors import BluelampError, NotFoundError, RefusedError
from bluelamp.ids import new_ulid
from bluelamp.times import utc_now

if TYPE_CHECKING:
    from typing import Literal

    Result = Literal["done", "failed"]

OUTPUT = "QueueUrl"
# Failed scheduled runs: their next run did the same work, so there is no queue to send them back to.
SCHEDULE = "schedule"
# While a message is on its way nobody else may take it up, another run of this command above all.
HOLD_SECONDS = 60
# Waiting asks all of SQS's servers: an empty answer then means an empty queue.
WAIT_SECONDS = 1
MOST = 10_000


class NotAllDeletedError(BluelampError):
    """Messages were sent back, and could not be taken out of the dead-letter queue."""

    code = "redrive"


@dataclass(frozen=True)
class Lane:
    """A queue with its dead letters; `source` is empty where there is none to send them back to."""

    name: str
    dead: str
    source: str = ""


@dataclass(frozen=True)
class _Raw(Message):
    """A message that goes on with the very bytes it came with."""

    raw: str = ""

    def text(self) -> str:
        """Return the body as it was."""
        return self.raw


class DeadLetters:
    """The dead-letter queues of a deployment, found by the redrive policy of each queue among its outputs.

    Parameters
    ----------
    sqs
        A boto3 client of SQS.
    outputs
        The stack's outputs; those called ``<Name>QueueUrl`` are its queues.
    stack
        Its name, which begins the name of the queue of failed scheduled runs.
    """

    def __init__(self, sqs: Any, outputs: dict[str, str], stack: str) -> None:
        self._sqs = sqs
        self._outputs = outputs
        self._stack = stack

    def lanes(self) -> list[Lane]:
        """Return every queue that has dead letters, by name."""
        urls = {name.removesuffix(OUTPUT).lower(): url for name, url in self._outputs.items() if name.endswith(OUTPUT)}
        found = [Lane(name, self._dead_of(url), url) for name, url in sorted(urls.items())]
        return [*found, Lane(SCHEDULE, self._url(f"{self._stack}-{SCHEDULE}-dead"))]

    def lane(self, name: str) -> Lane:
        """Return one queue.

        Raises
        ------
        NotFoundError
            When there is none of that name.
        """
        lanes = {lane.name: lane for lane in self.lanes()}
        if name not in lanes:
            raise NotFoundError(f"there is no queue {name!r}; there are {', '.join(lanes)}")
        return lanes[name]

    def depth(self, lane: Lane) -> tuple[int, int]:
        """Return how many dead letters wait, and how many somebody has in hand. On AWS both are approximate."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=lane.dead, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def drain(self, lane: Lane, most: int, moved: Callable[[int], None]) -> None:
        """Take up to `most` dead letters out: back to the source, or away where there is none.

        Parameters
        ----------
        moved
            Told how many are done after each batch.

        Raises
        ------
        QueueError
            When the source takes no more; what was not taken stays a dead letter.
        NotAllDeletedError
            When SQS would not delete what was sent back; it will be there twice.
        """
        left = most
        while left > 0:
            batch = self._receive(lane, min(left, MAX_BATCH))
            if not batch:
                return
            if lane.source:
                Queue(self._sqs, lane.source).send([_again(lane, message) for message in batch])
            self._delete(lane, batch)
            moved(len(batch))
            left -= len(batch)

    def _receive(self, lane: Lane, most: int) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=lane.dead,
            MaxNumberOfMessages=most,
            VisibilityTimeout=HOLD_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=["MessageGroupId"],
        )
        found: list[dict[str, Any]] = answer.get("Messages", [])
        return found

    def _delete(self, lane: Lane, batch: list[dict[str, Any]]) -> None:
        entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(batch)]
        failed = self._sqs.delete_message_batch(QueueUrl=lane.dead, Entries=entries).get("Failed", [])
        if failed:
            raise NotAllDeletedError(
                f"{len(failed)} message(s) were sent back to {lane.name} and could not be deleted; run it again"
            )

    def _dead_of(self, url: str) -> str:
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]
        return self._url(json.loads(found["RedrivePolicy"])["deadLetterTargetArn"].rsplit(":", 1)[-1])

    def _url(self, name: str) -> str:
        return str(self._sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _again(lane: Lane, message: dict[str, Any]) -> Message:
    if not lane.source.endswith(".fifo"):
        return _Raw(body={}, raw=message["Body"])
    # Under its old deduplication id it would be swallowed for five minutes.
    return _Raw(body={}, raw=message["Body"], group=message["Attributes"]["MessageGroupId"], dedup=new_ulid())


class _Run:
    """One redrive: recorded before it begins and after it ended, with how many messages it moved."""

    def __init__(self, target: Target, lane: Lane) -> None:
        self._target = target
        self._lane = lane
        self._verb = "redrive" if lane.source else "discard"
        self._begun = ""
        self.done = 0

    def begin(self, waiting: int) -> None:
        leaf = self._leaf(Op(verb=self._verb), Change(field="waiting", to=str(waiting)))
        self._begun = leaf.id
        self._target.record(leaf)

    def moved(self, number: int) -> None:
        self.done += number

    def end(self, result: Result) -> None:
        op = Op(verb=self._verb, intent=self._begun, result=result)
        self._target.record(self._leaf(op, Change(field="moved", to=str(self.done))))

    def _leaf(self, op: Op, change: Change) -> Leaf:
        obj = Obj(kind="queue", key=self._lane.name)
        return draft(type="config", at=utc_now(), actor=self._target.actor, obj=obj, op=op, change=change)


@click.command()
@click.argument("queue", required=False)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and touch nothing.")
@click.option("--max", "most", type=click.IntRange(1, 100_000), default=MOST, show_default=True)
@click.option("--discard", is_flag=True, help="For the queue `schedule` alone: drop what has nowhere to go back to.")
@targeted
def redrive(target: Target, *, queue: str | None, dry_run: bool, most: int, discard: bool) -> None:
    """Send the dead letters of QUEUE back to where they came from; without QUEUE, show how many lie where."""
    letters = DeadLetters(target.client("sqs"), target.outputs, target.stack)
    if queue is None:
        for lane in letters.lanes():
            waiting, held = letters.depth(lane)
            click.echo(f"{lane.name:12} {waiting:6} dead letters" + (f", {held} more in hand" if held else ""))
        return
    lane = letters.lane(queue)
    if discard and lane.source:
        raise RefusedError(f"only {SCHEDULE} is discarded; each dead letter of {queue} is work that was not done")
    if not lane.source and not discard:
        raise RefusedError(
            f"failed runs of {queue} have nowhere to go back to: the next run did their work; --discard drops them"
        )
    waiting, _ = letters.depth(lane)
    what = "sent back to" if lane.source else "dropped from"
    if dry_run or not waiting:
        click.echo(f"{min(waiting, most)} dead letters would be {what} {queue}; nothing was touched.")
        return
    run = _Run(target, lane)
    _drain(letters, lane, run, min(waiting, most), most)
    click.echo(f"{run.done} dead letters were {what} {queue}.")


def _drain(letters: DeadLetters, lane: Lane, run: _Run, expected: int, most: int) -> None:
    from rich.console import Console  # noqa: PLC0415 - beside its use
    from rich.progress import Progress  # noqa: PLC0415 - likewise

    run.begin(expected)
    result: Result = "failed"
    try:
        with Progress(console=Console(stderr=True)) as progress:
            bar = progress.add_task(lane.name, total=expected)

            def moved(number: int) -> None:
                run.moved(number)
                progress.advance(bar, number)

            letters.drain(lane, most, moved)
        result = "done"
    finally:
        run.end(result)
