"""`make incident`: a critical incident over the platforms that exist, counted; 1 when anything is wrong."""

from __future__ import annotations

import argparse
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.incident import deployed
from tests.incident.drill import Count, Drill


def main() -> int:
    """Run the drill and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.incident", description=__doc__)
    parser.add_argument("--posts", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--deployed", action="store_true", help="on a stack of its own, with a clock beside it")
    parser.add_argument("--an-hour", type=int, default=20_000, help="with --deployed: the pace that is held")
    parser.add_argument("--minutes", type=float, default=2, help="with --deployed: for how long")
    asked = parser.parse_args()
    console, began = Console(), time.monotonic()
    if asked.deployed:
        found = Count(rows=dict(deployed.main(min(asked.posts, 500), asked.an_hour, asked.minutes)))
        title = "A crowd on a stack deployed on this machine"
    else:
        found = Drill(asked.seed, asked.posts).run()
        title = f"A critical incident, {asked.posts} posts, seed {asked.seed}"
    table = Table(title=title)
    table.add_column("what")
    table.add_column("counted", justify="right")
    for what, counted in found.rows.items():
        table.add_row(what, str(counted))
    table.add_row("seconds on this machine", f"{time.monotonic() - began:.0f}")
    console.print(table)
    for bad in found.bad:
        console.print(f"[bold]wrong[/bold]: {bad}")
    return 1 if found.bad else 0


if __name__ == "__main__":
    sys.exit(main())
