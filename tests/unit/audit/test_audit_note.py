"""Signed notes, keys and checkpoints: the published example, and no second way to write any of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.audit.note import (
    Checkpoint,
    LocalSigner,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    decode_base64,
    encode_base64,
    sign_note,
)
from tests.unit.audit.log_kit import steady

# The example of golang.org/x/mod/sumdb/note, from which C2SP signed-note was written down.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = decode_base64("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
LINE = f"\N{EM DASH} PeterNeumann {SIGNATURE}\n"
SIGNED = f"{TEXT}\n{LINE}".encode()


def test_published_example_verifies_and_is_signed_to_the_same_bytes():
    key = VerifierKey.parse(VKEY)
    assert str(key) == VKEY
    assert Note.parse(SIGNED).check([key]) == [key]
    assert bytes(sign_note(TEXT, "PeterNeumann", LocalSigner(SEED))) == SIGNED


def test_every_flipped_bit_of_a_note_is_refused():
    key = VerifierKey.parse(VKEY)
    for place in range(len(SIGNED)):
        for bit in range(8):
            flipped = bytearray(SIGNED)
            flipped[place] ^= 1 << bit
            with pytest.raises(NoteError):
                Note.parse(bytes(flipped)).check([key])


def test_every_flipped_bit_of_a_key_is_another_key_or_none():
    for place in range(len(VKEY)):
        for bit in range(7):
            flipped = VKEY[:place] + chr(ord(VKEY[place]) ^ (1 << bit)) + VKEY[place + 1 :]
            with pytest.raises(NoteError):
                VerifierKey.parse(flipped)


def test_a_line_of_an_unknown_key_is_passed_over_and_a_wrong_one_of_a_known_key_is_not():
    key = VerifierKey.parse(VKEY)
    note = Note.parse(SIGNED)
    witness = Signature("witness.example", b"abcd", bytes(64))
    assert Note(note.text, (witness, *note.signatures)).check([key]) == [key]
    forged = Signature(key.name, key.id, bytes(64))
    with pytest.raises(NoteError, match="is wrong"):
        Note(note.text, (*note.signatures, forged)).check([key])
    with pytest.raises(NoteError, match="no known key"):
        Note(note.text, (witness,)).check([key])


@steady
@given(st.binary(max_size=40))
def test_base64_has_one_form(raw):
    text = encode_base64(raw)
    assert decode_base64(text) == raw
    for other in (text + "=", text.rstrip("=") if text.endswith("=") else text + "A", text + "\n", " " + text):
        with pytest.raises(NoteError):
            decode_base64(other)


@pytest.mark.parametrize("text", ["QQ", "QR==", "QUJD=", "Q===", "Q-__", "ü==="])
def test_base64_that_is_not_canonical_is_refused(text):
    with pytest.raises(NoteError):
        decode_base64(text)


@pytest.mark.slow
@steady
@given(
    st.integers(0, 10**15),
    st.binary(min_size=32, max_size=32),
    st.from_regex(r"[a-z.]{1,20}/[0-9]{4}", fullmatch=True),
)
def test_checkpoint_round_trip(size, root, origin):
    checkpoint = Checkpoint(origin, size, root)
    assert Checkpoint.parse(checkpoint.text) == checkpoint
    assert Checkpoint.parse(checkpoint.text + "extension\n") == checkpoint


ROOT = encode_base64(bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n1\n{ROOT}",
        "o\n1\nQUJD\n",
        f"o\n1\n{ROOT} \n",
        f"o\n\N{DEVANAGARI DIGIT ONE}\n{ROOT}\n",
    ],
)
def test_malformed_checkpoints_are_refused(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        TEXT.encode(),
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED.replace(b" PeterNeumann ", b" "),
        SIGNED.replace("\N{EM DASH}".encode(), b"-"),
        SIGNED.replace(b"think", b"th\tnk"),
        b"\xff" + SIGNED,
        b"a" * 70_000 + SIGNED,
        f"{TEXT}\n\N{EM DASH} name QUJD\n".encode(),
    ],
)
def test_malformed_notes_are_refused(raw):
    with pytest.raises(NoteError):
        Note.parse(raw).check([VerifierKey.parse(VKEY)])


@pytest.mark.parametrize("vkey", ["", "name", "name+00000000", "a b+00000000+AQ==", "n+00000000+Ag=="])
def test_malformed_keys_are_refused(vkey):
    with pytest.raises(NoteError):
        VerifierKey.parse(vkey)


def test_a_signer_that_does_not_fit_its_public_key_is_caught_before_anything_is_kept():
    class Wrong(LocalSigner):
        def public(self) -> bytes:
            return LocalSigner(bytes(32)).public()

    with pytest.raises(NoteError, match="does not accept"):
        sign_note(TEXT, "name", Wrong(SEED))
