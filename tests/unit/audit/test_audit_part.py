"""A part of the archive: whole commits by time, account or person, proven by inclusion and never called complete."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluelamp.audit import layout
from bluelamp.audit.archive import OtherSelectionError, pull
from bluelamp.audit.choose import pull_part
from bluelamp.audit.prove import BrokenArchiveError
from bluelamp.audit.selection import Filter, Part, Selection, SelectionError, moment
from bluelamp.audit.tilereader import TileError, TileReader, edge_tiles, tiles_for
from bluelamp.audit.tree import Edge, inclusion_proof, leaf_hash
from bluelamp.audit.verify import UNFINISHED, verify
from tests.unit.audit.log_kit import LogWorld, steady

TIMES = Filter(since="2026-11-22T12:01:00.000Z", until="2026-11-22T12:02:00.000Z")
SUBJECT = hashlib.sha256(b"7-0").hexdigest()


@pytest.fixture(scope="module")
def world():
    world = LogWorld()
    world.busy_day(60)
    return world


@pytest.fixture(scope="module")
def made(world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("part")
    pull_part(world.bucket, folder, TIMES)
    return folder


def codes(report):
    return {f.code for f in report.failures}


def test_a_time_brings_whole_commits_and_what_proves_them(world, tmp_path):
    gets = []
    world.faults.before = gets.append
    done = pull_part(world.bucket, tmp_path, TIMES)
    world.faults.before = None
    assert (done.records, done.selected, done.sizes) == (81, None, {2026: 541})
    assert done.objects < 30
    assert len(gets) < 60  # of 125 objects; times are found by halves
    report = verify(tmp_path)
    assert (report.verdict, report.records) == ("PARTIAL", 81)
    assert report.scope == ["partial archive: records 80\N{EN DASH}160 of 541 of 2026 proven by inclusion"]
    assert "is not signed" in str(report.remarks)
    assert [f.code for f in report.remarks] == ["selection"]
    again = pull_part(world.bucket, tmp_path, TIMES)
    assert (again.fetched, again.kept) == (0, done.objects)


def test_a_known_checkpoint_and_a_named_key_hold_for_a_part(world, made):
    report = verify(made, known=world.bucket.objects["2026/checkpoints/000000000541"])
    assert (report.verdict, report.anchored) == ("PARTIAL", 541)
    report = verify(made, known=world.bucket.objects["2026/checkpoints/000000000089"])
    assert report.anchored == 89
    other = LogWorld()
    other.busy_day(60)
    foreign = other.bucket.objects["2026/checkpoints/000000000541"]
    assert codes(verify(made, known=foreign)) == {"fork"}
    other.put(other.change("more"))
    other.seal()
    longer = other.bucket.objects["2026/checkpoints/000000000543"]
    assert codes(verify(made, known=longer)) == {"cut"}


@pytest.mark.slow
def test_a_person_brings_the_commits_with_records_of_what_they_wrote(world, tmp_path):
    done = pull_part(world.bucket, tmp_path, Filter(subject=SUBJECT))
    assert (done.records, done.selected) == (18, 4)  # arrival, view, intent and outcome
    report = verify(tmp_path)
    assert report.verdict == "PARTIAL"
    assert report.scope[0].endswith("proven by inclusion; 4 of them selected")
    again = pull_part(world.bucket, tmp_path, Filter(subject=SUBJECT))
    assert (again.fetched, again.records) == (0, 18)
    world_too = pull_part(world.bucket, tmp_path / "account", Filter(account="facebook-1", since=moment("2026-11-22")))
    assert world_too.selected == 60 * 8  # the views name no account, but the objects of that account
    assert verify(tmp_path / "account").verdict == "PARTIAL"


def test_an_author_brings_what_others_did_with_it(tmp_path):
    world = LogWorld()
    world.put(world.change("theirs", author_key="ab" * 32))
    world.seal()
    world.put(world.change("other", author_key="cd" * 32))
    world.seal()
    world.put(world.view("theirs"))
    world.seal()
    done = pull_part(world.bucket, tmp_path, Filter(subject="ab" * 32))
    assert (done.records, done.selected) == (4, 2)
    assert verify(tmp_path).scope[0].startswith("partial archive: records 0\N{EN DASH}1, 4\N{EN DASH}5 of 6")


@pytest.mark.parametrize("wanted", [Filter(since="2027-01-01T00:00:00Z"), Filter(account="nobody")])
def test_a_filter_that_nothing_fits_is_a_part_of_nothing(world, tmp_path, wanted):
    assert pull_part(world.bucket, tmp_path, wanted).records == 0
    report = verify(tmp_path)
    assert (report.verdict, report.scope) == ("PARTIAL", ["partial archive: none of the 541 records of 2026"])


@pytest.mark.slow
def test_a_growing_log_and_one_folder_for_one_filter(tmp_path):
    world = LogWorld()
    world.busy_day(30)
    wanted = Filter(since="2026-11-22T12:01:00.000Z")
    first = pull_part(world.bucket, tmp_path, wanted)
    world.busy_day(10)
    later = pull_part(world.bucket, tmp_path, wanted)
    assert later.records > first.records
    assert verify(tmp_path).verdict == "PARTIAL"
    with pytest.raises(OtherSelectionError, match="another folder"):
        pull_part(world.bucket, tmp_path, TIMES)
    pull(world.bucket, tmp_path)
    assert verify(tmp_path).verdict == "OK"
    assert verify(tmp_path).remarks == []
    with pytest.raises(OtherSelectionError, match="whole archive"):
        pull_part(world.bucket, tmp_path, wanted)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/selection.json").write_text("{}")
    with pytest.raises(OtherSelectionError, match="cannot be read"):
        pull_part(world.bucket, tmp_path / "other", wanted)


def test_a_pull_of_a_part_that_was_killed_goes_on(tmp_path):
    world = LogWorld()
    world.busy_day(30)
    wanted = Filter(account="facebook-1")
    calls = []

    def kill(name):
        calls.append(name)
        if len(calls) == 40:
            raise KeyboardInterrupt

    world.faults.before = kill
    with pytest.raises(KeyboardInterrupt):
        pull_part(world.bucket, tmp_path, wanted, workers=1)
    world.faults.before = None
    assert verify(tmp_path).verdict == "PENDING"
    with pytest.raises(OtherSelectionError, match="was stopped"):
        pull(world.bucket, tmp_path)
    done = pull_part(world.bucket, tmp_path, wanted)
    assert done.kept > 20
    assert verify(tmp_path).verdict == "PARTIAL"
    assert not (tmp_path / UNFINISHED).exists()


def test_two_years_and_a_bundle_without_its_checkpoint(tmp_path):
    world = LogWorld()
    world.busy_day(3)
    world.clock.pass_(days=60)
    world.busy_day(3)
    pull_part(world.bucket, tmp_path, Filter(since=moment("2026-12-01")))
    report = verify(tmp_path)
    assert report.verdict == "PARTIAL"
    assert [log.year for log in report.logs] == [2026, 2027]
    assert report.records < sum(log.size for log in report.logs)


def test_a_commit_that_does_not_say_when_is_named(tmp_path):
    world = LogWorld()
    world.busy_day(10)
    name = "2026/entries/000000000044-000000000053"
    world.bucket.objects[name] = b"\x00\x02{}"
    with pytest.raises(BrokenArchiveError, match=name):
        pull_part(world.bucket, tmp_path, TIMES)


def test_what_only_a_whole_archive_explains_is_a_remark_in_a_part(tmp_path):
    world = LogWorld()
    for _ in range(2):  # as after a restore of the table: the same revision again
        world.revisions.clear()
        world.put(world.change("a"))
        world.seal()
    assert codes(world.verify(tmp_path / "whole")) == {"revision"}
    pull_part(world.bucket, tmp_path / "part", Filter(account="facebook-1"))
    report = verify(tmp_path / "part")
    assert report.verdict == "PARTIAL"
    assert [f.code for f in report.remarks] == ["revision", "selection"]


@pytest.fixture
def part(made, tmp_path):
    return shutil.copytree(made, tmp_path / "copy")


def test_what_is_done_to_a_part_is_named(part):
    entries = sorted((part / "2026/entries").iterdir())
    raw = bytearray(entries[2].read_bytes())
    raw[-3] ^= 1
    sound = entries[2].read_bytes()
    entries[2].write_bytes(bytes(raw))
    seq = layout.parse_entries(entries[2].relative_to(part).as_posix())[2] - 1
    assert ("record", f"2026 record {seq}") in {(f.code, f.place) for f in verify(part).failures}
    entries[2].write_bytes(sound + b"\x00\x01?")
    assert codes(verify(part)) == {"bundle"}
    entries[2].unlink()
    assert codes(verify(part)) >= {"missing", "checkpoint"}
    entries[2].write_bytes(sound)
    for path in (part / "2026/tile").rglob("*"):
        if path.is_file():
            whole = path.read_bytes()
            path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
            assert "tile" in codes(verify(part))
            path.write_bytes(whole)
    (part / "2026/tile/0/001").write_bytes(bytes(8192))
    assert "tile" in codes(verify(part))


def test_a_selection_that_says_something_else(part):
    path = part / "selection.json"
    sound = json.loads(path.read_bytes())
    log = sound["logs"]["2026"]
    for changed in (
        {**sound, "logs": {}},
        {**sound, "logs": {"2026": {**log, "end": log["end"] + 9}}},
        {**sound, "logs": {"2026": {**log, "start": 0}}},
        {**sound, "logs": {"2026": {**log, "size": 540}}},
        {**sound, "logs": {"2026": {**log, "records": [80]}}},
        {**sound, "filter": {"since": "2026-11-22T12:01:30.000Z"}},
        {**sound, "filter": {"account": "facebook-1"}},
        {**sound, "v": 2},
    ):
        path.write_text(json.dumps(changed, sort_keys=True) + "\n")
        assert codes(verify(part)) & {"selection", "missing"}, changed
    for text in ("", "[]", "{", "[" * 9999, json.dumps(sound)):
        path.write_text(text)
        assert "selection" in codes(verify(part))
    path.unlink()
    assert codes(verify(part)) >= {"missing"}  # no part without its file: it is a damaged archive then


@pytest.mark.slow
@settings(steady, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_one_change_of_a_part_is_a_failure_or_reported(made, data):
    files = sorted(p for p in made.rglob("*") if p.is_file())
    path = data.draw(st.sampled_from(files))
    sound = path.read_bytes()
    place = data.draw(st.integers(0, len(sound) - 1))
    flipped = sound[:place] + bytes([sound[place] ^ 1 << data.draw(st.integers(0, 7))]) + sound[place + 1 :]
    changed = data.draw(st.sampled_from([flipped, sound[:place], sound + b"x", None]))
    try:
        path.unlink()
        if changed is not None:
            path.write_bytes(changed)
        report = verify(made)
        remarked = {"manifest", "other"} & {f.code for f in report.remarks}
        assert report.verdict != "OK"
        assert report.failures or (path.parent == made and remarked), path
    finally:
        path.write_bytes(sound)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 65_536, 65_537, 66_000])
def test_tiles_prove_roots_and_leaves_at_their_edges(size):
    hashes = [leaf_hash(b"%d" % n) for n in range(size)]
    rows: dict[int, list[bytes]] = {}
    edge = Edge().extend(hashes, rows)
    tiles = {
        layout.tile_key(2026, level // 8, n // 256, min(256, len(row) - n)): b"".join(row[n : n + 256])
        for level, row in rows.items()
        for n in range(0, len(row), 256)
    }
    reader = TileReader(tiles.get, 2026, size, edge.root())
    for seq in {0, size // 2, size - 1}:
        assert reader.hashes(seq, seq + 1) == [hashes[seq]]
        assert reader.root_at(seq + 1) == Edge().extend(hashes[: seq + 1]).root()
        assert len(inclusion_proof(seq, size, reader.node)) <= size.bit_length()
        names = {reader.name(*tile) for tile in tiles_for([(seq, seq + 1)], size)}
        few = TileReader({name: tiles[name] for name in names}.get, 2026, size, edge.root())
        assert few.root_at(seq + 1) == reader.root_at(seq + 1)
    with pytest.raises(TileError, match="root that was signed"):
        TileReader(tiles.get, 2026, size, bytes(32))
    with pytest.raises(TileError, match="is missing"):
        TileReader({}.get, 2026, size, edge.root())
    assert len(edge_tiles(size)) == sum(1 for level in range(4) if (size >> 8 * level) % 256)


def test_filters_that_make_no_sense():
    for wrong in ({"subject": "x"}, {"since": "2026-11-23", "until": "2026-11-22"}, {"since": "yesterday"}):
        with pytest.raises((SelectionError, ValueError)):
            Filter(**{k: moment(v) if k != "subject" else v for k, v in wrong.items()})
    assert moment("2026-11-22") == "2026-11-22T00:00:00.000Z"
    assert moment("2026-11-22", end=True) == "2026-11-22T23:59:59.999Z"
    assert moment("2026-11-22T13:00:00+01:00") == "2026-11-22T12:00:00.000Z"
    for text in ("22.11.2026", "2026-11-22T12:00:00", "", "2026-13-45"):
        with pytest.raises(SelectionError):
            moment(text)


@pytest.mark.slow
@steady
@given(
    st.builds(
        Selection,
        st.builds(Filter, account=st.none() | st.text(max_size=20)),
        st.dictionaries(
            st.integers(1970, 9999), st.builds(Part, *[st.integers(0, 10**12)] * 3, st.none() | st.just((1, 2)))
        ),
    )
)
def test_a_selection_is_read_as_it_was_written(selection):
    assert Selection.from_bytes(selection.to_bytes()) == selection
