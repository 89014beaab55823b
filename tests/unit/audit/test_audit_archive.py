"""Pulling: whole up to a checkpoint, resumable anywhere, and nothing taken on trust twice."""

from __future__ import annotations

import pytest

from bluelamp.audit import layout
from bluelamp.audit.archive import MANIFEST, DirectoryBucket, pull
from bluelamp.audit.verify import verify
from bluelamp.cloud.s3 import ObjectMissingError
from tests.unit.audit.log_kit import LogWorld


@pytest.fixture
def world():
    world = LogWorld()
    world.busy_day(30)
    return world


def test_a_second_pull_fetches_only_what_is_new(world, tmp_path):
    first = world.pull(tmp_path)
    assert (first.fetched, first.kept) == (first.objects, 0)
    assert first.sizes == {2026: 271}
    again = world.pull(tmp_path)
    assert (again.fetched, again.kept, again.bytes) == (0, first.objects, 0)
    world.busy_day(1)
    newer = world.pull(tmp_path)
    assert (newer.fetched, newer.kept) == (newer.objects - first.objects, first.objects)
    assert verify(tmp_path).verdict == "OK"
    partial = sorted(p.relative_to(tmp_path).as_posix() for p in (tmp_path / "2026/tile").rglob("*.p/*"))
    assert partial == ["2026/tile/0/001.p/25", "2026/tile/1/000.p/1"]


def test_a_pull_that_was_killed_goes_on(world, tmp_path):
    calls = []

    def kill(name):
        calls.append(name)
        if len(calls) == 20:
            raise KeyboardInterrupt

    world.faults.before = kill
    with pytest.raises(KeyboardInterrupt):
        world.pull(tmp_path)
    world.faults.before = None
    manifest = tmp_path / MANIFEST
    manifest.write_text(manifest.read_text() + "abc123")  # the last line was cut in the middle
    done = world.pull(tmp_path)
    # What the other worker had in hand when this one was killed may be there as well.
    assert 0 < done.kept < done.objects
    assert verify(tmp_path).verdict == "OK"


def test_a_file_that_was_changed_is_fetched_again(world, tmp_path):
    world.pull(tmp_path)
    path = tmp_path / "2026/checkpoints/000000000017"
    sound = path.read_bytes()
    path.write_bytes(sound[:-2] + b"A\n")
    (tmp_path / "2026/tile/0/000").unlink()
    assert world.pull(tmp_path).fetched == 2
    assert path.read_bytes() == sound


def test_what_no_checkpoint_covers_yet_stays_in_the_bucket(world, tmp_path):
    world.put(world.change("x"))
    put = world.bucket.put_if_absent

    def no_checkpoint(name, body, **kwargs):
        if "/checkpoints/" in name:
            raise KeyboardInterrupt
        put(name, body, **kwargs)

    world.bucket.put_if_absent = no_checkpoint
    with pytest.raises(KeyboardInterrupt):
        world.seal()
    assert "2026/entries/000000000271-000000000273" in world.bucket.objects
    assert world.verify(tmp_path).verdict == "OK"
    assert not (tmp_path / "2026/entries/000000000271-000000000273").exists()


def test_foreign_names_are_counted_and_never_become_paths(world, tmp_path):
    world.bucket.objects["../evil"] = b"x"
    world.bucket.objects["2026/entries/../../evil"] = b"x"
    world.bucket.objects["notes.txt"] = b"x"
    done = world.pull(tmp_path / "archive")
    assert done.foreign == 3
    assert [p.name for p in tmp_path.iterdir()] == ["archive"]


def test_progress_counts_every_object(world, tmp_path):
    seen = []
    done = pull(world.bucket, tmp_path, workers=3, progress=lambda *step: seen.append(step))
    assert [n for n, _, _ in seen] == list(range(1, done.objects + 1))
    assert {total for _, total, _ in seen} == {done.objects}
    assert sum(size for _, _, size in seen) == done.bytes


def test_a_broken_bundle_is_pulled_as_it_is_and_left_to_the_verifier(world, tmp_path):
    name = "2026/entries/000000000269-000000000271"
    world.bucket.objects[name] = world.bucket.objects[name][:-5]
    report = world.verify(tmp_path)
    assert report.failures[0].place == "2026 records 269 to 270"


def test_a_folder_reads_like_a_bucket(world, tmp_path):
    world.pull(tmp_path)
    folder = DirectoryBucket(tmp_path)
    names = [n for n in folder.list("2026/entries/") if layout.parse_entries(n)]
    assert names == list(world.bucket.list("2026/entries/"))
    assert folder.get(names[0]) == world.bucket.objects[names[0]]
    assert next(iter(folder.list("2026/entries/", after=names[0]))) == names[1]
    with pytest.raises(ObjectMissingError):
        folder.get("2026/entries/none")
