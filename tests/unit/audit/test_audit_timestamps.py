"""Timestamp tokens: made by `openssl ts`, checked by ours, and wherever it matters by OpenSSL as well."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import replace

import pytest
import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.audit import certificates, der, timestamps
from bluelamp.audit.timestamps import (
    BrokenTokenError,
    MalformedTokenError,
    OtherBytesError,
    OutOfTimeError,
    RefusedTokenError,
    TimestampError,
    WrongAuthorityError,
)
from tests.support.tsa import DAY, Authority, certificate, pem
from tests.unit.audit.log_kit import seeded, steady

MESSAGE = b"log.example/bluelamp/wealdshire/2026\n7\n" + b"A" * 44 + b"\n"
NONCE = 2**63 + 5


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("tsa"), kind="ec")


@pytest.fixture(scope="module")
def token(authority):
    return authority.reply(timestamps.request(MESSAGE, NONCE))


def stamped(folder, **options):
    made = Authority.make(folder, **{"kind": "ec"} | options)
    return made, made.reply(timestamps.request(MESSAGE, NONCE))


def test_a_token_says_who_and_when(authority, token):
    before = dt.datetime.now(dt.UTC)
    stamp = timestamps.verify(token, MESSAGE, [authority.root])
    assert (stamp.authority, stamp.policy) == ("Wealdshire Test TSA", "1.2.3.4.1")
    assert abs(stamp.at - before) < dt.timedelta(minutes=5)
    assert stamp.certificate == authority.signer.fingerprint(hashes.SHA256()).hex()
    assert timestamps.read(token).nonce == NONCE
    assert authority.openssl_accepts(token, MESSAGE)


def test_the_request_is_the_one_that_others_make():
    theirs = rfc3161_client.TimestampRequestBuilder().data(MESSAGE).hash_algorithm(rfc3161_client.HashAlgorithm.SHA256)
    made = theirs.cert_request(cert_request=True).nonce(nonce=True).build()
    assert timestamps.request(MESSAGE, made.nonce) == made.as_bytes()


@pytest.mark.parametrize(
    "options",
    [{"kind": "rsa"}, {"digest": "sha384"}, {"digest": "sha512", "fraction": 3}, {"names_by": "sha512"}],
    ids=str,
)
def test_the_kinds_of_tokens_that_are_about(tmp_path, options):
    made, token = stamped(tmp_path, **options)
    assert timestamps.verify(token, MESSAGE, [made.root]).authority == "Wealdshire Test TSA"
    assert made.openssl_accepts(token, MESSAGE)


def test_any_certificate_of_the_path_may_be_the_trusted_one(authority, token):
    for trusted in ([authority.root], [authority.middle], [authority.signer], [authority.middle, authority.root]):
        assert timestamps.verify(token, MESSAGE, trusted)


def test_a_token_over_other_bytes_is_named(authority, token):
    with pytest.raises(OtherBytesError):
        timestamps.verify(token, MESSAGE + b"\n", [authority.root])
    assert not authority.openssl_accepts(token, MESSAGE + b"\n")


def test_a_token_from_another_authority_is_named(tmp_path, token):
    other = Authority.make(tmp_path, kind="ec")  # of the same name
    with pytest.raises(WrongAuthorityError, match="Wealdshire Test TSA stamped it"):
        timestamps.verify(token, MESSAGE, [other.root])
    with pytest.raises(WrongAuthorityError):
        timestamps.verify(token, MESSAGE, [])
    assert not other.openssl_accepts(token, MESSAGE)


@pytest.mark.parametrize("which", ["signer", "middle"])
@pytest.mark.parametrize("when", ["expired", "not yet"])
def test_a_certificate_outside_its_time_is_named(tmp_path, which, when):
    now = dt.datetime.now(dt.UTC)
    times = {"begins": now - 9 * DAY, "ends": now - DAY} if when == "expired" else {"begins": now + DAY}
    made, token = stamped(tmp_path, **(times if which == "signer" else {"middle": times}))
    with pytest.raises(OutOfTimeError, match="was valid from"):
        timestamps.verify(token, MESSAGE, [made.root])


def test_a_certificate_need_not_be_valid_today(tmp_path):
    # Evidence is read years later: only the token's own time counts.
    now = dt.datetime.now(dt.UTC)
    made, token = stamped(tmp_path, ends=now + dt.timedelta(minutes=1))
    read = timestamps.read(token)
    read.check_authority([made.root])
    with pytest.raises(OutOfTimeError):
        replace(read, at=now + dt.timedelta(minutes=2)).check_authority([made.root])


@pytest.mark.parametrize(
    "uses",
    [
        {"uses": ()},
        {"uses": (ExtendedKeyUsageOID.SERVER_AUTH,)},
        {"uses": (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.SERVER_AUTH)},
        {"critical": False},
    ],
    ids=["none", "another", "two", "not critical"],
)
def test_a_certificate_that_may_not_stamp_is_no_authority(authority, uses):
    # openssl refuses to stamp with such a certificate, so it is looked at alone.
    key = load_pem_private_key((authority.folder / "tsa.key").read_bytes(), None)
    wrong = certificate("Wealdshire Test TSA", key, **{"uses": (ExtendedKeyUsageOID.TIME_STAMPING,)} | uses)
    assert not certificates.may_stamp(wrong)
    assert certificates.may_stamp(authority.signer)


@pytest.mark.parametrize(
    "middle",
    [
        {"ca": False},
        {"uses": (ExtendedKeyUsageOID.SERVER_AUTH,)},
        {"extra": x509.NameConstraints(permitted_subtrees=[x509.DNSName("example")], excluded_subtrees=None)},
    ],
    ids=["no authority", "for servers", "critical and not understood"],
)
def test_what_may_not_issue_leads_nowhere(tmp_path, middle):
    made, token = stamped(tmp_path, middle=middle)
    with pytest.raises(WrongAuthorityError):
        timestamps.verify(token, MESSAGE, [made.root])


def test_a_refusal_is_told_from_a_token(authority):
    unknown_hash = timestamps.request(MESSAGE, 1).replace(
        bytes.fromhex("86480165030402 01"), bytes.fromhex("86480165030402 04")
    )
    refused = authority.reply(unknown_hash)
    with pytest.raises(RefusedTokenError, match="status 2"):
        timestamps.read(refused)


def test_without_its_certificate_a_token_is_malformed(authority):
    # The request asks for certificates; the last three bytes of it say so.
    bare = der.encode(der.SEQUENCE, der.parse(timestamps.request(MESSAGE, 3)).body[:-3])
    with pytest.raises(MalformedTokenError, match="certificate"):
        timestamps.verify(authority.reply(bare), MESSAGE, [authority.root])


def test_a_certificate_that_the_signature_does_not_name_is_refused(authority, token):
    # Another certificate for the same key, issuer and number: only the hash under the signature tells them apart.
    read = timestamps.read(token)
    key = load_pem_private_key((authority.folder / "tsa.key").read_bytes(), None)
    builder = x509.CertificateBuilder(
        authority.signer.issuer,
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Another name")]),
        key.public_key(),
        authority.signer.serial_number,
        authority.signer.not_valid_before_utc,
        authority.signer.not_valid_after_utc,
        list(authority.signer.extensions),
    )
    double = builder.sign(key, hashes.SHA256())
    raw = double.public_bytes(Encoding.DER)
    forged = replace(read, signed=replace(read.signed, held=(raw,)))
    with pytest.raises(BrokenTokenError, match="does not name"):
        forged.check(MESSAGE)


@pytest.mark.parametrize("raw", [b"", b"0", b"0\x80", b"\x30\x03\x30\x01\x02", b"-----BEGIN", bytes(70_000)], ids=str)
def test_what_is_no_token_is_malformed(raw):
    with pytest.raises(MalformedTokenError):
        timestamps.read(raw)


def _outcome(raw, authority):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `cryptography` warns of odd certificates before it refuses them
        try:
            return timestamps.verify(raw, MESSAGE, [authority.root])
        except TimestampError as error:
            return error


@pytest.mark.slow
def test_no_flipped_bit_makes_another_statement(authority, token):
    """One bit of every other byte: refused by name, or it says the very same; and OpenSSL accepts whatever we accept.

    Save in the certificates: `cryptography` does not mind a signature's count of unused bits where those bits are zero.
    """
    random = seeded(5)
    good = timestamps.verify(token, MESSAGE, [authority.root])
    held = b"".join(timestamps.read(token).signed.held)
    certificates_at = range(token.index(held), token.index(held) + len(held))
    accepted = 0
    for place in range(0, len(token), 2):
        raw = token[:place] + bytes([token[place] ^ 1 << random.randrange(8)]) + token[place + 1 :]
        outcome = _outcome(raw, authority)
        if not isinstance(outcome, TimestampError):
            accepted += 1
            assert outcome == good, place
            assert place in certificates_at or authority.openssl_accepts(raw, MESSAGE), place
    assert accepted < len(token) // 50


def test_no_cut_token_is_accepted(authority, token):
    for place in range(0, len(token), 7):
        assert isinstance(_outcome(token[:place], authority), TimestampError)
    assert isinstance(_outcome(token + b"\0", authority), MalformedTokenError)


@steady
@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_named_error(raw):
    with pytest.raises(TimestampError):
        timestamps.read(raw)


def test_certificates_are_read_from_pem_and_der(authority):
    both = timestamps.load_certificates(pem(authority.root, authority.middle))
    assert both == [authority.root, authority.middle]
    raw = authority.root.public_bytes(Encoding.DER)
    assert timestamps.load_certificates(raw) == [authority.root]
    for wrong in (b"", b"-----BEGIN CERTIFICATE-----\n", raw[:-1]):
        with pytest.raises(MalformedTokenError):
            timestamps.load_certificates(wrong)


@steady
@given(st.integers(min_value=0, max_value=2**160))
def test_integers_go_there_and_back(value):
    assert der.parse(der.encode_integer(value)).integer() == value


@pytest.mark.parametrize(
    "raw",
    ["0281010a", "02020001", "0202ff80", "0200", "3080", "1f0101", "0482000104", "04820104"],
    ids=["long length", "zero in front", "sign twice", "empty", "endless", "long tag", "zero length byte", "cut"],
)
def test_der_has_one_way_to_write_a_thing(raw):
    with pytest.raises(der.DerError):
        der.parse(bytes.fromhex(raw)).integer()


@pytest.mark.parametrize("text", ["20261122200105", "20261122200105.Z", "20261122200105.50Z", "20261322200105Z", "x"])
def test_a_time_is_written_as_der_wants_it(text):
    with pytest.raises(der.DerError):
        der.parse(der.encode(der.TIME, text.encode())).time()
    right = der.parse(der.encode(der.TIME, b"20261122200105.25Z")).time()
    assert right == dt.datetime(2026, 11, 22, 20, 1, 5, 250_000, tzinfo=dt.UTC)


def test_object_identifiers():
    assert der.parse(bytes.fromhex("060b2a864886f70d0109100104")).oid() == "1.2.840.113549.1.9.16.1.4"
    assert der.parse(bytes.fromhex("0603883703")).oid() == "2.999.3"
    for wrong in ("0600", "06018a", "06028001"):
        with pytest.raises(der.DerError):
            der.parse(bytes.fromhex(wrong)).oid()
