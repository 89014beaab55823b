"""An export from the request to the bag: once, whatever is delivered twice, killed, missing or destroyed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import bagit
import pytest

from bluelamp.audit.bagcheck import check_bag
from bluelamp.audit.leaf import Actor, Content
from bluelamp.audit.outbox import Waiting
from bluelamp.exports import selecting
from bluelamp.exports.building import PATIENCE, AgainError
from bluelamp.exports.model import AccountScope, AuthorScope, SearchScope, ThreadScope
from bluelamp.exports.rules import ATTEMPTS, LEASE, bag_key
from bluelamp.exports.store import ExportStore
from bluelamp.posts.changing import Entry
from tests.support.world import idem
from tests.unit.exports.export_kit import AUDITOR, OFFICER, jpeg

ROOT = Path(__file__).parents[3]
ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}/shared:{ROOT}"}
DAY = {"since": "2026-11-22", "until": "2026-11-22"}


class KilledError(BaseException):
    """The worker is gone: nothing of it runs on."""


def leaves(force, kind="export"):
    """Return the records of a type, sealed or waiting, as the archive holds them in the end."""
    force.seal()
    from bluelamp.audit import layout  # noqa: PLC0415

    found = []
    for name in sorted(force.evidence.objects):
        if layout.parse_entries(name):
            found += [json.loads(body) for body in layout.unpack(force.evidence.objects[name])]
    return [leaf for leaf in found if leaf["type"] == kind]


def case_of(root):
    return json.loads((root / "data/case.json").read_text(encoding="utf-8"))


def report_of(root):
    return (root / "data/report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_case_with_pictures_thread_and_actions(force, tmp_path):
    (wanted,) = force.write("c1", text="Idiots! <script>alert(1)</script>", picture=jpeg())
    force.write("c2", text="Leave them alone")
    force.hide(wanted)
    force.posts.note(OFFICER, wanted, text="Rang the school", idem=idem())
    force.posts.open_post(OFFICER, wanted)
    force.seal()
    job = force.made(posts=(wanted, "pmissing"))
    root = force.unpacked(job, tmp_path / "out")
    assert bagit.Bag(str(root)).validate()
    report = check_bag(root)
    assert (report.verdict, report.failures) == ("OK", [])
    case = case_of(root)
    types = [record["type"] for record in case["posts"][0]["records"]]
    assert types[0] == "ingest"
    assert {"classify", "intent", "context", "outcome", "note", "view", "media"} <= set(types)
    assert case["missing"] == ["pmissing"]
    page = report_of(root)
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "data:image/jpeg;base64," in page
    assert "Leave them alone" in page
    assert "Rang the school" in page
    assert "These words agree with the digest" in page
    assert "Pat Officer" in page
    assert job.figures is not None
    assert job.figures.model_dump() == job.figures.model_dump() | {
        "examined": 1, "posts": 1, "missing": 1, "unsealed": 0, "destroyed": 0, "broken": 0,
        "records": len(types) + 1,
    }  # fmt: skip
    plain = list((root / "data/content").glob("*/plain.*"))
    assert len(plain) == job.figures.contents >= 3
    assert set(json.loads((root / "data/content/keys.json").read_text())) == {p.parent.name for p in plain}


@pytest.mark.slow
def test_the_verifier_inside_the_bag_needs_nothing_else_and_finds_a_flipped_byte(force, tmp_path):
    (wanted,) = force.write("c1")
    root = force.unpacked(force.made(posts=(wanted,)), tmp_path / "out")

    def verdict():
        command = [sys.executable, "-I", str(root / "data/verify.pyz"), str(root)]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)  # noqa: S603

    sound = verdict()
    assert sound.returncode == 0, sound.stdout + sound.stderr
    for name in ("records/2026", "proofs/2026", "content"):
        path = min(p for p in (root / "data" / name).rglob("*") if p.is_file())
        body = path.read_bytes()
        path.write_bytes(bytes([body[0] ^ 1]) + body[1:])
        told = verdict()
        assert told.returncode == 1, name
        assert "FAIL" in told.stdout
        path.write_bytes(body)
    assert verdict().returncode == 0


@pytest.mark.slow
def test_the_log_says_who_asked_and_what_was_made_and_holds_no_word_of_it(force):
    force.write("c1", text="knife crime")
    scope = SearchScope(kind="search", words=("knife",), **DAY)
    job = force.made(scope)
    force.exports().link(AUDITOR, job.id)
    asked, built, linked = leaves(force)
    assert [leaf["op"]["verb"] for leaf in (asked, built, linked)] == ["request", "build", "link"]
    assert {leaf["dpa62"] for leaf in (asked, built, linked)} == {"disclosure"}
    assert {leaf["correlation"] for leaf in (asked, built, linked)} == {job.id}
    assert asked["reason"] == {"code": "prosecution", "ref": "WP/2026/1234"}
    assert asked["actor"]["sub"] == AUDITOR.id
    assert asked["query"]["filters"] == {"scope": "search", "since": "2026-11-22", "until": "2026-11-22", "words": 1}
    assert built["content"] == {"sha256": job.sha256, "length": job.size}
    assert linked["obj"]["digest"] == job.sha256
    assert "knife" not in json.dumps([asked, built, linked])


def test_a_job_that_comes_twice_is_made_once(force):
    (wanted,) = force.write("c1")
    job = force.made(posts=(wanted,))
    assert force.building().run(job.id) == ExportStore(force.table).get(job.id)
    assert force.files.written == [bag_key(job.id)]
    assert [leaf["op"]["verb"] for leaf in leaves(force)] == ["request", "build"]


def test_a_second_worker_stays_away_while_the_first_is_at_it(force):
    (wanted,) = force.write("c1")
    view = force.ask(posts=(wanted,))
    seen = []

    def second(name):
        if name == "complete_upload":
            force.faults.before = None
            seen.append(force.building().run(view.id))

    force.faults.before = second
    done = force.building().run(view.id)
    assert seen == [None]
    assert done.state == "done"
    assert force.files.written == [bag_key(view.id)]


@pytest.mark.slow
def test_a_worker_that_lost_its_lease_changes_nothing(force):
    (wanted,) = force.write("c1")
    view = force.ask(posts=(wanted,))

    def overtake(name):
        if name == "complete_upload":
            force.faults.before = None
            force.pass_time(seconds=LEASE.total_seconds() + 1)
            assert force.building().run(view.id).state == "done"

    force.faults.before = overtake
    assert force.building().run(view.id) is None
    job = ExportStore(force.table).get(view.id)
    assert [leaf["op"]["verb"] for leaf in leaves(force)] == ["request", "build"]
    assert job.sha256 == leaves(force)[1]["content"]["sha256"]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_each_call_of_the_cloud_there_is_one_bag_and_one_record(force, tmp_path, when):
    (wanted,) = force.write("c1", picture=jpeg((300, 300)))
    probe = force.ask(posts=(wanted,))
    calls = []
    plain = {"verifier": lambda path: path.write_bytes(b"stands for it")}
    force.faults.before = calls.append
    force.building(**plain).run(probe.id)
    force.faults.before = None
    for kill_at in range(len(calls)):
        view = force.ask(posts=(wanted,))
        count = -1

        def kill(_name, kill_at=kill_at):
            nonlocal count
            count += 1
            if count == kill_at:
                raise KilledError

        setattr(force.faults, when, kill)
        with pytest.raises(KilledError):
            force.building(**plain).run(view.id)
        setattr(force.faults, when, None)
        force.pass_time(seconds=LEASE.total_seconds() + 1)
        job = force.building(**plain).run(view.id)
        assert job.state == "done", calls[kill_at]
        mine = [leaf for leaf in leaves(force) if leaf["correlation"] == view.id]
        assert [leaf["op"]["verb"] for leaf in mine] == ["request", "build"], calls[kill_at]
        # What the log names is what lies there, however often it was put.
        assert mine[1]["content"]["sha256"] == job.sha256
        if kill_at % 4 == 0:
            assert check_bag(force.unpacked(job, tmp_path / f"{kill_at}")).verdict == "OK"
    assert len(calls) > 15


@pytest.mark.slow
def test_what_fails_comes_again_and_in_the_end_is_said_to_have_failed(force):
    (wanted,) = force.write("c1")
    view = force.ask(posts=(wanted,))
    sent = len(force.queue.messages)

    def broken(name):
        if name == "upload_part":
            raise OSError("no space left")

    force.faults.before = broken
    for attempt in range(1, ATTEMPTS):
        with pytest.raises(AgainError):
            force.building().run(view.id)
        assert ExportStore(force.table).get(view.id).state == "queued"
        assert len(force.queue.messages) == sent + attempt
    with pytest.raises(OSError, match="no space"):
        force.building().run(view.id)
    force.faults.before = None
    job = ExportStore(force.table).get(view.id)
    assert (job.state, job.error) == ("failed", "unexpected")
    assert [(leaf["op"]["verb"], leaf["op"].get("result")) for leaf in leaves(force)] == [
        ("request", None),
        ("build", "failed"),
    ]
    assert force.building().run(view.id).state == "failed"


def test_a_content_whose_key_was_destroyed_is_shown_as_destroyed(force, tmp_path):
    (wanted,) = force.write("c1", text="gone words")
    post = force.post(wanted)
    ingest = next(leaf for leaf in leaves(force, "ingest"))
    assert force.vault.destroy(Content.model_validate(ingest["content"]))
    force.pass_time(days=1)
    force.changer.commit(post, post, Entry(type="erase", actor=Actor.system("retention")))
    force.seal()
    job = force.made(posts=(wanted,))
    root = force.unpacked(job, tmp_path / "out")
    assert (job.figures.destroyed, job.figures.contents) == (1, 0)
    assert check_bag(root).verdict == "OK"
    page = report_of(root)
    assert "The content was destroyed on 23/11/2026 12:00:00.000 GMT." in page
    # The table may still hold the words; what was disposed of does not leave by another door.
    assert "gone words" not in page
    assert "gone words" not in (root / "data/case.json").read_text()


def test_a_content_that_is_not_what_was_sealed_is_left_out_and_said(force, tmp_path):
    (wanted,) = force.write("c1")
    name = next(iter(force.content.objects))
    body = bytearray(force.content.objects[name])
    body[20] ^= 1
    force.content.objects[name] = bytes(body)
    job = force.made(posts=(wanted,))
    root = force.unpacked(job, tmp_path / "out")
    assert (job.figures.broken, job.figures.contents) == (1, 0)
    assert "not those that were sealed" in report_of(root)
    assert check_bag(root).verdict == "OK"


@pytest.mark.slow
def test_words_that_were_changed_in_the_table_are_given_away(force, tmp_path):
    (wanted,) = force.write("c1")
    force.table.items[f"POST#{wanted}", "POST"]["text"] = "Something nicer"
    root = force.unpacked(force.made(posts=(wanted,)), tmp_path / "out")
    assert "WARNING: these words do not agree" in report_of(root)


@pytest.mark.slow
def test_a_record_that_is_not_sealed_is_waited_for_and_then_named(force, tmp_path):
    (wanted,) = force.write("c1")
    view = force.ask(posts=(wanted,))
    force.posts.note(OFFICER, wanted, text="Just now", idem=idem())
    job = force.building().run(view.id)
    assert len(force.slept) == PATIENCE
    assert job.figures.unsealed == 1
    root = force.unpacked(job, tmp_path / "out")
    assert "not sealed yet" in report_of(root)
    assert check_bag(root).verdict == "OK"


def test_a_record_that_is_sealed_while_one_waits_is_in_the_bag(force):
    (wanted,) = force.write("c1")
    view = force.ask(posts=(wanted,))
    force.posts.note(OFFICER, wanted, text="Just now", idem=idem())
    job = force.building(sleep=lambda _: force.seal()).run(view.id)
    assert job.figures.unsealed == 0


def test_no_post_at_all_is_a_bag_with_the_request_alone(force, tmp_path):
    force.write("c1", text="nothing of the kind")
    job = force.made(SearchScope(kind="search", words=("knife",), **DAY))
    root = force.unpacked(job, tmp_path / "out")
    assert (job.figures.examined, job.figures.posts, job.figures.records) == (1, 0, 1)
    assert bagit.Bag(str(root)).validate()
    assert check_bag(root).verdict == "OK"
    assert json.loads((root / "data/disclosure.json").read_text())["search_terms"] == [{"term": "knife", "posts": 0}]


def test_nothing_sealed_at_all_comes_again(force):
    scope = SearchScope(kind="search", words=("knife",), **DAY)
    view = force.exports().create(AUDITOR, scope=scope, purpose="audit", ref="A1", idem=idem())
    with pytest.raises(AgainError):
        force.building().run(view.id)


def test_scopes(force):
    knife, other = force.write("c1", "c2", text="A KNIFE in the park")
    (hello,) = force.write("c3", text="Hello", author_id="a2", thread_native="root2")
    (south,) = force.write("c4", text="knives and a knife", page="2")
    force.pass_time(days=2)
    (later,) = force.write("c5", text="knife again")
    author = force.pseudonyms.author("facebook", "a2")
    wanted = {
        ThreadScope(kind="thread", thread=force.post(hello).thread): {hello},
        AccountScope(kind="account", account="facebook-1", **DAY): {knife, other, hello},
        AccountScope(kind="account", account="facebook-1", since="2026-11-23", until="2026-11-24"): {later},
        SearchScope(kind="search", words=("knife", "hello"), **DAY): {knife, other, hello, south},
        SearchScope(kind="search", words=("knife",), account="facebook-2", **DAY): {south},
        AuthorScope(kind="author", author=author, **DAY): {hello},
    }
    for scope, posts in wanted.items():
        found = selecting.select(
            scope,
            force.building()._dossiers,
            accounts=lambda: ["facebook-1", "facebook-2"],
            beat=lambda: None,
        )
        assert set(found.posts) == posts, scope
        assert len(found.posts) == len(posts)


def test_closed_posts_are_found_too(force):
    (wanted,) = force.write("c1")
    force.hide(wanted)
    assert force.post(wanted).case.state == "closed"
    job = force.made(AccountScope(kind="account", account="facebook-1", **DAY))
    assert job.figures.posts == 1


def test_too_many_posts_are_refused_with_a_way_out(force, monkeypatch):
    force.write("c1", "c2", "c3")
    monkeypatch.setattr(selecting, "MOST_POSTS", 2)
    job = force.building().run(force.ask(AccountScope(kind="account", account="facebook-1", **DAY)).id)
    assert (job.state, job.error) == ("failed", "too_many_posts")


@pytest.mark.slow
def test_an_anchored_checkpoint_is_taken_when_it_covers_all(force, tmp_path):
    (wanted,) = force.write("c1")
    sizes = [int(n.split("/")[-1]) for n in force.evidence.objects if "/checkpoints/" in n]
    size = max(sizes)
    token = f"2026/timestamps/{size:012d}.tsr"
    force.evidence.objects[token] = b"token"
    force.evidence.objects[f"2026/cosignatures/{size:012d}/witness.example"] = b"cosignature"
    root = force.unpacked(force.made(posts=(wanted,)), tmp_path / "out")
    assert (root / f"data/timestamps/2026-{size:012d}.tsr").read_bytes() == b"token"
    assert (root / f"data/cosignatures/2026-{size:012d}/witness.example").read_bytes() == b"cosignature"
    assert f"\n{size}\n" in (root / "data/checkpoints/2026").read_text()
    # Only what was made up as an anchor is found fault with: the proofs end in that checkpoint soundly.
    assert all("data/timestamps" in f.place or "data/cosignatures" in f.place for f in check_bag(root).failures)
    # A record behind it takes the bag to a checkpoint that nobody has vouched for yet.
    force.posts.note(OFFICER, wanted, text="Later", idem=idem())
    force.seal()
    later = force.unpacked(force.made(posts=(wanted,)), tmp_path / "later")
    assert not (later / "data/timestamps").exists()


@pytest.mark.slow
def test_a_thread_of_many_parts_is_told_whole(force):
    (wanted,) = force.write("c1")
    for n in range(60):
        force.posts.note(OFFICER, wanted, text=f"note {n}", idem=idem())
    force.seal()
    job = force.made(posts=(wanted,))
    assert job.figures.records >= 62
    assert job.figures.contents >= 61


MEASURED = """
import resource, sys
from pathlib import Path
from tests.unit.exports.export_kit import Force

force = Force(Path(sys.argv[1]))
peaks = []
for first, number in ((0, 40), (40, 500)):
    ids = []
    for start in range(first, first + number, 40):
        names = [f"c{n}" for n in range(start, min(start + 40, first + number))]
        ids += force.write(*names, text="Idiots! " + "y " * 200)
    job = force.made(posts=tuple(ids))
    assert job.figures.posts == number, job
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
print(peaks[1] - peaks[0], job.size // 2**20, force.files.largest)
"""


@pytest.mark.slow
def test_five_hundred_posts_take_little_more_memory_than_forty(tmp_path):
    """In a process of its own; the fake bucket's copy of the zip, and the whole force, are in the figure as well."""
    command = [sys.executable, "-c", MEASURED, str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=ENVIRONMENT)  # noqa: S603
    more, zip_size, largest = map(int, told.stdout.split())
    assert more < 64 + 2 * zip_size, f"{more} MB more"
    assert largest <= 64 * 1024


def test_the_request_is_sealed_with_its_job(force):
    view = force.ask(posts=("pnone",))
    job = ExportStore(force.table).get(view.id)
    assert (job.leaf, job.state) == (leaves(force)[0]["id"], "queued")
    assert not [k for k in force.table.items if k[0].startswith("OUTBOX#") and Waiting.from_item(force.table.items[k])]
