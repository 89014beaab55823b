"""What the verifier says of how many records are proven: the reassuring line stands only where it is true."""

from __future__ import annotations

import shutil

import pytest

from bluelamp.audit.verifier import told
from bluelamp.audit.verify import verify
from tests.unit.audit.log_kit import LogWorld

TO = "\N{EN DASH}"
ALL = "all 55 records of 2026, proven one by one"
MIDDLE = "2026/entries/000000000008-000000000017"
LAST = "2026/entries/000000000053-000000000055"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    world = LogWorld()
    world.busy_day(6)
    folder = tmp_path_factory.mktemp("scope")
    world.pull(folder)
    return folder


@pytest.fixture
def archive(made, tmp_path):
    assert verify(made).logs[0].scope == ALL
    return shutil.copytree(made, tmp_path / "archive")


def scope(archive):
    report = verify(archive)
    assert report.verdict == "FAIL"
    assert ("all 55" in told(report)) == (report.logs[0].scope == ALL)
    return report.logs[0].scope


def change(path, places):
    raw = bytearray(path.read_bytes())
    for place in places:
        raw[place] ^= 1
    path.write_bytes(bytes(raw))


def test_a_changed_record_is_the_one_that_is_not_proven(archive):
    change(archive / MIDDLE, [-5])
    assert scope(archive) == "54 of 55 records of 2026 proven one by one; not proven: 16"
    change(archive / LAST, [40])
    assert scope(archive) == "53 of 55 records of 2026 proven one by one; not proven: 16, 53"


def test_missing_records_are_not_proven(archive):
    (archive / MIDDLE).unlink()
    assert scope(archive) == f"46 of 55 records of 2026 proven one by one; not proven: 8{TO}16"


def test_without_tiles_nothing_from_the_changed_commit_on_is_proven(archive):
    shutil.rmtree(archive / "2026/tile")
    change(archive / MIDDLE, [-5])
    assert scope(archive) == f"8 of 55 records of 2026 proven one by one; not proven: 8{TO}54"


def test_a_checkpoint_whose_signature_is_wrong_proves_nothing_unless_a_later_one_does(archive):
    change(archive / "2026/checkpoints/000000000017", [-5])
    assert scope(archive) == ALL
    change(archive / "2026/checkpoints/000000000055", [-5])
    assert scope(archive) == f"53 of 55 records of 2026 proven one by one; not proven: 53{TO}54"
    for path in (archive / "2026/checkpoints").iterdir():
        path.write_bytes(b"?")
    assert scope(archive) == "none of the 55 records of 2026 is proven"


def test_what_is_wrong_elsewhere_takes_nothing_from_the_records(archive):
    (archive / "2026/readme.txt").write_text("x")
    assert scope(archive) == ALL


def test_a_commit_without_its_checkpoint_does_not_count(archive):
    (archive / "2026/checkpoints/000000000055").unlink()
    assert "unsigned" in {finding.code for finding in verify(archive).pending}
    assert scope(archive) == "all 53 records of 2026, proven one by one"
