"""`bluelamp up`: runs the whole of Bluelamp on this machine, in the foreground, until Ctrl-C.

What `make run` calls. Each step is shown with its time; then addresses and sign-ins are printed, then the functions'
log runs on. Anything that goes wrong is one line with a way out, never a traceback.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click
from rich.console import Console
from rich.markup import escape

from bluelamp.cli.local import options
from bluelamp.cli.local.errors import LocalError
from bluelamp.errors import BluelampError

if TYPE_CHECKING:
    from types import FrameType

    from bluelamp.cli.local.logs import FunctionLogs, Line
    from bluelamp.cli.local.stack import Stack

LOG_SECONDS = 1.0
COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}


@click.command()
@options.state_dir
@options.port
@click.option("--trickle/--no-trickle", default=True, show_default=True, help="Have an invented public write posts.")
def up(state_dir: Path, port: int | None, *, trickle: bool) -> None:
    """Run Bluelamp on this machine, until Ctrl-C."""
    console = Console(highlight=False)
    with _Stopping() as stopping:
        code = _run(console, stopping, state_dir, port=port, trickle=trickle)
    sys.exit(code)


def _run(console: Console, stopping: _Stopping, state_dir: Path, *, port: int | None, trickle: bool) -> int:
    """Start, show, wait, stop; return the exit code."""
    from bluelamp.cli.local.stack import Stack  # noqa: PLC0415 - a second that `bluelamp up --help` need not wait

    began = time.monotonic()
    stack = Stack(state_dir, port=port, trickle=trickle, step=_Steps(console))
    code = 0
    try:
        with stopping.at_once():
            stack.start()
        _show(console, stack, time.monotonic() - began)
        _follow(console, stack, stopping)
    except KeyboardInterrupt:
        console.print("interrupted")
    except LocalError as error:
        _complain(console, str(error), error.way_out)
        code = 1
    except BluelampError as error:
        _complain(console, str(error), "bluelamp doctor")
        code = 1
    except Exception as error:  # noqa: BLE001 - the last fence: whatever it is, the reader gets one line, the log the rest
        trace = _keep_traceback(stack.state.log)
        _complain(console, f"{type(error).__name__}: {error}", f"the details are in {trace}")
        code = 1
    if not stack.running:
        stack.stop()
        return code
    with console.status("stopping; the evidence store takes 15 s to close its books"):
        saved = stack.stop()
    if saved:
        console.print("stopped; the state is kept")
    else:
        console.print("[red]stopped, but the embedded cloud did not save its state[/]")
    return code


class _Steps:
    """Shows each step while it works, and with its time when it is done."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextlib.contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        with self._console.status(what):
            yield
        self._console.print(f"  [green]✓[/] {escape(what)} [dim]{time.monotonic() - began:.1f} s[/]")


class _Stopping:
    """Turns Ctrl-C, TERM and a hang-up into one request to stop; further ones change nothing."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._at_once = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self, seconds: float) -> bool:
        """Wait; return whether a stop was asked for."""
        return self._asked.wait(seconds)

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Within this, a request to stop interrupts whatever is being done."""
        self._at_once = True
        try:
            yield
        finally:
            self._at_once = False

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        first = not self._asked.is_set()
        self._asked.set()
        if first and self._at_once:
            raise KeyboardInterrupt


def _show(console: Console, stack: Stack, seconds: float) -> None:
    """Print addresses and sign-ins."""
    local: dict[str, Any] = stack.local
    rows = [("page", local["dashboard"]), ("API", local["api"]), ("socket", local["websocket"])]
    rows += [(f"webhook {platform}", url) for platform, url in local["webhooks"].items()]
    rows += [("evidence", f"{local['evidence']['endpoint']}/{local['evidence']['bucket']}")]
    if stack.proof is not None:
        rows += [("", f"withstood {stack.proof.attempts} attempts of {stack.proof.identities} identities to weaken it")]
    lost = stack.recovered
    if lost is not None and lost.needed:
        gone = sum(lost.forgotten.values())
        rows += [("", f"the last run was killed: the table forgot {gone} of {lost.size} records; the log goes on")]
    rows += [("sandbox", local["sandbox"]["control"])]
    console.print(f"\n[bold]Bluelamp is up[/] after {seconds:.1f} s\n")
    _columns(console, rows)
    console.print("\n[bold]Sign-ins[/]")
    users = local["users"]
    people = [("role", "username", "password", "secret of one-time codes")]
    people += [
        (role, users[role]["username"], users[role]["password"], users[role].get("totp_secret", "")) for role in users
    ]
    _columns(console, people)
    for verb, why in stack.cold.items():
        console.print(f"\n[yellow]{verb} did not take its first event[/]: {escape(why)}", soft_wrap=True)
    console.print(f"\nThe same stands in {stack.state.local_json}. Ctrl-C stops; the state is kept.\n", soft_wrap=True)


def _columns(console: Console, rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns that are never cut short: people copy them."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console.print(f"  {line.rstrip()}", soft_wrap=True, markup=False)


def _follow(console: Console, stack: Stack, stopping: _Stopping) -> None:
    """Print the functions' log until it is time to stop."""
    from bluelamp.cli.local.logs import FunctionLogs  # noqa: PLC0415 - beside its use

    logs = FunctionLogs(stack.cloud.client("logs"), datetime.now(UTC))
    while not stopping.wait(LOG_SECONDS):
        stack.check()
        for line in _lines(logs):
            _print_line(console, line)


def _lines(logs: FunctionLogs) -> list[Line]:
    """Return the new lines; a busy cloud that does not answer in time is asked again later."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - beside its use

    try:
        return logs.read()
    except (BotoCoreError, ClientError):
        return []


def _print_line(console: Console, line: Line) -> None:
    colour = COLOURS.get(line.level)
    text = escape(line.text)
    shown = f"[{colour}]{text}[/]" if colour else text
    console.print(f"[dim]{line.at.astimezone():%H:%M:%S}[/] [cyan]{line.function:<9}[/] {shown}", soft_wrap=True)


def _complain(console: Console, what: str, way_out: str) -> None:
    """Print one line for what happened, and the way out."""
    console.print(f"[red]✗[/] {escape(what)}", soft_wrap=True)
    console.print(f"  way out: {escape(way_out)}", soft_wrap=True)


def _keep_traceback(folder: Path) -> Path:
    """Write the traceback of the exception at hand where a developer finds it."""
    import traceback  # noqa: PLC0415 - beside its use

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "up.log"
    path.write_text(traceback.format_exc(), encoding="utf-8")
    return path
