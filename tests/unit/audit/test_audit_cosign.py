"""Cosignatures: the published ones hold, ours are of the same make, and no changed bit passes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bluelamp.audit import cosign
from bluelamp.audit.cosign import BrokenCosignatureError, Cosignature, MalformedCosignatureError, WitnessKey
from bluelamp.audit.note import Checkpoint, LocalSigner, Note, NoteError, Signature, VerifierKey, sign_note

AT = datetime(2026, 11, 22, 2, 17, 5, 250_000, tzinfo=UTC)
SIGNER = LocalSigner(bytes(range(32)))
WITNESS = LocalSigner(bytes(range(1, 33)))
NAME = "witness.example/w1"

# A checkpoint of a public log with the cosignatures of public witnesses, whose operators publish these keys
# (transparency.dev/witnesses, remora.n621.de, witness.stagemole.eu).
PUBLISHED = b"""\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

\xe2\x80\x94 arche2025h1.staging.ct.transparency.dev \
ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
"""
PUBLISHED_LOG = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
PUBLISHED_WITNESSES = {
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM": b"\
\xe2\x80\x94 transparency.dev/DEV:witness-little-garden \
2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n",
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2": b"\
\xe2\x80\x94 remora.n621.de \
2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv": b"\
\xe2\x80\x94 witness.stagemole.eu \
Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==\n",
}
# The example of c2sp.org/tlog-cosignature; the key behind it was not published, so only its parts can be compared.
EXAMPLE = b"\
\xe2\x80\x94 witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"


def checkpoint(size=7, origin="log.example/bluelamp/wealdshire/2026"):
    return bytes(sign_note(Checkpoint(origin, size, bytes([size]) * 32).text, origin, SIGNER))


def cosigned(raw, at=AT, name=NAME, signer=WITNESS):
    return cosign.cosign(Note.parse(raw).text, name, signer, at)


@pytest.mark.parametrize("vkey", PUBLISHED_WITNESSES)
def test_published_cosignatures_hold(vkey):
    key, line = WitnessKey.parse(vkey), PUBLISHED_WITNESSES[vkey]
    (cosignature,) = cosign.read(PUBLISHED, line)
    assert cosignature.at == datetime(2026, 5, 23, 21, 50, 24, tzinfo=UTC)
    assert (str(cosignature).encode(), str(key)) == (line, vkey)
    cosignature.check(Note.parse(PUBLISHED).text, key)
    Note.parse(PUBLISHED + line).check([VerifierKey.parse(PUBLISHED_LOG)])
    with pytest.raises(BrokenCosignatureError):
        cosignature.check(Note.parse(PUBLISHED).text.replace("1432088532", "1432088533"), key)


def test_the_example_of_the_specification_has_its_parts():
    (cosignature,) = cosign.read(PUBLISHED, EXAMPLE)
    assert cosignature.at.timestamp() == 1_679_315_147
    assert cosignature.key_id.hex() == "8d66cf3f"
    assert str(cosignature).encode() == EXAMPLE


def test_what_is_signed_is_what_the_specification_says():
    assert cosign._message(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", 7
    ) == (
        b"cosignature/v1\ntime 7\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


def test_checkpoint_and_line_are_a_note_together():
    raw = checkpoint()
    made = cosigned(raw)
    assert made.at == AT.replace(microsecond=0)
    note = Note.parse(raw + str(made).encode())
    assert [line.name for line in note.signatures] == ["log.example/bluelamp/wealdshire/2026", NAME]
    assert cosign.read(raw, str(made).encode()) == [made]
    assert made.file_name == f"witness.example-w1.{WitnessKey(NAME, WITNESS.public()).id.hex()}"


def holds(raw, lines, key):
    found = cosign.read(raw, lines)
    for cosignature in found:
        cosignature.check(Note.parse(raw).text, key)
    return bool(found)


def test_no_flipped_bit_of_a_line_passes():
    raw = checkpoint()
    key = WitnessKey(NAME, WITNESS.public())
    line = str(cosigned(raw)).encode()
    assert holds(raw, line, key)
    for place in range(len(line)):
        for bit in range(8):
            wrong = line[:place] + bytes([line[place] ^ 1 << bit]) + line[place + 1 :]
            try:
                assert not holds(raw, wrong, key), (place, bit)
            except (MalformedCosignatureError, BrokenCosignatureError):
                continue


def test_another_checkpoint_key_name_or_time_is_none():
    raw = checkpoint()
    text, made, key = Note.parse(raw).text, cosigned(raw), WitnessKey(NAME, WITNESS.public())
    made.check(text, key)
    later = Cosignature(made.name, made.key_id, made.at + timedelta(seconds=1), made.signature)
    for cosignature, said, by in (
        (made, Note.parse(checkpoint(8)).text, key),
        (made, text, WitnessKey(NAME, SIGNER.public())),
        (made, text, WitnessKey("witness.example/w2", WITNESS.public())),
        (later, text, key),
    ):
        with pytest.raises(BrokenCosignatureError):
            cosignature.check(said, by)


def test_lines_of_other_kinds_are_passed_over():
    raw = checkpoint()
    other = str(Signature("witness.example/pq", b"\x01\x02\x03\x04", bytes(8 + 2420))).encode()
    assert cosign.read(raw, other) == []
    assert cosign.read(raw, other + str(cosigned(raw)).encode()) == [cosigned(raw)]


@pytest.mark.parametrize("lines", [b"\n", b"hello\n", EXAMPLE[:-1], EXAMPLE + b"\n", b"\xff"], ids=str)
def test_what_is_no_line_is_malformed(lines):
    with pytest.raises(MalformedCosignatureError):
        cosign.read(checkpoint(), lines)


@pytest.mark.parametrize("seconds", [0, 2**62, 2**64 - 1])
def test_a_time_that_is_none_is_malformed(seconds):
    line = str(Signature(NAME, b"abcd", seconds.to_bytes(8, "big") + bytes(64))).encode()
    with pytest.raises(MalformedCosignatureError, match="time"):
        cosign.read(checkpoint(), line)


def test_a_witnesss_key_is_of_type_4():
    key = WitnessKey(NAME, WITNESS.public())
    assert WitnessKey.parse(str(key)) == key
    assert key.id != VerifierKey(NAME, WITNESS.public()).id
    wrong = [
        str(VerifierKey(NAME, WITNESS.public())),
        str(key).replace("w1", "w2"),
        f"{NAME}+00000000",
        "",
        str(key) + "=",
    ]
    for text in wrong:
        with pytest.raises(NoteError):
            WitnessKey.parse(text)


def test_nothing_but_a_checkpoint_is_cosigned():
    with pytest.raises(NoteError):
        cosign.cosign("hello\n", NAME, WITNESS, AT)


def test_a_signer_whose_keys_do_not_fit_is_found_out():
    class Broken(LocalSigner):
        def public(self):
            return SIGNER.public()

    with pytest.raises(NoteError, match="does not accept"):
        cosigned(checkpoint(), signer=Broken(bytes(32)))
