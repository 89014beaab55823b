"""`make bench`: every figure that is counted or is a ratio within one run, with its target beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks import bench_audit, bench_moderation, bench_path

Row = tuple[str, str, str]
PARTS: Sequence[tuple[str, Callable[[], Sequence[Row]]]] = (
    ("the path of a post", bench_path.measure),
    ("moderation", bench_moderation.measure),
    ("the sealed log", bench_audit.measure),
)


def main() -> None:
    """Measure, and print one table."""
    console = Console()
    table = Table(title="Bluelamp, measured")
    for name in ("part", "what", "measured", "target"):
        table.add_column(name, justify="right" if name == "measured" else "left")
    for part, measure in PARTS:
        with console.status(f"Measuring {part}"):
            for what, measured, target in measure():
                table.add_row(part, what, measured, target)
    console.print(table)


if __name__ == "__main__":
    main()
