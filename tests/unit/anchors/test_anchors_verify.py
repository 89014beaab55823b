"""What the verifier says of anchors: who vouches until which record; what lies about what it is fails by name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from bluelamp.anchors.tsa import TimestampAuthority
from bluelamp.anchors.witness_client import WitnessClient
from bluelamp.audit import cosign, layout, timestamps
from bluelamp.audit.anchorcheck import Trust
from bluelamp.audit.cosign import WitnessKey
from bluelamp.audit.note import LocalSigner, Note
from bluelamp.audit.standalone import build
from bluelamp.audit.verify import verify
from bluelamp.cli.archive import archive
from tests.support.tsa import Authority, pem
from tests.unit.audit.log_kit import LogWorld

WITNESS = LocalSigner(bytes(range(1, 33)))
KEY = WitnessKey("witness.example/w1", WITNESS.public())


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("tsa"), kind="ec")


class Anchored:
    """A pulled archive, with anchors at some of its checkpoints."""

    def __init__(self, authority, folder):
        self.authority, self.folder = authority, folder
        self.world = LogWorld()
        self.world.busy_day(4)
        self.world.pull(folder)
        self.sizes = sorted(c[1] for c in map(layout.parse_checkpoint, self.world.bucket.objects) if c)

    def checkpoint(self, size):
        return (self.folder / layout.checkpoint_key(2026, size)).read_bytes()

    def put(self, name, raw):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(raw)

    def stamp(self, size, *, over=None, authority=None):
        raw = (authority or self.authority).reply(timestamps.request(over or self.checkpoint(size), 7))
        self.put(layout.timestamp_key(2026, size), raw)

    def cosign(self, size, *, over=None, signer=WITNESS, name=KEY.name, put_as=None):
        text = Note.parse(over or self.checkpoint(size)).text
        made = cosign.cosign(text, name, signer, self.world.clock())
        self.put(layout.cosignature_key(2026, size, put_as or made.file_name), str(made).encode())

    def verify(self, *, certificates=None, witnesses=(KEY,)):
        return verify(
            self.folder, trust=Trust([self.authority.root] if certificates is None else certificates, witnesses)
        )


@pytest.fixture
def anchored(authority, tmp_path):
    return Anchored(authority, tmp_path / "archive")


def failures(report):
    return [(f.code, f.place) for f in report.failures]


def remarks(report):
    return [str(f) for f in report.remarks if f.code == "uncounted"]


def test_a_token_and_a_cosignature_anchor_the_log(anchored):
    early, last = anchored.sizes[2], anchored.sizes[-1]
    anchored.stamp(early)
    report = anchored.verify()
    assert (report.verdict, report.anchored) == ("OK", early)
    left = f", the {last - early} behind it unanchored"
    assert report.anchor.startswith(f"anchored until record {early - 1} of 2026 (")
    assert report.anchor.endswith(f"Z) by Wealdshire Test TSA{left}")
    anchored.cosign(last)
    report = anchored.verify()
    assert report.anchor == (
        f"anchored until record {last - 1} of 2026 (2026-11-22T12:00:28.000Z) by witness.example/w1, which is all of it"
    )
    anchored.stamp(last)
    assert anchored.verify().anchor.endswith("by witness.example/w1 and Wealdshire Test TSA, which is all of it")
    assert [(a["size"], bool(a["at"])) for a in report.as_json()["anchors"]] == [(last, True), (early, True)]


def test_without_anchors_it_is_unanchored(anchored):
    report = anchored.verify()
    assert (report.verdict, report.anchored) == ("OK", None)
    assert report.anchor == "unanchored: nothing outside this archive shows that the log ends here"


def test_anchors_of_somebody_who_was_not_named_are_said_and_not_counted(anchored):
    anchored.stamp(anchored.sizes[-1])
    for size in anchored.sizes[-3:]:
        anchored.cosign(size)
    report = anchored.verify(certificates=[], witnesses=())
    assert (report.verdict, report.anchored) == ("OK", None)
    assert report.anchor.endswith("; 4 anchors are there, by authors whom you have not named")
    cosigned, stamped = remarks(report)
    assert cosigned.startswith(f"cosignatures: 3 by witness.example/w1 (key {KEY.id.hex()})")
    assert "name its key with --witness-key" in cosigned
    assert stamped.startswith("timestamps: 1 by Wealdshire Test TSA (certificate sha256:")


def test_an_unknown_witness_beside_a_known_one_is_passed_over(anchored):
    size = anchored.sizes[-1]
    anchored.cosign(size, signer=LocalSigner(bytes(32)), name="other.example/w")
    anchored.cosign(size)
    report = anchored.verify()
    assert (report.verdict, report.anchored, len(remarks(report))) == ("OK", size, 1)


@pytest.mark.parametrize("trusting", [True, False], ids=["trusting", "trusting nobody"])
def test_a_file_that_lies_about_what_it_is_fails_whoever_is_trusted(anchored, trusting):
    size, other = anchored.sizes[-1], anchored.sizes[0]
    trust = {} if trusting else {"certificates": [], "witnesses": ()}
    place = layout.timestamp_key(2026, size)
    anchored.stamp(size, over=anchored.checkpoint(other))
    assert failures(anchored.verify(**trust)) == [("timestamp_other_bytes", place)]
    anchored.stamp(size)
    sound = (anchored.folder / place).read_bytes()
    anchored.put(place, sound[:-1] + bytes([sound[-1] ^ 1]))
    assert failures(anchored.verify(**trust)) == [("timestamp_broken", place)]
    anchored.put(place, b"x")
    assert failures(anchored.verify(**trust)) == [("timestamp_malformed", place)]
    anchored.put(place, bytes.fromhex("30053003020102"))
    assert failures(anchored.verify(**trust)) == [("timestamp_refused", place)]
    (anchored.folder / place).unlink()
    lie = layout.cosignature_key(2026, size, f"somebody.{KEY.id.hex()}")
    anchored.cosign(size, put_as=lie.rpartition("/")[2])
    assert failures(anchored.verify(**trust)) == [("cosignature_malformed", lie)]
    anchored.put(lie, b"")
    assert failures(anchored.verify(**trust)) == [("cosignature_malformed", lie)]


def test_a_token_from_another_authority_fails(anchored, tmp_path):
    size = anchored.sizes[-1]
    anchored.stamp(size, authority=Authority.make(tmp_path / "other", kind="ec"))
    report = anchored.verify()
    assert failures(report) == [("timestamp_authority", layout.timestamp_key(2026, size))]
    assert report.anchored is None


def test_a_cosignature_of_another_checkpoint_fails(anchored):
    size = anchored.sizes[-1]
    anchored.cosign(size, over=anchored.checkpoint(anchored.sizes[0]))
    ((code, _),) = failures(anchored.verify())
    assert code == "cosignature_broken"


def test_a_cut_tail_is_found_by_the_anchors_that_were_left(anchored):
    size, before = anchored.sizes[-1], anchored.sizes[-2]
    anchored.stamp(size)
    anchored.cosign(before)
    (anchored.folder / layout.entries_key(2026, before, size)).unlink()
    (anchored.folder / layout.checkpoint_key(2026, size)).unlink()
    for tile in (anchored.folder / "2026/tile").rglob("*.p/*"):
        tile.unlink()
    report = anchored.verify()
    assert failures(report) == [("cut", layout.timestamp_key(2026, size))]
    assert "its tail is missing" in str(report.failures[0])
    (anchored.folder / layout.timestamp_key(2026, size)).unlink()
    assert anchored.verify().anchored == before


def test_an_anchor_without_its_checkpoint_fails(anchored):
    size = anchored.sizes[-1]
    anchored.put(layout.timestamp_key(2026, size - 1), b"x")
    assert failures(anchored.verify()) == [("anchor", layout.timestamp_key(2026, size - 1))]


def test_anchors_do_not_hide_a_changed_record(anchored):
    size = anchored.sizes[-1]
    anchored.stamp(size)
    path = anchored.folder / layout.entries_key(2026, anchored.sizes[0], anchored.sizes[1])
    raw = bytearray(path.read_bytes())
    raw[50] ^= 1
    path.write_bytes(raw)
    assert anchored.verify().verdict == "FAIL"


def test_anchors_of_a_live_log_come_along_only_with_their_checkpoints(authority, tmp_path):
    world = LogWorld()
    world.busy_day(3)
    sizes = sorted(c[1] for c in map(layout.parse_checkpoint, world.bucket.objects) if c)
    for size in sizes:
        raw = world.bucket.objects[layout.checkpoint_key(2026, size)]
        world.bucket.objects[layout.timestamp_key(2026, size)] = authority.reply(timestamps.request(raw, 7))
    # Pulled while the log grew: the listing passed the checkpoints before the last one came.
    del world.bucket.objects[layout.checkpoint_key(2026, sizes[-1])]
    report = world.verify(tmp_path, trust=Trust([authority.root]))
    assert (report.failures, report.anchored) == ([], sizes[-2])


def test_a_year_that_ended_is_anchored_by_itself(anchored):
    anchored.stamp(anchored.sizes[-1])
    name = layout.timestamp_key(2026, anchored.sizes[-1])
    anchored.world.bucket.objects[name] = (anchored.folder / name).read_bytes()
    anchored.world.clock.now = datetime(2027, 1, 1, tzinfo=UTC)
    anchored.world.busy_day(1)
    anchored.world.pull(anchored.folder)
    report = anchored.verify()
    assert (report.verdict, report.anchored) == ("OK", None)
    later = report.logs[-1].records
    behind = report.logs[0].records - anchored.sizes[-1]
    assert report.anchor.startswith(f"anchored until record {anchored.sizes[-1] - 1} of 2026 (")
    assert report.anchor.endswith(f", the {behind} behind it and all {later} of 2027 unanchored")


def test_the_command_takes_certificates_and_keys(anchored, tmp_path):
    size = anchored.sizes[-1]
    anchored.stamp(size)
    anchored.cosign(size)
    both = tmp_path / "tsa.pem"
    both.write_bytes(pem(anchored.authority.middle, anchored.authority.root))
    run = CliRunner().invoke
    told = run(archive, ["verify", str(anchored.folder), "--tsa-cert", str(both), "--witness-key", str(KEY)])
    assert told.exit_code == 0, told.output
    assert "anchored until record" in told.output
    as_json = run(archive, ["verify", str(anchored.folder), "--tsa-cert", str(both), "--json"])
    assert json.loads(as_json.stdout)["anchored"] == size
    assert "unanchored" in run(archive, ["verify", str(anchored.folder)]).output
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    for wrong in (["--tsa-cert", str(empty)], ["--witness-key", "x"], ["--witness-key", str(KEY) + "x"]):
        refused = run(archive, ["verify", str(anchored.folder), *wrong])
        assert refused.exit_code == 2
        assert wrong[0] in refused.output


@pytest.mark.slow
def test_the_verifier_by_itself_checks_anchors(anchored, tmp_path):
    size = anchored.sizes[-1]
    anchored.stamp(size)
    anchored.cosign(size)
    (tmp_path / "root.pem").write_bytes(pem(anchored.authority.root))
    build(tmp_path / "verify.pyz")
    command = [sys.executable, "-I", str(tmp_path / "verify.pyz"), str(anchored.folder), "--json"]
    command += ["--tsa-cert", str(tmp_path / "root.pem"), "--witness-key", str(KEY)]
    answer = subprocess.run(command, capture_output=True, check=False, text=True)  # noqa: S603 -- our own
    report = json.loads(answer.stdout)
    assert (report["verdict"], report["anchored"], len(report["anchors"])) == ("OK", size, 2)


def test_what_the_daily_run_writes_is_what_the_verifier_reads(anchored):
    # The names come from two sides: the source's and the verifier's.
    size = anchored.sizes[-1]
    subject = type("Subject", (), {"year": 2026, "size": size})
    names = [
        TimestampAuthority("https://tsa.example", post=None).key(subject),
        WitnessClient(KEY, "https://witness.example", post=None).key(subject),
    ]
    assert [layout.anchor_of(name) for name in names] == [(2026, size, "timestamps"), (2026, size, "cosignatures")]
    shutil.rmtree(anchored.folder)
