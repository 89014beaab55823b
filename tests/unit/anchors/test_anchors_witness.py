"""The witness: answers as C2SP tlog-witness says, and never cosigns two trees that do not fit one another."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from bluelamp.anchors.store import WitnessStore
from bluelamp.anchors.witness import (
    MAX_REQUEST,
    BusyError,
    InconsistentError,
    LogNotWitnessedError,
    MalformedRequestError,
    NotSignedByLogError,
    OldSizeError,
)
from bluelamp.audit import cosign
from bluelamp.audit.note import Checkpoint, LocalSigner, Note, VerifierKey, sign_note
from bluelamp.cloud.memory import Faults, MemoryTable
from tests.unit.anchors.witness_kit import LOG, NAME, ORIGIN, SIGNER, START, Clock, Tree, witness

TREE = Tree.grown(40)


def checked(answer, checkpoint, key):
    (made,) = cosign.read(checkpoint, answer)
    made.check(Note.parse(checkpoint).text, key)
    return made


def test_a_log_is_cosigned_from_its_first_checkpoint_on():
    one = witness()
    for old, new in ((0, 3), (3, 3), (3, 4), (4, 17), (17, 40)):
        made = checked(one.add_checkpoint(TREE.request(old, new)), TREE.checkpoint(new), one.key())
        assert (made.name, made.at) == (NAME, START)


def test_the_size_that_it_saw_last_is_told():
    one = witness()
    one.add_checkpoint(TREE.request(0, 5))
    for old, new in ((0, 5), (4, 9), (6, 9)):
        with pytest.raises(OldSizeError) as caught:
            one.add_checkpoint(TREE.request(old, new))
        assert caught.value.size == 5
    with pytest.raises(OldSizeError) as caught:
        witness().add_checkpoint(TREE.request(5, 9))
    assert caught.value.size == 0


def test_a_smaller_log_is_refused():
    one = witness()
    one.add_checkpoint(TREE.request(0, 9))
    with pytest.raises(MalformedRequestError):
        one.add_checkpoint(TREE.request(9, 9).replace(TREE.checkpoint(9), TREE.checkpoint(5)))


def test_history_signed_anew_with_the_real_key_is_refused():
    one = witness()
    one.add_checkpoint(TREE.request(0, 9))
    for fork in (TREE.forked(4, 20), TREE.forked(8, 20), Tree([b"quite", b"another"] * 10)):
        with pytest.raises(InconsistentError):
            one.add_checkpoint(fork.request(9, 9))  # the same size, another root
        with pytest.raises(InconsistentError):
            one.add_checkpoint(fork.request(9, 20))  # a sound proof, of another history
        with pytest.raises(InconsistentError):
            one.add_checkpoint(fork.request(9, 20, proof=TREE.proof(9, 20)))
    assert one.add_checkpoint(TREE.request(9, 20))


@pytest.mark.parametrize("proof", [[], [bytes(32)] * 3, TREE.proof(9, 21)], ids=["none", "wrong", "of another size"])
def test_a_proof_that_does_not_hold_is_refused(proof):
    one = witness()
    one.add_checkpoint(TREE.request(0, 9))
    with pytest.raises(InconsistentError):
        one.add_checkpoint(TREE.request(9, 20, proof=proof))


def test_nothing_is_to_be_proven_from_an_empty_log():
    with pytest.raises(InconsistentError):
        witness().add_checkpoint(TREE.request(0, 9, proof=[bytes(32)]))
    assert witness().add_checkpoint(TREE.request(0, 0))
    empty = bytes(sign_note(Checkpoint(ORIGIN, 0, bytes(32)).text, ORIGIN, LOG))
    with pytest.raises(InconsistentError):
        witness().add_checkpoint(b"old 0\n\n" + empty)


def test_only_logs_that_it_knows_are_cosigned():
    one = witness()
    with pytest.raises(LogNotWitnessedError):
        one.add_checkpoint(TREE.request(0, 3, origin="log.other.example/bluelamp/other/2026"))
    with pytest.raises(NotSignedByLogError):
        one.add_checkpoint(TREE.request(0, 3, signer=LocalSigner(bytes(32))))
    raw = TREE.request(0, 3)
    with pytest.raises(NotSignedByLogError):
        one.add_checkpoint(raw.replace(b"\n3\n", b"\n4\n"))


def test_the_key_of_one_year_is_good_for_the_others_of_that_log():
    one = witness()
    for origin in (ORIGIN, ORIGIN.replace("2026", "2027")):
        assert one.add_checkpoint(TREE.request(0, 3, origin=origin))
    for origin in (ORIGIN.replace("wealdshire/", "other/"), f"{ORIGIN}/2027", ORIGIN.replace("2026", "20267")):
        with pytest.raises(LogNotWitnessedError):
            one.add_checkpoint(TREE.request(0, 3, origin=origin))
    plain = witness(logs=[VerifierKey("log.example/plain", LOG.public())])
    assert plain.add_checkpoint(TREE.request(0, 3, origin="log.example/plain"))
    with pytest.raises(LogNotWitnessedError):
        plain.add_checkpoint(TREE.request(0, 3, origin="log.example/plain/2026"))


def test_signatures_of_others_are_passed_over():
    one = witness()
    checkpoint = TREE.checkpoint(3)
    other = str(cosign.cosign(Note.parse(checkpoint).text, "other.example/w", LocalSigner(bytes(32)), START)).encode()
    answer = one.add_checkpoint(b"old 0\n\n" + checkpoint + other)
    assert checked(answer, checkpoint, one.key())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0",
        b"old 00\n\n" + TREE.checkpoint(3),
        b"old -1\n\n" + TREE.checkpoint(3),
        b"old x\n\n" + TREE.checkpoint(3),
        b"new 0\n\n" + TREE.checkpoint(3),
        b"old 0\n" + TREE.checkpoint(3),
        b"old 0\n\n\n" + TREE.checkpoint(3),
        b"old 0\nhello\n\n" + TREE.checkpoint(3),
        b"old 0\nAAAA\n\n" + TREE.checkpoint(3),
        b"old 1\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + TREE.checkpoint(3),
        b"old 0\n\nhello\n\n" + TREE.checkpoint(3).partition(b"\n\n")[2],
        b"old 0\n\n" + TREE.checkpoint(3)[:-1],
        b"old 0\n\n" + bytes(sign_note(Checkpoint(ORIGIN, 3, TREE.root(3)).text + "x" * 4_000 + "\n", ORIGIN, LOG)),
        b"\xff" * 50,
        b"old 0\n\n" + b"a" * MAX_REQUEST,
    ],
    ids=range(16),
)
def test_what_is_no_request_is_refused(body):
    with pytest.raises(MalformedRequestError):
        witness().add_checkpoint(body)


def test_its_times_never_run_back():
    table, clock = MemoryTable(), Clock()
    one = witness(table, clock)
    first = checked(one.add_checkpoint(TREE.request(0, 3)), TREE.checkpoint(3), one.key())
    clock.now = START - timedelta(hours=1)
    second = checked(one.add_checkpoint(TREE.request(3, 5)), TREE.checkpoint(5), one.key())
    assert first.at == second.at == START


def test_a_kill_before_the_signature_is_made_good_by_asking_again():
    faults = Faults()
    table = MemoryTable(faults)
    one = witness(table)

    class KilledError(BaseException):
        pass

    def kill(name):
        if name == "write":
            raise KilledError

    faults.after = kill
    with pytest.raises(KilledError):
        one.add_checkpoint(TREE.request(0, 5))
    faults.after = None
    with pytest.raises(OldSizeError) as caught:
        one.add_checkpoint(TREE.request(0, 5))
    assert one.add_checkpoint(TREE.request(caught.value.size, 5))


def test_who_is_overtaken_each_time_gives_up():
    class Slow(WitnessStore):
        def swap(self, origin, old, new):
            return False

    one = witness()
    one._store = Slow(MemoryTable())
    with pytest.raises(BusyError):
        one.add_checkpoint(TREE.request(0, 5))


def test_monitors_get_the_last_cosigned_checkpoint():
    one = witness()
    place = hashlib.sha256(ORIGIN.encode()).hexdigest()
    assert one.checkpoint(place) is None
    one.add_checkpoint(TREE.request(0, 3))
    one.add_checkpoint(TREE.request(3, 8))
    note = Note.parse(one.checkpoint(place))
    assert Checkpoint.parse(note.text).size == 8
    assert [line.name for line in note.signatures] == [ORIGIN, NAME]
    assert checked(str(note.signatures[1]).encode(), TREE.checkpoint(8), one.key())
    for wrong in (place.upper(), place[:-1], "", "../LOG"):
        assert one.checkpoint(wrong) is None


def test_a_slower_request_does_not_put_its_checkpoint_over_a_later_one():
    table = MemoryTable()
    store = WitnessStore(table)
    one = witness(table)
    one.add_checkpoint(TREE.request(0, 3))
    early = store.seen(ORIGIN)
    one.add_checkpoint(TREE.request(3, 8))
    store.keep(ORIGIN, early, b"early")
    assert b"\n8\n" in one.checkpoint(hashlib.sha256(ORIGIN.encode()).hexdigest())


# The conversation that litewitness (FiloSottile/torchwood, cmd/litewitness/testdata/litewitness.txt) is tested with.
PUBLISHED = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
PUBLISHED_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")
CHECKPOINTS = {
    1: (
        "KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=",
    ),
    3: (
        "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=",
        "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=",
    ),
    5: (
        "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=",
        "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=",
    ),
}


def published(old, new, *proof, signature=None, origin=PUBLISHED):
    root, signed = CHECKPOINTS[new]
    lines = "".join(f"{p}\n" for p in proof)
    dash = "\N{EM DASH}"
    return f"old {old}\n{lines}\n{origin}\n{new}\n{root}\n\n{dash} {origin} {signature or signed}\n".encode()


def node(second, last="AA="):
    """The 32 bytes 2a, `second`, zeros, in base64 as the published requests write them."""
    return f"Kg{second}{'A' * 35}{last}"


def test_the_published_conversation():
    one = witness(logs=[VerifierKey(PUBLISHED, PUBLISHED_KEY)], signer=SIGNER)
    leaf1, leaf2, leaf3, leaf4 = (node(c) for c in ("EAAA", "IAAA", "MAAA", "QAAA"))
    assert one.add_checkpoint(published(0, 1))
    # The wrong signature of the original differs in bits that base64 leaves unused: here that is malformed already.
    with pytest.raises(MalformedRequestError):
        one.add_checkpoint(published(1, 3, leaf1, leaf2, signature=CHECKPOINTS[3][1].replace("6go=", "6gx=")))
    with pytest.raises(NotSignedByLogError):
        one.add_checkpoint(published(1, 3, leaf1, leaf2, signature=CHECKPOINTS[3][1].replace("6go=", "6gw=")))
    with pytest.raises(LogNotWitnessedError):
        one.add_checkpoint(published(1, 3, leaf1, leaf2, origin=PUBLISHED.replace("e562", "e563")))
    with pytest.raises(InconsistentError):
        one.add_checkpoint(published(1, 3))
    with pytest.raises(InconsistentError):
        one.add_checkpoint(published(1, 3, leaf1, node("IAAA", "BA=")))
    assert one.add_checkpoint(published(1, 3, leaf1, leaf2))
    with pytest.raises(OldSizeError) as caught:
        one.add_checkpoint(published(1, 5, leaf1, "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=", leaf4))
    assert caught.value.size == 3
    proof = (leaf2, leaf3, "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=", leaf4)
    answer = one.add_checkpoint(published(3, 5, *proof))
    checked(answer, published(3, 5, *proof).partition(b"\n\n")[2], one.key())
    with pytest.raises(OldSizeError) as caught:
        one.add_checkpoint(published(0, 5))
    assert caught.value.size == 5
