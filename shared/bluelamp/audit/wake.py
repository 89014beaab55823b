"""Waking the sequencer, so that what was just written is sealed within a second instead of within a minute."""

from __future__ import annotations

from bluelamp.cloud.sqs import Message, Nudge
from bluelamp.ids import new_ulid


class Wake(Nudge):
    """Wakes the sequencer through its FIFO queue. Each wake has its own deduplication id, so that none is swallowed."""

    def _message(self) -> Message:
        return Message({"v": 1}, group="seal", dedup=new_ulid())
