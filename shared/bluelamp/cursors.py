"""Small signed values that travel through a browser and come back: cursors first of all.

A cursor is opaque to the caller and bound to the person and the query it was made for, so that nobody
can page through somebody else's queue by editing one or by handing theirs on. Nothing secret stands in
it; the signature says that we made it, not that it cannot be read.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from bluelamp.errors import InvalidInputError, SignatureError

MAX_CHARACTERS = 8192
_TAG_BYTES = 16


class CursorError(InvalidInputError):
    """A cursor that we did not make, or not for this person and this query."""

    code = "bad_cursor"


class Signer:
    """Signs small JSON objects with HMAC-SHA256, each purpose under a key of its own.

    Parameters
    ----------
    secret
        The deployment's session secret, at least 16 bytes.
    purpose
        Keeps a value that was made for one use from being taken for another.

    Examples
    --------
    >>> signer = Signer(b"0" * 32, "example")
    >>> signer.open(signer.sign({"page": 2}))
    {'page': 2}
    """

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = hmac.digest(secret, f"bluelamp/{purpose}".encode(), "sha256")

    def sign(self, value: Mapping[str, Any], *, bound: str = "") -> str:
        """Return `value` as URL-safe text; `bound` must be given again to open it, and is not in it."""
        body = json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
        return base64.urlsafe_b64encode(self._tag(body, bound) + body).rstrip(b"=").decode("ascii")

    def open(self, text: str, *, bound: str = "") -> dict[str, Any]:
        """Return the object that `sign` was given.

        Raises
        ------
        SignatureError
            When the text was not made by `sign` with this key and the same `bound`.
        """
        refusal = SignatureError("This value was not made here, or was changed on its way.")
        if len(text) > MAX_CHARACTERS:
            raise refusal
        try:
            raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise refusal from None
        tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(body, bound)):
            raise refusal
        # The last character of base64 may carry idle bits: only the one spelling that we write is ours.
        if base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii") != text:
            raise refusal
        value: dict[str, Any] = json.loads(body)
        return value

    def _tag(self, body: bytes, bound: str) -> bytes:
        digest = hashlib.sha256(bound.encode()).digest()
        return hmac.digest(self._key, digest + body, "sha256")[:_TAG_BYTES]


class Cursors:
    """Makes and opens the cursors of every list.

    Parameters
    ----------
    secret
        The deployment's session secret.
    """

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret, "cursor")

    def seal(self, person_id: str, query: Mapping[str, Any], place: Mapping[str, Any]) -> str:
        """Return a cursor for `place`, good for this person and this query only.

        Parameters
        ----------
        person_id
            Whose list it is.
        query
            The filters that the list was made with; the name of the list among them.
        place
            Where to go on from, as JSON-friendly values.
        """
        return self._signer.sign(place, bound=_binding(person_id, query))

    def open(self, person_id: str, query: Mapping[str, Any], cursor: str) -> dict[str, Any]:
        """Return the place that `seal` was given.

        Raises
        ------
        CursorError
            When the cursor was changed, or made for another person or query.
        """
        try:
            return self._signer.open(cursor, bound=_binding(person_id, query))
        except SignatureError:
            raise CursorError("This cursor does not belong to this list. Ask for the list from its start.") from None


def _binding(person_id: str, query: Mapping[str, Any]) -> str:
    return json.dumps([person_id, query], separators=(",", ":"), sort_keys=True)
