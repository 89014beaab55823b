"""Waking the sequencer, so that what was just written is sealed within a second instead of within a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluelamp.cloud.sqs import Message
from bluelamp.ids import new_ulid

if TYPE_CHECKING:
    from bluelamp.cloud.sqs import Queue


class Wake:
    """Wakes the sequencer. Each wake has its own deduplication id, so that none is swallowed.

    Parameters
    ----------
    queue
        The FIFO queue of the seal function.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __call__(self) -> None:
        """Ask for the outbox to be sealed now; without this it is sealed within a minute."""
        self._queue.send([Message({"v": 1}, group="seal", dedup=new_ulid())])
