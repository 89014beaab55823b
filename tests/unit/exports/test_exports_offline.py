"""Bags out of a pulled archive, the command around both ways, and what the command says when something is amiss."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import bagit
import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from bluelamp.audit.archive import pull
from bluelamp.audit.bagcheck import check_bag
from bluelamp.cli import exporting, fetching
from bluelamp.errors import InvalidInputError, NotFoundError
from bluelamp.exports.model import Scope
from bluelamp.exports.offline import Wanted, bag_from
from bluelamp.exports.rules import bag_key
from bluelamp.idempotency import Idempotency
from tests.support.world import START
from tests.unit.exports.export_kit import AUDITOR
from tests.unit.exports.test_exports_building import leaves


@pytest.fixture
def archive(force, tmp_path):
    hidden, _ = force.write("c1", "c2")
    force.hide(hidden)
    pull(force.evidence, tmp_path / "archive", workers=2)
    return tmp_path / "archive", force.pseudonyms.post("facebook-1", "c1"), force


def make(archive, target, **wanted):
    return bag_from(archive, target, Wanted(**wanted), ref="WP/7", by="me", now=START)


def test_a_bag_of_one_object(archive, tmp_path):
    folder, key, force = archive
    counts = make(folder, tmp_path / "bag", objects=frozenset({key}))
    mine = [
        x
        for kind in ("ingest", "classify", "intent", "media", "context", "outcome", "state")
        for x in leaves(force, kind)
    ]
    assert counts["records"] == sum((leaf.get("obj") or {}).get("key") == key for leaf in mine)
    assert counts["objects"] == 1
    assert bagit.Bag(str(tmp_path / "bag")).validate()
    assert check_bag(tmp_path / "bag").verdict == "OK"
    assert not (tmp_path / "bag/data/content").exists()
    assert "Taken from the archive alone" in (tmp_path / "bag/data/report.html").read_text()


@pytest.mark.slow
def test_by_record_account_author_and_time(archive, tmp_path):
    folder, _, force = archive
    one = leaves(force, "intent")[0]
    assert make(folder, tmp_path / "a", records=frozenset({one["id"]}))["records"] == 1
    # The account itself was registered by a record without an object.
    assert make(folder, tmp_path / "b", account="facebook-1")["objects"] == 3
    assert make(folder, tmp_path / "c", author=force.pseudonyms.author("facebook", "a1"))["objects"] == 2
    with pytest.raises(NotFoundError, match="widen"):
        make(folder, tmp_path / "d", account="facebook-1", until=START.replace(year=2025))
    for name in "abc":
        assert check_bag(tmp_path / name).verdict == "OK"


def test_what_is_there_is_not_written_over_and_no_log_is_said(archive, tmp_path):
    folder, key, _ = archive
    (tmp_path / "bag").mkdir()
    with pytest.raises(InvalidInputError, match="is there already"):
        make(folder, tmp_path / "bag", objects=frozenset({key}))
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="no log"):
        make(tmp_path / "empty", tmp_path / "x", objects=frozenset({key}))


def test_the_command_makes_a_bag_offline_and_says_the_verdict(archive, tmp_path):
    folder, key, _ = archive
    command = ["--from", str(folder), "--post", key, "--ref", "WP/2026/7", "--json", str(tmp_path / "bag")]
    told = CliRunner().invoke(exporting.export, command)
    assert told.exit_code == 0, told.output
    said = json.loads(told.stdout)
    assert said["report"]["verdict"] in {"OK", "PARTIAL"}
    flipped = next((tmp_path / "bag/data/records").rglob("*.json"))
    flipped.write_bytes(flipped.read_bytes()[:-1] + b" ")
    assert check_bag(tmp_path / "bag").verdict == "FAIL"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name one of"),
        (["--post", "p1", "--thread", "t1"], "name one of"),
        (["--account", "facebook-1"], "since"),
        (["--search", "knife", "--since", "2026-11-22"], "until"),
        (["--post", "p1", "--url", "https://lamp.example"], "BLUELAMP_TOKEN"),
        (["--post", "p1", "--local", "nowhere.json"], "make run"),
    ],
    ids=str,
)
def test_a_command_that_makes_no_sense_says_what_is_missing(options, said, tmp_path):
    told = CliRunner().invoke(exporting.export, [*options, "--ref", "WP/7", str(tmp_path / "x")])
    assert told.exit_code != 0
    assert said in told.output


class FakeApi:
    """The routes over the real use cases, with links to a server of ours."""

    def __init__(self, force, address):
        self.force = force
        self.address = address
        self.keys = []
        self.lose_answer = 0
        self.links = 0

    def get(self, path, **_):
        export_id = path.split("/")[2]
        view = self.force.exports().get(AUDITOR, export_id)
        if view.state == "queued":
            self.force.seal()
            self.force.building().run(export_id)
        return view.model_dump(mode="json")

    def post(self, path, body=None, *, key=None):
        if path.endswith("/link"):
            self.links += 1
            link = self.force.exports().link(AUDITOR, path.split("/")[2]).model_dump()
            return link | {"url": f"{self.address}/{bag_key(path.split('/')[2])}"}
        self.keys.append(key)
        idem = Idempotency.of(AUDITOR.id, key, method="POST", path=path, body=json.dumps(body).encode())
        kept = idem.replay(self.force.table)
        scope = TypeAdapter(Scope).validate_python(body["scope"])
        answer = kept or self.force.exports().create(
            AUDITOR, scope=scope, purpose=body["purpose"], ref=body["ref"], idem=idem
        ).model_dump(mode="json")
        if self.lose_answer:
            self.lose_answer -= 1
            raise fetching.ExportError("the line broke")
        return answer


@contextmanager
def store(files):
    """Serve the bags as S3 does, with `Range`; `expire` links are refused first, `cut` ends an answer in the middle."""

    class Handler(BaseHTTPRequestHandler):
        expire = 0
        cut = 0
        ranges: list[str] = []  # noqa: RUF012 -- read by the test

        def do_GET(self):
            if Handler.expire:
                Handler.expire -= 1
                self.send_error(403, "Request has expired")
                return
            body = files.objects[self.path.lstrip("/")]
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
            Handler.ranges.append(self.headers.get("Range", ""))
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            part = body[start:]
            if Handler.cut:
                Handler.cut -= 1
                part = part[: len(part) // 2]
            self.wfile.write(part)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", Handler
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def silent(*_):
    """Show nothing."""


@pytest.fixture
def api(force, monkeypatch):
    monkeypatch.setattr(fetching, "POLL_SECONDS", 0.0)
    with store(force.files) as (address, handler):
        made = FakeApi(force, address)
        made.handler = handler
        yield made


def body_of(force):
    (wanted,) = force.write("c1")
    return {"scope": {"kind": "posts", "posts": [wanted]}, "purpose": "audit", "ref": "WP/7"}


def test_asked_for_once_whatever_breaks(api, force, tmp_path):
    body = body_of(force)
    api.lose_answer = 1
    with pytest.raises(fetching.ExportError, match="line broke"):
        fetching.ask(api, body, tmp_path / "out")
    first = fetching.ask(api, body, tmp_path / "out")
    again = fetching.ask(api, body, tmp_path / "out")
    assert first["id"] == again["id"]
    assert len(set(api.keys)) == 1
    assert len([leaf for leaf in leaves(force) if leaf["op"]["verb"] == "request"]) == 1
    with pytest.raises(fetching.ExportError, match="another export"):
        fetching.ask(api, body | {"ref": "WP/8"}, tmp_path / "out")


def test_fetched_in_two_goes_unpacked_and_checked(api, force, tmp_path):
    made = fetching.ask(api, body_of(force), tmp_path)
    fetching.wait(api, made["id"], silent)
    api.handler.cut = 1
    with pytest.raises(Exception, match=r"broken|Incomplete"):
        fetching.fetch(api, made["id"], tmp_path, silent)
    file = fetching.fetch(api, made["id"], tmp_path, silent)
    assert api.handler.ranges[-1].startswith("bytes=")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == fetching.wait(api, made["id"], silent)["sha256"]
    assert fetching.fetch(api, made["id"], tmp_path, silent) == file
    assert check_bag(fetching.unpack(file, tmp_path)).verdict == "OK"


def test_a_link_that_has_expired_is_asked_for_again_and_then_named(api, force, tmp_path):
    made = fetching.ask(api, body_of(force), tmp_path)
    fetching.wait(api, made["id"], silent)
    api.handler.expire = 1
    assert fetching.fetch(api, made["id"], tmp_path, silent).is_file()
    (tmp_path / "other").mkdir()
    api.handler.expire = 9
    with pytest.raises(fetching.LinkExpiredError, match="has expired"):
        fetching.fetch(api, made["id"], tmp_path / "other", silent)


def test_a_changed_bag_is_not_taken(api, force, tmp_path):
    made = fetching.ask(api, body_of(force), tmp_path)
    fetching.wait(api, made["id"], silent)
    key = bag_key(made["id"])
    force.files.objects[key] = force.files.objects[key][:-1] + b"x"
    with pytest.raises(fetching.ExportError, match="not the bag that the log names"):
        fetching.fetch(api, made["id"], tmp_path, silent)


def test_a_zip_that_leads_elsewhere_is_refused(tmp_path):
    for names in (["a/x", "b/y"], ["../x"], ["/etc/x"], ["a/../../x"]):
        with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        with pytest.raises(fetching.ExportError):
            fetching.unpack(tmp_path / "z.zip", tmp_path / "out")
    (tmp_path / "z.zip").write_bytes(b"no zip")
    with pytest.raises(fetching.ExportError, match="no zip"):
        fetching.unpack(tmp_path / "z.zip", tmp_path / "out")
