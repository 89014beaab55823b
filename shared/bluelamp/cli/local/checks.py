"""What has to be right on this machine before Bluelamp can run, each with one line of advice.

`bluelamp doctor` shows all of it; `bluelamp up` stops at the first thing that is wrong. Both ask `look`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bluelamp.cli.local import paths, ports
from bluelamp.cli.local.errors import InUseError, LocalError, MachineError
from bluelamp.cli.local.ministack import Ministack, answers
from bluelamp.cli.local.processes import born
from bluelamp.cli.local.state import free_megabytes

if TYPE_CHECKING:
    from bluelamp.cli.local.state import StateFolder

OLDEST_PYTHON = (3, 11)
NEEDED_MEGABYTES = 1_500
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Outcome = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing looked at. A note is worth knowing and stops nothing; a problem stops `bluelamp up`."""

    name: str
    found: str
    advice: str = ""
    problem: LocalError | None = None

    @property
    def outcome(self) -> Outcome:
        """Return how it is."""
        if self.problem is not None:
            return "wrong"
        return "note" if self.advice else "ok"


def look(folder: StateFolder, *, port: int | None = None) -> Iterator[Check]:
    """Look at everything, one thing after the other.

    The state folder is taken when it is there and free, to be read; the caller closes it. Nothing else is changed.

    Parameters
    ----------
    folder
        The state folder, not yet opened.
    port
        The port that the person asked for the page, if any.
    """
    yield from _machine()
    for tool in paths.ALL:
        yield _tried(tool.name, tool.require, "found")
    yield _disk(folder)
    if not folder.path.exists():
        yield _tried("state folder", folder.require_makeable, f"{folder.path} is not there yet; it will be made")
    else:
        try:
            folder.open()
        except InUseError as error:
            # Its ports are in use by itself.
            yield _running(folder, error)
            return
        except LocalError as error:
            yield _wrong("state folder", error)
            return
        yield _last_run(folder)
    if port is not None:
        yield _tried("port of the page", lambda: ports.require_free(port), f"{port} is free")
    yield _ports(folder.remembered.ports, port)


def _wrong(name: str, error: LocalError) -> Check:
    return Check(name, str(error), error.way_out, error)


def _tried(name: str, action: Callable[[], object], found: str) -> Check:
    """Return what an action says by raising, or not."""
    try:
        action()
    except LocalError as error:
        return _wrong(name, error)
    return Check(name, found)


def _machine() -> Iterator[Check]:
    have = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info >= OLDEST_PYTHON:
        yield Check("Python", have)
    else:
        error = MachineError(f"this is Python {have}", way_out="install Python 3.11 or newer, then make setup")
        yield _wrong("Python", error)
    if shutil.which("git"):
        yield Check("git", "found")
    else:
        yield Check("git", "not found", "records carry no commit; install git")
    browser = next((name for name in BROWSERS if shutil.which(name)), None)
    if browser:
        yield Check("browser for the tests", browser)
    else:
        yield Check("browser for the tests", "not found", "make test installs it where it may, else install chromium")


def _disk(folder: StateFolder) -> Check:
    free = free_megabytes(folder.path)
    if free >= NEEDED_MEGABYTES:
        return Check("disk", f"{free} MB free")
    error = MachineError(
        f"only {free} MB are free on the disk of {folder.path}",
        way_out=f"free {NEEDED_MEGABYTES} MB, or choose another --state-dir",
    )
    return _wrong("disk", error)


def _last_run(folder: StateFolder) -> Check:
    """Tell what becomes of what the last run left."""
    remembered = folder.remembered
    cloud = remembered.children.get(Ministack.name)
    if remembered.running and cloud is not None and cloud["born"] and born(cloud["pid"]) == cloud["born"]:
        found = "the last run was killed, but its embedded cloud still runs"
        return Check("state folder", found, "make run has it save what it holds, and starts again")
    if remembered.running or remembered.behind:
        found = "the last run was killed before the embedded cloud saved itself; its table is behind the sealed log"
        return Check("state folder", found, "make run goes on from what was saved; what is sealed stays")
    return Check("state folder", str(folder.path))


def _running(folder: StateFolder, error: InUseError) -> Check:
    """Judge the stack that has the folder; `up` refuses to start beside it by itself."""
    try:
        api = str(json.loads(folder.local_json.read_text(encoding="utf-8"))["api"])
    except (OSError, ValueError, KeyError):
        return Check("running stack", "it is starting or stopping", "wait for its prompt")
    if answers(f"{api}/health"):
        return Check("running stack", f"answers at {api}", error.way_out)
    silent = InUseError(f"{error}, and does not answer at {api}", way_out="stop it with Ctrl-C and run it again")
    return _wrong("running stack", silent)


def _ports(previous: dict[str, int], asked: int | None) -> Check:
    wanted = {name: previous.get(name, usual) for name, usual in ports.USUAL.items()}
    if asked is not None:
        del wanted["front"]
    taken = [f"{number} ({name})" for name, number in wanted.items() if not ports.is_free(number)]
    if taken:
        return Check("ports", f"taken: {', '.join(taken)}", "free ones are taken instead")
    return Check("ports", "free")
