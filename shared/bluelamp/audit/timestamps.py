"""Timestamp tokens of RFC 3161, checked offline with `cryptography` and nothing else.

A token says: these bytes existed at this time, signed by an authority that is not us. It is kept raw (``.tsr``, the
whole response), so that ``openssl ts -verify`` reads it too. The check is our own because the verifier that goes along
with an export has `cryptography` at the most; tests hold it against OpenSSL (docs/decisions/0044-timestamps.md).

::

    TimestampError
    ├── MalformedTokenError     no token, cut short, or written in a way that this does not read
    ├── RefusedTokenError       the authority granted none
    ├── OtherBytesError         a token, but over other bytes
    ├── BrokenTokenError        its signature does not hold, or its certificate may not stamp
    ├── WrongAuthorityError     no certificate that was named leads to it
    └── OutOfTimeError          a certificate was not yet, or no longer, valid when it stamped

Not asked for: whether a certificate was revoked; that takes the authority's list, which is not in an archive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, ClassVar, ParamSpec, TypeVar

from bluelamp.audit import certificates, cms, der
from bluelamp.audit.cms import MismatchError, SignedData
from bluelamp.errors import BluelampError
from bluelamp.times import iso

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

P = ParamSpec("P")
T = TypeVar("T")

MAX_TOKEN = 64 * 1024
# granted, grantedWithMods
GRANTED = frozenset({0, 1})
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_SHA256 = bytes.fromhex("300d06096086480165030402010500")


class TimestampError(BluelampError):
    """A token does not show what it should."""

    code: ClassVar[str] = "timestamp"


class MalformedTokenError(TimestampError):
    """The bytes are no token that this reads."""

    code = "timestamp_malformed"


class RefusedTokenError(TimestampError):
    """The authority answered, and granted no token."""

    code = "timestamp_refused"


class OtherBytesError(TimestampError):
    """The token is over other bytes."""

    code = "timestamp_other_bytes"


class BrokenTokenError(TimestampError):
    """The token's own signature does not hold, or the certificate behind it is not for stamping."""

    code = "timestamp_broken"


class WrongAuthorityError(TimestampError):
    """None of the named certificates leads to the one that signed."""

    code = "timestamp_authority"


class OutOfTimeError(TimestampError):
    """A certificate of the authority was not valid at the token's time."""

    code = "timestamp_validity"


def _readable(call: Callable[P, T]) -> Callable[P, T]:
    """Have what cannot be read, of the token or of a certificate in it, said as one of our errors."""

    @wraps(call)
    def reading(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return call(*args, **kwargs)
        except MismatchError as error:
            raise BrokenTokenError(f"the token is broken: {error}") from error
        except certificates.unreadable() as error:  # ours of DER and CMS are ValueErrors too
            raise MalformedTokenError(f"the token cannot be read: {error}; openssl ts -verify may") from error

    return reading


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who stamped, and when: what a checked token shows.

    Attributes
    ----------
    authority
        Common name of the certificate that signed; a name, not a proof of identity.
    certificate
        SHA-256 of that certificate in hex.
    """

    at: datetime
    authority: str
    certificate: str
    serial: int
    policy: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. Nothing of it is proven before `check` and `check_authority` have been called.

    Attributes
    ----------
    at
        The time it states, UTC.
    serial, policy, nonce
        Number of the token, the authority's policy, and what the request had sent along.
    imprint
        Name and value of the hash of what was stamped.
    """

    at: datetime
    serial: int
    policy: str
    nonce: int | None
    imprint: tuple[str, bytes]
    signed: SignedData = field(repr=False)

    @_readable
    def check(self, message: bytes) -> Stamp:
        """Check all that can be checked without trusting anybody: the bytes, the signature, the right to stamp.

        Raises
        ------
        OtherBytesError
            When the token is over other bytes than `message`.
        BrokenTokenError
            When it is not signed by the certificate in it, or that one is not for stamping.
        """
        name, digest = self.imprint
        if hashlib.new(name, message).digest() != digest:
            raise OtherBytesError("the token is over other bytes")
        certificate = self.signed.check()
        by, fingerprint = certificates.name(certificate), certificates.fingerprint(certificate)
        if not certificates.may_stamp(certificate):
            raise BrokenTokenError(f"the certificate of {by} is not for stamping alone")
        return Stamp(self.at, by, fingerprint, self.serial, self.policy)

    @_readable
    def check_authority(self, trusted: Sequence[Certificate]) -> None:
        """Check that a path leads from the signer to one of the `trusted` certificates, valid at the token's time.

        Raises
        ------
        WrongAuthorityError
            When there is none.
        OutOfTimeError
            When there is one, and a certificate of it was not valid then.
        """
        signer = self.signed.certificate()
        pool = [*trusted, *filter(None, map(certificates.load, self.signed.held))]
        if certificates.path(signer, pool, trusted, at=self.at):
            return
        path = certificates.path(signer, pool, trusted)
        if path is None:
            by = certificates.name(signer)
            raise WrongAuthorityError(f"{by} stamped it, and no certificate that you named leads there")
        outside = next(c for c in path if not certificates.valid(c, self.at))
        raise OutOfTimeError(
            f"the certificate of {certificates.name(outside)} was valid from {iso(outside.not_valid_before_utc)} "
            f"to {iso(outside.not_valid_after_utc)}, the token says {iso(self.at)}"
        )


@_readable
def read(response: bytes) -> Token:
    """Read an authority's whole response (``TimeStampResp``).

    Raises
    ------
    RefusedTokenError
        When the authority granted no token.
    MalformedTokenError
        When it is none.
    """
    if len(response) > MAX_TOKEN:
        raise MalformedTokenError(f"a token has {MAX_TOKEN} bytes at the most, this has {len(response)}")
    fields = cms.sequence(der.parse(response))
    status = fields.take(der.SEQUENCE).inside().take(der.INTEGER).integer()
    if status not in GRANTED:
        raise RefusedTokenError(f"the authority granted no token (status {status})")
    signed = SignedData.of(fields.take(der.SEQUENCE).inside())
    fields.end()
    if signed.content_type != _TST_INFO:
        raise MalformedTokenError("what is signed is no timestamp")
    return _said(signed)


def verify(response: bytes, message: bytes, trusted: Sequence[Certificate]) -> Stamp:
    """Check a token over `message` against the certificates of authorities that are trusted.

    Parameters
    ----------
    response
        The raw ``.tsr``.
    message
        The exact bytes that were stamped; here a checkpoint with its signature.
    trusted
        Certificates of authorities: their roots, or what signs the tokens itself; see `load_certificates`.

    Raises
    ------
    TimestampError
        The one of its kinds that says what is wrong.
    """
    token = read(response)
    stamp = token.check(message)
    token.check_authority(trusted)
    return stamp


def load_certificates(raw: bytes) -> list[Certificate]:
    """Read a file of certificates: PEM, one or more, or one in DER.

    Raises
    ------
    MalformedTokenError
        When it holds none.
    """
    try:
        return certificates.load_file(raw)
    except certificates.unreadable() as error:
        raise MalformedTokenError(f"the file holds no certificate that this reads: {error}") from error


def request(message: bytes, nonce: int) -> bytes:
    """Return the request for a token over `message` (``TimeStampReq``): SHA-256, with the certificates asked for."""
    imprint = der.encode(der.SEQUENCE, _SHA256 + der.encode(der.OCTETS, hashlib.sha256(message).digest()))
    with_certificates = der.encode(der.BOOLEAN, b"\xff")
    fields = (der.encode_integer(1), imprint, der.encode_integer(nonce), with_certificates)
    return der.encode(der.SEQUENCE, b"".join(fields))


def _said(signed: SignedData) -> Token:
    fields = cms.sequence(der.parse(signed.content))
    if fields.take(der.INTEGER).integer() != 1:
        raise MalformedTokenError("the timestamp is of another version")
    policy = fields.take(der.OID).oid()
    imprint = fields.take(der.SEQUENCE).inside()
    name = cms.hash_name(imprint.take(der.SEQUENCE))
    digest = imprint.take(der.OCTETS).octets()
    imprint.end()
    serial = fields.take(der.INTEGER).integer()
    at = fields.take(der.TIME).time()
    fields.maybe(der.SEQUENCE)  # how exact the time is
    fields.maybe(der.BOOLEAN)  # whether tokens of this authority can be put in order
    nonce = fields.maybe(der.INTEGER)
    return Token(at, serial, policy, nonce.integer() if nonce else None, (name, digest), signed)
