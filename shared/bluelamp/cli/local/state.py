"""The state folder: what the local stack remembers between two runs, and who may use it.

`state.json` holds ports, generated keys and passwords; `local.json` is what other programs (tests, `bluelamp demo`)
read to find the running stack. Both are written whole or not at all, and are readable by their owner only.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from bluelamp.cli.local.errors import InUseError, StateError

SCHEMA = 1
CLEAN = "make clean (forgets the local demonstration data), then make run"


@dataclass
class Remembered:
    """What `state.json` holds."""

    schema: int = SCHEMA
    ports: dict[str, int] = field(default_factory=dict)
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    users: dict[str, dict[str, str]] = field(default_factory=dict)
    # True from the first program started until all were stopped in order: the embedded cloud saves itself only then.
    running: bool = False
    # True after a run that was killed before it was saved, until the log has been taken up behind the evidence.
    behind: bool = False
    # The bucket of the sealed log: a cloud that lost everything gives the next one another name.
    evidence: str = ""
    children: dict[str, dict[str, int]] = field(default_factory=dict)


class StateFolder:
    """One state folder, usable by one stack at a time.

    Parameters
    ----------
    path
        Made when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.remembered = Remembered()
        self._lock: IO[str] | None = None

    @property
    def log(self) -> Path:
        """Return the folder of the programs' logs."""
        return self.path / "log"

    @property
    def local_json(self) -> Path:
        """Return the file that tells other programs where the running stack is."""
        return self.path / "local.json"

    def open(self) -> None:
        """Take the folder for this process and read what it remembers; nothing when it is taken already.

        Raises
        ------
        InUseError
            When another process uses it.
        StateError
            When it cannot be written, or is half-written.
        """
        if self._lock is not None:
            return
        self._acquire()
        try:
            self.remembered = self._read()
        except StateError:
            self.close()
            raise

    def require_makeable(self) -> None:
        """Refuse when the folder is not there and cannot be made.

        Raises
        ------
        StateError
            With what can be done instead.
        """
        above = nearest(self.path)
        if not above.is_dir():
            raise self._unusable(f"{above} is no folder")
        if not os.access(above, os.W_OK | os.X_OK):
            raise self._unusable(f"{above} cannot be written")

    def close(self) -> None:
        """Let the folder go."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def save(self) -> None:
        """Write what is remembered."""
        write_private(self.path / "state.json", asdict(self.remembered))

    def publish(self, found: Mapping[str, Any]) -> None:
        """Write `local.json`."""
        write_private(self.local_json, found)

    def withdraw(self) -> None:
        """Remove `local.json`: nothing runs any more."""
        self.local_json.unlink(missing_ok=True)

    def folder(self, *names: str) -> Path:
        """Return a folder inside this one, made when it is not there."""
        path = self.path.joinpath(*names)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def secret(self, group: str, name: str, length: int = 24) -> str:
        """Return a generated secret that stays the same for as long as the folder lives."""
        kept = self.remembered.secrets.setdefault(group, {})
        if name not in kept:
            kept[name] = secrets.token_hex(length)
        return kept[name]

    def _acquire(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise InUseError(
                f"Bluelamp already runs on {self.path} (process {owner})",
                way_out="use that one, or stop it with Ctrl-C; another beside it: --state-dir OTHER",
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _unusable(self, why: str) -> StateError:
        return StateError(
            f"the state folder {self.path} cannot be used: {why}",
            way_out="make it writable, or choose another with --state-dir",
        )

    def _read(self) -> Remembered:
        file = self.path / "state.json"
        if not file.exists():
            if any((self.path / part).exists() for part in ("cloud", "store", "sandbox.sqlite")):
                raise StateError(f"the state folder {self.path} is half-written: it has no state.json", way_out=CLEAN)
            return Remembered()
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
            remembered = Remembered(**found)
        except (OSError, ValueError, TypeError) as error:
            raise StateError(f"the state file {file} cannot be read: {error}", way_out=CLEAN) from error
        if remembered.schema != SCHEMA:
            raise StateError(
                f"the state folder {self.path} is of another version ({remembered.schema}, not {SCHEMA})", way_out=CLEAN
            )
        return remembered


def write_private(path: Path, found: Any) -> None:
    """Write JSON that only its owner may read, whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def nearest(path: Path) -> Path:
    """Return `path` when it is there, else the nearest folder above it that is."""
    while not path.exists():
        path = path.parent
    return path


def free_megabytes(path: Path) -> int:
    """Return the free space of the disk that `path` lies (or will lie) on."""
    return shutil.disk_usage(nearest(path)).free // 1_000_000
