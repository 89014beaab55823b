"""The stand-ins for the platforms, and the invented public that writes to them: two programs beside the stack."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bluelamp.cli.local.errors import ChildError
from bluelamp.cli.local.ministack import answers
from bluelamp.cli.local.paths import ROOT, SANDBOX
from bluelamp.cli.local.ports import LOOPBACK
from bluelamp.cli.local.processes import Child, clean_environment

if TYPE_CHECKING:
    from bluelamp.cli.local.state import StateFolder

STOP_GRACE = 8.0


class Sandbox:
    """The platforms' stand-ins.

    Parameters
    ----------
    state
        Where they keep their posts.
    port
        Where they listen.
    deliver_to
        Where they push webhooks to.
    secrets
        The file of the secrets that they sign with.
    """

    name = "sandbox"

    def __init__(self, state: StateFolder, port: int, *, deliver_to: str, secrets: Path) -> None:
        self.url = f"http://{LOOPBACK}:{port}"
        self._state = state
        command: list[str | Path] = [sys.executable, "-m", "sandbox", "--port", str(port)]
        command += ["--state", state.path / "sandbox.sqlite", "--deliver-to", deliver_to]
        command += ["--secrets", secrets, "--handshake"]
        self.child = Child(
            self.name,
            command,
            env=clean_environment(state.folder("tmp"), {}),
            log=state.log / "sandbox.log",
            cwd=ROOT,
        )

    @property
    def control(self) -> str:
        """Return the address of the control API."""
        return f"{self.url}/_control"

    @property
    def addresses(self) -> dict[str, str]:
        """Return the address of each platform's API, and of the control API."""
        return {"facebook": f"{self.url}/graph", "x": f"{self.url}/x", "control": self.control}

    def start(self) -> None:
        """Start it and wait until it answers."""
        SANDBOX.require()
        self.child.start()
        self.child.wait_ready(lambda: answers(f"{self.control}/health"), seconds=30)

    def load_force(self, accounts: Path) -> None:
        """Make the force's pages and profiles on the stand-ins, those that are missing."""
        command = [sys.executable, "-m", "sandbox.force", "--control", self.control, "--accounts", str(accounts)]
        env = clean_environment(self._state.folder("tmp"), {})
        answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=env)
        if answer.returncode:
            raise ChildError(
                f"the sandbox refused the force: {answer.stderr.strip()}", way_out=f"its log is {self.child.log}"
            )

    def stop(self) -> None:
        """Stop it."""
        self.child.stop(signal.SIGTERM, grace=STOP_GRACE)


class Trickle:
    """The invented public.

    Parameters
    ----------
    state
        Where its log goes.
    sandbox
        Where it writes.
    """

    name = "trickle"

    def __init__(self, state: StateFolder, sandbox: Sandbox) -> None:
        self.child = Child(
            self.name,
            # Another seed at each start: the same people would write the same posts again.
            [sys.executable, "-m", "sandbox.trickle", "--control", sandbox.control, "--seed", str(int(time.time()))],
            env=clean_environment(state.folder("tmp"), {}),
            log=state.log / "trickle.log",
            cwd=ROOT,
        )

    def start(self) -> None:
        """Start it."""
        self.child.start()

    def stop(self) -> None:
        """Stop it."""
        self.child.stop(signal.SIGTERM, grace=STOP_GRACE)
