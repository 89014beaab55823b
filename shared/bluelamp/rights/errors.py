"""What can stand in the way of a rights case; each message says what to do."""

from typing import ClassVar

from bluelamp.errors import ConflictError, InvalidInputError


class StepRefusedError(ConflictError):
    """The case is not in a state from which this step leads; the message says which steps do."""

    code: ClassVar[str] = "step_refused"


class NotReviewedError(ConflictError):
    """Something found for the case is not decided, or its words have changed since it was."""

    code: ClassVar[str] = "not_reviewed"


class HeldError(ConflictError):
    """A post under a legal hold is not erased: it is kept as evidence, and its processing restricted."""

    code: ClassVar[str] = "held"


class WrongExemptionError(InvalidInputError):
    """The exemption is not one of the law that the case is under."""

    code: ClassVar[str] = "wrong_exemption"


class PackageNotReadyError(ConflictError):
    """The answer cannot be fetched: not made yet, no longer kept, or it could not be made."""

    code: ClassVar[str] = "package_not_ready"


class TooManyItemsError(InvalidInputError):
    """A search found more than one case holds."""

    code: ClassVar[str] = "too_many_items"
