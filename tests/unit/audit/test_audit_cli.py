"""`bluelamp archive`: the words and exit codes that people and scripts rely on."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bluelamp.audit.verify import UNFINISHED
from bluelamp.cli import archive as cli
from bluelamp.cli.archive import pulling
from tests.unit.audit.log_kit import LogWorld


@pytest.fixture
def world():
    world = LogWorld()
    world.busy_day(3)
    return world


@pytest.fixture
def run(monkeypatch, world, tmp_path):
    sources = []

    def bucket(source):
        sources.append(source)
        return world.bucket

    monkeypatch.setattr(pulling, "_bucket", bucket)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        result = CliRunner().invoke(cli.archive, arguments)
        result.sources = sources
        return result

    return invoke


LOCAL = {"endpoint": "http://127.0.0.1:9", "bucket": "evidence", "access_key": "a", "secret_key": "s"}


def local(tmp_path, content):
    (tmp_path / ".bluelamp").mkdir()
    (tmp_path / ".bluelamp/local.json").write_text(content if isinstance(content, str) else json.dumps(content))


def test_pull_takes_the_running_local_stack_and_verify_needs_only_the_folder(run, tmp_path):
    local(tmp_path, {"evidence": LOCAL})
    result = run("pull")
    assert result.exit_code == 0, result.output
    assert "28 records" in result.output
    assert result.sources == [LOCAL]
    result = run("verify", "archive")
    assert result.exit_code == 0
    assert "28 records under 4 checkpoints" in result.output
    assert "unanchored" in result.output
    assert result.output.rstrip().endswith("OK")


def test_json(run):
    result = run("pull", "--bucket", "evidence", "--json")
    assert json.loads(result.stdout)["records"] == 28
    assert result.sources == [{"endpoint": None, "bucket": "evidence", "access_key": None, "secret_key": None}]
    report = json.loads(run("verify", "archive", "--json").stdout)
    assert (report["verdict"], report["records"], report["anchored"]) == ("OK", 28, None)


def test_one_flipped_byte_is_a_failure_that_names_the_record(run, tmp_path):
    run("pull", "--bucket", "evidence")
    path = tmp_path / "archive/2026/entries/000000000008-000000000017"
    raw = bytearray(path.read_bytes())
    raw[-3] ^= 1
    path.write_bytes(bytes(raw))
    result = run("verify", "archive")
    assert result.exit_code == 1
    assert "2026 record 16: is not what was sealed" in result.output
    assert result.output.rstrip().endswith("FAIL")
    assert json.loads(run("verify", "archive", "--json").stdout)["failures"][0]["place"] == "2026 record 16"


def test_an_anchor_and_a_named_key(run, tmp_path):
    run("pull", "--bucket", "evidence")
    report = json.loads(run("verify", "archive", "--json").stdout)
    key = report["logs"][0]["keys"][0]
    checkpoint = str(tmp_path / "archive/2026/checkpoints/000000000028")
    result = run("verify", "archive", "--key", key, "--checkpoint", checkpoint)
    assert result.exit_code == 0
    assert "anchored until record 27 of 2026, which is all of it" in result.output
    assert "compare it" not in result.output
    assert run("verify", "archive", "--key", "nonsense").exit_code == 2


def test_an_open_intent_is_pending_and_no_error(run, world):
    world.put(world.intent("0-0"))
    world.seal()
    run("pull", "--bucket", "evidence")
    result = run("verify", "archive")
    assert result.exit_code == 0
    assert "is an intent without an outcome" in result.output
    assert result.output.rstrip().endswith("PENDING")


@pytest.mark.parametrize("content", ["", "[]", "{}", {"evidence": {"bucket": "b"}}, {"evidence": None}])
def test_a_half_written_local_file_is_one_clear_line(run, tmp_path, content):
    local(tmp_path, content)
    result = run("pull")
    assert result.exit_code == 2
    assert "half-written" in result.output


def test_without_a_bucket_it_says_what_to_name(run):
    result = run("pull")
    assert result.exit_code == 2
    assert "--bucket" in result.output


def test_a_bucket_that_cannot_be_read_is_one_clear_line(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    arguments = ["pull", "--endpoint", "http://127.0.0.1:9", "--bucket", "b", "--access-key", "a", "--secret-key", "s"]
    monkeypatch.setattr(pulling, "ATTEMPTS", 1)
    result = CliRunner().invoke(cli.archive, arguments)
    assert result.exit_code == 1
    assert "could not be pulled from b" in result.output
    assert "Traceback" not in result.output


def test_a_part_is_pulled_verified_and_never_called_complete(run, world, tmp_path):
    result = run("pull", "part", "--bucket", "evidence", "--since", "2026-11-22T12:00:07Z", "--until", "2026-11-22")
    assert result.exit_code == 0, result.output
    assert "A part of the archive, by since 2026-11-22T12:00:07.000Z" in result.output
    result = run("verify", "part")
    assert result.exit_code == 0
    assert "records 8\N{EN DASH}27 of 28 of 2026 proven by inclusion" in result.output
    assert result.output.rstrip().endswith("PARTIAL")
    subject = hashlib.sha256(b"1-0").hexdigest()
    said = json.loads(run("pull", "theirs", "--bucket", "evidence", "--subject", subject, "--json").stdout)
    assert (said["selected"], said["filter"]) == (4, f"subject {subject}")
    assert run("pull", "theirs", "--bucket", "evidence").exit_code == 0
    assert json.loads(run("verify", "theirs", "--json").stdout)["verdict"] == "OK"
    for arguments in (("--since", "soon"), ("--subject", "x"), ("--since", "2026-11-23", "--until", "2026-11-22")):
        assert run("pull", "other", "--bucket", "evidence", *arguments).exit_code == 2
    result = run("pull", "theirs", "--bucket", "evidence", "--account", "facebook-1")
    assert result.exit_code == 1
    assert "whole archive" in result.output


def test_half_a_pull_is_pending_and_ends_with_1(run, world, tmp_path):
    run("pull", "--bucket", "evidence")
    (tmp_path / "archive" / UNFINISHED).write_text("everything")
    result = run("verify", "archive")
    assert result.exit_code == 1
    assert result.output.rstrip().endswith("PENDING")


def test_options_go_before_the_local_file(run, tmp_path):
    local(tmp_path, {"evidence": LOCAL})
    result = run("pull", "--endpoint", "http://127.0.0.1:8", "--access-key", "other")
    assert result.sources == [LOCAL | {"endpoint": "http://127.0.0.1:8", "access_key": "other"}]


def test_interrupted(run, world):
    def interrupt(_name):
        raise KeyboardInterrupt

    world.faults.before = interrupt
    result = run("pull", "--bucket", "evidence")
    assert result.exit_code == 1
    assert "Run it again to go on" in result.output


def test_verify_works_without_aws_libraries_and_without_the_cloud_side():
    code = f"import sys; sys.path[:0] = {sys.path!r}; import bluelamp.cli.archive.verifying; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert not {"boto3", "botocore", "pydantic", "bluelamp.cloud"} & set(loaded.stdout.split())
