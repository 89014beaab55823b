"""A bag is sound, or the place of what is wrong is named: whatever was done to it, its own lists made right or not."""

from __future__ import annotations

import base64
import json
import os
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bluelamp.audit.bagcheck import check_bag
from bluelamp.audit.note import Checkpoint, LocalSigner, VerifierKey, sign_note
from tests.unit.audit.bag_kit import BagWorld, seal_bag
from tests.unit.audit.log_kit import ORIGIN, SEED, steady


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return BagWorld(tmp_path_factory.mktemp("bag"))


@pytest.fixture
def bag(made, tmp_path):
    return shutil.copytree(made.bag, tmp_path / "bag")


def codes(report):
    return {f.code for f in report.failures}


def places(report):
    return {f.place for f in report.failures}


def test_a_sound_bag(made, bag):
    seen = []
    report = check_bag(bag, progress=lambda *step: seen.append(step))
    assert (report.verdict, report.failures, report.records) == ("OK", [], 3)
    assert report.scope == ["bag: 3 of the 49 records of 2026 proven by inclusion"]
    assert report.anchor.startswith("unanchored")
    assert seen == [(1, 3), (2, 3), (3, 3)]
    key = VerifierKey(f"{ORIGIN}/2026", LocalSigner(SEED).public())
    known = (made.archive / "2026/checkpoints/000000000049").read_bytes()
    report = check_bag(bag, keys=[key], known=known)
    assert (report.verdict, report.pinned, report.anchored) == ("OK", True, 49)
    early = (made.archive / "2026/checkpoints/000000000008").read_bytes()
    report = check_bag(bag, known=early)
    assert (report.verdict, report.anchored) == ("OK", None)
    assert "only the archive shows" in str(report.remarks)


def flip(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(bytes(raw))


def test_a_changed_file_is_on_no_list_and_with_the_lists_made_right_it_is_not_proven(made, bag):
    content = f"data/content/2026-{made.seq:012d}"
    expected = {
        "data/records/2026/000000000003.json": ("proof", "2026 record 3"),
        "data/proofs/2026/000000000003.tlog-proof": ("proof", "2026 record 3"),
        "data/checkpoints/2026": ("checkpoint", "data/checkpoints/2026"),
        f"{content}/cipher": ("content", content),
        f"{content}/plain.json": ("content", content),
    }
    for name, (code, place) in expected.items():
        sound = (bag / name).read_bytes()
        flip(bag / name)
        report = check_bag(bag)
        assert ("manifest", name) in {(f.code, f.place) for f in report.failures}
        seal_bag(bag)
        report = check_bag(bag)
        assert (code, place) in {(f.code, f.place) for f in report.failures}, name
        assert "manifest" not in codes(report)
        (bag / name).write_bytes(sound)
        seal_bag(bag)
    assert check_bag(bag).verdict == "OK"


def test_what_is_missing_is_named(made, bag):
    whole = sorted(p for p in bag.rglob("*") if p.is_file())
    for path in whole:
        sound = path.read_bytes()
        path.unlink()
        report = check_bag(bag)
        assert report.verdict == "FAIL", path
        path.write_bytes(sound)
    for name in ("records/2026/000000000003.json", "proofs/2026/000000000003.tlog-proof"):
        sound = (bag / "data" / name).read_bytes()
        (bag / "data" / name).unlink()
        seal_bag(bag)
        assert check_bag(bag).verdict == "FAIL"
        (bag / "data" / name).write_bytes(sound)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("data/records/2026/000000000009.json", "proof"),
        ("data/records/2026/9.json", "foreign"),
        ("data/keys/evil.vkey", "foreign"),
        ("data/content/2026-000000000003/cipher", "content"),
        ("data/content/notes.txt", "foreign"),
        ("data/timestamps/2026-000000000009.tsr", "anchor"),
        ("data/timestamps/2026-000000000049.tsr", "timestamp_malformed"),
        ("fetch.txt", "foreign"),
    ],
)
def test_what_should_not_be_there_is_named(bag, name, code):
    (bag / name).parent.mkdir(parents=True, exist_ok=True)
    (bag / name).write_bytes(b"x")
    seal_bag(bag)
    assert code in codes(check_bag(bag))


@pytest.mark.slow
def test_lists_that_reach_out_of_the_bag_or_are_not_canonical(bag):
    manifest = bag / "manifest-sha256.txt"
    sound = manifest.read_text()
    digest = sound[:64]
    for line in (
        f"{digest}  ../outside\n",
        f"{digest}  data/../../outside\n",
        f"{digest}  /etc/passwd\n",
        f"{digest}  data//x\n",
        f"{digest}  C:/x\n",
        f"{digest}  data\\x\n",
        f"{digest.upper()}  data/x\n",
        f"{digest} data/case.json\n",
        f"{digest}  data/case.json\n",
        f"{digest}  bag-info.txt\n",
        f"{digest}  data/x",
        "\n",
        "\r\n",
    ):
        manifest.write_text(sound + line, newline="")
        report = check_bag(bag)
        assert "manifest-sha256.txt" in places(report), line
    manifest.write_text(sound.replace("\n", "\r\n"), newline="")
    assert "manifest-sha256.txt" in places(check_bag(bag))


def test_links_pipes_and_giants_are_not_followed_read_or_waited_for(bag, tmp_path):
    (tmp_path / "outside").write_bytes(b"{}")
    (bag / "data/case.json").unlink()
    (bag / "data/case.json").symlink_to(tmp_path / "outside")
    assert ("data/case.json", "is a symbolic link") in {(f.place, f.detail) for f in check_bag(bag).failures}
    (bag / "data/case.json").unlink()
    (bag / "data/case.json").symlink_to(tmp_path)
    assert "data/case.json" in places(check_bag(bag))
    (bag / "data/case.json").unlink()
    os.mkfifo(bag / "data/case.json")
    assert ("data/case.json", "is no plain file") in {(f.place, f.detail) for f in check_bag(bag).failures}
    (bag / "data/case.json").unlink()
    with (bag / "data/records/2026/000000000003.json").open("wb") as giant:
        giant.truncate(1 << 32)
    os.truncate(bag / "data/checkpoints/2026", 1 << 20)
    report = check_bag(bag)
    assert "has more than 32768 bytes" in str(report.failures)


def test_a_proof_of_another_record_or_with_more_in_it(bag):
    three, four = (bag / f"data/proofs/2026/{n:012d}.tlog-proof" for n in (3, 4))
    sound = three.read_bytes()
    three.write_bytes(four.read_bytes())
    seal_bag(bag)
    assert places(check_bag(bag)) == {"2026 record 3"}
    extra = base64.b64encode(b"something").decode()
    three.write_bytes(sound.replace(b"index", f"extra {extra}\nindex".encode()))
    seal_bag(bag)
    assert "holds more than a proof" in str(check_bag(bag).failures)
    body = (bag / "data/records/2026/000000000003.json").read_bytes()
    three.write_bytes(sound.replace(b"index", b"extra " + base64.b64encode(body) + b"\nindex"))
    seal_bag(bag)
    assert check_bag(bag).verdict == "OK"


def test_a_resigned_bag_and_one_of_another_log(made, bag):
    foreign = LocalSigner(bytes(32))
    path = bag / "data/checkpoints/2026"
    text = path.read_text().partition("\n\n")[0] + "\n"
    note = bytes(sign_note(text, f"{ORIGIN}/2026", foreign))
    for proof in (bag / "data/proofs").rglob("*.tlog-proof"):
        proof.write_bytes(proof.read_bytes().replace(path.read_bytes(), note))
    path.write_bytes(note)
    seal_bag(bag)
    assert codes(check_bag(bag)) == {"checkpoint", "proof", "content"}
    for key in (bag / "data/keys").iterdir():
        key.unlink()
    key = VerifierKey(f"{ORIGIN}/2026", foreign.public())
    (bag / f"data/keys/2026-{key.id.hex()}.vkey").write_text(f"{key}\n")
    seal_bag(bag)
    report = check_bag(bag)
    assert (report.verdict, report.pinned) == ("OK", False)  # nothing in a bag can show whose key it is
    right = VerifierKey(f"{ORIGIN}/2026", LocalSigner(SEED).public())
    assert codes(check_bag(bag, keys=[right])) >= {"key", "checkpoint"}
    known = (made.archive / "2026/checkpoints/000000000049").read_bytes()
    assert codes(check_bag(bag, known=known)) == {"anchor"}


def test_years_of_two_forces_are_no_bag(bag):
    signer = LocalSigner(SEED)
    origin = "log.other.example/bluelamp/other/2027"
    key = VerifierKey(origin, signer.public())
    (bag / f"data/keys/2027-{key.id.hex()}.vkey").write_text(f"{key}\n")
    (bag / "data/checkpoints/2027").write_bytes(bytes(sign_note(Checkpoint(origin, 1, bytes(32)).text, origin, signer)))
    seal_bag(bag)
    assert codes(check_bag(bag)) == {"foreign"}


@pytest.mark.parametrize(
    "change",
    [
        {"key": base64.b64encode(bytes(32)).decode()},
        {"key": "QQ"},
        {"key": None},
        {"account": "facebook-2"},
        {"key_id": "k2"},
        {"more": 1},
    ],
)
def test_a_disclosed_key_that_is_not_the_one(made, bag, change):
    path = bag / "data/content/keys.json"
    keys = json.loads(path.read_bytes())
    keys[f"2026-{made.seq:012d}"] |= change
    path.write_text(json.dumps(keys))
    seal_bag(bag)
    assert codes(check_bag(bag)) == {"content"}


def test_content_of_a_record_without_an_account_is_opened_and_bound_to_none(tmp_path):
    made = BagWorld(tmp_path, account=None)
    report = check_bag(made.bag)
    assert (report.verdict, codes(report)) == ("OK", set())
    assert "1 pieces of content are what the records name" in str(report.remarks)
    path = made.bag / "data/content/keys.json"
    keys = json.loads(path.read_bytes())
    label = f"2026-{made.seq:012d}"
    for account, failures in ((None, set()), ("", set()), ("facebook-1", {"content"}), (7, {"content"})):
        path.write_text(json.dumps({label: keys[label] | {"account": account}}))
        seal_bag(made.bag)
        assert codes(check_bag(made.bag)) == failures


@pytest.mark.parametrize("said", ["", "[]", "null", "{", '{"2026-000000000003": 1}', "[" * 5000])
def test_keys_that_cannot_be_read(bag, said):
    (bag / "data/content/keys.json").write_text(said)
    seal_bag(bag)
    assert "data/content/keys.json" in places(check_bag(bag))


def test_an_empty_folder_is_no_bag(tmp_path):
    assert codes(check_bag(tmp_path)) >= {"bag", "manifest", "empty"}
    assert check_bag(tmp_path / "nowhere").verdict == "FAIL"


def mutations(draw, files):
    """Draw one change of one file, and return what it does."""
    path = draw(st.sampled_from(files))
    raw = path.read_bytes()
    kind = draw(st.sampled_from(["flip", "cut", "pad", "insert", "remove", "swap", "empty"]))
    place = draw(st.integers(0, max(0, len(raw) - 1)))
    some = draw(st.binary(min_size=1, max_size=3))
    if kind == "flip" and raw:
        return path, raw[:place] + bytes([raw[place] ^ 1 << draw(st.integers(0, 7))]) + raw[place + 1 :]
    if kind == "cut" and raw:
        return path, raw[:place]
    if kind == "pad":
        return path, raw + some
    if kind == "insert":
        return path, raw[:place] + some + raw[place:]
    if kind == "swap":
        other = draw(st.sampled_from(files)).read_bytes()
        return path, other if other != raw else None
    return (path, b"") if kind == "empty" and raw else (path, None)


@pytest.mark.slow
@settings(steady, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_one_change_is_a_failure_with_its_place(made, data):
    """On the bag itself, undone afterwards; 120 examples, and the same ones each time."""
    files = sorted(p for p in made.bag.rglob("*") if p.is_file())
    path, changed = mutations(data.draw, files)
    sound = path.read_bytes()
    try:
        if changed is None:
            path.unlink()
        else:
            path.write_bytes(changed)
        report = check_bag(made.bag)
        assert report.verdict == "FAIL"
        assert all(f.place and f.detail for f in report.failures)
    finally:
        path.write_bytes(sound)
