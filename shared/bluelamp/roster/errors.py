"""What can be wrong with an entry of the roster; each message says with what it clashes and what to do."""

from typing import ClassVar

from bluelamp.errors import ConflictError, InvalidInputError


class OverlapError(ConflictError):
    """The entry says of a time what another one says already, or its opposite."""

    code: ClassVar[str] = "overlap"


class CircularCoverError(InvalidInputError):
    """People would stand in for each other in a circle, so that nobody would in the end."""

    code: ClassVar[str] = "circular_cover"


class WallTimeError(InvalidInputError):
    """A time by the clock on the wall that the change of summer time leaves out, or has twice."""

    code: ClassVar[str] = "wall_time"
