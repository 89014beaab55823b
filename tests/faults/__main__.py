"""`make faults`: the whole suite; the exit code is 1 when anything was lost, doubled, forked or went unseen."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from tests.faults.mutants import MUTANTS
from tests.faults.runner import run
from tests.faults.scenarios import BY_NAME, SCENARIOS

# In a file or a log nothing need be folded.
WIDTH = 132


def main() -> int:
    """Run what the arguments ask for, and print one table of scenarios and one of broken writers."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, help="so many seeds of each scenario; without it, all of them")
    parser.add_argument(
        "--scenario",
        action="append",
        choices=sorted(BY_NAME),
        help="only this one, and no broken writers; may be repeated",
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="the counts alone, as JSON")
    asked = parser.parse_args()
    if asked.seeds is not None and asked.seeds < 1:
        parser.error("--seeds must be at least 1")
    chosen = [BY_NAME[name] for name in asked.scenario] if asked.scenario else SCENARIOS
    console = Console(stderr=asked.json)
    if not console.is_terminal:
        console.width = WIDTH
    mutants = [] if asked.scenario else MUTANTS
    report = run(chosen, mutants, seeds=asked.seeds, processes=asked.processes, console=console)
    if asked.json:
        print(report.as_json())  # noqa: T201 -- the answer
    else:
        report.print(console)
    return 0 if report.sound else 1


if __name__ == "__main__":
    sys.exit(main())
