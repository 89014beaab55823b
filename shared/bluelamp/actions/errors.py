"""Why an action is not carried out at this moment, or not taken on.

::

    BluelampError
    ├── InvalidInputError
    │   └── PictureError        the picture of an answer is not checked yet, or would not be taken
    ├── NotSealedError          the intent is not in the log
    └── LaterError              the message is to come back
        └── WaitingError        the action will come again, by a message of its own
            └── SealingError    once its evidence is sealed
"""

from __future__ import annotations

from bluelamp.errors import BluelampError, InvalidInputError


class NotSealedError(BluelampError):
    """A release came for an intent that the log does not hold: the platform is not called."""

    code = "not_sealed"


class PictureError(InvalidInputError):
    """The picture that is to go with an answer is not checked yet, or its platform would not take it."""

    code = "picture"


class LaterError(BluelampError):
    """The action cannot be finished now; the message is to come back."""

    code = "later"


class WaitingError(LaterError):
    """The action was put back into the queue with a delay, or will be released again; this message is done with."""

    code = "waiting"


class SealingError(WaitingError):
    """The evidence has to be sealed first; the action comes again when it is. Nothing is wrong."""

    code = "sealing"
