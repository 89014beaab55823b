"""`make bench`: every figure that is counted or is a ratio within one run, with its target beside it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks import (
    bench_archive,
    bench_audit,
    bench_bulk,
    bench_moderation,
    bench_path,
    bench_register,
    bench_reports,
)

Row = tuple[str, str, str]


def parts(records: int) -> Sequence[tuple[str, Callable[[], Sequence[Row]]]]:
    """Return what is measured; `records` is how many the large archive has."""
    return (
        ("the path of a post", bench_path.measure),
        ("moderation", bench_moderation.measure),
        ("many posts by one order", bench_bulk.measure),
        ("the register of accounts", bench_register.measure),
        ("reports", bench_reports.measure),
        ("the sealed log", bench_audit.measure),
        ("a large archive", lambda: bench_archive.measure(records)),
    )


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--records", type=int, default=bench_archive.RECORDS, help="of the large archive; fewer take less time"
    )
    given = parser.parse_args()
    console = Console()
    table = Table(title="Bluelamp, measured")
    for name in ("part", "what", "measured", "target"):
        table.add_column(name, justify="right" if name == "measured" else "left")
    for part, measure in parts(given.records):
        with console.status(f"Measuring {part}"):
            for what, measured, target in measure():
                table.add_row(part, what, measured, target)
    console.print(table)


if __name__ == "__main__":
    main()
