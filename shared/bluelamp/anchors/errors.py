"""What can go wrong with an anchor. The code stands in the `anchor` leaf, so it never changes.

::

    AnchorError
    ├── UnreachableError      no whole answer, or the other side is unwell: try again
    ├── BadAnswerError        an answer that no authority or witness gives
    ├── ClockError            its time is not ours
    ├── LogUnknownError       the witness does not know this log: exchange the keys first
    ├── KeyRefusedError       the witness knows the log under another key
    └── ForkSeenError         the witness saw another log than ours under our name: look at once
"""

from __future__ import annotations

from typing import ClassVar

from bluelamp.errors import BluelampError


class AnchorError(BluelampError):
    """An anchor could not be had."""

    code: ClassVar[str] = "anchor"


class UnreachableError(AnchorError):
    """Nobody answered, the answer was cut off, or the other side says that it is unwell."""

    code = "anchor_unreachable"


class BadAnswerError(AnchorError):
    """The answer is not one that the protocol knows."""

    code = "anchor_answer"


class ClockError(AnchorError):
    """The time of the other side and ours differ by minutes."""

    code = "anchor_clock"


class LogUnknownError(AnchorError):
    """The witness does not know the log."""

    code = "witness_log_unknown"


class KeyRefusedError(AnchorError):
    """The witness does not accept the key that signed the checkpoint."""

    code = "witness_key_refused"


class ForkSeenError(AnchorError):
    """The witness has seen a checkpoint of this log that ours does not continue."""

    code = "witness_fork"
