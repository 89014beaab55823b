"""The verifier in one file: the same bytes each time, and it runs where there is Python and `cryptography` alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from click.testing import CliRunner

from bluelamp.audit import standalone
from bluelamp.audit.note import LocalSigner, VerifierKey
from bluelamp.audit.standalone import StandaloneError, build, sources
from bluelamp.cli.archive import archive
from tests.unit.audit.bag_kit import BagWorld, seal_bag
from tests.unit.audit.log_kit import ORIGIN, SEED

# What `cryptography` itself needs.
PACKAGES = ("cryptography", "cffi", "_cffi_backend", "pycparser")
# No network, and nothing of this machine: only the standard library and the folder given.
RUN = """
import runpy, socket, sys
def refuse(*_, **__): raise AssertionError("the verifier opened a socket")
socket.socket = socket.create_connection = refuse
sys.path[:0] = [{packages!r}]
sys.argv = [{pyz!r}, *{arguments!r}]
try:
    runpy.run_path({pyz!r}, run_name="__main__")
finally:
    loaded = {{"boto3", "botocore", "pydantic", "click", "rich"}} & set(sys.modules)
    assert not loaded, loaded
    assert {pyz!r} in sys.modules["bluelamp"].__file__
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Return a folder that holds `cryptography` and nothing else."""
    folder = tmp_path_factory.mktemp("packages")
    site = Path(sysconfig.get_path("purelib"))
    for path in site.iterdir():
        if path.name.split(".")[0] in PACKAGES:
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return BagWorld(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def pyz(tmp_path_factory):
    target = tmp_path_factory.mktemp("pyz") / "verify.pyz"
    build(target)
    return target


@pytest.fixture
def run(packages, pyz):
    def invoke(*arguments):
        code = RUN.format(packages=str(packages), pyz=str(pyz), arguments=[str(a) for a in arguments])
        return subprocess.run(  # noqa: S603 -- our own
            [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False, cwd="/", env={}
        )

    return invoke


@pytest.mark.slow
def test_the_same_bytes_each_time(pyz, tmp_path):
    build(tmp_path / "again.pyz")
    assert (tmp_path / "again.pyz").read_bytes() == pyz.read_bytes()
    result = CliRunner().invoke(archive, ["verifier", str(tmp_path / "other.pyz")])
    assert result.exit_code == 0
    assert (tmp_path / "other.pyz").read_bytes() == pyz.read_bytes()
    assert CliRunner().invoke(archive, ["verifier", str(tmp_path / "no/such")]).exit_code == 1


@pytest.mark.slow
def test_it_is_made_of_plain_modules():
    names = set(sources())
    assert {"bluelamp.audit.verify", "bluelamp.audit.bagcheck", "bluelamp.audit.partcheck"} <= names
    assert not any(name.startswith(("bluelamp.cloud", "bluelamp.audit.leaf", "bluelamp.cli")) for name in names)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["import boto3", "from pydantic import BaseModel", "def f():\n    import click"])
def test_a_module_that_needs_more_is_refused(monkeypatch, source):
    original = standalone._source
    changed = {"bluelamp.audit.tree": source.encode()}
    monkeypatch.setattr(standalone, "_source", lambda name: changed.get(name) or original(name))
    with pytest.raises(StandaloneError, match=r"bluelamp\.audit\.tree"):
        sources()


@pytest.mark.slow
def test_an_archive_and_a_bag_are_checked_without_anything_else(run, made):
    result = run(made.archive)
    assert result.returncode == 0, result.stderr
    assert result.stdout.rstrip().endswith("OK")
    key = str(VerifierKey(f"{ORIGIN}/2026", LocalSigner(SEED).public()))
    checkpoint = made.archive / "2026/checkpoints/000000000049"
    report = json.loads(run(made.bag, "--key", key, "--checkpoint", checkpoint, "--json").stdout)
    assert (report["verdict"], report["records"], report["key_pinned"], report["anchored"]) == ("OK", 3, True, 49)


@pytest.mark.slow
def test_what_is_wrong_is_named_and_ends_with_1(run, made, tmp_path):
    bag = shutil.copytree(made.bag, tmp_path / "bag")
    plain = bag / f"data/content/2026-{made.seq:012d}/plain.json"
    plain.write_bytes(b"{}")
    seal_bag(bag)
    result = run(bag)
    assert result.returncode == 1
    assert f"data/content/2026-{made.seq:012d}: plain.json is not what the ciphertext holds" in result.stdout
    assert result.stdout.rstrip().endswith("FAIL")
    assert "Traceback" not in result.stderr
    assert run(tmp_path / "nowhere").returncode == 2
    assert run(bag, "--key", "x").returncode == 2
    assert run(bag, "--checkpoint", tmp_path / "nowhere").returncode == 2
