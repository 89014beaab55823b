"""Writes CSV that any spreadsheet opens: UTF-8 with its mark, commas, and no cell that would run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from bluelamp.tabular.formulas import neutralised

# Without it Excel takes UTF-8 for the machine's own code page.
MARK = "\ufeff"


def write(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return the text of a file; `bluelamp.tabular.reading.read` gives the same rows back."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([neutralised(row.get(name, "")) for name in columns] for row in rows)
    return out.getvalue()
