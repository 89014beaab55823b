"""Signed data with one signature (RFC 5652), as far as a timestamp token is made of it.

Whoever stamps names its certificate by hash among what it signs (RFC 5035); without that, a signature could be passed
off as that of another certificate for the same key. What this does not know it refuses by name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bluelamp.audit import certificates, der
from bluelamp.audit.der import Element, Fields

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm
    from cryptography.x509 import Certificate

MAX_CERTIFICATES = 16
SIGNED_DATA = "1.2.840.113549.1.7.2"
# What a hash is called in ASN.1, and here. SHA-1 is none of them.
HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
# RFC 2634 names the certificate by SHA-1, RFC 5035 by SHA-256 unless it says otherwise.
_SIGNING_CERTIFICATE = {"1.2.840.113549.1.9.16.2.12": "sha1", "1.2.840.113549.1.9.16.2.47": "sha256"}
# Signature algorithms, and the hash that the name implies; empty: that of the digest algorithm.
_RSA = {
    "1.2.840.113549.1.1.1": "",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA = {
    "1.2.840.10045.2.1": "",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}


class CmsError(ValueError):
    """The signed data is malformed, or uses what this does not know."""


class MismatchError(ValueError):
    """The signature, or what it binds, does not fit."""


@dataclass(frozen=True, slots=True)
class SignedData:
    """Content of some type, the certificates beside it, and the one signature."""

    content_type: str
    content: bytes
    held: tuple[bytes, ...] = field(repr=False)
    signer: SignerInfo = field(repr=False)

    @classmethod
    def of(cls, content_info: Fields) -> SignedData:
        """Read a ``ContentInfo``.

        Raises
        ------
        ValueError
            When it is no signed data, or not with one signature.
        """
        if content_info.take(der.OID).oid() != SIGNED_DATA:
            raise CmsError("this is not signed data")
        fields = sequence(der.parse(content_info.take(der.TAGGED_0).body))
        content_info.end()
        fields.take(der.INTEGER)
        announced = [_algorithm(one) for one in fields.take(der.SET).inside().rest()]
        inside = fields.take(der.SEQUENCE).inside()
        content_type = inside.take(der.OID).oid()
        content = der.parse(inside.take(der.TAGGED_0).body).octets()
        inside.end()
        among = fields.maybe(der.TAGGED_0)
        fields.maybe(der.TAGGED_1)
        signers = fields.take(der.SET).inside().rest()
        fields.end()
        held = tuple(c.raw for c in among.inside().rest() if c.tag == der.SEQUENCE) if among else ()
        if len(signers) != 1 or len(held) > MAX_CERTIFICATES:
            raise CmsError(
                f"one signature and {MAX_CERTIFICATES} certificates are the most; "
                f"there are {len(signers)} and {len(held)}"
            )
        signer = SignerInfo.of(signers[0])
        if signer.digest not in map(HASHES.get, announced):
            raise CmsError("the signature's hash is not the one that was announced")
        return cls(content_type, content, held, signer)

    def certificate(self) -> Certificate:
        """Return the certificate, among those beside the content, that the signature names.

        Raises
        ------
        CmsError
            When it is not there.
        """
        for raw in self.held:
            certificate = certificates.load(raw)
            if certificate is not None and self.signer.is_by(certificate):
                return certificate
        raise CmsError("the certificate that signed is not beside the content")

    def check(self) -> Certificate:
        """Check the signature, and that it binds the content and the certificate; return the latter.

        Raises
        ------
        MismatchError
            When it does not.
        CmsError
            When it is of a kind that this does not know.
        """
        certificate = self.certificate()
        self.signer.check(self.content_type, self.content, certificate)
        return certificate


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signature: by whom, with what, over which attributes."""

    issuer_and_serial: tuple[bytes, int] | None
    key_id: bytes
    digest: str
    algorithm: str
    attributes: Element
    signature: bytes

    @classmethod
    def of(cls, element: Element) -> SignerInfo:
        """Read it."""
        fields = sequence(element)
        fields.take(der.INTEGER)
        by_name, key_id = fields.maybe(der.SEQUENCE), b""
        identity: tuple[bytes, int] | None = None
        if by_name is None:
            key_id = fields.take(der.BARE_0).body
        else:
            inside = by_name.inside()
            identity = (inside.take(der.SEQUENCE).raw, inside.take(der.INTEGER).integer())
            inside.end()
        digest = hash_name(fields.take(der.SEQUENCE))
        attributes = fields.take(der.TAGGED_0)
        algorithm = _algorithm(fields.take(der.SEQUENCE))
        signature = fields.take(der.OCTETS).octets()
        fields.maybe(der.TAGGED_1)
        fields.end()
        return cls(identity, key_id, digest, algorithm, attributes, signature)

    def is_by(self, certificate: Certificate) -> bool:
        """Return whether the signature names this certificate."""
        if self.issuer_and_serial is not None:
            return certificates.issuer_and_serial(certificate) == self.issuer_and_serial
        return certificates.key_id(certificate) == self.key_id

    def check(self, content_type: str, content: bytes, certificate: Certificate) -> None:
        """See `SignedData.check`."""
        known = self._attributes()
        if [der.parse(value).oid() for value in known.get(_CONTENT_TYPE, ())] != [content_type]:
            raise MismatchError("what was signed is of another type")
        digests = [der.parse(value).octets() for value in known.get(_MESSAGE_DIGEST, ())]
        if digests != [hashlib.new(self.digest, content).digest()]:
            raise MismatchError("what was signed is not what is here")
        if not _names(known, certificates.raw(certificate)):
            raise MismatchError("the signature does not name the certificate beside it")
        # RFC 5652 section 5.4: the attributes are signed as the SET that they are, not under the tag they travel with.
        self._verify(certificate, bytes([der.SET]) + self.attributes.raw[1:])

    def _attributes(self) -> dict[str, tuple[bytes, ...]]:
        """Return the signed attributes, each once: the values by the attribute's name."""
        found: dict[str, tuple[bytes, ...]] = {}
        for attribute in self.attributes.inside().rest():
            fields = sequence(attribute)
            name = fields.take(der.OID).oid()
            values = tuple(value.raw for value in fields.take(der.SET).inside().rest())
            fields.end()
            if name in found or not values:
                raise CmsError("a signed attribute is there twice, or empty")
            found[name] = values
        return found

    def _verify(self, certificate: Certificate, message: bytes) -> None:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 -- slow import
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa  # noqa: PLC0415

        try:
            key = certificate.public_key()
            if isinstance(key, rsa.RSAPublicKey) and self.algorithm in _RSA:
                key.verify(self.signature, message, padding.PKCS1v15(), _hash(_RSA[self.algorithm] or self.digest))
                return
            if isinstance(key, ec.EllipticCurvePublicKey) and self.algorithm in _ECDSA:
                key.verify(self.signature, message, ec.ECDSA(_hash(_ECDSA[self.algorithm] or self.digest)))
                return
        except InvalidSignature:
            raise MismatchError("the signature is wrong") from None
        raise CmsError(f"it is signed by an algorithm that this does not know ({self.algorithm})")


def sequence(element: Element) -> Fields:
    """Return what is inside a SEQUENCE."""
    if element.tag != der.SEQUENCE:
        raise CmsError(f"a sequence was expected, and tag {element.tag:#04x} is there")
    return element.inside()


def hash_name(algorithm: Element) -> str:
    """Return which hash an ``AlgorithmIdentifier`` means.

    Raises
    ------
    CmsError
        When it is none that is trusted here.
    """
    name = _algorithm(algorithm)
    if name not in HASHES:
        raise CmsError(f"it uses a hash that is not trusted here ({name})")
    return HASHES[name]


def _algorithm(element: Element) -> str:
    """Return the name of an ``AlgorithmIdentifier`` whose parameters, if any, are NULL."""
    fields = sequence(element)
    name = fields.take(der.OID).oid()
    parameters = fields.maybe(der.NULL)
    fields.end()
    if parameters is not None and parameters.body:
        raise CmsError("an algorithm has parameters that this does not know")
    return name


def _names(attributes: dict[str, tuple[bytes, ...]], certificate: bytes) -> bool:
    """Return whether the signed attributes name this certificate, and none names another."""
    named = False
    for attribute, default in _SIGNING_CERTIFICATE.items():
        for value in attributes.get(attribute, ()):
            first = der.parse(value).inside().take(der.SEQUENCE).inside().take(der.SEQUENCE).inside()
            algorithm = first.maybe(der.SEQUENCE)
            digest = hashlib.new(hash_name(algorithm) if algorithm else default, certificate, usedforsecurity=False)
            if first.take(der.OCTETS).octets() != digest.digest():
                return False
            named = True
    return named


def _hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 -- slow import

    return {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[name]
