"""What somebody hands over as an archive may be anything: a verdict with a place comes of it, never a traceback."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluelamp.audit import layout
from bluelamp.audit.leaf import Actor, Previous, Seal, draft
from bluelamp.audit.ledger import Ledger
from bluelamp.audit.note import Checkpoint, LocalSigner, Note, NoteError, encode_base64, sign_note
from bluelamp.audit.story import MAX_TOLD, Story
from bluelamp.audit.verify import UNFINISHED, verify
from tests.unit.audit.log_kit import ORIGIN, SEED, LogWorld, steady

ACTOR = Actor.system("test")
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FIRST = "2026/entries/000000000000-000000000008"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    world = LogWorld()
    world.busy_day(12)
    folder = tmp_path_factory.mktemp("made")
    world.pull(folder)
    assert verify(folder).verdict == "OK"
    return folder


@pytest.fixture
def archive(made, tmp_path):
    return shutil.copytree(made, tmp_path / "archive")


def codes(report):
    return {f.code for f in report.failures}


def objects(directory):
    return sorted(p for p in directory.rglob("*") if p.is_file() and p.name != "index.sqlite")


def test_links_pipes_giants_and_folders_in_the_place_of_files(archive, tmp_path):
    path = archive / FIRST
    sound = path.read_bytes()
    (tmp_path / "outside").write_bytes(sound)
    path.unlink()
    path.symlink_to(tmp_path / "outside")
    assert ("unreadable", FIRST, "is a symbolic link") in {
        (f.code, f.place, f.detail) for f in verify(archive).failures
    }
    path.unlink()
    os.mkfifo(path)
    assert "unreadable" in codes(verify(archive))
    path.unlink()
    path.mkdir()
    assert "missing" in codes(verify(archive))
    path.rmdir()
    with path.open("wb") as giant:
        giant.truncate(1 << 32)
    assert "unreadable" in codes(verify(archive))
    path.write_bytes(sound)
    assert verify(archive).verdict == "OK"


def test_a_linked_year_or_part_of_one_is_not_followed(archive, tmp_path):
    (archive / "2026/entries").rename(tmp_path / "entries")
    (archive / "2026/entries").symlink_to(tmp_path / "entries")
    assert "foreign" in codes(verify(archive))
    (tmp_path / "whole").mkdir()
    (tmp_path / "whole/2026").symlink_to(archive / "2026")
    assert "empty" in codes(verify(tmp_path / "whole"))


@pytest.mark.parametrize(
    "name",
    [
        "2026/entries/999999999990-999999999999",
        "2026/entries/000000000010-000000000005",
        "2026/entries/000000000005-000000000005",
        "2026/entries/000000000000-999999999999",
        "2026/entries/\N{FULLWIDTH DIGIT ZERO}00000000000-000000000008",
        "2026/checkpoints/\N{ARABIC-INDIC DIGIT ZERO}00000000008",
        "2026/checkpoints/999999999999",
        "2026/checkpoints/000000000000",
        "2026/tile/0/x999/999",
        "2026/tile/63/000",
        "2026/timestamps/000000000000.tsr",
        "2026/keys/\x1b[31mred.vkey",
        "2026/" + "deep/" * 40 + "file",
    ],
)
def test_impossible_names_are_a_failure_at_once(archive, name):
    path = archive / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    report = verify(archive)
    assert report.verdict == "FAIL"
    assert all(f.place.isprintable() for f in report.failures)


def test_names_that_are_no_text_can_be_printed(archive):
    with open(os.fsencode(archive) + b"/2026/\xff\xfe", "wb"):  # noqa: PTH123 -- no Path has such a name
        pass
    (failure,) = verify(archive).failures
    assert (failure.code, failure.place) == ("foreign", r"'2026/\udcff\udcfe'")


def test_what_lies_beside_the_log_is_reported_and_not_checked(archive):
    (archive / "notes.txt").write_text("x")
    (archive / "folder").mkdir()
    report = verify(archive)
    assert report.verdict == "OK"
    assert [(f.code, f.place) for f in report.remarks] == [("other", "folder"), ("other", "notes.txt")]
    (archive / "2025").write_text("x")
    assert codes(verify(archive)) == {"foreign"}


def test_the_list_of_digests_is_held_against_the_files(archive):
    manifest = archive / "manifest-sha256.txt"
    sound = manifest.read_text()
    for changed, place in (
        (sound.replace("a", "b", 1), None),
        (sound[:-1], "manifest-sha256.txt"),
        (sound + "\n", "manifest-sha256.txt"),
        (sound.partition("\n")[2], "2026/checkpoints/000000000008"),
        (sound + f"{'0' * 64}  2026/entries/x\n", "2026/entries/x"),
        (sound + f"{'0' * 64}  ../x\n", "manifest-sha256.txt"),
        ("\ud800", "manifest-sha256.txt"),
    ):
        manifest.write_text(changed, errors="surrogatepass")
        report = verify(archive)
        assert report.verdict == "OK"
        assert {f.code for f in report.remarks} == {"manifest"}
        assert place is None or place in {f.place for f in report.remarks}
    manifest.unlink()
    assert [f.code for f in verify(archive).remarks] == ["manifest"]


def test_half_a_pull_is_pending_and_no_proof(archive):
    (archive / UNFINISHED).write_text("everything")
    (archive / FIRST).unlink()
    report = verify(archive)
    assert (report.verdict, report.records) == ("PENDING", 0)
    assert [f.code for f in report.pending] == ["unfinished"]


def swap(archive, one, other):
    first, second = (archive / one).read_bytes(), (archive / other).read_bytes()
    (archive / one).write_bytes(second)
    (archive / other).write_bytes(first)


def test_reordered_bundles_checkpoints_and_records(archive):
    second, third = "2026/entries/000000000008-000000000017", "2026/entries/000000000017-000000000026"
    swap(archive, second, third)
    report = verify(archive)
    assert {f.place for f in report.failures} >= {"2026 record 8", "2026 record 17"}
    swap(archive, second, third)
    swap(archive, "2026/checkpoints/000000000008", "2026/checkpoints/000000000017")
    assert codes(verify(archive)) == {"checkpoint"}
    swap(archive, "2026/checkpoints/000000000008", "2026/checkpoints/000000000017")
    bodies = layout.unpack((archive / second).read_bytes())
    (archive / second).write_bytes(layout.pack([bodies[0], bodies[2], bodies[1], *bodies[3:]]))
    assert [f.place for f in verify(archive).failures] == ["2026 record 9", "2026 record 10"]


def test_a_length_that_promises_more_than_there_is(archive):
    path = archive / FIRST
    sound = path.read_bytes()
    for prefix in (b"\xff\xff", b"\x80\x01", b"\x00\x00", b"\x7f\xff", b"\xff"):
        path.write_bytes(prefix + sound[2:])
        assert "2026 record 0" in {f.place for f in verify(archive).failures}


@pytest.mark.parametrize(
    "odd",
    [
        "\r\n",
        "\x00",
        "\x85",
        "\u2028",
        "\x7f",
        "\ufeff",
        "e\u0301",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
)
def test_odd_characters_in_a_checkpoint(archive, odd):
    path = archive / "2026/checkpoints/000000000008"
    sound = path.read_text()
    for text in (sound.replace("\n", odd, 1), sound.replace("\n", odd), odd + sound, sound + odd):
        path.write_bytes(text.encode())
        report = verify(archive)
        assert codes(report) == {"checkpoint"}
        assert {f.place for f in report.failures} == {"2026/checkpoints/000000000008"}


def test_a_note_of_crlf_is_refused_even_when_it_was_signed_so():
    signer = LocalSigner(SEED)
    with pytest.raises(NoteError):
        Note.parse(bytes(sign_note("origin\r\n1\r\n", "name", signer)))


def test_base64_that_is_not_canonical_in_a_checkpoint(archive):
    path = archive / "2026/checkpoints/000000000008"
    head, _, line = path.read_text().rstrip("\n").rpartition(" ")
    spare = chr(ord(line.rstrip("=")[-1]) + 1)
    for changed in (line + "=", line.rstrip("="), line.rstrip("=")[:-1] + spare + "=" * line.count("="), line + "A==="):
        path.write_text(f"{head} {changed}\n")
        assert codes(verify(archive)) == {"checkpoint"}


def body(**fields):
    return draft(type="view", at=AT, actor=ACTOR, **fields).body


def commit(first, leaves, at=AT, previous=None):
    seal = Seal(sealed_at=f"{at:%Y-%m-%dT%H:%M:%S}.000Z", first=first, leaves=leaves, chunks=1, previous=previous)
    return draft(type="commit", at=at, actor=ACTOR, seal=seal).body


@pytest.mark.parametrize(
    "record",
    [
        b"[" * 30_000,
        b'{"id":' + b"9" * 20_000 + b"}",
        b'{"v":1,"id":"x","at":"2026-11-22T12:00:00Z","type":"ingest","obj":{"key":"k","rev":' + b"9" * 40 + b"}}",
        b'{"v":1,"id":"x","at":"2026-11-22T12:00:00Z","type":"ingest","obj":{"key":"k","rev":-1}}',
        b'{"v":1,"id":"x","at":"2026-11-22T12:00:00Z","type":"ingest","obj":{"key":"k","rev":1.5}}',
        b'{"v":1,"id":"x","at":"2026-11-22T12:00:00Z","type":"ingest","obj":{"key":"k","rev":1,"prev":"AB"}}',
        b'{"v":1,"id":"x","at":"9999-12-31T23:59:59.999999-23:59","type":[]}',
        b'{"v":1,"id":"x","at":"2026-11-22T12:00:00Z","type":"outcome","op":[]}',
        b'{"v":1,"id":"x","at":"2026-11-22T12:00:00Z","type":"restore","restore":{"year":"x","known":0,"first":0}}',
        b'{"v":NaN,"id":"x","at":"0001-01-01T00:00:00+23:59","type":"outcome","op":{}}',
        b"\xff\xfe",
    ],
)  # fmt: skip
def test_records_that_no_reader_should_stumble_over(record):
    story = Story()
    story.bundle(2026, 0, [commit(0, 2), record])
    story.finish()
    assert {f.place for f in story.failures} == {"2026 record 1"}


def test_a_previous_checkpoint_that_is_not_what_it_says():
    origin, signer = f"{ORIGIN}/2025", LocalSigner(SEED)
    note = bytes(sign_note(Checkpoint(origin, 3, bytes(32)).text, origin, signer))
    sound = {"origin": origin, "size": 3, "root": encode_base64(bytes(32)), "checkpoint": encode_base64(note)}
    for changed, code in (({}, None), ({"size": 4}, "chain"), ({"origin": "o"}, "chain"), ({"root": "QUJD"}, "chain"),
                          ({"checkpoint": "QUJD"}, "malformed"), ({"root": "QUJR"[:3] + "B"}, "chain")):  # fmt: skip
        story = Story()
        story.bundle(2026, 0, [commit(0, 1, previous=Previous(**(sound | changed)))])
        assert [f.code for f in story.failures] == ([code] if code else [])


def test_findings_without_end_are_counted_not_kept():
    story = Story()
    story.bundle(2026, 0, [commit(0, 3 * MAX_TOLD), *[b"{}"] * (3 * MAX_TOLD - 1)])
    story.finish()
    assert len(story.failures) == MAX_TOLD
    assert str(2 * MAX_TOLD - 1) in {f.detail.split()[0] for f in story.remarks}


def test_a_ledger_on_disk_gives_what_one_in_memory_gives():
    small, large = Ledger("Q", bound=500), Ledger("Q")
    for number in range(2_000):
        for ledger in (small, large):
            ledger.add(f"key {number % 700} \ud800", number)
    groups = [sorted(ledger.groups()) for ledger in (small, large)]
    small.close()
    assert groups[0] == groups[1]
    assert len(groups[0]) == 700
    assert all(rows == sorted(rows) for rows in groups[0])


def test_years_without_end_are_told_apart(tmp_path):
    world = LogWorld()
    world.busy_day(1)
    world.clock.now += timedelta(days=365)
    world.busy_day(1)
    report = world.verify(tmp_path)
    assert [log.year for log in report.logs] == [2026, 2027]
    assert report.scope == [
        f"archive: all {log.records} records of {log.year}, proven one by one" for log in report.logs
    ]


@pytest.mark.slow
@settings(steady, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_one_change_of_any_file_is_a_failure_or_reported(made, data):
    """A file of the log: FAIL, or PENDING for the last checkpoint. The list of digests beside it: a remark."""
    files = objects(made)
    path = data.draw(st.sampled_from(files))
    sound = path.read_bytes()
    kind = data.draw(st.sampled_from(["flip", "cut", "pad", "insert", "remove", "swap", "link", "copy"]))
    place = data.draw(st.integers(0, len(sound) - 1))
    some = data.draw(st.binary(min_size=1, max_size=3))
    other = data.draw(st.sampled_from([p for p in files if p.read_bytes() != sound]))
    extra = path.with_name(path.name + data.draw(st.sampled_from(["0", ".part", " ", "~"])))
    try:
        if kind == "copy":
            extra.write_bytes(sound)
        elif kind in {"remove", "link"}:
            path.unlink()
            if kind == "link":
                path.symlink_to(other)
        else:
            path.write_bytes(
                {
                    "flip": sound[:place]
                    + bytes([sound[place] ^ 1 << data.draw(st.integers(0, 7))])
                    + sound[place + 1 :],
                    "cut": sound[:place],
                    "pad": sound + some,
                    "insert": sound[:place] + some + sound[place:],
                    "swap": other.read_bytes(),
                }[kind]
            )
        report = verify(made)
        outside = path.parent == made or ".p" in path.parts[-2]
        found = report.failures or report.pending or (report.remarks if outside else [])
        assert found, (path, kind)
        assert all(f.place and f.detail for f in found)
    finally:
        extra.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(sound)
