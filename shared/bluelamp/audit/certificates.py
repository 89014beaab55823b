"""Certificates of timestamp authorities: whether one may stamp, and whether a path leads to one that is trusted.

Short of what a browser does, and on purpose: no names of hosts, no lists of revoked certificates, and what is critical
and not understood here is refused. Any certificate that somebody trusts may end a path, a root or another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from bluelamp.audit import der

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, ExtensionType

    E = TypeVar("E", bound=ExtensionType)

MAX_PATH = 8
# basicConstraints, keyUsage, extendedKeyUsage, certificatePolicies: anything else that is critical is not understood.
_UNDERSTOOD = frozenset({"2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.32"})


def unreadable() -> tuple[type[Exception], ...]:
    """Return what reading a certificate may raise; `cryptography` has no common base for them."""
    from cryptography import x509  # noqa: PLC0415 -- slow import
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415

    return (
        ValueError,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        UnsupportedAlgorithm,
    )


def load(raw: bytes) -> Certificate | None:
    """Return a certificate in DER, or None when it is none."""
    from cryptography import x509  # noqa: PLC0415 -- slow import

    try:
        return x509.load_der_x509_certificate(raw)
    except unreadable():
        return None


def load_file(content: bytes) -> list[Certificate]:
    """Return the certificates in a file: PEM, one or more, or one in DER.

    Raises
    ------
    ValueError
        When there is none; or another of `unreadable`.
    """
    from cryptography import x509  # noqa: PLC0415 -- slow import

    pem = b"-----BEGIN" in content
    return x509.load_pem_x509_certificates(content) if pem else [x509.load_der_x509_certificate(content)]


def raw(certificate: Certificate) -> bytes:
    """Return the certificate in DER."""
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415 -- slow import

    return certificate.public_bytes(Encoding.DER)


def fingerprint(certificate: Certificate) -> str:
    """Return its SHA-256 in hex."""
    return hashlib.sha256(raw(certificate)).hexdigest()


def name(certificate: Certificate) -> str:
    """Return whom it names, fit to be printed: the common name, or all of the name when there is none."""
    from cryptography.x509 import NameOID  # noqa: PLC0415 -- slow import

    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    found = str(names[0].value) if names else certificate.subject.rfc4514_string()
    return found if found.isprintable() else ascii(found)


def issuer_and_serial(certificate: Certificate) -> tuple[bytes, int]:
    """Return the issuer's name, byte for byte as it stands, and the serial number."""
    fields = der.parse(raw(certificate)).inside().take(der.SEQUENCE).inside()
    fields.maybe(0xA0)
    serial = fields.take(der.INTEGER).integer()
    fields.take(der.SEQUENCE)
    return fields.take(der.SEQUENCE).raw, serial


def key_id(certificate: Certificate) -> bytes | None:
    """Return the id that the certificate gives its key, or None."""
    from cryptography import x509  # noqa: PLC0415 -- slow import

    found = _extension(certificate, x509.SubjectKeyIdentifier)
    return found.digest if found else None


def valid(certificate: Certificate, at: datetime) -> bool:
    """Return whether it was valid at a time."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def may_stamp(certificate: Certificate) -> bool:
    """Return whether it is for stamping and for nothing else, as RFC 3161 section 2.3 wants it."""
    from cryptography import x509  # noqa: PLC0415 -- slow import
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    try:
        use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    usage = _extension(certificate, x509.KeyUsage)
    alone = use.critical and list(use.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    return alone and (usage is None or usage.digital_signature or usage.content_commitment)


def path(
    signer: Certificate, pool: Sequence[Certificate], trusted: Sequence[Certificate], *, at: datetime | None = None
) -> list[Certificate] | None:
    """Return a shortest path of issuers from `signer` to a trusted certificate, or None.

    Parameters
    ----------
    pool
        Where issuers are looked for. Each is taken once, so that certificates that issued one another cost no more.
    at
        When given, every certificate of the path was valid then.
    """
    anchors = set(map(fingerprint, trusted))
    ways = [[signer]] if _usable(signer, at) else []
    left = [c for c in pool if c != signer and _usable(c, at)]
    for below in range(MAX_PATH):
        found = next((way for way in ways if fingerprint(way[-1]) in anchors), None)
        if found:
            return found
        longer = []
        for issuer in [c for c in left if _may_issue(c, below)]:
            way = next((w for w in ways if _issued(w[-1], issuer)), None)
            if way:
                longer.append([*way, issuer])
                left.remove(issuer)
        ways = longer
    return None


def _usable(certificate: Certificate, at: datetime | None) -> bool:
    understood = all(not e.critical or e.oid.dotted_string in _UNDERSTOOD for e in certificate.extensions)
    return understood and (at is None or valid(certificate, at))


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- slow import

    if issuer.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError):  # TypeError: an issuer whose key cannot sign
        return False
    except unreadable():
        return False
    return True


def _may_issue(issuer: Certificate, below: int) -> bool:
    """Return whether a certificate may issue others, with `below` authorities between it and the signer."""
    from cryptography import x509  # noqa: PLC0415 -- slow import
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    constraints = _extension(issuer, x509.BasicConstraints)
    usage = _extension(issuer, x509.KeyUsage)
    use = _extension(issuer, x509.ExtendedKeyUsage)
    stamping = {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return (
        constraints is not None
        and constraints.ca
        and (constraints.path_length is None or constraints.path_length >= below)
        and (usage is None or usage.key_cert_sign)
        and (use is None or not stamping.isdisjoint(use))
    )


def _extension(certificate: Certificate, kind: type[E]) -> E | None:
    from cryptography import x509  # noqa: PLC0415 -- slow import

    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
