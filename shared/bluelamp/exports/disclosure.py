"""The schedule for disclosure: what was asked for, by whom and why, what was looked at, and what came of it.

As JSON for machines and as CSV for the spreadsheet of whoever prepares the case. A cell that a spreadsheet would take
for a formula is made text by an apostrophe before it (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# The last four are the full-width forms, which some spreadsheets read alike.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True)
class Schedule:
    """A schedule: facts as label and value, and counts by section."""

    facts: Sequence[tuple[str, str]]
    terms: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    records: Mapping[str, int] = field(default_factory=dict)
    accounts: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> bytes:
        """Return the schedule as JSON."""
        whole: dict[str, Any] = {
            "format": "bluelamp-disclosure/1",
            "facts": [{"label": label, "value": value} for label, value in self.facts],
            "search_terms": [{"term": term, "posts": n} for term, n in self.terms.items()],
            "counts": dict(self.counts),
            "records_by_type": dict(sorted(self.records.items())),
            "posts_by_account": dict(sorted(self.accounts.items())),
        }
        return json.dumps(whole, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace") + b"\n"

    def as_csv(self) -> bytes:
        """Return the schedule as CSV in UTF-8 with a byte order mark, which Excel needs to know it for such."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
        writer.writerow(("section", "item", "value"))
        rows: list[tuple[str, str, str]] = [("request", label, value) for label, value in self.facts]
        sections = {
            "search term, posts": self.terms,
            "count": self.counts,
            "records by type": dict(sorted(self.records.items())),
            "posts by account": dict(sorted(self.accounts.items())),
        }
        rows += [(section, item, str(n)) for section, counts in sections.items() for item, n in counts.items()]
        writer.writerows(tuple(harmless(cell) for cell in row) for row in rows)
        return out.getvalue().encode("utf-8-sig", "backslashreplace")


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; a plain number stays one."""
    bare = cell.replace("\x00", "").lstrip(" \u00a0\ufeff")
    if bare.removeprefix("-").isascii() and bare.removeprefix("-").isdigit():
        return cell
    return f"'{cell}" if bare.startswith(_FORMULA) else cell
