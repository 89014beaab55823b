"""What has to be right on this machine before Bluelamp can run, each with one line of advice."""

from __future__ import annotations

import fcntl
import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bluelamp.cli.local import paths, ports
from bluelamp.cli.local.errors import StateError
from bluelamp.cli.local.ministack import answers
from bluelamp.cli.local.state import StateFolder, free_megabytes

OLDEST_PYTHON = (3, 11)
NEEDED_MEGABYTES = 1_500
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Outcome = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing looked at. `note` is worth knowing and stops nothing."""

    name: str
    outcome: Outcome
    found: str
    advice: str = ""


def everything(state_dir: Path) -> list[Check]:
    """Look at everything, and change nothing."""
    return [*_machine(), *_tools(), *_state(state_dir)]


def _machine() -> Iterator[Check]:
    have = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info >= OLDEST_PYTHON:
        yield Check("Python", "ok", have)
    else:
        yield Check("Python", "wrong", have, "install Python 3.11 or newer, then make setup")
    if shutil.which("git"):
        yield Check("git", "ok", "found")
    else:
        yield Check("git", "note", "not found", "records carry no commit; install git")
    browser = next((name for name in BROWSERS if shutil.which(name)), None)
    if browser:
        yield Check("browser for the tests", "ok", browser)
    else:
        yield Check("browser for the tests", "note", "not found", "install chromium before make test")


def _tools() -> Iterator[Check]:
    for tool in paths.ALL:
        if tool.present:
            yield Check(tool.name, "ok", "found")
        else:
            yield Check(tool.name, "wrong", f"{tool.path} is missing", tool.advice)


def _state(state_dir: Path) -> Iterator[Check]:
    free = free_megabytes(state_dir.absolute())
    if free >= NEEDED_MEGABYTES:
        yield Check("disk", "ok", f"{free} MB free")
    else:
        yield Check("disk", "wrong", f"{free} MB free", f"free {NEEDED_MEGABYTES} MB, or choose another --state-dir")
    if not state_dir.exists():
        yield Check("state folder", "ok", f"{state_dir} is not there yet; make run makes it")
        yield _ports({})
        return
    if _held(state_dir / "lock"):
        yield from _running(state_dir)
        return
    folder = StateFolder(state_dir)
    try:
        folder.open()
    except StateError as error:
        yield Check("state folder", "wrong", str(error), error.way_out)
        return
    try:
        if folder.remembered.running:
            yield Check(
                "state folder", "note", "the last run was killed", "make run says whether its state can be kept"
            )
        else:
            yield Check("state folder", "ok", str(folder.path))
        yield _ports(folder.remembered.ports)
    finally:
        folder.close()


def _held(lock: Path) -> bool:
    """Return whether a process holds the state folder."""
    if not lock.is_file():
        return False
    with lock.open("r+", encoding="utf-8") as probe:
        try:
            fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _running(state_dir: Path) -> Iterator[Check]:
    published = state_dir / "local.json"
    try:
        api = str(json.loads(published.read_text(encoding="utf-8"))["api"])
    except (OSError, ValueError, KeyError):
        yield Check("running stack", "note", "it is starting or stopping", "wait for its prompt")
        return
    if answers(f"{api}/health"):
        yield Check("running stack", "ok", f"answers at {api}")
    else:
        yield Check("running stack", "wrong", f"does not answer at {api}", "stop it with Ctrl-C and run it again")


def _ports(previous: dict[str, int]) -> Check:
    wanted = {name: previous.get(name, usual) for name, usual in ports.USUAL.items()}
    taken = [f"{number} ({name})" for name, number in wanted.items() if not ports.is_free(number)]
    if taken:
        return Check("ports", "note", f"taken: {', '.join(taken)}", "make run takes free ones instead")
    return Check("ports", "ok", "free")
