"""Why a medium cannot be had, each reason with a code that goes into the leaf.

::

    BluelampError
    └── MediaError
        ├── NoAddressError  AddressRefusedError  PrivateAddressError  RedirectedError
        ├── MediaGoneError  ForbiddenError  MediaTooLargeError  TooManyError  WrongTypeError  OddAnswerError
        └── MediaTimedOutError  UnreachableError  UntrustedError  UnavailableError     may pass: worth another try
"""

from __future__ import annotations

from typing import ClassVar

from bluelamp.errors import BluelampError


class MediaError(BluelampError):
    """A medium cannot be had. `passing` says whether another try may help; `code` goes into the leaf."""

    code: ClassVar[str] = "media_failed"
    passing: ClassVar[bool] = False


class NoAddressError(MediaError):
    """The platform names a medium and does not say where it is."""

    code = "no_address"


class AddressRefusedError(MediaError):
    """The address is not one that is fetched from: scheme, host or port are not on the list."""

    code = "not_allowed"


class PrivateAddressError(MediaError):
    """The host's name leads to an address that is not of the public internet."""

    code = "private_address"


class RedirectedError(MediaError):
    """The host points elsewhere; that is not followed. `to` is where, as the host wrote it."""

    code = "redirected"

    def __init__(self, message: str, *, to: str = "") -> None:
        super().__init__(message)
        self.to = to


class MediaGoneError(MediaError):
    """The platform has it no more."""

    code = "gone"


class ForbiddenError(MediaError):
    """The platform does not give it to us: mostly because the address has run out."""

    code = "forbidden"


class MediaTooLargeError(MediaError):
    """It is larger than is kept."""

    code = "too_large"


class TooManyError(MediaError):
    """The post has more media than are kept of one post."""

    code = "too_many"


class WrongTypeError(MediaError):
    """Its bytes are no picture, video, sound or document that is kept."""

    code = "wrong_type"


class OddAnswerError(MediaError):
    """The host's answer is none that a medium comes with."""

    code = "odd_answer"


class MediaTimedOutError(MediaError):
    """It did not come whole in the time that is given to it."""

    code = "timed_out"
    passing = True


class UnreachableError(MediaError):
    """The host cannot be reached, or cuts the line."""

    code = "unreachable"
    passing = True


class UntrustedError(MediaError):
    """The host does not prove by its certificate that it is the one it is called."""

    code = "untrusted"
    passing = True


class UnavailableError(MediaError):
    """The host says that it cannot serve now."""

    code = "unavailable"
    passing = True


PASSING = frozenset(kind.code for kind in MediaError.__subclasses__() if kind.passing)
