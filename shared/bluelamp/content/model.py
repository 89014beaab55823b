"""The words of content: what is kept, what an export gets, and what can be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from bluelamp.errors import BluelampError


class ContentGoneError(BluelampError):
    """The key to the content was destroyed, or was never written: nobody can read it any more."""

    code: ClassVar[str] = "content_gone"


class ContentBrokenError(BluelampError):
    """The bytes that lie there are not those that were sealed."""

    code: ClassVar[str] = "content_broken"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be kept byte by byte.

    `account` is that of the leaf which will point here, empty when the leaf has none. It is bound into the ciphertext.
    """

    account: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revealed:
    """An entry for an export: with ciphertext and key, whoever gets it can repeat the decryption."""

    cipher: bytes = field(repr=False)
    key: bytes = field(repr=False)
    plain: bytes = field(repr=False)
