"""All scenarios and all broken writers, spread over two processes, with one table at the end."""

from __future__ import annotations

import json
import logging
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.faults.archive import memory_disk, work_in
from tests.faults.counts import BAD, Counts
from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.scenarios import BY_NAME, Catch, Scenario, attempt, hunt

SHOWN = ("kills", "interleavings", "flips", "deletions")
# Two lines where one would make the table too wide.
HEADS = {"interleavings": "inter-\nleavings", "deletions": "dele-\ntions", "undetected": "un-\nseen"}
# So many pieces a scenario is cut into: small enough for a bar that moves.
PIECES = 50


def run(
    scenarios: Sequence[Scenario], mutants: Sequence[Mutant], *, seeds: int | None, processes: int, console: Console
) -> Report:
    """Run scenarios, each with `seeds` seeds or in full, then hunt the broken writers."""
    report = Report(scenarios)
    with _workers(processes) as pool, _progress(console) as progress:
        jobs: dict[Future[Counts] | Future[Catch], str] = {}
        bars = {}
        # The longest single piece first.
        for scenario in sorted(scenarios, key=lambda s: s.full_run is None):
            pieces = list(_pieces(scenario, seeds))
            bars[scenario.name] = progress.add_task(scenario.title, total=sum(map(len, pieces)))
            jobs |= {pool.submit(_piece, scenario.name, piece, seeds is None): scenario.name for piece in pieces}
        bars[""] = progress.add_task("broken writers", total=len(mutants), visible=bool(mutants))
        jobs |= {pool.submit(_hunt, MUTANTS.index(mutant)): "" for mutant in mutants}
        for job in as_completed(jobs):
            found = job.result()
            report.take(jobs[job], found)
            progress.advance(bars[jobs[job]], found.seeds if isinstance(found, Counts) else 1)
            if progress.tasks[bars[jobs[job]]].finished and not console.is_terminal:
                console.print(f"{progress.tasks[bars[jobs[job]]].description}: done")
    return report


def _pieces(scenario: Scenario, seeds: int | None) -> Iterator[range]:
    number = scenario.full if seeds is None else seeds
    step = max(1, number // PIECES)
    return (range(start, min(start + step, number)) for start in range(0, number, step))


@contextmanager
def _workers(processes: int) -> Iterator[ProcessPoolExecutor]:
    with (
        tempfile.TemporaryDirectory(prefix="bluelamp-faults-", dir=memory_disk()) as root,
        ProcessPoolExecutor(
            processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(Path(root),)
        ) as pool,
    ):
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin(root: Path) -> None:
    work_in(root)
    # What the code warns of, it is made to.
    logging.disable(logging.CRITICAL)


def _piece(name: str, seeds: range, full: bool) -> Counts:  # noqa: FBT001 -- a pool passes by place
    scenario = BY_NAME[name]
    one: Callable[[int], Counts] = (full and scenario.full_run) or scenario.run
    counts = Counts()
    for seed in seeds:
        counts.merge(attempt(one, seed))
    return counts


def _hunt(number: int) -> Catch:
    return hunt(MUTANTS[number])


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


class Report:
    """What all scenarios and mutants came to."""

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._scenarios = scenarios
        self.counts = {scenario.name: Counts() for scenario in scenarios}
        self.catches: dict[str, Catch] = {}

    def take(self, name: str, found: Counts | Catch) -> None:
        if isinstance(found, Catch):
            self.catches[found.mutant] = found
        else:
            self.counts[name].merge(found)

    @property
    def sound(self) -> bool:
        idle = any(not self.counts[s.name].figures[s.does] for s in self._scenarios)
        return not idle and all(c.sound for c in self.counts.values()) and all(c.by for c in self.catches.values())

    @property
    def _hunted(self) -> list[Mutant]:
        return [mutant for mutant in MUTANTS if mutant.name in self.catches]

    def as_json(self) -> str:
        """Return the counts alone, for whoever compares two runs."""
        counts = {name: {"seeds": c.seeds, **dict(sorted(c.figures.items()))} for name, c in self.counts.items()}
        caught = {mutant.name: self.catches[mutant.name].by for mutant in self._hunted}
        return json.dumps({"scenarios": counts, "caught": caught}, indent=1)

    def print(self, console: Console) -> None:
        console.print(self._scenario_table())
        if self.catches:
            console.print(self._mutant_table())
        for counts in self.counts.values():
            for note in counts.notes:
                console.print(f"[red]{note}[/red]", highlight=False)

    def _scenario_table(self) -> Table:
        table = Table(title="The log under fire", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        table.add_column("scenario, and what was done beside")
        for name in ("seeds", *SHOWN, *BAD):
            table.add_column(HEADS.get(name, name), justify="right", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        for scenario in self._scenarios:
            counts = self.counts[scenario.name]
            figures = counts.figures
            beside = [f"{n:,} {what}" for what, n in sorted(figures.items()) if what not in {*SHOWN, *BAD}]
            idle = not figures[scenario.does]
            table.add_row(
                scenario.title + (f"\n  [dim]{', '.join(beside)}[/dim]" if beside else ""),
                f"{counts.seeds:,}",
                *(f"{figures[name]:,}" if figures[name] else "" for name in SHOWN),
                *(str(figures[name]) for name in BAD),
                "[red]IDLE[/red]" if idle else "OK" if counts.sound else "[red]FAIL[/red]",
            )
        return table

    def _mutant_table(self) -> Table:
        table = Table(title="Broken writers", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for name in ("writer", "what is wrong with it", "caught by", "seed"):
            table.add_column(name)
        for mutant in self._hunted:
            catch = self.catches[mutant.name]
            table.add_row(mutant.name, mutant.does, catch.by or "[red]SURVIVES[/red]", str(catch.seed))
        return table
