"""Closing the open pages of somebody who was shut out or signed out, without waiting for news that would do it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bluelamp.cloud.sqs import Message, QueueError

if TYPE_CHECKING:
    from bluelamp.cloud.sqs import Queue

_log = logging.getLogger(__name__)


class Closing:
    """Asks the live function to look again at the open pages of a person.

    What shuts somebody out is committed before, and every request is refused from then on. So a queue that does not
    answer is logged and takes nothing back: a page's own sign of life has its line looked at within a minute.

    Parameters
    ----------
    queue
        The live queue.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __call__(self, person_id: str) -> None:
        """Have each of the person's pages closed whose sign-in has ended."""
        try:
            self._queue.send([Message({"v": 1, "person": person_id})])
        except QueueError as error:
            _log.warning("open pages of somebody shut out are closed by their next sign of life: %s", error.code)
