"""Search, counts, and the commands over them: what is found is what lies in the archive, however it was indexed."""

from __future__ import annotations

import hashlib
import json
import sqlite3

import pytest
from click.testing import CliRunner

from bluelamp.audit import layout
from bluelamp.audit.bagsearch import search_bag
from bluelamp.audit.commits import UnreadableArchiveError
from bluelamp.audit.index import Index, Query
from bluelamp.audit.leaf import Judgement, Rule
from bluelamp.audit.note import LocalSigner, VerifierKey
from bluelamp.audit.stats import count
from bluelamp.audit.verify import verify
from bluelamp.cli.archive import archive
from bluelamp.pseudonyms import Pseudonyms
from tests.unit.audit.bag_kit import BagWorld
from tests.unit.audit.log_kit import ORIGIN, SEED, LogWorld

AUTHOR = Pseudonyms(bytes(32)).author("facebook", "4711")


@pytest.fixture
def world():
    world = LogWorld()
    world.put(world.change("post", author_key=AUTHOR))
    world.seal()
    judged = Judgement(risk="high", grade=3, codes=("abuse",), rules=("r-1", "r-10"))
    world.put(world.change("post", "classify", judgement=judged, rule=Rule(id="set-2", version="1")))
    world.clock.pass_(days=1)
    world.busy_day(3)
    return world


@pytest.fixture
def directory(world, tmp_path):
    world.pull(tmp_path / "archive")
    return tmp_path / "archive"


def seqs(directory, **query):
    with Index(directory) as index:
        found = [hit.seq for hit in index.search(Query(**query))]
        assert index.count(Query(**query)) == len(found)
    return found


def test_each_filter_finds_its_records(directory):
    key = hashlib.sha256(b"post").hexdigest()
    assert seqs(directory, author=AUTHOR) == [1]
    assert seqs(directory, object=key) == [1, 3]
    assert seqs(directory, rule="r-1") == seqs(directory, rule="set-2") == [3]
    assert seqs(directory, rule="r") == []
    assert seqs(directory, type="intent", officer="officer-7", account="facebook-1") == [10, 19, 28]
    assert seqs(directory, officer="test") == []
    assert seqs(directory, until="2026-11-22T23:59:59.999Z", type="ingest") == [1]
    assert len(seqs(directory, since="2026-11-23T00:00:00.000Z", type="ingest")) == 9
    assert len(seqs(directory)) == 31
    with Index(directory) as index:
        (hit,) = index.search(Query(author=AUTHOR), limit=5)
        assert (hit.year, hit.record["type"]) == (2026, "ingest")


def test_the_index_grows_goes_on_and_is_made_anew(world, directory):
    seen = []
    with Index(directory, lambda *step: seen.append(step)):
        assert seen == [(n, 5) for n in range(1, 6)]
    seen.clear()
    with Index(directory, lambda *step: seen.append(step)):
        assert seen == []
    world.busy_day(1)
    world.pull(directory)
    assert len(seqs(directory)) == 41
    path = directory / "2026/entries/000000000000-000000000002"
    bodies = layout.unpack(path.read_bytes())
    path.write_bytes(layout.pack([bodies[0], bodies[1].replace(AUTHOR.encode(), b"cd" * 32)]))
    assert seqs(directory, author=AUTHOR) == []
    assert seqs(directory, author="cd" * 32) == [1]
    assert len(seqs(directory)) == 41
    (directory / "index.sqlite").write_bytes(b"no database at all" * 500)
    assert len(seqs(directory)) == 41
    database = sqlite3.connect(directory / "index.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    assert len(seqs(directory)) == 41
    assert "other" not in {f.code for f in verify(directory).remarks}


def test_an_index_that_was_stopped_goes_on(directory):
    class StopError(Exception):
        pass

    def stop(number, _):
        if number == 2:
            raise StopError

    with pytest.raises(StopError):
        Index(directory, stop)
    assert len(seqs(directory)) == 31


def test_what_cannot_be_indexed_is_named(directory, tmp_path):
    with pytest.raises(UnreadableArchiveError, match="holds no records"):
        Index(tmp_path)
    path = directory / "2026/entries/000000000000-000000000002"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UnreadableArchiveError, match="000000000000-000000000002"):
        Index(directory)


def test_a_record_that_cannot_be_read_hides_no_other(directory):
    path = directory / "2026/entries/000000000000-000000000002"
    bodies = layout.unpack(path.read_bytes())
    for odd in (b"[" * 9999, b"[]", b'{"actor":1}', b'{"rule":[]}', b'{"judgement":{"rules":7}}', b'{"id":{}}'):
        path.write_bytes(layout.pack([bodies[0], odd]))
        assert len(seqs(directory)) == 31
        assert seqs(directory, rule="r-1") == [3]


def test_counts(directory):
    counted = count(directory)
    assert (counted.records, counted.commits, counted.unreadable) == (31, 5, 0)
    assert counted.types["ingest"] == 10
    assert dict(counted.days) == {"2026-11-22": 3, "2026-11-23": 28}
    assert counted.accounts == {"facebook-1": 17}
    assert counted.percentiles == {"p50": 0, "p90": 7_000, "p99": 86_400_000, "p100": 86_400_000}
    assert counted.as_json()["sealing_delay_ms"]["p50"] == 0
    assert counted.octets == sum(p.stat().st_size for p in (directory / "2026/entries").iterdir())


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(archive, [str(a) for a in arguments])


def test_search_from_the_command_line(run, directory, tmp_path):
    result = run("search", directory, "--type", "intent", "--limit", "2")
    assert result.exit_code == 0
    assert "2026/10" in result.output
    assert "3 records, the first 2 shown" in result.output
    (tmp_path / "key").write_bytes(bytes(32))
    found = run("search", directory, "--author", "facebook:4711", "--pseudonym-key", "key", "--json")
    said = json.loads(found.stdout)
    assert (said["hits"], said["records"][0]["seq"], said["records"][0]["record"]["author_key"]) == (1, 1, AUTHOR)
    assert run("search", directory, "--since", "2026-11-23", "--until", "2026-11-22").exit_code == 0
    assert run("search", directory, "--rule", "none").output.strip().endswith("0 records")


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--author", "4711"), 2, "64 hex digits"),
        (("--author", "facebook:4711"), 2, "--pseudonym-key"),
        (("--author", "facebook:4711", "--pseudonym-key", "short"), 2, "32 bytes"),
        (("--words", "threat"), 2, "an exported bag"),
        (("--since", "yesterday"), 2, "neither a day"),
    ],
)
def test_a_search_that_cannot_be_says_what_it_needs(run, directory, arguments, code, text):
    (directory.parent / "short").write_bytes(b"x")
    result = run("search", directory, *arguments)
    assert result.exit_code == code
    assert text in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_words_are_found_in_a_bag(run, tmp_path):
    made = BagWorld(tmp_path)
    for words, hits in (("brucke GESPERRT", 1), ("driver", 1), ("bridge", 0), ('"said" OR NOT', 0), ("said the", 1)):
        assert search_bag(made.bag, Query(), words)[0] == hits
    assert search_bag(made.bag, Query(author="ab" * 32), "driver")[1][0].seq == made.seq
    assert search_bag(made.bag, Query(author="cd" * 32), "driver")[0] == 0
    result = run("search", made.bag, "--words", "driver", "--json")
    assert json.loads(result.stdout)["hits"] == 1
    assert not list(tmp_path.rglob("*.sqlite"))
    assert run("verify", made.bag).exit_code == 0
    assert run("search", made.bag, "--words", "…").exit_code == 1
    (made.bag / f"data/content/2026-{made.seq:012d}/plain.json").unlink()
    result = run("search", made.bag, "--words", "driver")
    assert result.exit_code == 1
    assert "no plain content" in result.output


def test_a_proof_is_written_and_checked(run, directory, tmp_path):
    record = json.loads(run("search", directory, "--author", AUTHOR, "--json").stdout)["records"][0]["record"]
    result = run("prove", record["id"], "--archive", directory)
    assert result.exit_code == 0, result.output
    assert "record 1 of 31" in result.output
    proof = tmp_path / "2026-000000000001.tlog-proof"
    key = str(VerifierKey(f"{ORIGIN}/2026", LocalSigner(SEED).public()))
    assert run("prove", "--check", proof, "--key", key).exit_code == 0
    assert "compare it" in run("prove", "--check", proof, "--archive", directory).output
    assert run("prove", "2026/30", "--archive", directory, "--out", "last", "--json").exit_code == 0
    assert json.loads(run("prove", "--check", "last", "--key", key, "--json").stdout)["index"] == 30
    (tmp_path / "leaf").write_bytes(b"{}")
    for arguments, code in (
        (("--check", proof, "--archive", tmp_path / "nowhere"), 2),
        (("--check", proof, "--leaf", "leaf", "--key", key), 1),
        (("--check", "leaf", "--key", key), 1),
        (("--check", proof, "--key", "nonsense"), 2),
        ((), 2),
        (("2026/99", "--archive", directory), 1),
        (("01ARZ3NDEKTSV4RRFFQ69G5FAV", "--archive", directory), 1),
        (("2026/1", "--archive", tmp_path / "nowhere"), 1),
        (("2026/1", "--archive", directory, "--out", tmp_path / "no/such/folder"), 1),
    ):
        result = run("prove", *arguments)
        assert result.exit_code == code, (arguments, result.output)
        assert "Traceback" not in result.output


def test_stats_from_the_command_line(run, directory, tmp_path):
    result = run("stats", directory)
    assert result.exit_code == 0
    assert "31 records in 5 commits" in result.output
    assert json.loads(run("stats", directory, "--json").stdout)["by_type"]["intent"] == 3
    assert run("stats", tmp_path).exit_code == 1


def test_every_command_explains_itself(run):
    result = run("--help")
    for name in ("pull", "verify", "search", "prove", "stats", "verifier"):
        assert name in result.output
        assert run(name, "--help").exit_code == 0
    assert run("nonsense").exit_code == 2
