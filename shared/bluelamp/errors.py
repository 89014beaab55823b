"""The one small hierarchy of errors that features raise and callers understand.

::

    BluelampError
    ├── NotFoundError           there is no such thing
    │   └── OutOfScopeError     there is, but not for this person: outwardly the same answer
    ├── NotSignedInError        no valid cookie or token
    ├── RefusedError            the person is known, and may not
    ├── ConflictError           somebody else was first, or the thing is in another state
    ├── InvalidInputError       the request itself is wrong
    │   └── TooLargeError
    ├── SignatureError          a webhook, cursor or ticket that we or the platform did not sign
    └── UnsupportedError        the platform cannot do this

A message says what happened, where, and what to do; it is fit to be shown to an officer. `code` is stable and goes
into logs, leaves and problem documents. HTTP statuses are the API's business, not ours.
"""

from __future__ import annotations

from typing import ClassVar


class BluelampError(Exception):
    """Base of every error that Bluelamp raises on purpose."""

    code: ClassVar[str] = "error"


class NotFoundError(BluelampError):
    """The thing asked for does not exist."""

    code = "not_found"


class OutOfScopeError(NotFoundError):
    """The thing exists, but not for this person; outwardly it is simply not found."""

    code = "out_of_scope"


class NotSignedInError(BluelampError):
    """No credential, or one that is wrong, expired or ended."""

    code = "not_signed_in"


class RefusedError(BluelampError):
    """The person is known and may not do this.

    Parameters
    ----------
    message
        For the person: what was refused, why, and who could do it.
    reason_code
        For the log.
    """

    code = "refused"

    def __init__(self, message: str, *, reason_code: str = "role") -> None:
        super().__init__(message)
        self.reason_code = reason_code


class ConflictError(BluelampError):
    """The thing has changed since it was read, or is in a state that rules this out.

    Parameters
    ----------
    message
        For the person.
    rev
        The revision now in force, when known.
    by
        Name of the person who was first, when known.
    """

    code = "conflict"

    def __init__(self, message: str, *, rev: int | None = None, by: str | None = None) -> None:
        super().__init__(message)
        self.rev = rev
        self.by = by


class InvalidInputError(BluelampError):
    """The request cannot be understood or breaks a rule of form."""

    code = "invalid_input"


class TooLargeError(InvalidInputError):
    """The body is larger than we take."""

    code = "too_large"


class SignatureError(BluelampError):
    """A signature, cursor or ticket does not verify."""

    code = "bad_signature"


class UnsupportedError(BluelampError):
    """The platform cannot do what was asked; it should not have been offered.

    Parameters
    ----------
    message
        For the person.
    instead
        What could be done in its place, the nearest first.
    """

    code = "unsupported"

    def __init__(self, message: str, *, instead: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.instead = instead
