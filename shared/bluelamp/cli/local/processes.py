"""The programs that the local stack is made of: started with a clean environment, stopped in order, never orphaned.

Each child is its own session, so that Ctrl-C in the terminal reaches `bluelamp up` alone, which then stops them one by
one: the embedded cloud saves its state only when it is asked to stop and given the time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bluelamp.cli.local.errors import ChildError

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
POLL_SECONDS = 0.05


def clean_environment(home: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without anything of the caller's: no credentials, no proxies, no endpoints."""
    return {
        "PATH": SYSTEM_PATH,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **extra,
    }


class Child:
    """One program of the stack.

    Parameters
    ----------
    name
        What a person calls it.
    command
        Program and arguments.
    env
        Its whole environment.
    log
        File that its output goes to; begun anew at each start.
    """

    def __init__(
        self, name: str, command: Sequence[str | Path], *, env: Mapping[str, str], log: Path, cwd: Path
    ) -> None:
        self.name = name
        self.log = log
        self._command = [str(part) for part in command]
        self._env = dict(env)
        self._cwd = cwd
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return the process id (0 when it was not started)."""
        return self._process.pid if self._process is not None else 0

    @property
    def alive(self) -> bool:
        """Return whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it.

        Raises
        ------
        ChildError
            When the system refuses.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            try:
                self._process = subprocess.Popen(
                    self._command,
                    env=self._env,
                    cwd=self._cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise ChildError(
                    f"{self.name} cannot be started: {error.strerror}", way_out="bluelamp doctor"
                ) from error

    def wait_ready(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready` says so.

        Raises
        ------
        ChildError
            When it ends by itself or is not ready in time; the message carries its last line.
        """
        until = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise ChildError(
                    f"{self.name} ended by itself: {self.last_line()}",
                    way_out=f"its log is {self.log}; bluelamp doctor checks the rest",
                )
            if time.monotonic() > until:
                raise ChildError(
                    f"{self.name} did not answer within {seconds:.0f} s: {self.last_line()}",
                    way_out=f"its log is {self.log}; on a busy machine just run it again",
                )
            time.sleep(POLL_SECONDS)

    def last_line(self) -> str:
        """Return the last line that it wrote."""
        with contextlib.suppress(OSError):
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            return lines[-1][:300] if lines else "it wrote nothing"
        return "its log cannot be read"

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, when it still runs."""
        if self._process is not None and self.alive:
            self._process.send_signal(number)

    def stop(self, number: signal.Signals, *, grace: float) -> bool:
        """Ask it to stop, wait, and kill it when it does not; return whether it went by itself."""
        if self._process is None or not self.alive:
            return False
        self._process.send_signal(number)
        return self.join(grace=grace)

    def join(self, *, grace: float) -> bool:
        """Wait for it to end, and kill it when it does not; return whether it went by itself."""
        if self._process is None:
            return False
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            return False
        return True


def born(pid: int) -> int:
    """Return when a process was started, in a unit of the system's; 0 when there is none.

    Together with the process id this names a process for good: an id alone is given out again.
    """
    if sys.platform == "linux":
        try:
            # Field 22; the second may hold spaces and brackets, so count from the last bracket.
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return 0
        return 0 if fields[0] == "Z" else int(fields[19])
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    found = answer.stdout.strip()
    return int(time.mktime(time.strptime(found))) if found else 0


def stop_leftover(pid: int, birth: int, number: signal.Signals, *, grace: float) -> bool:
    """Stop a child of a run that was killed; return whether it was still there and went by itself."""
    if not birth or born(pid) != birth:
        return False
    os.kill(pid, number)
    until = time.monotonic() + grace
    while born(pid) == birth:
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            return False
        time.sleep(POLL_SECONDS)
    return True
