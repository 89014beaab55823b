"""What goes wrong in publishing, by name.

::

    BluelampError
    ├── InvalidInputError
    │   ├── ScheduleError       a time that is past, does not exist or exists twice
    │   └── NotReadyError       something is missing, or a platform would not take it
    ├── ConflictError
    │   ├── PausedError         publishing stands still
    │   └── FixedWordsError     what is out is not put in other words here
    ├── NotSealedError          the intent is not in the log: the platform is not called
    └── LaterError              the message is to come back
        └── WaitingError        it will come again, by a message of its own
"""

from __future__ import annotations

from bluelamp.errors import BluelampError, ConflictError, InvalidInputError


class ScheduleError(InvalidInputError):
    """The time is past, or one that the clock on the wall does not have, or has twice."""

    code = "schedule"


class NotReadyError(InvalidInputError):
    """Something is missing, or a platform would not take it as it is."""

    code = "not_ready"


class PausedError(ConflictError):
    """Publishing stands still on an account."""

    code = "publishing_paused"


class FixedWordsError(ConflictError):
    """Words that are out do not change: the account asks for a second person's word."""

    code = "words_fixed"


class NotSealedError(BluelampError):
    """A release came for an intent that the log does not hold: the platform is not called."""

    code = "not_sealed"


class LaterError(BluelampError):
    """It cannot be finished now; the message is to come back."""

    code = "later"


class WaitingError(LaterError):
    """It waits, and a message of its own brings it back."""

    code = "waiting"
