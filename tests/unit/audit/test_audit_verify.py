"""The verifier: a sound log is OK, and whatever is done to an archive is seen and named."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest

from bluelamp.audit import layout, tree
from bluelamp.audit.leaf import Actor, Obj, Op, Previous, Seal, draft
from bluelamp.audit.note import Checkpoint, LocalSigner, VerifierKey, sign_note
from bluelamp.audit.verify import verify
from tests.unit.audit.log_kit import ORIGIN, SEED, LogWorld, seeded

ACTOR = Actor.system("test")
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def world():
    return LogWorld()


@pytest.fixture
def busy(world, tmp_path):
    """An archive of some commits with a full tile, and where it lies."""
    world.busy_day(40)
    world.put(world.change("last"))
    world.seal()
    assert world.verify(tmp_path).verdict == "OK"
    return tmp_path


def objects(directory):
    return sorted(p for p in directory.rglob("*") if p.is_file() and p.parent != directory)


def codes(report):
    return {f.code for f in report.failures}


def told(report):
    """Return the codes of the remarks, but for the list of digests: a forger writes none."""
    return [f.code for f in report.remarks if f.code != "manifest"]


def forge(directory, commits, *, seed=SEED, year=2026, lead=True):
    """Write an archive as whoever holds the signing key could, whatever it says.

    `commits` are lists of leaf bodies; with `lead` each gets a commit leaf before it.
    """
    signer = LocalSigner(seed)
    origin = f"{ORIGIN}/{year}"
    key = VerifierKey(origin, signer.public())
    edge = tree.Edge()
    hashes = []
    files = {layout.vkey_key(year, key.id.hex()): f"{key}\n".encode()}
    for number, (at, bodies) in enumerate(commits):
        first = edge.size
        seal = Seal(sealed_at=f"{at:%Y-%m-%dT%H:%M:%S}.000Z", first=first, leaves=len(bodies) + 1, chunks=number)
        whole = [draft(type="commit", at=at, actor=ACTOR, seal=seal).body, *bodies] if lead else bodies
        hashes += tree.leaf_hashes(whole)
        edge = edge.extend(tree.leaf_hashes(whole))
        files[layout.entries_key(year, first, edge.size)] = layout.pack(whole)
        note = sign_note(Checkpoint(origin, edge.size, edge.root()).text, origin, signer)
        files[layout.checkpoint_key(year, edge.size)] = bytes(note)
    for n in range(len(hashes) // 256):
        files[layout.tile_key(year, 0, n)] = b"".join(hashes[n * 256 : n * 256 + 256])
    for name, body in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(body)
    return verify(directory)


def leaf(type="view", at=AT, **fields):  # noqa: A002
    return draft(type=type, at=at, actor=ACTOR, **fields)


def test_a_sound_log_is_ok_and_unanchored(busy):
    report = verify(busy)
    assert report.verdict == "OK"
    assert report.anchored is None
    assert report.anchor.startswith("unanchored")
    assert (report.records, report.logs[0].checkpoints) == (363, 42)
    assert report.as_json()["verdict"] == "OK"


def test_an_empty_folder_is_no_log(tmp_path):
    assert codes(verify(tmp_path)) == {"empty"}
    (tmp_path / "2026").mkdir()
    assert codes(verify(tmp_path)) == {"empty"}


@pytest.mark.slow
def test_flipped_bits_of_a_small_archive_are_all_seen(world, tmp_path):
    """One bit of each byte of the records and tiles, and every bit of the key and the checkpoint."""
    world.put(world.change("a"))
    world.seal()
    assert world.verify(tmp_path).verdict == "OK"
    random = seeded(11)
    missed, count = [], 0
    for path in objects(tmp_path):
        sound = path.read_bytes()
        text = path.parent.name in {"keys", "checkpoints"}
        for place in range(len(sound)):
            for bit in range(8) if text else [random.randrange(8)]:
                path.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << bit]) + sound[place + 1 :])
                report = verify(tmp_path)
                count += 1
                if report.verdict != "FAIL" or not report.failures[0].place:
                    missed.append((path.name, place, bit))
        path.write_bytes(sound)
    assert missed == []
    assert count > 2_500


@pytest.mark.slow
def test_a_flipped_bit_names_its_record(busy):
    random = seeded(7)
    for path in objects(busy):
        found = layout.parse_entries(path.relative_to(busy).as_posix())
        if not found or random.random() < 0.5:
            continue
        sound = path.read_bytes()
        number = random.randrange(found[2] - found[1])
        bodies = layout.unpack(sound)
        start = sum(len(b) + 2 for b in bodies[:number])
        place = start + random.randrange(len(bodies[number]) + 2)  # in its length as well as in its bytes
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << random.randrange(8)]) + sound[place + 1 :])
        report = verify(busy)
        assert report.failures[0].place == f"2026 record {found[1] + number}"
        path.write_bytes(sound)
    assert verify(busy).verdict == "OK"


def test_without_tiles_the_bundle_is_named(busy):
    shutil.rmtree(busy / "2026" / "tile")
    path = objects(busy)[-2]
    assert layout.parse_entries(path.relative_to(busy).as_posix())
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    report = verify(busy)
    assert "2026 records 361 to 362" in {f.place for f in report.failures}


@pytest.mark.slow
def test_each_deleted_object_is_seen(busy):
    for path in objects(busy):
        name = path.relative_to(busy).as_posix()
        if ".p/" in name:
            continue  # pulled archives have it beside what lies in the bucket
        sound = path.read_bytes()
        path.unlink()
        report = verify(busy)
        assert report.verdict == "FAIL", name
        path.write_bytes(sound)


def test_a_missing_bundle_names_its_records(busy):
    (busy / "2026/entries/000000000053-000000000062").unlink()
    report = verify(busy)
    assert ("missing", "2026 records 53 to 61") in {(f.code, f.place) for f in report.failures}


def test_bytes_behind_the_records_are_seen(busy):
    path = busy / "2026/entries/000000000053-000000000062"
    path.write_bytes(path.read_bytes() + b"\x00")
    assert codes(verify(busy)) == {"bundle"}
    path.write_bytes(path.read_bytes()[:-1] + b"\x00\x01?")
    assert codes(verify(busy)) == {"bundle"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("2026/entries/000000000053-000000000060", "overlap"),
        ("2026/checkpoints/000000000060", "checkpoint"),
        ("2026/checkpoints/000000000900", "checkpoint"),
        ("2026/tile/0/001", "tile"),
        ("2026/tile/1/000", "tile"),
        ("2026/tile/0/000.p/7", "tile"),
        ("2026/readme.txt", "foreign"),
        ("2026/keys/00000000.vkey", "key"),
    ],
)
def test_what_should_not_be_there_is_seen(busy, name, code):
    (busy / name).parent.mkdir(parents=True, exist_ok=True)
    (busy / name).write_bytes(b"x")
    assert code in codes(verify(busy))


def test_what_says_that_it_is_a_timestamp_and_is_none_is_named(busy):
    (busy / "2026/timestamps").mkdir()
    (busy / "2026/timestamps/000000000363.tsr").write_bytes(b"x")
    assert [f.place for f in verify(busy).failures] == ["2026/timestamps/000000000363.tsr"]


def test_a_changed_tile_is_named_by_entry(busy):
    path = busy / "2026/tile/0/000"
    raw = bytearray(path.read_bytes())
    raw[32 * 17] ^= 1
    path.write_bytes(bytes(raw))
    (failure,) = verify(busy).failures
    assert (failure.code, failure.place) == ("tile", "2026/tile/0/000")
    assert "record 17" in failure.detail


def test_a_cut_tail_is_ok_but_unanchored_and_found_by_a_known_checkpoint(world, busy):
    known = (busy / "2026/checkpoints/000000000363").read_bytes()
    early = (busy / "2026/checkpoints/000000000053").read_bytes()
    report = verify(busy, known=known)
    assert (report.verdict, report.anchored) == ("OK", 363)
    assert report.anchor == "anchored until record 362 of 2026, which is all of it"
    assert verify(busy, known=early).anchor.endswith("the 310 behind it unanchored")
    for name in ("entries/000000000361-000000000363", "checkpoints/000000000363", "tile/0/001.p/107"):
        (busy / "2026" / name).unlink()
    report = verify(busy)
    assert report.verdict == "OK"
    assert report.anchor.startswith("unanchored")
    report = verify(busy, known=known)
    assert codes(report) == {"cut"}
    assert "its tail is missing" in str(report.failures[0])


@pytest.mark.slow
def test_a_foreign_known_checkpoint_is_a_failure(busy, tmp_path):
    signer = LocalSigner(SEED)

    def note(origin, size, with_signer=signer):
        return bytes(sign_note(Checkpoint(origin, size, bytes(32)).text, origin, with_signer))

    assert codes(verify(busy, known=note("other.example/log/2026", 3))) == {"anchor"}
    assert codes(verify(busy, known=note(f"{ORIGIN}/2026", 53))) == {"fork"}
    assert codes(verify(busy, known=note(f"{ORIGIN}/2026", 54))) == {"fork"}
    assert codes(verify(busy, known=note(f"{ORIGIN}/2026", 53, LocalSigner(bytes(32))))) == {"anchor"}
    assert codes(verify(busy, known=b"what")) == {"anchor"}


def test_a_named_key_must_have_signed(busy):
    right = VerifierKey(f"{ORIGIN}/2026", LocalSigner(SEED).public())
    wrong = VerifierKey(f"{ORIGIN}/2026", LocalSigner(bytes(32)).public())
    assert verify(busy, keys=[right]).verdict == "OK"
    assert verify(busy, keys=[right]).pinned
    assert "key" in codes(verify(busy, keys=[wrong]))


def test_an_archive_pulled_between_the_two_puts_is_pending(busy):
    (busy / "2026/tile/0/001.p/107").unlink()  # our own pull does not do that, another tool may
    (busy / "2026/checkpoints/000000000363").unlink()
    report = verify(busy)
    assert (report.verdict, report.records) == ("PENDING", 361)
    assert report.pending[0].code == "unsigned"


def test_two_signatures_or_another_logs_note_are_no_checkpoint(busy):
    path = busy / "2026/checkpoints/000000000053"
    sound = path.read_bytes()
    path.write_bytes(sound + sound.splitlines(keepends=True)[-1])
    assert codes(verify(busy)) == {"checkpoint"}
    path.write_bytes((busy / "2026/checkpoints/000000000062").read_bytes())
    assert codes(verify(busy)) == {"checkpoint"}


def test_years_that_do_not_hang_together(world, tmp_path):
    world.busy_day(2)
    world.clock.now = datetime(2027, 1, 1, tzinfo=UTC)
    world.busy_day(2)
    assert world.verify(tmp_path / "sound").verdict == "OK"
    shutil.copytree(tmp_path / "sound" / "2027", tmp_path / "half" / "2027")
    report = verify(tmp_path / "half")
    assert report.verdict == "OK"
    assert "partial" in told(report)
    other = LogWorld()
    other.busy_day(3)
    other.pull(tmp_path / "mixed")
    shutil.copytree(tmp_path / "sound" / "2027", tmp_path / "mixed" / "2027")
    report = verify(tmp_path / "mixed")
    assert codes(report) >= {"chain"}
    assert {f.place for f in report.failures if f.code == "chain"} == {"2027 record 0"}


def test_an_intent_waits_15_minutes_for_its_outcome(world, tmp_path):
    world.put(world.change("a"))
    world.put(intent := world.intent("a"))
    world.seal()
    assert world.verify(tmp_path).verdict == "PENDING"
    world.clock.pass_(minutes=14)
    world.put(world.change("b"))
    world.seal()
    assert world.verify(tmp_path).pending[0].place == "2026 record 2"
    world.clock.pass_(minutes=1)
    world.put(world.change("c"))
    world.seal()
    assert codes(world.verify(tmp_path)) == {"intent"}
    world.put(world.outcome("a", intent, "deferred"))
    world.seal()
    assert world.verify(tmp_path).verdict == "PENDING"
    world.clock.pass_(hours=1)
    world.put(world.outcome("a", intent))
    world.seal()
    assert world.verify(tmp_path).verdict == "OK"
    world.put(world.outcome("a", intent, "failed"))
    world.seal()
    report = world.verify(tmp_path)
    assert codes(report) == {"outcome"}
    assert "second outcome" in report.failures[0].detail


def test_what_an_insider_with_the_key_cannot_hide(tmp_path):
    key = "ab" * 32
    intent = leaf("intent", op=Op(verb="hide"), obj=Obj(kind="post", key=key))
    outcome = leaf("outcome", op=Op(intent=intent.id, result="done"))
    one = leaf("ingest", obj=Obj(kind="post", key=key, rev=1))
    two = leaf("edit", obj=Obj(kind="post", key=key, rev=2, prev=one.digest))
    three = leaf("edit", obj=Obj(kind="post", key=key, rev=3, prev=two.digest))
    again = leaf("edit", obj=Obj(kind="post", key=key, rev=2, prev=one.digest))
    late = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
    close = leaf("close")
    seal = Seal(sealed_at="2026-11-22T12:00:00.000Z", first=0, leaves=1, chunks=0)
    commit = leaf("commit", seal=seal)
    previous = Previous(origin="o", size=1, root="QUJD", checkpoint="QUJD")
    cases = {
        "sound": ([(AT, [one, two, three])], set()),
        "order": ([(AT, [three, one]), (AT, [two])], set()),
        "view": ([(AT, [one, leaf("view", obj=Obj(kind="post", key=key, rev=1)), two])], set()),
        "gap": ([(AT, [one, three]), (late, [leaf()])], {"revision"}),
        "twice": ([(AT, [one, two, again])], {"revision"}),
        "chain": ([(AT, [one, leaf("edit", obj=Obj(kind="post", key=key, rev=2, prev="cd" * 32))])], {"revision"}),
        "duplicate": ([(AT, [intent, outcome, outcome])], {"duplicate", "outcome"}),
        "first": ([(AT, [outcome]), (AT, [intent])], {"outcome"}),
        "orphan": ([(AT, [outcome]), (late, [leaf()])], {"outcome"}),
        "back": ([(late, [leaf(at=late)]), (AT, [leaf()])], {"sealed_at"}),
        "future": ([(AT, [leaf(at=late)])], {"at"}),
        "closed": ([(AT, [leaf(), close]), (AT, [leaf()])], {"closed"}),
        "closed2": ([(AT, [close, leaf()])], {"closed"}),
        "commit": ([(AT, [leaf(), commit])], {"commit"}),
    }
    for name, (commits, expected) in cases.items():
        report = forge(tmp_path / name, [(at, [x.body for x in leaves]) for at, leaves in commits])
        assert codes(report) == expected, (name, report.failures)
    cancelled = leaf("outcome", op=Op(intent=intent.id, result="cancelled"))
    assert forge(tmp_path / "cancelled", [(AT, [cancelled.body]), (AT, [intent.body])]).verdict == "OK"
    assert forge(tmp_path / "late", [(late, [leaf().body])]).remarks[0].code == "late"
    assert codes(forge(tmp_path / "lead", [(AT, [leaf().body])], lead=False)) == {"malformed"}
    wrong = leaf("commit", seal=seal.model_copy(update={"leaves": 7}))
    assert codes(forge(tmp_path / "wrong", [(AT, [wrong.body])], lead=False)) == {"commit"}
    middle = leaf("commit", seal=seal.model_copy(update={"first": 1, "previous": previous}))
    report = forge(tmp_path / "middle", [(AT, [commit.body]), (AT, [middle.body])], lead=False)
    assert codes(report) == {"commit"}


def test_unknown_fields_and_versions_are_kept_and_reported(tmp_path):
    newer = json.dumps(json.loads(leaf().body) | {"v": 2, "mood": "calm"}, sort_keys=True).encode()
    report = forge(tmp_path, [(AT, [newer])])
    assert (report.verdict, told(report)) == ("OK", ["newer"])


@pytest.mark.parametrize(
    "body",
    [b"what", b"[]", b"{}", b'{"id":1}', b'{"v":"1","id":"x","type":"view","at":"2026-11-22T12:00:00.000Z"}',
     b'{"v":1,"id":"x","type":"view","at":"2026-11-22T12:00:00"}', b'{"v":1,"id":[],"type":"view","at":"yesterday"}',
     b'{"v":1,"id":"x","type":"ingest","at":"2026-11-22T12:00:00.000Z","obj":{"rev":1}}'],
)  # fmt: skip
def test_a_record_that_cannot_be_read_is_named(tmp_path, body):
    report = forge(tmp_path, [(AT, [leaf().body, body])])
    assert [(f.code, f.place) for f in report.failures] == [("malformed", "2026 record 2")]


def test_a_log_signed_by_another_key_under_our_name_is_refused_when_the_key_is_named(tmp_path):
    assert forge(tmp_path, [(AT, [leaf().body])], seed=bytes(32)).verdict == "OK"
    right = VerifierKey(f"{ORIGIN}/2026", LocalSigner(SEED).public())
    assert codes(verify(tmp_path, keys=[right])) == {"key", "checkpoint"}
