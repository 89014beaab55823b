"""A report as CSV: what its figures mean in comment lines, then its figures and tables, divided by empty lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from bluelamp.reports.definitions import lines_of
from bluelamp.reports.model import Cell, Report
from bluelamp.tabular.formulas import neutralised
from bluelamp.tabular.writing import MARK


def csv_of(report: Report) -> str:
    """Return a report as a file that any spreadsheet opens; no cell of it runs as a formula."""
    out = io.StringIO(newline="")
    out.write(MARK)
    csv.writer(out, lineterminator="\r\n").writerows(_lines(report))
    return out.getvalue()


def _lines(report: Report) -> Iterator[Sequence[str]]:
    of = report.account or "all accounts within reach"
    yield (f"# {report.title}: {report.month}, {of}",)
    yield (f"# Made {report.made_at}; days counted {report.days}, missing {report.missing}",)
    if report.estimate:
        yield ("# AN ESTIMATE: nobody measured it",)
    for label, value in lines_of(report.definition):
        yield (f"# {label}: {value}",)
    for note in report.notes:
        yield (f"# {note}",)
    if report.figures:
        yield ()
        yield ("Figure", "Value", "Unit")
        yield from ((_cell(one.name), _cell(one.value), one.unit) for one in report.figures)
    for table in report.tables:
        yield ()
        yield (f"# {table.caption}",)
        yield tuple(_cell(column.name) for column in table.columns)
        yield from (tuple(_cell(cell) for cell in row) for row in table.rows)


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    # A number is written as it is; anything else could be a name that somebody chose.
    return str(cell) if isinstance(cell, int | float) else neutralised(cell)
