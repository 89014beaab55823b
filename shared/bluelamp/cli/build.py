"""Lays what Lambda gets under ``.build/<target>/``: an archive for each function, the layers, and the templates.

``sam build`` wants the runtime's own Python on the path and takes every folder anew; this needs neither. Wheels are
taken for the target from the hashed lock, bytecode is compiled ahead so that no cold start has to, and input that has
not changed is recognised by its digest (docs/decisions/0006-own-builder.md).
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import click

from bluelamp.errors import BluelampError

Target = Literal["local", "aws"]

PROJECT = Path(__file__).resolve().parents[3]

# The runtime that template.yaml names. A newer glibc tag than Amazon Linux 2023's 2.34 would not load there.
RUNTIME = "3.13"
PLATFORMS = (*(f"manylinux_2_{minor}_aarch64" for minor in (34, 31, 28, 27, 26, 24, 17)), "manylinux2014_aarch64")

# Chalice declares the tools of its own packaging as dependencies: 71 MB that a function never imports.
LEFT_OUT = frozenset(
    {
        "ansicon",
        "blessed",
        "click",
        "editor",
        "inquirer",
        "jinxed",
        "packaging",
        "pip",
        "readchar",
        "runs",
        "setuptools",
        "wcwidth",
        "wheel",
        "xmod",
    }
)

# What makes PDF and pictures, half of all dependencies by size: a layer of its own for the one function that does.
DOCUMENTS = frozenset({"defusedxml", "fonttools", "fpdf2", "pillow", "ttf-opensans"})

# botocore knows four hundred services. These are called, and `sts` is asked for by the credentials chain.
SERVICES = frozenset({"apigatewaymanagementapi", "dynamodb", "kms", "s3", "secretsmanager", "sqs", "sts"})

# Members carry one date, so that equal input makes equal archives; 1980 is the oldest that a zip can hold.
MEMBER_DATE = (1980, 1, 1, 0, 0, 0)


class BuildError(BluelampError):
    """The artefacts could not be made."""

    code: ClassVar[str] = "build_failed"


@dataclass(frozen=True)
class Interpreter:
    """The Python that bytecode is compiled by, and its version."""

    path: str
    version: str


def build(target: Target, *, root: Path = PROJECT, python: str = sys.executable) -> Path:
    """Lay the artefacts of `target` and return the path of the built ``template.yaml``.

    Parameters
    ----------
    target
        ``aws`` (Linux on arm64, the runtime's Python) or ``local`` (this machine, `python`).
    root
        The project's folder.
    python
        Locally, the interpreter that will run the handlers: the embedded cloud's own.

    Raises
    ------
    BuildError
        When a wheel is missing for the target, or the project's folder lacks a part.
    """
    for part in ("template.yaml", "infra", "functions", "shared/bluelamp", "requirements/layer.txt"):
        if not (root / part).exists():
            raise BuildError(f"{root} holds no {part}; run this from a clone of the project")
    out = root / ".build" / target
    compiler = _compiler(target, python)
    digest = _digest(root, target, compiler)
    if _is_built(out, digest):
        return out / "template.yaml"
    # Laid beside and moved into place at the end: an interrupted build leaves the last good one alone.
    out.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f"{target}-") as folder:
        fresh = Path(folder) / "fresh"
        (fresh / "infra").mkdir(parents=True)
        lock = (root / "requirements" / "layer.txt").read_text(encoding="utf-8")
        for layer in ("dependencies", "documents"):
            made = _layer(root, layer, wanted(lock, documents=layer == "documents"), target, compiler)
            shutil.copyfile(made, fresh / f"{layer}.zip")
        _package(root / "shared" / "bluelamp", fresh / "bluelamp.zip", compiler, inside="python/bluelamp")
        for function in _functions(root):
            _package(function, fresh / f"{function.name}.zip", compiler, inside="")
        _templates(root, fresh)
        (fresh / "digest").write_text(digest, encoding="ascii")
        shutil.rmtree(out, ignore_errors=True)
        fresh.rename(out)
    return out / "template.yaml"


def digest_of(template: Path) -> str:
    """Return the digest of everything that went into a built template."""
    return (template.parent / "digest").read_text(encoding="ascii")


def _is_built(out: Path, digest: str) -> bool:
    mark = out / "digest"
    return mark.is_file() and mark.read_text(encoding="ascii") == digest


def _functions(root: Path) -> list[Path]:
    return sorted(path.parent for path in (root / "functions").glob("*/handler.py"))


def _sources(folder: Path) -> Iterator[Path]:
    """Yield the files that are shipped, in order. The command line stays on the desk."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_file() and "__pycache__" not in inside and not (folder.name == "bluelamp" and inside[0] == "cli"):
            yield path


def _digest(root: Path, target: Target, compiler: Interpreter | None) -> str:
    """Return one digest of every input: sources, templates, lock, builder and interpreter."""
    files = [root / "template.yaml", root / "requirements" / "layer.txt", Path(__file__)]
    files += sorted((root / "infra").glob("*.yaml"))
    for folder in [*_functions(root), root / "shared" / "bluelamp"]:
        files += _sources(folder)
    total = hashlib.sha256(f"{target} {compiler.version if compiler else ''}\n".encode())
    for path in files:
        total.update(f"{path.name} {path.parent.name}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _compiler(target: Target, python: str) -> Interpreter | None:
    """Return the interpreter whose bytecode the target reads, or None when this machine has none."""
    if target == "local":
        found = _interpreter(python)
        if found is None:
            raise BuildError(f"{python} does not run; set the project up again with make setup")
        return found
    versions = Path.home() / ".pyenv" / "versions"
    candidates = [f"python{RUNTIME}", *(str(path) for path in sorted(versions.glob(f"{RUNTIME}.*/bin/python")))]
    found = next((one for one in map(_interpreter, candidates) if one and one.version.startswith(RUNTIME)), None)
    if found is None:
        click.echo(f"no Python {RUNTIME} here: the archives go without bytecode, and cold starts take longer", err=True)
    return found


def _interpreter(python: str) -> Interpreter | None:
    show = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
    try:
        answer = subprocess.run([python, "-c", show], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return Interpreter(python, answer.stdout.strip()) if answer.returncode == 0 else None


def _layer(root: Path, layer: str, lock: str, target: Target, compiler: Interpreter | None) -> Path:
    """Return the archive of a layer of others' packages, made once for each lock and target."""
    made_by = f"{target} {compiler.version if compiler else ''}\n{Path(__file__).read_text(encoding='utf-8')}"
    name = hashlib.sha256(f"{made_by}\n{lock}".encode()).hexdigest()
    archive = root / ".build" / "cache" / f"{layer}-{target}-{name[:16]}.zip"
    if archive.is_file():
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    for stale in archive.parent.glob(f"{layer}-{target}-*.zip"):
        stale.unlink()
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        tree = Path(folder) / "python"
        _install(lock, tree, target, compiler)
        _trim(tree)
        _compile(tree, compiler, shown_as="/opt/python")
        made = Path(folder) / "made.zip"
        _zip(tree, made, inside="python")
        made.rename(archive)
    return archive


def wanted(lock: str, *, documents: bool = False) -> str:
    """Return what a layer takes of the lock: what `DOCUMENTS` names, or all but that and `LEFT_OUT`."""
    # Each requirement with its hashes is one block.
    blocks = re.findall(r"^[A-Za-z0-9].*(?:\n[ \t]+.*)*", lock, flags=re.MULTILINE)
    names = {block: re.split(r"[ =;\[]", block, maxsplit=1)[0] for block in blocks}
    taken = [b for b, n in names.items() if (n in DOCUMENTS if documents else n not in LEFT_OUT | DOCUMENTS)]
    return "\n".join(taken) + "\n"


def _install(lock: str, tree: Path, target: Target, compiler: Interpreter | None) -> None:
    """Unpack the lock's wheels for the target; nothing is resolved, built or run."""
    requirements = tree.with_name("layer.txt")
    requirements.write_text(lock, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    command += [f"--target={tree}", f"--requirement={requirements}"]
    if target == "aws":
        command += ["--implementation=cp", f"--python-version={RUNTIME}", *(f"--platform={tag}" for tag in PLATFORMS)]
    elif compiler is not None:
        command += [f"--python-version={compiler.version}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        why = [line for line in answer.stderr.splitlines() if line.startswith("ERROR")] or answer.stderr.splitlines()
        raise BuildError("the layer's wheels could not be installed: " + " ".join(why[-3:]))


def _trim(tree: Path) -> None:
    """Leave out what no function reads, and unpack the service models: parsing is all that a start should pay."""
    shutil.rmtree(tree / "bin", ignore_errors=True)
    shutil.rmtree(tree / "boto3" / "data", ignore_errors=True)
    models = tree / "botocore" / "data"
    for service in models.glob("*"):
        if service.is_dir() and service.name not in SERVICES:
            shutil.rmtree(service)
    for packed in sorted(models.rglob("*.json.gz")):
        packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()
    for stub in tree.rglob("*.pyi"):
        stub.unlink()


def _package(folder: Path, archive: Path, compiler: Interpreter | None, *, inside: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        for path in _sources(folder):
            copy = tree / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        _compile(tree, compiler, shown_as=f"/opt/{inside}" if inside else "/var/task")
        _zip(tree, archive, inside=inside)


def _compile(tree: Path, compiler: Interpreter | None, *, shown_as: str) -> None:
    """Compile to bytecode that is trusted without a look at the source: an unpacked archive has no true dates."""
    if compiler is None:
        return
    command = [compiler.path, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(tree), "-p", shown_as, str(tree)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise BuildError(f"bytecode could not be compiled: {answer.stdout.strip()[-500:]}")


def _zip(tree: Path, archive: Path, *, inside: str) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        for path in sorted(_files(tree)):
            member = zipfile.ZipInfo(str(Path(inside) / path.relative_to(tree)), MEMBER_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o100644 << 16
            made.writestr(member, path.read_bytes())


def _files(tree: Path) -> Iterable[Path]:
    return (path for path in tree.rglob("*") if path.is_file())


def _templates(root: Path, out: Path) -> None:
    for nested in sorted((root / "infra").glob("*.yaml")):
        (out / "infra" / nested.name).write_text(_built(nested, "../"), encoding="utf-8")
    (out / "template.yaml").write_text(_built(root / "template.yaml", ""), encoding="utf-8")


def _built(template: Path, up: str) -> str:
    """Return a template that points at the archives instead of at the folders; `up` leads from it to both."""
    text = template.read_text(encoding="utf-8")
    text = re.sub(rf"CodeUri: {re.escape(up)}functions/(\w+)/", rf"CodeUri: {up}\1.zip", text)
    text = text.replace(f"ContentUri: {up}requirements/documents/", f"ContentUri: {up}documents.zip")
    text = text.replace(f"ContentUri: {up}requirements/", f"ContentUri: {up}dependencies.zip")
    return text.replace(f"ContentUri: {up}shared/", f"ContentUri: {up}bluelamp.zip")


@click.command()
def command() -> None:
    """Lay the artefacts for AWS under .build/aws."""
    try:
        click.echo(build("aws"))
    except BuildError as error:
        raise click.ClickException(str(error)) from error
