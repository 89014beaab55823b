"""The builder: equal input gives equal archives, unchanged input gives none, and bytecode is trusted as it stands."""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from pathlib import Path

import pytest

from bluelamp.cli.build import DOCUMENTS, LEFT_OUT, BuildError, build, digest_of, wanted
from tests.contract.infra_template import ROOT

pytestmark = pytest.mark.slow

TEMPLATE = """\
Resources:
  TickFunction: {Properties:
      CodeUri: functions/tick/
  }
  One: {Properties:
      ContentUri: requirements/
  }
  Two: {Properties:
      ContentUri: shared/
  }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one function and a lock of nothing."""
    files = {
        "template.yaml": TEMPLATE,
        "infra/data.yaml": "Resources: {}\n",
        "functions/tick/handler.py": "def handler(event, context):\n    return 1\n",
        "functions/tick/__pycache__/handler.cpython-310.pyc": "stale",
        "functions/later/README": "no handler yet",
        "shared/bluelamp/__init__.py": "",
        "shared/bluelamp/cli/__init__.py": "",
        "requirements/layer.txt": "# nothing\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def _members(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_archives_and_templates_are_laid(project: Path) -> None:
    template = build("local", root=project)
    assert "CodeUri: tick.zip" in template.read_text(encoding="utf-8")
    assert "ContentUri: dependencies.zip" in template.read_text(encoding="utf-8")
    assert "ContentUri: bluelamp.zip" in template.read_text(encoding="utf-8")
    names = {path.relative_to(template.parent).as_posix() for path in template.parent.rglob("*") if path.is_file()}
    archives = {"tick.zip", "bluelamp.zip", "dependencies.zip", "documents.zip"}
    assert names == {"template.yaml", "digest", "infra/data.yaml"} | archives


def test_bytecode_is_the_running_interpreters_and_unchecked(project: Path) -> None:
    members = _members(build("local", root=project).parent / "tick.zip")
    tag = sys.implementation.cache_tag
    assert set(members) == {"handler.py", f"__pycache__/handler.{tag}.pyc"}
    compiled = members[f"__pycache__/handler.{tag}.pyc"]
    assert compiled[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(compiled[4:8], "little") == 0b01, "hash-based, unchecked (PEP 552)"


def test_the_command_line_stays_on_the_desk(project: Path) -> None:
    members = _members(build("local", root=project).parent / "bluelamp.zip")
    assert "python/bluelamp/__init__.py" in members
    assert not any("/cli/" in name for name in members)


def test_equal_input_makes_equal_archives(project: Path) -> None:
    out = build("local", root=project).parent
    first = {path.name: path.read_bytes() for path in out.glob("*.zip")}
    (out / "digest").unlink()
    build("local", root=project)
    assert {path.name: path.read_bytes() for path in out.glob("*.zip")} == first


def test_unchanged_input_is_not_built_again(project: Path) -> None:
    template = build("local", root=project)
    before, digest = template.stat().st_mtime_ns, digest_of(template)
    build("local", root=project)
    assert template.stat().st_mtime_ns == before
    (project / "functions/tick/handler.py").write_text("def handler(event, context):\n    return 2\n", encoding="utf-8")
    assert digest_of(build("local", root=project)) != digest


def test_a_folder_that_is_no_project_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="holds no template"):
        build("local", root=tmp_path)


def test_packaging_tools_are_left_out_of_the_lock() -> None:
    lock = (ROOT / "requirements" / "layer.txt").read_text(encoding="utf-8")
    kept = wanted(lock)
    names = {line.split("==")[0] for line in kept.splitlines() if line and line[0].isalnum()}
    assert names.isdisjoint(LEFT_OUT)
    assert {"boto3", "chalice", "cryptography", "pydantic", "aws-lambda-powertools"} <= names
    everything = {line.split("==")[0] for line in lock.splitlines() if line and line[0].isalnum()}
    assert names == everything - LEFT_OUT - DOCUMENTS


def test_what_makes_documents_is_a_layer_of_its_own() -> None:
    lock = (ROOT / "requirements" / "layer.txt").read_text(encoding="utf-8")
    kept = wanted(lock, documents=True)
    assert {line.split("==")[0] for line in kept.splitlines() if line and line[0].isalnum()} == DOCUMENTS
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    assert template.count("DocumentsLayer") == 2, "made once, and one function carries it"
