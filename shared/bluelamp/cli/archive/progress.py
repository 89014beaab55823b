"""The bar that long commands show on a terminal: on stderr, and not when the result is asked for as JSON."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_PAUSE = 0.1

Show = Callable[[str, int, int], None]


@contextmanager
def bar(*, quiet: bool) -> Iterator[Show]:
    """Give what shows progress: called with a word, how much is done, and of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn())
    console = Console(stderr=True, quiet=quiet)
    shown = 0.0
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=quiet, transient=True) as progress:
        task = progress.add_task("Reading", total=None)

        def show(word: str, done: int, total: int) -> None:
            nonlocal shown
            now = time.monotonic()
            if done == total or now - shown > _PAUSE:  # drawing each step would cost more than the step
                shown = now
                progress.update(task, description=word, completed=done, total=total)

        yield show
