"""Proof files: the format of C2SP tlog-proof to the byte, and no second way to write one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluelamp.audit.commits import UnreadableArchiveError
from bluelamp.audit.extract import extract, keys_of
from bluelamp.audit.note import Checkpoint, LocalSigner, Note, NoteError, VerifierKey, sign_note
from bluelamp.audit.proof import TlogProof
from bluelamp.audit.tree import ProofError, node_hash
from tests.unit.audit.log_kit import ORIGIN, SEED, LogWorld, steady

# Examples of the C2SP specifications (github.com/C2SP/C2SP, BSD-1-Clause): signed-note, tlog-checkpoint, and the head
# of tlog-proof, whose signatures are shortened there.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n\N{EM DASH} example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\N{EM DASH} example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
HEAD = """c2sp.org/tlog-proof@v1
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    world = LogWorld()
    world.busy_day(40)
    folder = tmp_path_factory.mktemp("made")
    world.pull(folder)
    return folder


def test_published_examples():
    key = VerifierKey.parse(VKEY)
    assert Note.parse(NOTE.encode()).check([key]) == [key]
    note = Note.parse(CHECKPOINT.encode())
    assert bytes(note) == CHECKPOINT.encode()
    assert Checkpoint.parse(note.text).size == 20_852_163
    proof = TlogProof.parse((HEAD + CHECKPOINT).encode())
    assert (proof.index, len(proof.path), proof.checkpoint, proof.extra) == (73_894, 5, CHECKPOINT.encode(), b"")
    assert bytes(proof) == (HEAD + CHECKPOINT).encode()


def test_every_record_of_an_archive_has_a_proof_that_holds_by_itself(made):
    keys = keys_of(made, 2026)
    for seq in range(0, 361, 9):
        proof = TlogProof.parse(bytes(extract(made, 2026, seq)))
        assert proof.check(proof.extra, keys).size == 361
        with pytest.raises(ProofError):
            proof.check(proof.extra + b" ", keys)


def test_a_record_that_is_not_there_or_not_proven(made, tmp_path):
    for year, seq in ((2026, 361), (2025, 0), (2026, 10**12)):
        with pytest.raises(UnreadableArchiveError):
            extract(made, year, seq)
    with pytest.raises(UnreadableArchiveError):
        extract(tmp_path, 2026, 0)
    with pytest.raises(UnreadableArchiveError, match="no known key"):
        extract(made, 2026, 0, [VerifierKey(f"{ORIGIN}/2026", LocalSigner(bytes(32)).public())])


def test_a_checkpoint_signed_under_the_name_of_another_log_proves_nothing():
    signer = LocalSigner(SEED)
    root = node_hash(bytes(32), bytes(32))
    note = sign_note(Checkpoint("other.example/log", 2, root).text, "log.example", signer)
    with pytest.raises(NoteError, match="was signed by"):
        TlogProof(0, (), bytes(note)).check(b"", [VerifierKey("log.example", signer.public())])


@pytest.mark.parametrize(
    "raw",
    [
        "",
        HEAD,
        HEAD.replace("v1", "v2") + CHECKPOINT,
        HEAD.replace("\n", "\r\n") + CHECKPOINT,
        HEAD.replace("index 73894", "index 073894") + CHECKPOINT,
        HEAD.replace("index 73894", "index -1") + CHECKPOINT,
        HEAD.replace("index 73894", "index \N{ARABIC-INDIC DIGIT ONE}") + CHECKPOINT,
        HEAD.replace("index 73894\n", "") + CHECKPOINT,
        HEAD.replace("index", "extra \nindex") + CHECKPOINT,
        HEAD.replace("index", "extra QQ\nindex") + CHECKPOINT,
        HEAD.replace("vk=\n", "vl=\n") + CHECKPOINT,
        HEAD.replace("AHCioX9n", "QUJD") + CHECKPOINT,
        HEAD[:-1] + f"{'A' * 43}=\n" * 64 + "\n" + CHECKPOINT,
        HEAD + CHECKPOINT + "x" * 200_000,
    ],
)
def test_what_is_no_proof(raw):
    with pytest.raises((ProofError, NoteError)):
        TlogProof.parse(raw.encode()).check(b"", [VerifierKey.parse(VKEY)])


@pytest.mark.slow
def test_every_flipped_bit_of_a_proof_is_refused(made):
    keys = keys_of(made, 2026)
    sound = bytes(extract(made, 2026, 200))
    body = TlogProof.parse(sound).extra
    for place in range(len(sound)):
        for bit in range(8):
            flipped = sound[:place] + bytes([sound[place] ^ 1 << bit]) + sound[place + 1 :]
            try:
                proof = TlogProof.parse(flipped)
                proof.check(body, keys)
            except (ProofError, NoteError):
                continue
            assert proof.extra != body  # the record beside the proof was changed; the proof itself still holds


@steady
@given(st.binary(max_size=300))
def test_anything_at_all_is_a_proof_or_an_error(raw):
    for given_ in (raw, b"c2sp.org/tlog-proof@v1\n" + raw, b"c2sp.org/tlog-proof@v1\nindex 0\n" + raw):
        try:
            proof = TlogProof.parse(given_)
        except ProofError:
            continue
        assert bytes(proof) == given_


@steady
@given(
    st.integers(0, 10**15),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.binary(max_size=99),
    st.binary(max_size=50),
)
def test_what_is_written_is_read(index, path, checkpoint, extra):
    proof = TlogProof(index, tuple(path), checkpoint, extra)
    assert TlogProof.parse(bytes(proof)) == proof
